"""The ASGI application: the API, and two addresses for WebSockets, one for tokens only."""

from __future__ import annotations

from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

from jotpass.auth import errors
from jotpass.auth.channels import JWTAuthMiddleware, arenew_access_token
from jotpass.server.chunked_body_async import measure_chunked_body_async


class Conversation(AsyncJsonWebsocketConsumer):  # type: ignore[misc] # untyped
    """Says who is there, and repeats what it hears."""

    async def connect(self) -> None:
        """Open the socket and say who is there."""
        await self.accept()
        user, token = self.scope["user"], self.scope["auth"]
        await self.send_json(
            {
                "user": user.get_username(),
                "sid": token and token.session_id,
                "subprotocols": self.scope["subprotocols"],
                "headers": [value.decode() for _, value in self.scope["headers"]],
                "scope": repr(self.scope),
            }
        )

    async def receive_json(self, content: Any, **_: Any) -> None:
        """Repeat, or renew the token."""
        if "renew" not in content:
            await self.send_json(content)
            return
        try:
            token = await arenew_access_token(self.scope, content["renew"])
        except errors.AuthError as error:
            await self.send_json({"code": error.code})
        else:
            await self.send_json({"expires_at": token.expires_at})


def _at(address: str, application: Any) -> Any:
    return path(address, application)


application = ProtocolTypeRouter(
    {
        "http": measure_chunked_body_async(get_asgi_application()),
        "websocket": URLRouter(
            [
                _at("ws/", JWTAuthMiddleware(Conversation.as_asgi())),
                _at("private/", JWTAuthMiddleware(Conversation.as_asgi(), allow_anonymous=False)),
            ]
        ),
    }
)

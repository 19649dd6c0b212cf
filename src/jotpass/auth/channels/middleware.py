"""The middleware for WebSockets: ``JWTAuthMiddleware(URLRouter([...]))``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.views.decorators.debug import sensitive_variables

from jotpass.auth import errors
from jotpass.auth.caller import Caller, caller_of
from jotpass.auth.channels.handshake import read_handshake
from jotpass.auth.channels.socket import Socket
from jotpass.auth.channels.watch import Watched, watch_of_loop

if TYPE_CHECKING:
    from django.core.handlers.asgi import ASGIRequest

    from jotpass.auth.access_tokens import AccessToken
    from jotpass.auth.channels.handshake import Handshake, Scope
    from jotpass.auth.channels.socket import Application, Receive, Send

_KEPT: Final = "jotpass"
"""Where a scope keeps what `arenew_access_token` needs."""


class _Kept(NamedTuple):
    handshake: Handshake
    watched: Watched


class JWTAuthMiddleware:
    """Authenticate WebSockets by an access token, and close each when its token ends.

    ``scope["user"]`` is the user, read from the database, and ``scope["auth"]`` the verified `AccessToken`.
    The token comes by subprotocol (``["jotpass", token]``), in an Authorization header, or by cookie from a
    trusted page. A token that is refused closes the socket with 4401 and the code as reason, and so does one
    that expires or is revoked meanwhile.

    Args:
        inner: The application.
        allow_anonymous: Let in who sends no token, with an ``AnonymousUser`` and None; otherwise it is 4401.
    """

    def __init__(self, inner: Application, *, allow_anonymous: bool = True) -> None:
        self.inner = inner
        self.allow_anonymous = allow_anonymous

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an ASGI connection; what is no WebSocket goes on untouched."""
        if scope["type"] != "websocket":
            await self.inner(scope, receive, send)
            return
        handshake = read_handshake(scope)
        socket = Socket(receive, send, handshake.scope.get("subprotocols") or [])
        caller = await _sender(handshake.request())
        if caller.refusal and not (self.allow_anonymous and isinstance(caller.refusal, errors.TokenMissing)):
            await socket.refuse(caller.refusal)
        elif caller.access_token is None:
            await socket.serve(self.inner, _introduced(handshake, caller), None)
        else:
            await self._serve_watched(socket, handshake, caller, Watched(caller.access_token))

    async def _serve_watched(
        self, socket: Socket, handshake: Handshake, caller: Caller, watched: Watched
    ) -> None:
        watch = watch_of_loop()
        watch.add(watched)
        try:
            kept = _Kept(replace(handshake, token=None), watched)
            scope = _introduced(handshake, caller) | {_KEPT: kept}
            await socket.serve(self.inner, scope, watched.ended)
        finally:
            watch.discard(watched)


@sensitive_variables()
async def arenew_access_token(scope: Scope, token: str) -> AccessToken:
    """Keep a socket open by a newer access token of the same session; ``scope["auth"]`` is then that one.

    Args:
        scope: The consumer's.
        token: What the client sent over the socket.

    Raises:
        CredentialError: The token is refused, or is another session's; the socket stays open by the old one.
        ValueError: The socket was not opened by an access token.
    """
    kept: _Kept | None = scope.get(_KEPT)
    if kept is None:
        raise ValueError("this socket was not opened by an access token")
    if not isinstance(token, str):
        # It came in somebody's JSON.
        raise errors.TokenMalformed
    caller = await _sender(kept.handshake.request(token))
    access_token = caller.access_token
    if access_token is None:
        raise caller.refusal or errors.TokenMissing()
    if access_token.session_id != kept.watched.access_token.session_id:
        raise errors.TokenInvalid
    scope["auth"] = access_token
    kept.watched.renew(access_token)
    return access_token


def _introduced(handshake: Handshake, caller: Caller) -> Scope:
    return handshake.scope | {"user": caller.user, "auth": caller.access_token}


async def _sender(request: ASGIRequest) -> Caller:
    caller: Caller = await database_sync_to_async(_loaded_caller_of)(request)
    return caller


def _loaded_caller_of(request: ASGIRequest) -> Caller:
    """Find out who sent a handshake, with a user that async code can read."""
    try:
        caller = caller_of(request)
        if caller.access_token is not None:
            _load(caller.user)
    except errors.AuthError as error:
        return _nobody(error)
    except SuspiciousOperation:
        # A Host that is not ours: nobody can say whether a page of ours opened the socket.
        return _nobody(errors.CsrfFailed())
    except (OperationalError, InterfaceError):
        return _nobody(errors.ServiceUnavailable())
    return caller


def _load(user: Any) -> None:
    if user.get_deferred_fields():
        user.refresh_from_db()
    if not user.is_active:
        raise errors.NoActiveAccount


def _nobody(error: errors.AuthError) -> Caller:
    return Caller(AnonymousUser(), None, error)

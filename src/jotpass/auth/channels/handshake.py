"""The opening handshake of a WebSocket (RFC 6455 s4) as a request of Django, and the token that it offers.

A browser's script can set no header of a handshake but ``Sec-WebSocket-Protocol``. It offers ``jotpass`` and,
right after it, the access token: ``new WebSocket(url, ["jotpass", token])``. Only ``jotpass`` is ever
answered. The URL is not looked at: addresses end up in logs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from django.core.handlers.asgi import ASGIRequest
from django.views.decorators.debug import sensitive_variables

SUBPROTOCOL: Final = "jotpass"

_OFFER: Final = b"sec-websocket-protocol"
_HTTP_SCHEMES: Final = {"ws": "http", "wss": "https"}

Scope = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a handshake says.

    Attributes:
        scope: The ASGI scope without the token, for the application.
        token: The token among the subprotocols, None when there is none.
    """

    scope: Scope
    token: str | None = field(repr=False)

    def request(self, token: str | None = None) -> ASGIRequest:
        """Return the handshake as a request that authenticates like any other.

        Its method is CONNECT, as over HTTP/2 (RFC 8441). That is no safe one: a cookie will have to prove
        that a trusted page opened the socket.

        Args:
            token: Taken instead of whatever came.
        """
        headers = [tuple(header) for header in self.scope["headers"]]
        if token is not None:
            headers = [header for header in headers if header[0] != b"authorization"]
        offered = self.token if token is None else token
        if offered is not None and all(name != b"authorization" for name, _ in headers):
            headers.append((b"authorization", b"Bearer " + offered.encode("utf-8", "replace")))
        scheme = self.scope.get("scheme") or "ws"
        as_http = {
            "type": "http",
            "method": "CONNECT",
            "scheme": _HTTP_SCHEMES.get(scheme, scheme),
            "query_string": b"",
            "headers": headers,
        }
        return ASGIRequest(self.scope | as_http, BytesIO())


@sensitive_variables()
def read_handshake(scope: Scope) -> Handshake:
    """Take the token out of the subprotocols that a client offers (RFC 6455 s11.3.4).

    Args:
        scope: The ASGI scope of a WebSocket.
    """
    offered = list(scope.get("subprotocols") or ())
    if SUBPROTOCOL not in offered[:-1]:
        return Handshake(scope, None)
    token = offered.pop(offered.index(SUBPROTOCOL) + 1)
    headers = [(name, value) for name, value in scope["headers"] if name != _OFFER]
    headers.append((_OFFER, ", ".join(offered).encode("latin-1", "replace")))
    return Handshake(scope | {"subprotocols": offered, "headers": headers}, token)

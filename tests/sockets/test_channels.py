"""WebSockets over real sockets: who opened one, how the token travels, and how the socket ends."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed

from jotpass import jose
from tests.auth.people import claims_of
from tests.servers.process import SECONDS
from tests.sockets.site import ISSUER, USERNAME

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

    from tests.sockets.server import Server


def _said(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(SECONDS))


def _end(socket: ClientConnection) -> tuple[int | None, str | None]:
    """Wait for the close; its code and reason."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            socket.recv(SECONDS)
    return socket.close_code, socket.close_reason


def test_a_token_among_the_subprotocols_says_who_is_there(server: Server) -> None:
    """The consumer has the user, read, and the token; the server answers ``jotpass``."""
    token = server.sign_in().json["access"]
    with server.connect("/ws/", "jotpass", token) as socket:
        assert socket.subprotocol == "jotpass"
        said = _said(socket)
    assert said["user"] == USERNAME
    assert said["sid"] == claims_of(token)["sid"]


def test_the_token_is_neither_answered_nor_shown_to_the_consumer(server: Server) -> None:
    """Whoever echoes what was offered, or writes it into a log, has no token to give away."""
    token = server.sign_in().json["access"]
    with server.connect("/ws/", "chat.v2", "jotpass", token, "chat.v1") as socket:
        assert socket.response is not None
        assert token not in str(socket.response.headers)
        said = _said(socket)
    assert said["subprotocols"] == ["chat.v2", "jotpass", "chat.v1"]
    assert all(token not in value for value in said["headers"])
    assert "Handshake" in said["scope"]
    assert token not in said["scope"]


def test_an_authorization_header_does_as_well(server: Server) -> None:
    """Clients that are no browsers set headers."""
    token = server.sign_in().json["access"]
    with server.connect("/ws/", Authorization=f"Bearer {token}") as socket:
        assert _said(socket)["user"] == USERNAME


def test_a_token_in_the_url_is_not_looked_at(server: Server) -> None:
    """Addresses end up in logs: whoever sends a token there is nobody."""
    token = server.sign_in().json["access"]
    for name in ("token", "access", "access_token", "jwt"):
        with server.connect(f"/ws/?{name}={token}") as socket:
            assert _said(socket)["user"] == ""
    with server.connect(f"/private/?token={token}") as socket:
        assert _end(socket) == (4401, "token_missing")


def test_without_a_token_the_consumer_decides(server: Server) -> None:
    """An anonymous user is let in, unless the middleware was told otherwise."""
    with server.connect("/ws/") as socket:
        said = _said(socket)
    assert (said["user"], said["sid"], said["subprotocols"]) == ("", None, [])
    with server.connect("/private/", "jotpass") as socket:
        assert _end(socket) == (4401, "token_missing")


@pytest.mark.parametrize("token", ["no.token.atall", "x", "a" * 9000])
@pytest.mark.parametrize("path", ["/ws/", "/private/"])
def test_a_refused_token_closes_with_a_code(server: Server, path: str, token: str) -> None:
    """A script learns why: the socket opens, and closes with 4401 and the code of the error."""
    with server.connect(path, "jotpass", token) as socket:
        assert _end(socket) == (4401, "token_malformed")


def test_a_refresh_token_opens_nothing(server: Server) -> None:
    """Tokens of another kind are refused as everywhere."""
    with server.connect("/ws/", "jotpass", server.sign_in().json["refresh"]) as socket:
        assert _end(socket) == (4401, "token_wrong_type")


def test_an_idle_socket_closes_when_its_token_expires(brief_server: Server) -> None:
    """Nobody says a word, and at ``exp`` the socket closes."""
    token = brief_server.sign_in().json["access"]
    with brief_server.connect("/ws/", "jotpass", token) as socket:
        assert _said(socket)["user"] == USERNAME
        assert _end(socket) == (4401, "token_expired")
    with brief_server.connect("/ws/", "jotpass", token) as socket:
        assert _end(socket) == (4401, "token_expired")


def test_a_newer_token_of_the_session_keeps_the_socket_open(brief_server: Server) -> None:
    """A client that refreshes tells the socket, which then lives as long as the newer token."""
    pair = brief_server.sign_in().json
    first_end = claims_of(pair["access"])["exp"]
    with brief_server.connect("/ws/", "jotpass", pair["access"]) as socket:
        _said(socket)
        while time.time() < first_end + 1:
            pair = brief_server.call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]}).json
            socket.send(json.dumps({"renew": pair["access"]}))
            assert _said(socket) == {"expires_at": claims_of(pair["access"])["exp"]}
            time.sleep(0.5)


def test_a_token_of_another_session_does_not(server: Server) -> None:
    """Neither somebody else's nor a bad one; the socket stays as it was."""
    pair, other = server.sign_in().json, server.sign_in("mallory").json
    with server.connect("/ws/", "jotpass", pair["access"]) as socket:
        _said(socket)
        malformed = [(token, "token_malformed") for token in ("x.y.z", "", None, 1, ["x.y.z"])]
        for token, code in [(other["access"], "token_invalid"), *malformed]:
            socket.send(json.dumps({"renew": token}))
            assert _said(socket) == {"code": code}
        socket.send(json.dumps({"still": "here"}))
        assert _said(socket) == {"still": "here"}


@pytest.mark.parametrize("where", [0, 1], ids=["here", "in-another-process"])
def test_an_idle_socket_closes_when_its_session_ends(two_servers: list[Server], where: int) -> None:
    """Signing out reaches sockets that are open, in whichever process they are."""
    pair, other = two_servers[0].sign_in().json, two_servers[0].sign_in().json
    with (
        two_servers[0].connect("/ws/", "jotpass", pair["access"]) as socket,
        two_servers[0].connect("/ws/", "jotpass", other["access"]) as other_socket,
    ):
        _said(socket)
        _said(other_socket)
        answer = two_servers[where].call("POST", "/api/logout/", {}, bearer=pair["access"])
        assert answer.status == 204
        assert _end(socket) == (4401, "token_revoked")
        other_socket.send(json.dumps({"still": "here"}))
        assert _said(other_socket) == {"still": "here"}


def test_a_socket_is_judged_by_the_site_that_it_was_opened_at(key_pair_server: Server) -> None:
    """A token of one site opens nothing at another, and is watched by the keys of its own."""
    here = key_pair_server.sign_in().json["access"]
    there = key_pair_server.sign_in(headers={"Host": "localhost"}).json["access"]
    for token, host in ((here, "localhost"), (there, "127.0.0.1")):
        with key_pair_server.connect("/ws/", "jotpass", token, host=host) as socket:
            assert _end(socket) == (4401, "token_invalid")
    with key_pair_server.connect("/ws/", "jotpass", there, host="localhost") as socket:
        _said(socket)
        kid = jose.peek_unverified(here).header["kid"]
        with key_pair_server.connect("/ws/", "jotpass", here) as socket_here:
            _said(socket_here)
            key_pair_server.manage("jotpass", "keys", "revoke", kid, f"--issuer={ISSUER}")
            assert _end(socket_here) == (4401, "token_invalid")
        socket.send(json.dumps({"still": "here"}))
        assert _said(socket) == {"still": "here"}
    assert "Traceback" not in key_pair_server.output


def test_nothing_went_wrong_on_the_way(two_servers: list[Server]) -> None:
    """All of the above left no traceback behind."""
    assert all("Traceback" not in server.output for server in two_servers)

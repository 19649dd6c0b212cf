"""JWK_URL: tokens of another issuer are judged as the incumbent judges them."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from jotpass import jose
from tests.simplejwt_exchange.peers import BOTH, peer

if TYPE_CHECKING:
    from collections.abc import Iterator

ISSUER = "https://id.example"


@contextmanager
def served(document: str) -> Iterator[str]:
    """Serve a JWK Set on this machine; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the document."""
            self.send_response(200)
            self.send_header("Content-Type", "application/jwk-set+json")
            self.end_headers()
            self.wfile.write(document.encode())

        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/jwks.json"
        server.shutdown()


def tokens_of(issuer: jose.Key, stranger: jose.Key) -> dict[str, str]:
    """What an issuer signs for this project, and what it does not."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": "api",
        "exp": now + 3600,
        "iat": now,
        "jti": "1",
        "token_type": "access",
        "user_id": "1",
    }

    def sign(key: jose.Key = issuer, typ: str | None = "JWT", **others: Any) -> str:
        document = json.dumps(claims | others).encode()
        return jose.jws.sign_compact(document, key, algorithm=issuer.alg, typ=typ)

    return {
        "good": sign(),
        "without typ": sign(typ=None),
        "by the type of RFC 9068": sign(typ="at+jwt"),
        "expired": sign(exp=now - 60),
        "for others": sign(aud="other"),
        "for others, and expired": sign(aud="other", exp=now - 60),
        "of another issuer": sign(iss="https://other.example"),
        "an unknown key": sign(stranger),
        "another key under its name": sign(stranger.replace(kid=issuer.kid)),
        "without type": sign(token_type=None),
        "of nobody": sign(user_id="99"),
    }


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_another_issuers_tokens_get_the_same_answer(vitors: dict[str, Any], algorithm: str) -> None:
    """Accepted or refused, it is in the same words."""
    issuer = jose.Key.generate(algorithm).replace(kid="first")
    stranger = jose.Key.generate(algorithm).replace(kid="second")
    other = jose.Key.generate(algorithm).replace(kid="third")
    tokens = tokens_of(issuer, stranger)
    answers = []
    with served(jose.KeySet([other, issuer]).to_json()) as url:
        settings = {"ALGORITHM": algorithm, "JWK_URL": url, "ISSUER": ISSUER, "AUDIENCE": "api"}
        for subject in BOTH:
            with peer(subject, vitors, settings) as reader:
                answers.append({name: reader.get("/whoami/", token) for name, token in tokens.items()})
    assert answers[0] == answers[1]
    accepted = [name for name, answer in answers[1].items() if answer.status == 200]
    assert accepted == ["good", "without typ", "by the type of RFC 9068"]

"""The client for JWK_URL against a real server: how far it goes, how long it waits, and who waits for it."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.request import Request

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rest_framework_simplejwt import fetching, jwk_client
from rest_framework_simplejwt.jwk_client import LIFESPAN, PyJWKClient, PyJWKClientError

from jotpass import jose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Answer = Callable[[BaseHTTPRequestHandler], None]

PATIENCE = 30
"""Seconds that a test waits for something that comes at once."""


@contextmanager
def serving(answer: Answer, certificate: Path | None = None) -> Iterator[str]:
    """Serve on this machine, each request in a thread of its own; the origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Have the test answer; the client may have gone."""
            try:
                answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@cache
def issuer(kid: str) -> jose.Key:
    """A key pair of the issuer."""
    return jose.Key.generate("ES256").replace(kid=kid)


def token(kid: str) -> str:
    """A token that its key signs."""
    return jose.jws.sign_compact(b"{}", issuer(kid), algorithm="ES256", typ="JWT")


def send(handler: BaseHTTPRequestHandler, *kids: str) -> None:
    """Answer with the public keys of those names."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(jose.KeySet([issuer(kid).public_key() for kid in kids]).to_json().encode())


def redirect(handler: BaseHTTPRequestHandler, to: str) -> None:
    """Answer that the document is elsewhere."""
    handler.send_response(302)
    handler.send_header("Location", to)
    handler.end_headers()


class Clock:
    """Seconds that pass when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def self_signed(folder: Path) -> Path:
    """A certificate for this machine and its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(address, critical=True).sign(key, SHA256())
    file = folder / "certificate.pem"
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(written + certificate.public_bytes(Encoding.PEM))
    return file


@pytest.mark.parametrize("trusted", [True, False])
def test_https_asks_for_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool
) -> None:
    """The keys of whoever cannot show one are not taken."""
    certificate = self_signed(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(lambda handler: send(handler, "first"), certificate) as origin:
        waiting = Waiting(PyJWKClient(origin), token("first"))
        waiting.join(PATIENCE)
    if trusted:
        assert waiting.outcome == "first"
    else:
        assert "CERTIFICATE_VERIFY_FAILED" in str(getattr(waiting.outcome, "__cause__", None))


def test_a_redirect_on_the_same_origin_is_followed() -> None:
    """Issuers move their documents."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/old":
            redirect(handler, "/new")
        else:
            send(handler, "first")

    with serving(answer) as origin:
        found = PyJWKClient(f"{origin}/old").get_signing_key_from_jwt(token("first"))
    assert found.key.kid == "first"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_redirect_to_another_place_is_not_followed(host: str) -> None:
    """To another host or port: what answers there is not asked."""
    asked: list[str] = []

    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        send(handler, "first")

    with serving(elsewhere) as other:
        to = other.replace("127.0.0.1", host)
        with serving(lambda handler: redirect(handler, f"{to}/internal")) as origin:
            client = PyJWKClient(origin)
            with pytest.raises(PyJWKClientError):
                client.get_signing_key_from_jwt(token("first"))
    assert asked == []


@pytest.mark.parametrize(
    ("old", "new", "followed"),
    [
        ("https://id.example/a", "https://id.example/b", True),
        ("https://id.example/a", "https://ID.example/b", True),
        ("http://id.example/a", "https://id.example/a", True),
        ("https://id.example/a", "http://id.example/a", False),
        ("https://id.example/a", "https://id.example:8443/a", False),
        ("https://id.example/a", "https://id.example.net/a", False),
        ("https://id.example/a", "https://id.example@evil.example/a", False),
        ("http://id.example/a", "https://id.example:22/a", False),
        ("https://id.example/a", "ftp://id.example/a", False),
    ],
)
def test_a_redirect_stays_on_the_host_and_on_https(old: str, new: str, *, followed: bool) -> None:
    """The whole rule, without certificates."""
    request = Request(old)  # noqa: S310 (nothing is opened)
    judged = fetching.SameHost().redirect_request(request, None, 302, "Found", {}, new)
    assert (judged is not None) == followed


@pytest.mark.parametrize("slow", ["status line", "headers", "body", "chunks"])
def test_a_fetch_ends_at_its_deadline(monkeypatch: pytest.MonkeyPatch, slow: str) -> None:
    """However often a little more arrives: the server goes on until the client has gone."""
    monkeypatch.setattr(jwk_client, "TIMEOUT", 0.4)
    given_up = Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        head = b"HTTP/1.1 200 OK\r\n"
        begin, more = {
            "status line": (b"HTTP/1.1 200 ", b"O"),
            "headers": (head + b"X-Slow: ", b"x"),
            "body": (head + b"\r\n", b" "),
            "chunks": (head + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        }[slow]
        handler.wfile.write(begin)
        while not given_up.wait(0.02):
            handler.wfile.write(more)

    with serving(answer) as origin:
        waiting = Waiting(PyJWKClient(origin), token("first"))
        waiting.join(PATIENCE)
        ended = not waiting.is_alive()
        given_up.set()
        waiting.join(PATIENCE)
    assert ended
    assert isinstance(waiting.outcome, PyJWKClientError)
    assert isinstance(waiting.outcome.__cause__, OSError)


class Waiting(Thread):
    """A request that asks for the key of a token."""

    outcome: object = None

    def __init__(self, client: PyJWKClient, asked: str) -> None:
        super().__init__(daemon=True)
        self._client = client
        self._asked = asked
        self.start()

    def run(self) -> None:
        """Ask, and keep what came of it."""
        try:
            self.outcome = self._client.get_signing_key_from_jwt(self._asked).key.kid
        except PyJWKClientError as error:
            self.outcome = error


class Issuer:
    """Answers at once, until it is told to think."""

    def __init__(self) -> None:
        self.kids = ["first"]
        self.answers = Event()
        self.answers.set()
        self.asked = Event()
        self.times = 0

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer, when it may."""
        self.times += 1
        self.asked.set()
        self.answers.wait(PATIENCE)
        send(handler, *self.kids)

    def think(self) -> None:
        """Answer no more."""
        self.asked.clear()
        self.answers.clear()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch may take as long as the test."""
    monkeypatch.setattr(jwk_client, "TIMEOUT", 60.0)


@pytest.mark.usefixtures("patient")
def test_while_somebody_fetches_the_old_keys_serve() -> None:
    """An issuer that hangs holds up one request, and not every thread."""
    thinking, clock = Issuer(), Clock()
    with serving(thinking) as origin:
        client = PyJWKClient(origin, clock)
        assert client.get_signing_key_from_jwt(token("first")).key.kid == "first"
        thinking.think()
        clock.now += LIFESPAN
        fetching_one = Waiting(client, token("first"))
        assert thinking.asked.wait(PATIENCE)
        others = [Waiting(client, token("first")) for _ in range(3)]
        for other in others:
            other.join(PATIENCE / 2)
        assert [other.outcome for other in others] == ["first"] * 3
        assert fetching_one.is_alive()
        thinking.answers.set()
        fetching_one.join(PATIENCE)
    assert (fetching_one.outcome, thinking.times) == ("first", 2)


@pytest.mark.usefixtures("patient")
def test_who_needs_what_is_being_fetched_waits_for_it() -> None:
    """A process that starts and an issuer that changes its key: everyone gets in, and it is asked once."""
    thinking, clock = Issuer(), Clock()
    with serving(thinking) as origin:
        client = PyJWKClient(origin, clock)
        for kid in ("first", "second"):
            thinking.think()
            thinking.kids = [kid]
            waiting = [Waiting(client, token(kid)) for _ in range(3)]
            assert thinking.asked.wait(PATIENCE)
            thinking.answers.set()
            for one in waiting:
                one.join(PATIENCE)
            assert [one.outcome for one in waiting] == [kid] * 3
            clock.now += LIFESPAN / 2
    assert thinking.times == 2


def test_the_last_keys_serve_while_the_issuer_is_away() -> None:
    """A key that is not among them is refused."""
    clock = Clock()
    with serving(lambda handler: send(handler, "first")) as origin:
        client = PyJWKClient(origin, clock)
        client.get_signing_key_from_jwt(token("first"))
    clock.now += LIFESPAN
    assert client.get_signing_key_from_jwt(token("first")).key.kid == "first"
    with pytest.raises(PyJWKClientError):
        client.get_signing_key_from_jwt(token("second"))


def test_a_document_that_is_too_long_is_not_read() -> None:
    """Nor is more of it kept than may be."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b" " * (jwk_client.MAX_DOCUMENT + 1))

    with serving(answer) as origin:
        client = PyJWKClient(origin)
        with pytest.raises(PyJWKClientError) as refusal:
            client.get_signing_key_from_jwt(token("first"))
    assert isinstance(refusal.value.__cause__, ValueError)

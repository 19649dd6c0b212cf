"""`jotpass serve` refuses what would let tokens be forged or requests be misled, and says why."""

from __future__ import annotations

import dataclasses

import pytest

from jotpass.server.environment import Environment, read_environment
from jotpass.server.safety import refusals

SAFE = {
    "JOTPASS_SECRET_KEY": "kF3v-9sQ1xZ7bN5mT2cW8yR4uJ6hL0gD_pAeViOoXqYs",
    "JOTPASS_ALLOWED_HOSTS": "id.example",
}


@pytest.fixture
def safe(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """A configuration against which nothing speaks."""
    for name, value in SAFE.items():
        monkeypatch.setenv(name, value)
    return read_environment()


def test_nothing_speaks_against_a_safe_configuration(safe: Environment) -> None:
    """A random secret and named hosts are enough."""
    assert refusals(safe) == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "short",
        "a" * 64,
        "abcdefgh" * 8,
        "django-insecure-kF3v-9sQ1xZ7bN5mT2cW8yR4uJ6hL0gD_pAeViOoXqYs",
        "please-ChangeMe-please-kF3v-9sQ1xZ7bN5mT2cW8yR4uJ6hL0gD",
    ],
)
@pytest.mark.parametrize("where", ["secret_key", "secret_key_fallbacks"])
def test_a_secret_that_can_be_guessed_is_refused(safe: Environment, key: str, where: str) -> None:
    """Missing, short, uniform and placeholder secrets are refused, without being repeated."""
    value = key if where == "secret_key" else (key,)
    [reason] = refusals(dataclasses.replace(safe, **{where: value}))  # type: ignore[arg-type]
    assert reason.startswith(f"JOTPASS_{where.upper()} ")
    assert not key or key not in reason


@pytest.mark.parametrize("hosts", [(), ("*",), ("id.example", "*")])
def test_hosts_must_be_named(safe: Environment, hosts: tuple[str, ...]) -> None:
    """No host, or every host, is refused."""
    [reason] = refusals(dataclasses.replace(safe, allowed_hosts=hosts))
    assert reason.startswith("JOTPASS_ALLOWED_HOSTS ")


def test_debug_is_refused(safe: Environment) -> None:
    """Error pages that show settings never face a network."""
    [reason] = refusals(dataclasses.replace(safe, debug=True))
    assert reason.startswith("JOTPASS_DEBUG ")


@pytest.mark.parametrize(
    ("issuer", "refused"),
    [("https://id.example", False), ("urn:example:id", False), ("id.example", True), ("https://", True)],
)
def test_an_issuer_is_a_url(safe: Environment, issuer: str, refused: bool) -> None:
    """`iss` is compared exactly by others, so it has to be an address (RFC 8414 s2) or a URN."""
    assert bool(refusals(dataclasses.replace(safe, tokens={"ISSUER": issuer}))) is refused


@pytest.mark.parametrize(
    ("proxy", "refused"),
    [
        ("127.0.0.1", False),
        ("10.0.0.0/8", False),
        ("fd00::/8", False),
        ("*", True),
        ("proxy", True),
        ("0.0.0.0/0", True),
        ("::/0", True),
    ],
)
def test_a_proxy_is_an_address_or_a_network(safe: Environment, proxy: str, refused: bool) -> None:
    """Whoever is trusted to name the client's address is named by address."""
    assert bool(refusals(dataclasses.replace(safe, trusted_proxies=(proxy,)))) is refused


def test_every_reason_is_given_at_once(safe: Environment) -> None:
    """An operator mends everything in one go."""
    unsafe = dataclasses.replace(safe, secret_key="", allowed_hosts=(), debug=True)
    assert len(refusals(unsafe)) == 3

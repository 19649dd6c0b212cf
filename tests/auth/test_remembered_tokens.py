"""An access token that was verified before: what time and the project change is judged on every call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.access_tokens import Grant, TokenPolicy, issue_access_token, verify_access_token
from jotpass.keys.derived import derive_key_ring

NOW = 1_800_000_000
POLICY = TokenPolicy(
    issuer="urn:a",
    audience="urn:a",
    algorithm="HS256",
    lifetime=timedelta(minutes=5),
    leeway=timedelta(seconds=2),
    keys=derive_key_ring(("s" * 50,), purpose="access_token", issuer="urn:a"),
)
GRANT = Grant(
    subject="1", session_id="s", family_id="f", client_id="c", auth_time=NOW, scope="", ends_at=NOW + 10**6
)


def remembered(**claims: Any) -> str:
    """A token that has been verified at NOW."""
    token = issue_access_token(GRANT, POLICY, now=NOW).token
    if claims:
        members = {**jose.peek_unverified(token).claims, **claims}
        token = jose.sign_jwt(members, POLICY.keys.signing, typ="at+jwt")
    verify_access_token(token, POLICY, now=NOW)
    return token


def test_a_remembered_token_expires() -> None:
    """At `exp` and the leeway after it, and not before (RFC 7519 s4.1.4)."""
    token = remembered()
    assert verify_access_token(token, POLICY, now=NOW + 301.9).subject == "1"
    with pytest.raises(errors.TokenExpired):
        verify_access_token(token, POLICY, now=NOW + 302)
    assert verify_access_token(token, POLICY, now=NOW + 302, ignore_expiry=True).subject == "1"


def test_a_token_that_was_first_seen_after_its_end_is_expired() -> None:
    """Ignoring its expiry once makes it no better the next time."""
    token = issue_access_token(GRANT, POLICY, now=NOW).token
    assert verify_access_token(token, POLICY, now=NOW + 1000, ignore_expiry=True).subject == "1"
    with pytest.raises(errors.TokenExpired):
        verify_access_token(token, POLICY, now=NOW + 1000)


def test_a_remembered_token_from_the_future_is_refused() -> None:
    """A clock that was set back makes `iat` lie ahead."""
    token = remembered()
    assert verify_access_token(token, POLICY, now=NOW - 62)
    with pytest.raises(errors.TokenInvalid):
        verify_access_token(token, POLICY, now=NOW - 63)


def test_a_token_with_nbf_is_good_from_then_on() -> None:
    """`nbf` and the leeway before it (RFC 7519 s4.1.5)."""
    token = remembered(nbf=NOW)
    assert verify_access_token(token, POLICY, now=NOW - 2)
    with pytest.raises(errors.TokenInvalid):
        verify_access_token(token, POLICY, now=NOW - 2.1)


@pytest.mark.parametrize(
    "other",
    [
        replace(POLICY, issuer="urn:b"),
        replace(POLICY, audience="urn:b"),
        replace(POLICY, keys=derive_key_ring(("t" * 50,), purpose="access_token", issuer="urn:a")),
    ],
    ids=["issuer", "audience", "keys"],
)
def test_a_token_is_remembered_for_one_policy(other: TokenPolicy) -> None:
    """Another issuer, audience or key ring verifies for itself."""
    with pytest.raises(errors.TokenInvalid):
        verify_access_token(remembered(), other, now=NOW)


def test_what_is_shared_cannot_be_changed() -> None:
    """What one request does to the claims is not seen by the next, which has the same token."""
    token = remembered(roles=[{"name": "editor"}])
    first = verify_access_token(token, POLICY, now=NOW)
    with pytest.raises(TypeError):
        first.claims["sub"] = "2"  # type: ignore[index]
    with pytest.raises(TypeError):
        first["roles"].append({"name": "admin"})
    with pytest.raises(TypeError):
        first["roles"][0]["name"] = "admin"
    first.claims = {}
    assert verify_access_token(token, POLICY, now=NOW)["roles"] == [{"name": "editor"}]


def test_a_refused_token_is_refused_again() -> None:
    """Nothing is remembered of a token that did not verify."""
    token = remembered()
    forged = token[:-8] + ("AAAAAAAA" if not token.endswith("AAAAAAAA") else "BBBBBBBB")
    for _ in range(2):
        with pytest.raises(errors.TokenInvalid):
            verify_access_token(forged, POLICY, now=NOW)

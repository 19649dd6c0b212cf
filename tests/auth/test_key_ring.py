"""Which keys sign and verify: derived from SECRET_KEY, for one purpose and issuer each."""

from __future__ import annotations

from typing import Any

import pytest

from jotpass.auth.key_ring import access_key_ring, refresh_key_ring
from jotpass.auth.sessions import start_session
from jotpass.jose import peek_unverified

ISSUER = "https://id.example"


def test_the_two_kinds_of_token_share_no_key(settings: Any) -> None:
    """Neither now nor among the fallbacks, nor with another issuer's."""
    settings.SECRET_KEY_FALLBACKS = ["an older secret, as long as it must be."]
    rings = [
        build(issuer) for build in (access_key_ring, refresh_key_ring) for issuer in (ISSUER, "urn:other")
    ]
    kids = [key.kid for ring in rings for key in ring.verification]
    assert len(set(kids)) == len(kids) == 8


@pytest.mark.parametrize("build", [access_key_ring, refresh_key_ring])
def test_the_newest_secret_signs(settings: Any, build: Any) -> None:
    """The fallbacks verify, in their order."""
    old = build(ISSUER).signing
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a newer secret, as long as it must be, too."
    ring = build(ISSUER)
    assert ring.signing != old
    assert list(ring.verification) == [ring.signing, old]


def test_a_token_names_its_key(user: Any) -> None:
    """So that one among several is found at once."""
    pair = start_session(user)
    assert peek_unverified(pair.access).header["kid"] == access_key_ring("urn:jotpass:local").signing.kid
    assert peek_unverified(pair.refresh).header["kid"] == refresh_key_ring("urn:jotpass:local").signing.kid

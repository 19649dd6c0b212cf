"""Keys derived from an application's secrets (RFC 5869): unrelated to one another, and the same for ever."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass import jose
from jotpass.keys.derived import derive_key_ring

if TYPE_CHECKING:
    from jotpass.keys.key_ring import KeyRing

SECRET = "a secret of thirty-two characters or more"
OLD = "an older secret, also as long as it must be"
ISSUER = "https://id.example"


def derive(*secrets: str | bytes, purpose: str = "access_token", issuer: str = ISSUER) -> KeyRing:
    """A ring of these secrets."""
    return derive_key_ring(secrets or (SECRET,), purpose=purpose, issuer=issuer)


def hkdf(secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256 and no salt, by the letter of RFC 5869 section 2."""
    key = hmac.digest(b"\x00" * 32, secret, hashlib.sha256)
    block, output = b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.digest(key, block + info + bytes([counter]), hashlib.sha256)
        output += block
    return output[:length]


def test_a_key_is_what_rfc_5869_says() -> None:
    """Another derivation would sign everybody out: this one stands."""
    output = hkdf(SECRET.encode(), b"jotpass\x00access_token\x00https://id.example", 41)
    key = derive().signing
    assert key.kid == base64.urlsafe_b64encode(output[32:]).decode()
    token = jose.sign_jwt({"exp": 2_000_000_000}, key)
    theirs = jose.Key.from_secret(output[:32], alg="HS256", kid=key.kid)
    assert jose.verify_jwt(token, theirs, now=0)["exp"] == 2_000_000_000


def test_a_key_is_bound_to_its_algorithm() -> None:
    """HS256 and nothing else."""
    key = derive().signing
    assert key.alg == "HS256"
    with pytest.raises(jose.KeyMismatch):
        jose.sign_jwt({}, key, algorithm="HS512")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([SECRET, OLD, SECRET + "x"]), st.sampled_from(["a", "b"]), st.text(max_size=9)
        ),
        unique=True,
        min_size=2,
    )
)
def test_keys_of_different_secrets_purposes_and_issuers_are_unrelated(
    made: list[tuple[str, str, str]],
) -> None:
    """No two share a key or a `kid`, and none verifies what another signed."""
    valid = [each for each in made if each[2].encode(errors="replace") == each[2].encode(errors="ignore")]
    keys = [derive(secret, purpose=purpose, issuer=issuer).signing for secret, purpose, issuer in valid]
    assert len({key.kid for key in keys}) == len(keys)
    for signer in keys[:3]:
        token = jose.sign_jwt({}, signer)
        for verifier in keys[:3]:
            if verifier is not signer:
                with pytest.raises(jose.JoseError):
                    jose.verify_jwt(token, verifier, required=())


def test_the_first_secret_signs_and_the_others_verify() -> None:
    """In their order; a secret that stands twice is one key."""
    ring = derive(SECRET, OLD, SECRET)
    assert ring.signing == derive(SECRET).signing
    assert list(ring.verification) == [ring.signing, derive(OLD).signing]
    token = jose.sign_jwt({}, derive(OLD).signing)
    assert jose.verify_jwt(token, ring.verification, required=()) == {}


def test_text_and_its_bytes_are_one_secret() -> None:
    """Django allows both."""
    assert derive(SECRET).signing == derive(SECRET.encode()).signing


def test_a_kid_tells_nothing() -> None:
    """Neither the secret nor the key is in it, nor in the text of the ring."""
    ring = derive(SECRET, OLD)
    key = hkdf(SECRET.encode(), b"jotpass\x00access_token\x00https://id.example", 32)
    for text in (repr(ring), str(ring), str(ring.signing.kid)):
        assert SECRET not in text
        for form in (key.hex(), base64.urlsafe_b64encode(key).decode()[:20], repr(key)[2:12]):
            assert form not in text


def test_a_ring_is_derived_once() -> None:
    """The same arguments give the same ring, so that verifiers built for it are found again."""
    assert derive(SECRET, OLD) is derive(SECRET, OLD)


def test_a_ring_cannot_be_changed() -> None:
    """A rollover makes another."""
    with pytest.raises(AttributeError):
        derive().signing = derive(OLD).signing  # type: ignore[misc]

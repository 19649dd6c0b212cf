"""RSA keys: members, consistency and strength (RFC 7518 s3.3, s6.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers, generate_private_key

from jotpass.jose.errors import KeyInvalid, KeyUnsupported, KeyWeak
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.parameters import read_integer, write_integer
from tests.jose.jwk.sample_keys import members, sample

CRT = ("p", "q", "dp", "dq", "qi")


def test_private_key_without_primes_is_completed() -> None:
    """A private JWK may hold n, e and d alone; the primes are found again (RFC 7518 s6.3.2)."""
    jwk = members("RS256", private=True)
    short = {name: value for name, value in jwk.items() if name not in CRT}
    key = Key.from_jwk(short)

    assert key.public_key() == sample("RS256").public_key()
    assert {key.to_jwk(private=True)[name] for name in "pq"} == {jwk["p"], jwk["q"]}


@pytest.mark.parametrize("missing", CRT)
def test_primes_come_together(missing: str) -> None:
    """If one of p, q, dp, dq, qi is there, all are (RFC 7518 s6.3.2)."""
    jwk = members("RS256", private=True)
    del jwk[missing]

    with pytest.raises(KeyInvalid):
        Key.from_jwk(jwk)


@pytest.mark.parametrize("name", ["d", *CRT])
def test_private_members_must_be_consistent(name: str) -> None:
    """A changed private member is found: nothing is trusted because it parses."""
    jwk = members("RS256", private=True)
    jwk[name] = write_integer(read_integer(jwk, name) ^ 2)

    with pytest.raises(KeyInvalid):
        Key.from_jwk(jwk)


def test_swapped_public_half_is_found() -> None:
    """A private key whose n and e belong to somebody else is refused."""
    other = Key(generate_private_key(65537, 2048)).to_jwk()

    with pytest.raises(KeyInvalid):
        Key.from_jwk({**members("RS256", private=True), "n": other["n"]})


@pytest.mark.parametrize("d", [0, 1, 3, 2**2047 + 1])
def test_wrong_exponent_without_primes_is_refused(d: int) -> None:
    """A d that is not the inverse of e gives no primes, and a refusal."""
    jwk = {**members("RS256"), "d": write_integer(d)}

    with pytest.raises(KeyInvalid):
        Key.from_jwk(jwk)


def test_exponent_beyond_the_modulus_is_refused_unread() -> None:
    """A d that is not less than n is refused before anything is computed with it."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk({**members("RS256"), "d": write_integer(2**100_000 + 1)})


def test_prime_modulus_is_refused_in_bounded_work() -> None:
    """A modulus that is itself prime has no factors to find; the search gives up."""
    prime = 2**2203 - 1
    d = pow(65537, -1, prime - 1)

    with pytest.raises(KeyInvalid):
        Key.from_jwk({"kty": "RSA", "n": write_integer(prime), "e": "AQAB", "d": write_integer(d)})


def test_more_than_two_primes_are_not_supported() -> None:
    """Oth marks a multi-prime key (RFC 7518 s6.3.2.7); also when it would leak from a public JWK."""
    with pytest.raises(KeyUnsupported):
        Key.from_jwk({**members("RS256", private=True), "oth": []})
    with pytest.raises(KeyUnsupported):
        Key.from_jwk({**members("RS256"), "oth": [{"r": "AQ"}]})


@pytest.mark.parametrize("bits", [1024, 2047])
def test_short_modulus_is_weak(bits: int) -> None:
    """Fewer than 2048 bits are refused, however they come (RFC 7518 s3.3)."""
    key = generate_private_key(65537, bits)
    n = write_integer(key.public_key().public_numbers().n)

    with pytest.raises(KeyWeak):
        Key(key)
    with pytest.raises(KeyWeak):
        Key.from_jwk({"kty": "RSA", "n": n, "e": "AQAB"})


def test_huge_modulus_is_unsupported() -> None:
    """More than 8192 bits are refused before anything is computed with them."""
    for n in (2**8192 + 1, 2**16384 - 1):
        with pytest.raises(KeyUnsupported):
            Key.from_jwk({"kty": "RSA", "n": write_integer(n), "e": "AQAB"})


def test_limits_are_inclusive() -> None:
    """Moduli of exactly 2048 and 8192 bits, and exponents from 3 to below 2**33, are taken."""
    for n in (2**2047 + 1, 2**8192 - 1):
        for e in (3, 5, 65537, 2**33 - 1):
            key = Key.from_jwk({"kty": "RSA", "n": write_integer(n), "e": write_integer(e)})
            assert key.public_key().to_jwk() == {"kty": "RSA", "n": write_integer(n), "e": write_integer(e)}


@pytest.mark.parametrize("e", [0, 1, 2, 4, 65536, 2**33 + 1, 2**2000 + 1])
def test_odd_exponents_are_weak(e: int) -> None:
    """An exponent that is even, 1, or larger than any in use is refused (NIST SP 800-131A)."""
    n = read_integer(members("RS256"), "n")

    with pytest.raises(KeyWeak):
        Key.from_jwk({**members("RS256"), "e": write_integer(e)})
    if e > 2 and e % 2:
        with pytest.raises(KeyWeak):
            Key(RSAPublicNumbers(e, n).public_key())


def test_even_modulus_is_weak() -> None:
    """A modulus divisible by 2 is no RSA modulus."""
    with pytest.raises(KeyWeak):
        Key.from_jwk({**members("RS256"), "n": write_integer(2**2047)})


@pytest.mark.parametrize("name", ["n", "e", "d", *CRT])
@pytest.mark.parametrize("value", ["", "A", "AQ==", "AAEAAQ", "!!", 65537, None, ["AQAB"], {}])
def test_malformed_members_are_refused(name: str, value: Any) -> None:
    """Every member is a Base64urlUInt in its one form, a leading zero byte included (RFC 7518 s6.3.1.1)."""
    with pytest.raises(KeyInvalid):
        Key.from_jwk({**members("RS256", private=True), name: value})


@pytest.mark.parametrize("name", ["n", "e"])
def test_public_members_are_required(name: str) -> None:
    """N and e are required (RFC 7518 s6.3.1)."""
    jwk = members("RS256")
    del jwk[name]

    with pytest.raises(KeyInvalid):
        Key.from_jwk(json.dumps(jwk))

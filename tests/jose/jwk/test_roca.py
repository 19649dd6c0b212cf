"""The ROCA fingerprint (CVE-2017-15361)."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.jose.errors import KeyWeak
from jotpass.jose.jwk.key import Key
from jotpass.jose.jwk.parameters import write_integer
from jotpass.jose.jwk.roca import has_roca_fingerprint
from tests.jose.jwk.sample_keys import sample

PRIMES = [n for n in range(2, 702) if all(n % d for d in range(2, n))]
# The products that the broken library used: of 71 primes for moduli below 1984 bits, of 126 up to 3936.
PRIMORIALS = (prod(PRIMES[:71]), prod(PRIMES[:126]))

factors = st.builds(
    lambda k, a, primorial: k * primorial + pow(65537, a, primorial),
    st.integers(min_value=2**60, max_value=2**80),
    st.integers(min_value=2, max_value=2**64),
    st.sampled_from(PRIMORIALS),
)


@given(factors, factors)
def test_products_of_such_factors_are_recognised(p: int, q: int) -> None:
    """Every product of two numbers of the library's form carries the mark, whatever their size."""
    assert has_roca_fingerprint(p * q)


@given(st.integers(min_value=2**2047, max_value=2**2048))
def test_other_numbers_are_not(n: int) -> None:
    """A number taken at random does not carry it."""
    assert not has_roca_fingerprint(n)


def test_key_with_the_mark_is_weak() -> None:
    """An RSA key with the mark is refused, with 2048 bits and all."""
    primorial = PRIMORIALS[1]
    k = (1 << 1024) // primorial
    n = (k * primorial + pow(65537, 11, primorial)) * ((k - 1) * primorial + pow(65537, 13, primorial))

    assert n.bit_length() in {2047, 2048}
    with pytest.raises(KeyWeak, match="ROCA"):
        Key.from_jwk(
            {"kty": "RSA", "n": write_integer(n * (1 if n.bit_length() == 2048 else 65537)), "e": "AQAB"}
        )


def test_fresh_keys_do_not_carry_it() -> None:
    """A key made here is not of that kind."""
    assert Key.from_jwk(sample("RS256").to_jwk()) == sample("RS256").public_key()

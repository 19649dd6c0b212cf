"""RSA keys as JWK members (RFC 7518 s6.3), and which of them are strong enough to use."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicKey,
    RSAPublicNumbers,
    generate_private_key,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)

from jotpass.jose.errors import KeyInvalid, KeyUnsupported, KeyWeak
from jotpass.jose.jwk.parameters import read_integer, write_integer
from jotpass.jose.jwk.roca import has_roca_fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

MINIMUM_MODULUS_BITS: Final = 2048
MAXIMUM_MODULUS_BITS: Final = 8192
MAXIMUM_EXPONENT_BITS: Final = 33
PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})

_CRT_MEMBERS: Final = ("p", "q", "dp", "dq", "qi")
_RECOVERY_ATTEMPTS: Final = 32


def generate_rsa() -> RSAPrivateKey:
    """Make a private key of 2048 bits with the exponent 65537."""
    return generate_private_key(65537, MINIMUM_MODULUS_BITS)


def read_rsa(members: Mapping[str, object]) -> RSAPublicKey | RSAPrivateKey:
    """Build the key from its members; a private one is checked for consistency.

    Raises:
        KeyInvalid: Members are missing, malformed or contradict each other.
        KeyUnsupported: More than two primes (``oth``), or a modulus beyond the limit.
        KeyWeak: As ``check_rsa`` says.
    """
    n, e = read_integer(members, "n"), read_integer(members, "e")
    _check_numbers(n, e)
    public = RSAPublicNumbers(e, n)
    try:
        if PRIVATE_MEMBERS.isdisjoint(members):
            return public.public_key()
        return _read_private(members, public).private_key()
    except ValueError:
        raise KeyInvalid("the RSA members contradict each other") from None


def write_rsa(key: RSAPublicKey) -> dict[str, str]:
    """Return the public members."""
    numbers = key.public_numbers()
    return {"n": write_integer(numbers.n), "e": write_integer(numbers.e)}


def write_private_rsa(key: RSAPrivateKey) -> dict[str, str]:
    """Return the private members."""
    numbers = key.private_numbers()
    values = (numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
    return dict(zip(("d", *_CRT_MEMBERS), map(write_integer, values), strict=True))


def check_rsa(key: RSAPublicKey) -> None:
    """Refuse keys outside RFC 7518 s3.3 and NIST SP 800-131A, and those a broken generator made.

    Raises:
        KeyWeak: Fewer than 2048 bits, an exponent that is even, below 3 or beyond 33 bits, or a ROCA key.
        KeyUnsupported: More than 8192 bits: verifying would cost an attacker's victim too much.
    """
    numbers = key.public_numbers()
    _check_numbers(numbers.n, numbers.e)


def _check_numbers(n: int, e: int) -> None:
    if n.bit_length() > MAXIMUM_MODULUS_BITS:
        raise KeyUnsupported(f"an RSA modulus may have at most {MAXIMUM_MODULUS_BITS} bits")
    if n.bit_length() < MINIMUM_MODULUS_BITS or n % 2 == 0:
        raise KeyWeak(f"an RSA modulus must be odd and have at least {MINIMUM_MODULUS_BITS} bits")
    if e % 2 == 0 or e == 1 or e.bit_length() > MAXIMUM_EXPONENT_BITS:
        raise KeyWeak(f"an RSA exponent must be odd, above 1, and have at most {MAXIMUM_EXPONENT_BITS} bits")
    if has_roca_fingerprint(n):
        raise KeyWeak("the RSA key was made by a broken generator (ROCA, CVE-2017-15361)")


def _read_private(members: Mapping[str, object], public: RSAPublicNumbers) -> RSAPrivateNumbers:
    if "oth" in members:
        raise KeyUnsupported("RSA keys of more than two primes (oth) are not supported")
    d = read_integer(members, "d")
    if d >= public.n:
        raise KeyInvalid("d must be less than n")
    if any(name in members for name in _CRT_MEMBERS):
        p, q, dp, dq, qi = (read_integer(members, name) for name in _CRT_MEMBERS)
    else:
        p, q = _recover_primes(public.n, public.e, d)
        dp, dq, qi = rsa_crt_dmp1(d, p), rsa_crt_dmq1(d, q), rsa_crt_iqmp(p, q)
    return RSAPrivateNumbers(p=p, q=q, d=d, dmp1=dp, dmq1=dq, iqmp=qi, public_numbers=public)


def _recover_primes(n: int, e: int, d: int) -> tuple[int, int]:
    # A square root of 1 other than 1 and -1 gives a factor (NIST SP 800-56B appendix C). The library's own
    # function tries up to 500 bases, which a modulus that is itself prime turns into minutes.
    odd_part = d * e - 1
    if odd_part <= 0 or pow(2, odd_part, n) != 1:
        raise ValueError
    halvings = (odd_part & -odd_part).bit_length() - 1
    odd_part >>= halvings
    for base in range(2, 2 + _RECOVERY_ATTEMPTS):
        root = pow(base, odd_part, n)
        for _ in range(halvings):
            square = root * root % n
            if square == 1 and root not in {1, n - 1}:
                p = gcd(root - 1, n)
                return max(p, n // p), min(p, n // p)
            root = square
    raise ValueError

"""The ROCA fingerprint: RSA keys whose primes a broken chip library made guessable (CVE-2017-15361).

That library made its primes as ``k * M + (65537 ** a mod M)``, where ``M`` is the product of 71 primes or
more. So the modulus is a power of 65537 modulo each of the small primes, which an honest one is with a
probability of 2 ** -83. (Nemec, Sys, Svenda, Klinec, Matyas: "The Return of Coppersmith's Attack", 2017.)
"""

from __future__ import annotations

from typing import Final

_GENERATOR: Final = 65537
_LARGEST_PRIME: Final = 353


def _powers(prime: int) -> frozenset[int]:
    power, powers = 1, set[int]()
    while power not in powers:
        powers.add(power)
        power = power * _GENERATOR % prime
    return frozenset(powers)


_ODD_PRIMES: Final = tuple(n for n in range(3, _LARGEST_PRIME + 1, 2) if all(n % d for d in range(3, n, 2)))
_POWERS_BY_PRIME: Final = tuple((prime, _powers(prime)) for prime in _ODD_PRIMES)


def has_roca_fingerprint(modulus: int) -> bool:
    """Whether an RSA modulus carries the mark of the broken generator."""
    return all(modulus % prime in powers for prime, powers in _POWERS_BY_PRIME)

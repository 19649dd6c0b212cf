"""Verify a JWT: signature, type, `exp`, `iss` and `aud`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks import claims
from benchmarks.figures import JOTPASS, Contest
from benchmarks.peers import BARE, JOSERFC, PYJWT, Signer
from benchmarks.rounds import race

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Figure

SUBJECT: Final = "Verify a token"
UNCACHED: Final = "verified anew"

# RSA and curves: nobody is much faster than the arithmetic, so that is what they are measured by.
BOUNDS: Final = {"RS256": 1.4, "ES256": 1.12, "Ed25519": 1.12}


def measure(rounds: int) -> Iterator[Figure]:
    """Race every algorithm with four claims and with an access token's, HS256 with larger ones, the cache."""
    for alg in ("HS256", "RS256", "ES256", "Ed25519"):
        yield from _algorithm(rounds, Signer.generate(alg))
    yield from _sizes(rounds, Signer.generate("HS256"))
    yield _cache(rounds, Signer.generate("HS256"))


def _algorithm(rounds: int, signer: Signer) -> Iterator[Figure]:
    symmetric = signer.alg == "HS256"
    four = race(rounds, signer.verifications(claims.small(), "JWT"))
    contest, label = Contest(SUBJECT, f"{signer.alg}, 4 claims", four), f"Verify {signer.alg}, 4 claims"
    yield contest.rate(PYJWT, bound=6 if symmetric else None, label=label)
    yield contest.rate(JOSERFC, bound=4 if symmetric else None, label=label)
    yield contest.time(BARE, bound=BOUNDS.get(signer.alg), label="" if symmetric else label)
    ten = race(rounds, signer.verifications(claims.access_token(), "at+jwt"))
    contest = Contest(SUBJECT, f"{signer.alg}, access token", ten)
    label = f"Verify {signer.alg}, access token" if symmetric else ""
    yield contest.rate(PYJWT, label=label)
    yield contest.rate(JOSERFC, label=label)
    yield contest.time(BARE)


def _sizes(rounds: int, signer: Signer) -> Iterator[Figure]:
    sizes = {
        "access token + 20 roles": claims.with_roles(20),
        "access token + 1 KiB of text": claims.with_text(1024),
        "access token + 8 KiB of text": claims.with_text(8 * 1024),
    }
    for what, members in sizes.items():
        contest = Contest(SUBJECT, f"HS256, {what}", race(rounds, signer.verifications(members, "at+jwt")))
        yield contest.rate(PYJWT)
        yield contest.rate(JOSERFC)


def _cache(rounds: int, signer: Signer) -> Figure:
    anew = signer.verifications(claims.small(), "JWT")[JOTPASS]
    token = signer.signatures(claims.small(), "JWT")[JOTPASS]()
    assert isinstance(token, str)
    remembered = signer.verification(token, "JWT", cache_size=64)
    contest = Contest(SUBJECT, "HS256, remembered", race(rounds, {JOTPASS: remembered, UNCACHED: anew}))
    return contest.time(UNCACHED, bound=0.25, note="`Verifier(cache_size=64)`; times are checked every time")

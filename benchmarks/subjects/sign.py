"""Sign a JWT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks import claims
from benchmarks.figures import Contest
from benchmarks.peers import BARE, JOSERFC, PYJWT, Signer
from benchmarks.rounds import race

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Figure

SUBJECT: Final = "Sign a token"


def measure(rounds: int) -> Iterator[Figure]:
    """Race every algorithm with an access token's claims."""
    for alg in ("HS256", "RS256", "ES256", "Ed25519"):
        times = race(rounds, Signer.generate(alg).signatures(claims.access_token(), "at+jwt"))
        contest = Contest(SUBJECT, f"{alg}, access token", times)
        yield contest.rate(PYJWT)
        yield contest.rate(JOSERFC)
        yield contest.time(BARE)

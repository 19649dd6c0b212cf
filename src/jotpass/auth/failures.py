"""How often a password may be wrong: failed sign-ins, counted on Django's cache by user name and by address.

Three counters for each attempt. The tight one, for a user name from one address, stops who guesses at one
person. The loose ones, for a user name from anywhere and for an address whatever the name, stop who spreads
the guesses over addresses or over names. Whoever has signed in from an address before is not kept out by the
loose ones there: nobody locks the owner of an account out from afar.

All this needs the addresses of the clients. Behind a proxy that TRUSTED_PROXY_COUNT does not know of, or at a
Unix socket, all have one, and five wrong passwords of anybody keep the owner of a user name out for a while.

An attempt is judged before its password is looked at, and again afterwards: of any number of attempts at the
same time, no more than the limit learn whether they were right. What is counted by is not in the cache in
clear, and says nothing of whether there is such an account.
"""

from __future__ import annotations

import ipaddress
import logging
import time
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.utils.crypto import salted_hmac

from jotpass.auth import errors
from jotpass.auth.address import is_shared
from jotpass.auth.conf import jotpass_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jotpass.auth.setting_values import FailureLimit

logger = logging.getLogger("jotpass.failures")

REMEMBERED: Final = 30 * 24 * 60 * 60
"""Seconds for which an address from which somebody signed in is known to be theirs."""

PATIENCE: Final = 1.0
"""Seconds for which a cache that did not answer is not asked again."""

_ATTEMPTS: Final = 8

_IPV6_SITE: Final = 64


@dataclass(frozen=True, slots=True)
class Counter:
    """The failures of one window.

    Attributes:
        key: Where they are counted.
        limit: How many there may be.
        remaining: Whole seconds until the next window begins.
    """

    key: str
    limit: int
    remaining: int


class Attempt:
    """One try of a password: ask `check` first, and afterwards say `failed` or `succeeded`.

    Args:
        username: As the person typed it.
        address: Where it comes from, as `client_address` has it.
        now: Seconds since the epoch.
    """

    def __init__(self, username: str, address: str, *, now: float) -> None:
        """Find the counters; nothing is asked yet."""
        name, site = fold_username(username), site_of(address)
        settings = jotpass_settings
        self._tight = _counters(
            [("name-and-address", (name, site), settings.SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS)], now
        )
        by_address = None if is_shared(address) else settings.SIGN_IN_FAILURES_PER_ADDRESS
        self._loose = _counters(
            [
                ("name", (name,), settings.SIGN_IN_FAILURES_PER_NAME),
                ("address", (site,), by_address),
            ],
            now,
        )
        self._all = (*self._tight, *self._loose)
        self._home = f"jotpass:home:{_digest('home', (name, site))}"
        self._at_home = False

    def check(self) -> None:
        """Refuse an attempt that may not be made.

        Raises:
            Throttled: Too many have failed; the password is not to be looked at.
        """
        if self._all:
            counts = store.get_many([self._home, *(counter.key for counter in self._all)])
            self._at_home = self._home in counts
            self._refuse(counts)

    def failed(self) -> None:
        """Count it.

        Raises:
            Throttled: Others were faster: whether this one was right is not said.
        """
        over = [counter for counter in self._all if store.increment(counter) > counter.limit]
        if over:
            raise errors.Throttled(_wait(over))

    def succeeded(self) -> None:
        """Forget the failures of this user name from this address, and no others; know them here.

        Raises:
            Throttled: Others were faster: whether this one was right is not said.
        """
        if not self._all:
            return
        counts = store.get_many([counter.key for counter in self._all])
        self._refuse(counts)
        for counter in self._tight:
            if counter.key in counts:
                store.delete(counter.key)
        if self._loose and not self._at_home:
            store.set(self._home, 1, REMEMBERED)

    def _refuse(self, counts: dict[str, int]) -> None:
        judged = self._tight if self._at_home else self._all
        if full := [counter for counter in judged if counts.get(counter.key, 0) >= counter.limit]:
            raise errors.Throttled(_wait(full))


def fold_username(username: str) -> str:
    """Return what all spellings of a user name have in common that some database may take for equal.

    Case, accents, compatibility forms, blanks around it and characters that nobody sees. Two people whose
    names differ in no more than that share their counters, and nothing else.
    """
    decomposed = unicodedata.normalize("NFKD", username)
    seen = "".join(
        character
        for character in decomposed
        if not unicodedata.combining(character) and unicodedata.category(character) not in {"Cc", "Cf"}
    )
    # Upper case first: a dotless i and a dotted one have the same.
    return unicodedata.normalize("NFKD", seen.upper().casefold()).strip()


def site_of(address: str) -> str:
    """Return what one sender cannot leave at will: an IPv4 address, or the /64 of an IPv6 address."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, _IPV6_SITE), strict=False))


def _counters(
    counted: Iterable[tuple[str, tuple[str, ...], FailureLimit | None]], now: float
) -> tuple[Counter, ...]:
    return tuple(_counter(kind, whose, limit, now) for kind, whose, limit in counted if limit)


def _counter(kind: str, whose: tuple[str, ...], limit: FailureLimit, now: float) -> Counter:
    """Find the window. Its number is in the key, so that a counter without an end does no harm."""
    digest = _digest(kind, whose)
    # Not everybody's windows begin at the same moment.
    into = now + int(digest[:8], 16) % limit.seconds
    number, passed = divmod(int(into), limit.seconds)
    return Counter(f"jotpass:failures:{kind}:{digest}:{number}", limit.failures, limit.seconds - passed)


def _digest(kind: str, whose: tuple[str, ...]) -> str:
    message = "\0".join((kind, *whose)).encode(errors="surrogatepass")
    return salted_hmac("jotpass.failures", message, algorithm="sha256").hexdigest()[:32]


def _wait(counters: Iterable[Counter]) -> int:
    return max(counter.remaining for counter in counters)


class FailureStore:
    """The cache of the counters. While it does not answer, each process counts for itself.

    Args:
        clock: Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin in good faith."""
        self._clock = clock
        self._alone = LocMemCache("jotpass-failures", {"OPTIONS": {"MAX_ENTRIES": 100_000}})
        self._away_until = float("-inf")

    def get_many(self, keys: list[str]) -> dict[str, Any]:
        """Read several keys at once."""
        found: dict[str, Any] = self._ask("get_many", keys)
        return found

    def set(self, key: str, value: int, timeout: int) -> None:
        """Write a key."""
        self._ask("set", key, value, timeout)

    def delete(self, key: str) -> None:
        """Forget a key."""
        self._ask("delete", key)

    def increment(self, counter: Counter) -> int:
        """Count one more, in one atomic step where the cache has one (Redis, Memcached, one process)."""
        life = counter.remaining + 1
        for _ in range(_ATTEMPTS):
            self._ask("add", counter.key, 0, life)
            try:
                count: int = self._ask("incr", counter.key)
            except ValueError:
                # A success has deleted it in between.
                continue
            if count == 1:
                # Deleted in between, too, it may have begun anew without an end.
                self._ask("touch", counter.key, life)
            return count
        # The cache keeps nothing.
        return 1

    def clear(self) -> None:
        """Forget what this process counted for itself."""
        self._alone.clear()
        self._away_until = float("-inf")

    def _ask(self, operation: str, *arguments: object) -> Any:
        alias = jotpass_settings.SIGN_IN_FAILURES_CACHE
        if self._clock() >= self._away_until:
            try:
                return getattr(caches[alias], operation)(*arguments)
            except ValueError:
                raise
            except Exception:
                # Each cache has exceptions of its own.
                logger.exception("the cache did not answer: this process counts failed sign-ins for itself")
                self._away_until = self._clock() + PATIENCE
        return getattr(self._alone, operation)(*arguments)


store: Final = FailureStore()

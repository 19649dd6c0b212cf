"""Failed sign-ins are counted: exactly, for all spellings of a name, in nothing that could be read back."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache
from hypothesis import given
from hypothesis import strategies as st

from jotpass.auth import errors
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.failures import PATIENCE, Attempt, FailureStore, fold_username, site_of, store

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_700_000_000.0
HOME = "203.0.113.9"
TIGHT = "SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS"
BY_NAME = "SIGN_IN_FAILURES_PER_NAME"
BY_ADDRESS = "SIGN_IN_FAILURES_PER_ADDRESS"


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> None:
    """Small limits with windows of different lengths."""
    settings.JOTPASS = {TIGHT: (3, 6_000), BY_NAME: (6, 60_000), BY_ADDRESS: (9, 600_000)}


@pytest.fixture
def redis_cache(settings: Any, redis_url: str) -> Iterator[None]:
    """The counters on a real Redis or Valkey."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}
    }
    # The server outlives the test.
    caches["default"].clear()
    yield
    caches.close_all()


def fail(name: str, address: str = HOME, *, now: float = NOW) -> str:
    """Make an attempt with a wrong password; what the person is told."""
    attempt = Attempt(name, address, now=now)
    try:
        attempt.check()
        attempt.failed()
    except errors.Throttled:
        return "throttled"
    return "wrong"


def succeed(name: str, address: str = HOME, *, now: float = NOW) -> str:
    """Make an attempt with the right one."""
    attempt = Attempt(name, address, now=now)
    try:
        attempt.check()
        attempt.succeeded()
    except errors.Throttled:
        return "throttled"
    return "in"


def test_there_are_limits_by_default(settings: Any) -> None:
    """Five, fifty and a hundred, within a quarter of an hour and an hour."""
    settings.JOTPASS = {}
    assert jotpass_settings.SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS == (5, 900)
    assert jotpass_settings.SIGN_IN_FAILURES_PER_NAME == (50, 3600)
    assert jotpass_settings.SIGN_IN_FAILURES_PER_ADDRESS == (100, 3600)


def test_a_name_at_an_address_has_so_many_failures() -> None:
    """Afterwards the right password is not looked at either; another name or address is as before."""
    assert [fail("vitor") for _ in range(5)] == ["wrong"] * 3 + ["throttled"] * 2
    assert succeed("vitor") == "throttled"
    assert fail("vitor", "203.0.113.10") == "wrong"
    assert fail("maria") == "wrong"


def test_a_window_ends_when_it_was_said() -> None:
    """Retry-After is the truth to the second, and refused attempts do not put it off."""
    for _ in range(4):
        fail("vitor")
    with pytest.raises(errors.Throttled) as refusal:
        Attempt("vitor", HOME, now=NOW).check()
    wait = refusal.value.wait
    assert 1 <= wait <= 6_000
    assert fail("vitor", now=NOW + wait - 1) == "throttled"
    assert fail("vitor", now=NOW + wait) == "wrong"


def test_a_name_has_so_many_failures_from_anywhere() -> None:
    """Who has an address for each guess comes to an end, too, for names that exist and that do not."""
    told = [fail("vitor", f"203.0.113.{number}") for number in range(8)]
    assert told == ["wrong"] * 6 + ["throttled"] * 2
    assert fail("maria", "203.0.113.1") == "wrong"


def test_an_address_has_so_many_failures_whatever_the_name() -> None:
    """Who tries one password on everybody comes to an end, too."""
    told = [fail(f"person-{number}") for number in range(11)]
    assert told == ["wrong"] * 9 + ["throttled"] * 2
    assert fail("person-0", "203.0.113.10") == "wrong"


def test_a_sender_of_ipv6_has_its_network() -> None:
    """A /64 is one sender's to walk through."""
    told = [fail("vitor", f"2001:db8::{number}") for number in range(1, 6)]
    assert told == ["wrong"] * 3 + ["throttled"] * 2
    assert fail("vitor", "2001:db8:0:1::1") == "wrong"
    assert site_of("2001:db8::1") == site_of("2001:db8::ffff:1") != site_of("2001:db8:0:1::1")


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1"]
)
def test_an_address_of_everybody_keeps_nobody_out(address: str) -> None:
    """Unknown, or that of a proxy nobody told of: one guesser there does not lock out all others."""
    assert {fail(f"person-{number}", address) for number in range(20)} == {"wrong"}


def test_a_success_clears_its_own_failures_alone() -> None:
    """Whoever has an account of their own cannot sign in to it between guesses at others."""
    told = []
    for number in range(12):
        told.append(fail(f"person-{number}"))
        succeed("mallory")
    assert told == ["wrong"] * 9 + ["throttled"] * 3
    fail("vitor", "203.0.113.10")
    fail("vitor", "203.0.113.10")
    assert succeed("vitor", "203.0.113.10") == "in"
    assert [fail("vitor", "203.0.113.10") for _ in range(4)] == ["wrong"] * 3 + ["throttled"]
    assert fail("vitor", "203.0.113.11") == "wrong"
    assert fail("vitor", "203.0.113.12") == "throttled"


def test_nobody_locks_an_owner_out_from_afar() -> None:
    """Where a person has signed in before, they still can; a wrong password is answered as anybody's is."""
    assert succeed("vitor") == "in"
    for number in range(8):
        fail("vitor", f"198.51.100.{number}")
    assert succeed("vitor", "198.51.100.99") == "throttled"
    assert succeed("vitor") == "in"
    assert fail("vitor") == "throttled"
    for number in range(12):
        fail(f"person-{number}")
    assert succeed("vitor") == "in"
    for _ in range(3):
        fail("vitor")
    assert succeed("vitor") == "throttled"


SPELLINGS = [
    "Vitor",
    "VITOR",
    " vitor\t",
    "v\N{LATIN SMALL LETTER I WITH ACUTE}tor",
    "vi\N{COMBINING ACUTE ACCENT}tor",
    "v\N{LATIN SMALL LETTER DOTLESS I}tor",
    "v\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}tor",
    "\N{FULLWIDTH LATIN SMALL LETTER V}itor",
    "vi\N{ZERO WIDTH SPACE}tor",
    "vi\N{SOFT HYPHEN}tor",
    "\N{RIGHT-TO-LEFT MARK}vitor",
    "vitor\x00",
]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=ascii)
def test_spellings_that_some_database_takes_for_equal_share_their_failures(spelling: str) -> None:
    """Another way of writing a name is no further allowance."""
    assert [fail(name) for name in ("vitor", spelling, "vitor", spelling)] == ["wrong"] * 3 + ["throttled"]


def test_different_names_are_different() -> None:
    """Whatever the script: vowel signs are letters."""
    names = ["vitor", "victor", "vitor2", "vi tor", "राम", "रमा", "守", "まもる", "Ρένα", "v@example.org"]
    assert len({fold_username(name) for name in names}) == len(names)


@given(st.text(st.characters(), max_size=50))
def test_any_name_is_folded_once_for_all(name: str) -> None:
    """Case and normal forms of any text make no difference, and folding again changes nothing."""
    folded = fold_username(name)
    assert fold_username(folded) == folded
    assert fold_username(unicodedata.normalize("NFC", name)) == folded
    assert fold_username(unicodedata.normalize("NFKC", name)) == folded


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_name_makes_keys_that_every_cache_takes(name: str) -> None:
    """Short, printable ASCII without blanks, lone surrogates included; nothing of the name is in them."""
    attempt = Attempt(name, HOME, now=NOW)
    for key in [attempt._home, *(counter.key for counter in attempt._all)]:
        assert len(key) < 200
        assert key.isascii()
        assert key.isprintable()
        assert " " not in key


def test_neither_name_nor_address_is_in_the_cache() -> None:
    """Who reads the cache learns who signs in neither by reading nor by guessing names."""
    fail("vitor")
    succeed("maria")
    default: Any = caches["default"]
    kept = repr(list(default._cache.items()))
    assert "jotpass:failures" in kept
    assert "jotpass:home" in kept
    assert not any(word in kept for word in ("vitor", "maria", HOME))


def test_the_key_of_the_counters_is_the_projects_secret(settings: Any) -> None:
    """Without it nobody can tell which counter is whose."""
    mine = Attempt("vitor", HOME, now=NOW)._home
    settings.SECRET_KEY = "another-secret:7Wq0cVb2nZr8Ls5yKd1xGh6uPm3eJf9"
    assert Attempt("vitor", HOME, now=NOW)._home != mine


def at_once(number: int) -> list[str]:
    """So many attempts with a wrong password, all of which begin before any has failed."""

    def finish(attempt: Attempt) -> str:
        try:
            attempt.failed()
        except errors.Throttled:
            return "throttled"
        return "wrong"

    attempts = [Attempt("vitor", HOME, now=NOW) for _ in range(number)]
    for attempt in attempts:
        attempt.check()
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(finish, attempts))


def test_of_many_at_once_no_more_learn_anything() -> None:
    """Exactly the limit is told that it was wrong, however many begin together."""
    assert sorted(at_once(50)) == ["throttled"] * 47 + ["wrong"] * 3


def test_of_many_at_once_no_more_learn_anything_on_redis(redis_cache: None) -> None:
    """Nor do they on a real server."""
    assert sorted(at_once(50)) == ["throttled"] * 47 + ["wrong"] * 3
    assert succeed("vitor") == "throttled"


def test_a_right_guess_among_many_at_once_is_not_told() -> None:
    """Who was overtaken by failures is refused whatever the password."""
    attempt = Attempt("vitor", HOME, now=NOW)
    attempt.check()
    at_once(3)
    with pytest.raises(errors.Throttled):
        attempt.succeeded()


def test_right_ones_at_once_all_get_in() -> None:
    """Only failures count: a busy person is nobody's attack."""
    attempts = [Attempt("vitor", HOME, now=NOW) for _ in range(50)]
    for attempt in attempts:
        attempt.check()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Attempt.succeeded, attempts))


def test_a_failure_counts_while_a_success_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A counter that is deleted between two steps of counting begins anew, and the failure is in it."""
    attempt = Attempt("vitor", HOME, now=NOW)
    (tight,) = attempt._tight
    ask = store._ask
    forgotten: list[bool] = []

    def forgetful(operation: str, *arguments: object) -> Any:
        if operation == "incr" and not forgotten:
            forgotten.append(ask("delete", tight.key))
        return ask(operation, *arguments)

    monkeypatch.setattr(store, "_ask", forgetful)
    assert store.increment(tight) == 1
    assert forgotten == [True]
    assert cache.get(tight.key) == 1


def test_counters_end_by_themselves(redis_cache: None) -> None:
    """Nothing that is written for an attempt stays for ever."""
    fail("vitor")
    succeed("maria")
    default: Any = caches["default"]
    client = default._cache.get_client()
    lives = {key: client.ttl(key) for key in client.keys("*")}
    assert len(lives) == 4
    assert all(0 < seconds <= 30 * 24 * 60 * 60 for seconds in lives.values())


@pytest.mark.parametrize("off", [TIGHT, BY_NAME, BY_ADDRESS])
def test_each_limit_can_be_turned_off(settings: Any, off: str) -> None:
    """None counts nothing; the others go on."""
    settings.JOTPASS = {**settings.JOTPASS, off: None}
    told = {
        TIGHT: [fail("vitor") for _ in range(6)],
        BY_NAME: [fail("maria", f"198.51.100.{number}") for number in range(20)],
        BY_ADDRESS: [fail(f"person-{number}", "192.0.2.1") for number in range(20)],
    }
    assert [name for name, answers in told.items() if "throttled" not in answers] == [off]


def test_all_can_be_turned_off(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the cache is not even asked."""
    settings.JOTPASS = dict.fromkeys((TIGHT, BY_NAME, BY_ADDRESS))
    monkeypatch.delattr(FailureStore, "_ask")
    assert {fail("vitor") for _ in range(20)} == {"wrong"}
    assert succeed("vitor") == "in"


def test_another_cache_can_be_named(settings: Any) -> None:
    """SIGN_IN_FAILURES_CACHE."""
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {"default": memory | {"LOCATION": "one"}, "guard": memory | {"LOCATION": "other"}}
    settings.JOTPASS = {"SIGN_IN_FAILURES_CACHE": "guard"}
    fail("vitor")
    default, guard = (caches[alias] for alias in ("default", "guard"))
    assert not default._cache  # type: ignore[attr-defined]
    assert guard._cache  # type: ignore[attr-defined]
    guard.clear()


# --- a cache that is away -----------------------------------------------------------------------------------


class AwayError(Exception):
    """What a cache raises whose server is gone; each has its own."""


class Away(LocMemCache):
    """A cache that can be switched off."""

    here = True

    def get_many(self, *arguments: Any, **named: Any) -> Any:
        """Read, if there is a server."""
        if not Away.here:
            raise AwayError
        return super().get_many(*arguments, **named)

    def add(self, *arguments: Any, **named: Any) -> Any:
        """Write, if there is a server."""
        if not Away.here:
            raise AwayError
        return super().add(*arguments, **named)


def test_without_its_cache_a_process_counts_for_itself(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """People get in, guessers still come to an end, the log says so, and all is well when it is back."""
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Away", "LOCATION": "away"}}
    clock = [100.0]
    monkeypatch.setattr(store, "_clock", lambda: clock[0])
    monkeypatch.setattr(Away, "here", False)
    assert [fail("vitor") for _ in range(5)] == ["wrong"] * 3 + ["throttled"] * 2
    assert succeed("maria") == "in"
    said = [record for record in caplog.records if record.name == "jotpass.failures"]
    assert len(said) == 1
    assert said[0].levelname == "ERROR"
    monkeypatch.setattr(Away, "here", True)
    assert fail("vitor") == "throttled"
    clock[0] += PATIENCE
    assert fail("vitor") == "wrong"
    cache.clear()


def test_a_cache_that_keeps_nothing_is_no_error(settings: Any) -> None:
    """A check speaks of it; sign-in works."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert {fail("vitor") for _ in range(20)} == {"wrong"}
    assert succeed("vitor") == "in"

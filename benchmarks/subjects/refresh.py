"""Exchange a refresh token, and sign in. simplejwt rotates and blacklists, as Jotpass always does."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.tokens import RefreshToken

from benchmarks.figures import JOTPASS, Contest
from benchmarks.holder import Holder
from benchmarks.people import PASSWORD, person
from benchmarks.rounds import race
from benchmarks.wsgi import Caller
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import start_session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.figures import Figure
    from benchmarks.rounds import Operation

SECONDS: Final = 0.08
SIMPLEJWT: Final = f"simplejwt {version('djangorestframework-simplejwt')}"
CONTROL: Final = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def measure(rounds: int) -> Iterator[Figure]:
    """Race the view, the function behind it, and signing in."""
    durability = _durability()
    # Where each commit waits for the disk, the disk is what is measured.
    bound = None if durability.endswith("commit=on") else 4
    user = person("vitor")
    refreshed = f"Refresh ({connection.display_name}, {durability})"
    label = f"Refresh, {connection.display_name}, {durability.rpartition(', ')[2]}"
    for what, contestants, shown in (
        ("through the view", _through_the_view(user), label),
        ("the function behind it", _in_process(user), ""),
    ):
        statements = _statements(contestants)
        contest = Contest(refreshed, what, race(rounds, contestants, seconds=SECONDS))
        yield contest.rate(SIMPLEJWT, bound=bound, note=statements, label=shown)
    contestants = {
        JOTPASS: _signing_in("/jotpass/token/"),
        SIMPLEJWT: _signing_in("/simplejwt/token/"),
    }
    statements = _statements(contestants)
    contest = Contest(
        f"Sign in ({connection.display_name}, {durability})",
        "through the view, MD5 for a password hash",
        race(rounds, contestants, seconds=SECONDS),
    )
    yield contest.rate(SIMPLEJWT, note=statements)


def _through_the_view(user: Any) -> dict[str, Operation]:
    ours, theirs = Caller("POST", "/jotpass/token/refresh/"), Caller("POST", "/simplejwt/token/refresh/")
    return {
        JOTPASS: Holder(start_session(user).refresh, lambda token: ours(refresh=token)["refresh"]),
        SIMPLEJWT: Holder(str(RefreshToken.for_user(user)), lambda token: theirs(refresh=token)["refresh"]),
    }


def _in_process(user: Any) -> dict[str, Operation]:
    def ours(token: str) -> str:
        pair = rotate_refresh_token(token).pair
        assert pair
        return pair.refresh

    def theirs(token: str) -> str:
        serializer = TokenRefreshSerializer(data={"refresh": token})
        serializer.is_valid(raise_exception=True)
        return str(serializer.validated_data["refresh"])

    return {
        JOTPASS: Holder(start_session(user).refresh, ours),
        SIMPLEJWT: Holder(str(RefreshToken.for_user(user)), theirs),
    }


def _signing_in(path: str) -> Operation:
    sign_in, name = Caller("POST", path), path.split("/")[1]
    person(name)
    return lambda: sign_in(username=name, password=PASSWORD)


def _statements(contestants: Mapping[str, Operation]) -> str:
    """How many statements each sends, the boundaries of transactions apart."""
    counts = {}
    for name, operation in contestants.items():
        operation()
        with CaptureQueriesContext(connection) as captured:
            operation()
        counts[name] = sum(
            not query["sql"].startswith(CONTROL) for query in captured.captured_queries if query["sql"]
        )
    return f"{counts[JOTPASS]} statements against {counts[SIMPLEJWT]}"


def _durability() -> str:
    """The setting that decides what a commit survives, asked of the database itself."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            journal = cursor.fetchone()[0]
            cursor.execute("PRAGMA synchronous")
            level = ("OFF", "NORMAL", "FULL", "EXTRA")[cursor.fetchone()[0]]
            return f"{journal.upper()}, synchronous={level}"
        shown = []
        for setting in ("fsync", "synchronous_commit"):
            cursor.execute(f"SHOW {setting}")
            shown.append(f"{setting}={cursor.fetchone()[0]}")
        return ", ".join(shown)

"""Authenticate a request to a view of Django REST Framework, through the WSGI handler, without middleware."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from rest_framework_simplejwt.tokens import AccessToken

from benchmarks.figures import JOTPASS, Contest
from benchmarks.people import person
from benchmarks.rounds import race
from benchmarks.wsgi import Caller
from jotpass.auth.access_tokens import REMEMBERED_TOKENS, Grant, issue_access_token
from jotpass.auth.policy import token_policy
from jotpass.auth.sessions import start_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Figure

SECONDS: Final = 0.04
NOBODY: Final = "no authentication"
SIMPLEJWT: Final = f"simplejwt {version('djangorestframework-simplejwt')}"
STATELESS: Final = "its stateless user"


def measure(rounds: int) -> Iterator[Figure]:
    """Race views that read the user's primary key, then views that serialize the user."""
    subject = f"Authenticate a request ({connection.display_name})"
    user = person("vitor")
    ours, theirs = start_session(user).access, str(AccessToken.for_user(user))
    primary_key = race(
        rounds,
        {
            JOTPASS: Caller("GET", "/pk/jotpass/", ours),
            NOBODY: Caller("GET", "/pk/nobody/", ours),
            SIMPLEJWT: Caller("GET", "/pk/simplejwt/", theirs),
            STATELESS: Caller("GET", "/pk/stateless/", theirs),
        },
        seconds=SECONDS,
    )
    contest = Contest(subject, "view reads `request.user.pk`", primary_key)
    added = contest.microseconds_over(NOBODY)
    label = f"Authenticate a request, {connection.display_name}"
    bare = contest.time(NOBODY, bound=1.2, label=label)
    yield replace(bare, note=f"{added:.0f} µs more")
    yield contest.rate(SIMPLEJWT, label=label)
    yield contest.rate(STATELESS)
    yield _new_tokens(rounds, subject, user)
    whole = race(
        rounds,
        {
            JOTPASS: Caller("GET", "/user/jotpass/", ours),
            SIMPLEJWT: Caller("GET", "/user/simplejwt/", theirs),
        },
        seconds=SECONDS,
    )
    yield Contest(subject, "view serializes the user", whole).rate(SIMPLEJWT)


def _new_tokens(rounds: int, subject: str, user: Any) -> Figure:
    """Race with so many tokens that each was forgotten when its turn comes again."""
    now = time.time()
    grant = Grant(str(user.pk), "sid", "fid", "first-party", int(now), "", int(now) + 3600)
    policy = replace(token_policy(), lifetime=timedelta(hours=1))
    tokens = [issue_access_token(grant, policy, now=now).token for _ in range(2 * REMEMBERED_TOKENS)]
    times = race(
        rounds,
        {
            JOTPASS: Caller("GET", "/pk/jotpass/", *tokens),
            NOBODY: Caller("GET", "/pk/nobody/", *tokens),
        },
        seconds=SECONDS,
    )
    contest = Contest(subject, "the same, every token new to the process", times)
    return replace(contest.time(NOBODY), note=f"{contest.microseconds_over(NOBODY):.0f} µs more")

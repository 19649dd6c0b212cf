"""A transaction that sees the past, on a real database: what it reads, and what the process goes by."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from jotpass.auth import errors
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.key_ring import access_key_ring
from jotpass.auth.live_key_ring import hurry_all
from jotpass.auth.models import Session
from jotpass.auth.revocation import feed, revoke_session
from jotpass.auth.sessions import start_session
from jotpass.auth.signing_keys import revoke_key
from jotpass.auth.snapshot import UNKNOWN_AGE, snapshot_age
from tests.auth.together import together

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)

ISSUER = "https://id.example"


@contextmanager
def old_snapshot() -> Iterator[None]:
    """A transaction that goes on seeing the database as it is now."""
    connection.ensure_connection()
    # The connection itself, and not what stands for it: of that, a patch takes away what it has put there.
    real = connections["default"]
    with mock.patch.object(real, "transaction_mode", None, create=True), transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        Session.objects.count()
        yield


def works(token: str) -> bool:
    """Whether the token is accepted."""
    try:
        authenticate_access_token(token)
    except errors.TokenRevoked:
        return False
    return True


def test_a_long_transaction_revives_no_token(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for itself nor for the others of its process, whatever it reads."""
    monkeypatch.setattr("jotpass.auth.feed.LOOK_BACK", 0.0)  # everything, each time
    pair = start_session(user)
    assert works(pair.access)
    with old_snapshot():
        together(lambda: revoke_session(UUID(pair.session_id), reason="test"))
        assert together(lambda: works(pair.access)) == [False]
        feed.hurry()
        assert not works(pair.access)
        assert together(lambda: works(pair.access)) == [False]
    assert not works(pair.access)


def test_a_long_transaction_brings_no_key_back(user: Any, settings: Any) -> None:
    """What it reads serves itself at most; the others of its process go by the keys there are."""
    settings.JOTPASS = {"ISSUER": ISSUER, "AUDIENCE": ISSUER, "SIGNING_ALGORITHM": "ES256"}
    ring = access_key_ring(ISSUER)
    gone = ring.signing.kid

    def known() -> bool:
        return any(key.kid == gone for key in ring.verification)

    assert known()
    with old_snapshot():
        together(lambda: revoke_key(ISSUER, str(gone)))
        assert together(known) == [False]
        for _ in range(3):
            hurry_all()
            assert not (known() and connection.vendor == "postgresql")
            assert together(known) == [False]
            known()
            assert together(known) == [False]
    assert not known()


def test_the_age_is_that_of_the_transaction() -> None:
    """Nothing is old outside one, nor where each statement sees what is committed."""
    assert snapshot_age("default") == 0
    with transaction.atomic():
        assert snapshot_age("default") == 0
    with old_snapshot():
        age = snapshot_age("default")
    assert 0 < age < 60 if connection.vendor == "postgresql" else age == UNKNOWN_AGE
    if connection.vendor == "sqlite":
        # Without a log, who reads holds up whoever would commit.
        with mock.patch.object(connections["default"], "is_in_memory_db", return_value=True), old_snapshot():
            assert snapshot_age("default") == 0

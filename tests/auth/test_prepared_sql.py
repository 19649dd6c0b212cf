"""Statements that are written once: the same rows as the ORM's, and one table in an UPDATE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.db.models.functions import Now

from jotpass.auth.family_row import load_family
from jotpass.auth.models import Session, TokenFamily
from jotpass.auth.prepared_sql import PreparedSelect, PreparedUpdate
from jotpass.auth.sessions import start_session
from tests.auth.people import claims_of, request_from
from tests.auth.statements import statements

if TYPE_CHECKING:
    from django.db.models import QuerySet


def select(using: str, fid: UUID) -> QuerySet[TokenFamily, Any]:
    """A row by its key."""
    return TokenFamily.objects.using(using).filter(fid=fid).values_list("fid", "generation", "rotated_at")


def fid_of(user: Any) -> UUID:
    """A new family."""
    return UUID(claims_of(start_session(user, request_from("192.0.2.1")).access)["fid"])


def test_a_row_has_the_types_of_its_fields(user: Any) -> None:
    """UUIDs, aware moments and numbers, as the ORM gives them; time after time."""
    prepared, fid = PreparedSelect(select), fid_of(user)
    for _ in range(2):
        assert prepared.fetch("default", fid) == select("default", fid).get()
    assert prepared.fetch("default", uuid4()) is None


def test_the_statement_is_written_once(user: Any) -> None:
    """Only its parameter changes."""
    built: list[str] = []

    def build(using: str, fid: UUID) -> QuerySet[TokenFamily, Any]:
        built.append(using)
        return select(using, fid)

    prepared = PreparedSelect(build)
    for _ in range(3):
        assert prepared.fetch("default", fid_of(user)) is not None
    assert built == ["default"]


@pytest.mark.parametrize(
    "build",
    [
        lambda using, _: TokenFamily.objects.using(using).values_list("fid"),
        lambda using, fid: TokenFamily.objects.using(using).filter(fid=fid, generation=1).values_list("fid"),
    ],
    ids=["none", "two"],
)
def test_it_takes_one_parameter(db: None, build: Any) -> None:
    """A query with another number of them is a mistake of the program."""
    with pytest.raises(ValueError, match="one value"):
        PreparedSelect(build).fetch("default", uuid4())


def test_an_update_changes_the_row_that_is_as_expected(user: Any) -> None:
    """And no other: another value, or the empty field filled, is no match."""
    update = PreparedUpdate(
        TokenFamily, sets=("generation", "client_id"), equals=("fid", "generation"), empty="revoked_at"
    )
    fid, other = fid_of(user), fid_of(user)

    def run(generation: int) -> bool:
        return update.run(
            "default", {"generation": 7, "client_id": "it's"}, {"fid": fid, "generation": generation}
        )

    assert not run(2)
    with statements() as said:
        assert run(1)
    assert len(said) == 1
    assert not run(1)
    assert list(TokenFamily.objects.filter(client_id="it's").values_list("fid", "generation")) == [(fid, 7)]
    assert TokenFamily.objects.get(fid=other).generation == 1
    TokenFamily.objects.filter(fid=fid).update(revoked_at=Now())
    assert not run(7)


def test_a_family_is_read_with_its_session_and_its_user(user: Any) -> None:
    """In one statement, by the database's time; the user is a plain instance with every field."""
    fid = fid_of(user)
    load_family(fid)
    with statements() as said:
        row = load_family(fid)
    assert len(said) == 1
    assert row is not None
    family, session = TokenFamily.objects.get(fid=fid), Session.objects.get()
    for name in ("fid", "generation", "parent", "rotated_at", "idle_expires_at", "random_value", "client_id"):
        assert getattr(row, name) == getattr(family, name)
    assert (row.sid, row.auth_time, row.ends_at, row.auth_hash) == (
        session.sid,
        session.auth_time,
        session.expires_at,
        session.auth_hash,
    )
    assert row.device == session.device
    assert row.user == user
    assert type(row.user) is type(user)
    with statements() as said:
        assert {field.attname: getattr(row.user, field.attname) for field in user._meta.concrete_fields} == {
            field.attname: getattr(user, field.attname) for field in user._meta.concrete_fields
        }
    assert said == []
    assert row.now.tzinfo is not None
    assert load_family(uuid4()) is None

"""A token family with its session and its user, read in one statement together with the database's time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db.models.functions import Now

from jotpass.auth.device import Device, device_of
from jotpass.auth.events import Event, emit_after_commit
from jotpass.auth.models import TokenFamily, session_database
from jotpass.auth.prepared_sql import PreparedSelect
from jotpass.auth.refresh_tokens import FamilyState

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

_COLUMNS: Final = {
    "fid": "fid",
    "generation": "generation",
    "parent": "parent",
    "rotated_at": "rotated_at",
    "idle_expires_at": "idle_expires_at",
    "access_expires_at": "access_expires_at",
    "random_value": "random_value",
    "client_id": "client_id",
    "transport": "transport",
    "scope": "scope",
    "access_lifetime": "access_lifetime",
    "refresh_lifetime": "refresh_lifetime",
    "revoked_at": "revoked_at",
    "sid": "session_id",
    "auth_time": "session__auth_time",
    "acr": "session__acr",
    "ends_at": "session__expires_at",
    "auth_hash": "session__auth_hash",
    "session_revoked_at": "session__revoked_at",
    "user_agent": "session__user_agent",
    "address": "session__address",
}


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """What the tables say of one family at one moment of the database's clock."""

    fid: UUID
    generation: int
    parent: int
    rotated_at: datetime
    idle_expires_at: datetime
    access_expires_at: datetime
    random_value: str
    client_id: str
    transport: str
    scope: str
    access_lifetime: timedelta | None
    refresh_lifetime: timedelta | None
    revoked_at: datetime | None
    sid: UUID
    auth_time: datetime
    acr: str
    ends_at: datetime
    auth_hash: str
    session_revoked_at: datetime | None
    user_agent: str
    address: str | None
    now: datetime
    user: Any

    @property
    def revoked(self) -> bool:
        """Whether the family or its session was revoked."""
        return self.revoked_at is not None or self.session_revoked_at is not None

    @property
    def state(self) -> FamilyState:
        """The part that judgement needs."""
        return FamilyState(
            generation=self.generation,
            parent=self.parent,
            rotated_at=self.rotated_at,
            random_value=self.random_value,
            ends_at=self.ends_at,
            revoked=self.revoked,
        )

    @property
    def device(self) -> Device:
        """Where the session was begun."""
        return Device(self.user_agent, self.address or "")


def load_family(fid: UUID) -> FamilyRow | None:
    """Read a family from the database that it is written to; None when there is none."""
    using = session_database()
    user_model = get_user_model()
    select, user_fields = _select(user_model)
    row = select.fetch(using, fid)
    if row is None:
        return None
    own = len(_COLUMNS) + 1
    user = user_model.from_db(using, user_fields, row[own:])
    return FamilyRow(*row[:own], user)  # type: ignore[call-arg]  # the columns, in order


def tell(row: FamilyRow, event: str, request: HttpRequest | None) -> None:
    """Emit an event about a family, once the transaction of the moment is committed."""
    emit_after_commit(
        Event(
            name=event,
            user_id=str(row.user.pk),
            session_id=str(row.sid),
            family_id=str(row.fid),
            client_id=row.client_id,
            device=device_of(request),
            previous_device=row.device,
        ),
        using=session_database(),
        request=request,
    )


@cache
def _select(user_model: Any) -> tuple[PreparedSelect, list[str]]:
    user_fields = [field.attname for field in user_model._meta.concrete_fields]

    def build(using: str, fid: UUID) -> QuerySet[TokenFamily, Any]:
        families = TokenFamily.objects.using(using).filter(fid=fid)
        user_columns = (f"session__user__{name}" for name in user_fields)
        return families.values_list(*_COLUMNS.values(), Now(), *user_columns)

    return PreparedSelect(build), user_fields

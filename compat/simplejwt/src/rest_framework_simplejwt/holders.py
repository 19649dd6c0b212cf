"""Whose a token is: the one place that asks the user's table by what a token says."""

from __future__ import annotations

from functools import cache
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import DataError, models, router
from django.db.models.manager import BaseManager

from jotpass.auth.prepared_sql import PreparedSelect
from rest_framework_simplejwt.settings import api_settings

# Signed by us, or by whoever shares our key, and yet no value that the column could hold.
_NO_VALUE_OF_THE_COLUMN: Final = (ValueError, TypeError, OverflowError, ValidationError, DataError)

_KEYS: Final[dict[type, type[UUID | int]]] = {
    models.AutoField: int,
    models.BigAutoField: int,
    models.UUIDField: UUID,
}
_UUID_LENGTH: Final = 36
_LONGER_THAN_A_COLUMN: Final = 10
"""Fewer digits than this fit every integer column."""


def holder_of(claims: Any, model: Any) -> Any:
    """Find the user that a token names.

    Args:
        claims: The token, or its claims.
        model: The user model.

    Returns:
        The user; None where there is none, or where what it names cannot be one.
    """
    named = claims.get(api_settings.USER_ID_CLAIM)
    manager = model.objects
    # A test may have put another `get` on the manager, or another manager on the model.
    prepared = None if "get" in vars(manager) else _prepared(model, manager, api_settings.USER_ID_FIELD)
    if prepared is not None and (key := _key(named, prepared.of)) is not None:
        return prepared.find(key)
    try:
        return manager.get(**{api_settings.USER_ID_FIELD: named})
    except (model.DoesNotExist, *_NO_VALUE_OF_THE_COLUMN):
        return None


def is_primary_key(model: Any, name: str) -> bool:
    """Tell whether a look-up by this name is one by primary key; one across a relation is not."""
    meta = model._meta
    try:
        return name == "pk" or meta.get_field(name) is meta.pk
    except FieldDoesNotExist:
        return False


class _Prepared:
    """The statement that asks for a user by primary key, written once.

    Args:
        model: The user model.
        of: What the key is: a UUID or an integer.
    """

    def __init__(self, model: Any, of: type[UUID | int]) -> None:
        """Name the columns."""
        self.of = of
        self._model = model
        self._names = [field.attname for field in model._meta.concrete_fields]
        self._select = PreparedSelect(
            lambda using, key: model.objects.using(using).order_by().filter(pk=key).values_list(*self._names),
            example=of(int=1) if of is UUID else 1,
        )

    def find(self, key: UUID | int) -> Any:
        """Read the user; None where there is none."""
        using = router.db_for_read(self._model)
        row = self._select.fetch(using, key)
        return None if row is None else self._model.from_db(using, self._names, row)


@cache
def _prepared(model: Any, asked: Any, field_name: str) -> _Prepared | None:
    """Tell what Django's own manager would ask for; None where the project has a say in it."""
    manager, meta = type(asked), model._meta
    stock = (
        issubclass(manager, models.Manager)
        and manager.get_queryset is BaseManager.get_queryset
        and type(asked.all()) is models.QuerySet
        and manager.get is models.Manager.get
    )
    if not stock or meta.parents or not is_primary_key(model, field_name):
        return None
    of = _KEYS.get(type(meta.pk))
    return None if of is None else _Prepared(model, of)


def _key(named: object, of: type[UUID | int]) -> UUID | int | None:
    """Read a key in the form in which tokens have it; what is in another is left to the ORM."""
    if of is UUID:
        try:
            return UUID(named) if isinstance(named, str) and len(named) == _UUID_LENGTH else None
        except ValueError:
            return None
    if isinstance(named, str) and len(named) < _LONGER_THAN_A_COLUMN and named.isascii() and named.isdigit():
        return int(named)
    return None

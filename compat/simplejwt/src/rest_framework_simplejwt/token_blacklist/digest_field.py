"""A column that holds digests of tokens: whoever reads the table signs in as nobody.

Whatever is written to it or asked of it, a token turns into its digest. Rows from before the change of
packages hold the token itself; they are found by it, too.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.lookups import Exact, In
from django.db.models.query_utils import DeferredAttribute

from rest_framework_simplejwt.stored_digest import DIGEST_PREFIX, StoredDigest, digest


class _Attribute(DeferredAttribute):
    """Shows a digest of a row that is in the table as one that knows its row."""

    field: Any

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if instance is None or instance._state.adding or not _is_digest(value):
            return value
        shown = StoredDigest(value)
        shown.entry = instance
        return shown

    def __set__(self, instance: Any, value: Any) -> None:
        # A text alone: what it knows is whose attribute it is.
        instance.__dict__[self.field.attname] = str(value) if isinstance(value, StoredDigest) else value


class DigestField(models.TextField):  # type: ignore[type-arg]
    """Takes a token, keeps its digest. To the migrations it is a TextField."""

    descriptor_class = _Attribute

    def deconstruct(self) -> Any:
        """Name the class that the migrations know."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 (Django's interface)
        """Let the instance have what the row has."""
        value = getattr(model_instance, self.attname)
        if value is not None and not hasattr(value, "resolve_expression"):
            setattr(model_instance, self.attname, digest(str(value)))
        return super().pre_save(model_instance, add)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Write no token, whichever way it comes."""
        if value is not None and not hasattr(value, "as_sql"):
            value = digest(str(value))
        return super().get_db_prep_save(value, connection)


@DigestField.register_lookup
class AnyEitherWay(In):
    """``token__in=``: the digests, or the tokens themselves in rows that have them."""

    def get_prep_lookup(self) -> Any:
        """Ask for both."""
        if self.rhs_is_direct_value():
            self.rhs = {
                asked for value in self.rhs if value is not None for asked in (str(value), digest(str(value)))
            }
        return super().get_prep_lookup()


@DigestField.register_lookup
class EitherWay(AnyEitherWay):
    """``token=``: the digest, or the token itself in rows that have it."""

    lookup_name = "exact"

    def __new__(cls, lhs: Any, rhs: Any) -> Any:
        """Leave to Django what is no text."""
        if rhs is None or hasattr(rhs, "resolve_expression"):
            return Exact(lhs, rhs)
        return super().__new__(cls, lhs, rhs)

    def get_prep_lookup(self) -> Any:
        """Ask for both."""
        self.rhs = [self.rhs]
        return super().get_prep_lookup()


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and value.startswith(DIGEST_PREFIX)

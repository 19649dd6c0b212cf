"""The user behind a verified access token, without a query until somebody asks for more than the primary key.

The user is a real instance of the project's user model with everything but the primary key deferred. The
first read of anything else loads all that is missing in one statement. No field is ever filled from a claim.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models.base import Model, ModelBase, ModelState
from django.db.models.signals import post_init, pre_init

from jotpass.auth import errors
from jotpass.auth.access_tokens import MAX_SUBJECT_LENGTH, is_subject

if TYPE_CHECKING:
    from collections.abc import Iterable


@lru_cache(maxsize=1024)
def primary_key_of(user_model: Any, subject: str) -> Any:
    """Turn ``sub`` into a primary key of the user model.

    Raises:
        TokenInvalid: It is not one, or is not spelled as we spell it.
    """
    field = user_model._meta.pk
    while field.remote_field:
        # A user model that inherits another over two tables: the column of the first one decides.
        field = field.target_field
    try:
        primary_key = field.to_python(subject)
        # A number may be larger, and a name longer, than the column holds.
        field.run_validators(primary_key)
    except (ValidationError, ValueError, TypeError, OverflowError):
        raise errors.TokenInvalid from None
    if str(primary_key) != subject:
        raise errors.TokenInvalid
    return primary_key


def check_primary_key(user_model: Any, primary_key: object) -> None:
    """Refuse a primary key that no access token can name: every token of this user would be refused.

    Raises:
        ValueError: As ``sub`` it would be too long or not printable, or another spelling than its field's.
    """
    subject = str(primary_key)
    try:
        if is_subject(subject):
            primary_key_of(user_model, subject)
            return
    except errors.TokenInvalid:
        pass
    message = (
        f"the user's primary key cannot be the sub of a token: it must be valid in its field, printable,"
        f" and of at most {MAX_SUBJECT_LENGTH} characters"
    )
    raise ValueError(message)


def deferred_user(user_model: Any, subject: str, *, using: str, missing: type[Exception]) -> Any:
    """Build the user of a verified token without reading it.

    Args:
        user_model: The project's user model.
        subject: ``sub`` of the token.
        using: The database alias that the rest is loaded from.
        missing: What to raise when the first read finds no such user.

    Raises:
        TokenInvalid: ``sub`` is not a primary key.
    """
    primary_key = primary_key_of(user_model, subject)
    deferred_class: Any = _deferred_class(user_model, missing)  # type: ignore[arg-type]  # classes are hashable
    name = user_model._meta.pk.attname
    if pre_init.receivers or post_init.receivers or not _is_built_by_django(user_model):
        return deferred_class.from_db(using, [name], [primary_key])
    # What from_db makes when it reads nothing and nobody watches, at a third of its time.
    user = deferred_class.__new__(deferred_class)
    user._state = ModelState()
    user._state.adding = False
    user._state.db = using
    user.__dict__[name] = primary_key
    return user


def _is_built_by_django(user_model: Any) -> bool:
    """Whether the model has no say in how its instances are made."""
    return (
        user_model.__init__ is Model.__init__
        and user_model.__new__ is Model.__new__
        and user_model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]
    )


@cache
def _deferred_class(user_model: Any, missing: Any) -> Any:
    """Make a class that is the user model in all but how a deferred field is read.

    It is made past Django's metaclass, so it is no model of its own, and it answers ``__class__`` with the
    user model, as the lazy user of ``django.contrib.auth`` does: signals, pickles and copies are those of a
    plain instance.
    """

    def refresh_from_db(
        self: Any,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        **options: Any,
    ) -> None:
        deferred = self.get_deferred_fields()
        if fields is not None and not deferred.isdisjoint(fields):
            fields = sorted({*fields, *deferred})
        elif fields is None and deferred:
            # Everything is asked for, and what was prefetched forgotten. Django leaves out what is deferred.
            columns = {field.attname for field in user_model._meta.concrete_fields}
            fields = sorted(columns.union(getattr(self, "_prefetched_objects_cache", ())))
        try:
            user_model.refresh_from_db(self, using=using, fields=fields, **options)
        except ObjectDoesNotExist as error:
            if isinstance(error, user_model.DoesNotExist) and deferred:
                raise missing from None
            raise

    namespace = {
        "__module__": user_model.__module__,
        "__qualname__": user_model.__qualname__,
        "__doc__": user_model.__doc__,
        "__class__": property(lambda _: user_model),
        "refresh_from_db": refresh_from_db,
    }
    return type.__new__(ModelBase, user_model.__name__, (user_model,), namespace)

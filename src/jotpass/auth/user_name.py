"""A user name as a person typed it, and as the field of the user model that holds it has it.

Most of these fields hold text, and then the two are one. Some hold numbers or UUIDs.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connections

from jotpass.auth.models import session_database

NOT_A_VALUE: Final = (ValidationError, ValueError, TypeError, ArithmeticError)
"""What fields raise for what they cannot hold."""


def normalize_username(typed: str) -> str:
    """Normalize the name as the user model says; one written from scratch need not say anything."""
    normalize = getattr(get_user_model(), "normalize_username", None)
    return typed if normalize is None else normalize(typed)


def stored_username(typed: str) -> str | None:
    """Write the name as it is stored: the same for all spellings that name the same person.

    ``"042"`` and ``"42"`` are one number, and a UUID may be written with hyphens and without.

    Returns:
        The name as text, None where the field holds no such value, and nobody has this name.
    """
    user_model = get_user_model()
    field: Any = user_model._meta.get_field(user_model.USERNAME_FIELD)
    try:
        value = field.to_python(typed)
        if not isinstance(value, str):
            value = field.get_db_prep_value(value, connections[session_database()])
    except NOT_A_VALUE:
        return None
    return str(value)

"""Whose a token is: the one place that asks the user's table by what a token says."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import DataError

from rest_framework_simplejwt.settings import api_settings

# Signed by us, or by whoever shares our key, and yet no value that the column could hold.
_NO_VALUE_OF_THE_COLUMN: Final = (ValueError, TypeError, OverflowError, ValidationError, DataError)


def holder_of(claims: Any, model: Any) -> Any:
    """Find the user that a token names.

    Args:
        claims: The token, or its claims.
        model: The user model.

    Returns:
        The user; None where there is none, or where what it names cannot be one.
    """
    named = claims.get(api_settings.USER_ID_CLAIM)
    try:
        return model.objects.get(**{api_settings.USER_ID_FIELD: named})
    except (model.DoesNotExist, *_NO_VALUE_OF_THE_COLUMN):
        return None

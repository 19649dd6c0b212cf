"""A user who is nothing but a verified token: no table is asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth import models as auth_models
from django.db.models.manager import EmptyManager

from rest_framework_simplejwt.settings import api_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework_simplejwt.tokens import Token


class TokenUser:
    """What a token says of its holder, in the shape of a user.

    Any other attribute is the claim of that name; None for a field of users that is no claim.

    Args:
        token: A verified token with a user's id.
    """

    is_active = True

    # Django's descriptors would want a table.
    _groups = EmptyManager(auth_models.Group)
    _user_permissions = EmptyManager(auth_models.Permission)

    def __init__(self, token: Token) -> None:
        """Keep the token."""
        self.token = token

    def __str__(self) -> str:
        return f"TokenUser {self.id}"

    @cached_property
    def id(self) -> Any:
        """The user's id as the token has it."""
        return self.token[api_settings.USER_ID_CLAIM]

    @cached_property
    def pk(self) -> Any:
        """The same."""
        return self.id

    @cached_property
    def username(self) -> str:
        """The claim ``username``."""
        name: str = self.token.get("username", "")
        return name

    @cached_property
    def is_staff(self) -> bool:
        """The claim ``is_staff``."""
        return bool(self.token.get("is_staff", False))

    @cached_property
    def is_superuser(self) -> bool:
        """The claim ``is_superuser``."""
        return bool(self.token.get("is_superuser", False))

    def __eq__(self, other: object) -> bool:
        return bool(self.id == other.id) if isinstance(other, TokenUser) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.id)

    def save(self) -> None:
        """There is no row.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("Token users have no DB representation")

    def delete(self) -> None:
        """There is no row.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("Token users have no DB representation")

    def set_password(self, raw_password: str) -> None:
        """There is no row.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("Token users have no DB representation")

    def check_password(self, raw_password: str) -> None:
        """There is no row.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("Token users have no DB representation")

    @property
    def groups(self) -> Any:
        """None at all."""
        return self._groups

    @property
    def user_permissions(self) -> Any:
        """None at all."""
        return self._user_permissions

    def get_group_permissions(self, obj: object = None) -> set[str]:
        """None at all."""
        return set()

    def get_all_permissions(self, obj: object = None) -> set[str]:
        """None at all."""
        return set()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Permissions are in tables."""
        return False

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        """Permissions are in tables."""
        return False

    def has_module_perms(self, module: str) -> bool:
        """Permissions are in tables."""
        return False

    @property
    def is_anonymous(self) -> bool:
        """Somebody who is signed in is not."""
        return False

    @property
    def is_authenticated(self) -> bool:
        """Somebody who is signed in is."""
        return True

    def get_username(self) -> str:
        """Return the claim ``username``."""
        return self.username

    def __getattr__(self, attr: str) -> Any:
        """Return the claim of that name; None for a field of users that the token says nothing of.

        Raises:
            AttributeError: Neither the token nor a user has it, so that `hasattr` tells the truth; or it is
                one of Python's own names, which copying and pickling ask for.
        """
        if attr != "token" and not (attr.startswith("__") and attr.endswith("__")):
            if attr in self.token:
                return self.token[attr]
            if any(attr in {field.name, field.attname} for field in get_user_model()._meta.concrete_fields):
                return None
        raise AttributeError(f"the token has no claim {attr!r}")

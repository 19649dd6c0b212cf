"""The tokens: what is in them, how long they live, and what makes one unacceptable.

A token that can be taken back (refresh, sliding) keeps its books in the app `token_blacklist`, where that is
installed, under whatever name it is listed.
"""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from uuid import uuid4

from django.apps import apps
from django.contrib.auth import get_user_model as get_user_model  # noqa: PLC0414 (others import it from here)
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from rest_framework_simplejwt import state
from rest_framework_simplejwt.exceptions import (
    ExpiredTokenError,
    TokenBackendError,
    TokenBackendExpiredToken,
    TokenError,
)
from rest_framework_simplejwt.models import TokenUser
from rest_framework_simplejwt.settings import LiveSetting, api_settings
from rest_framework_simplejwt.stored_digest import StoredDigest, hint_at_digest
from rest_framework_simplejwt.utils import (
    aware_utcnow,
    datetime_to_epoch,
    format_lazy,
    get_md5_hash_password,
    logger,
)
from rest_framework_simplejwt.utils import datetime_from_epoch as datetime_from_epoch  # noqa: PLC0414 (others import it from here)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from rest_framework_simplejwt.backends import TokenBackend
    from rest_framework_simplejwt.token_blacklist.models import (
        BlacklistedToken as BlacklistedToken,  # noqa: PLC0414 (others import it from here)
    )
    from rest_framework_simplejwt.token_blacklist.models import (
        OutstandingToken as OutstandingToken,  # noqa: PLC0414 (others import it from here)
    )

T = TypeVar("T", bound="Token")
F = TypeVar("F", bound="Callable[..., Any]")

AuthUser = TypeVar("AuthUser", AbstractBaseUser, TokenUser)


def __getattr__(name: str) -> Any:
    """Find the tables' classes, which others import from here; they are made when Django's apps are."""
    if name in {"BlacklistedToken", "OutstandingToken"}:
        from rest_framework_simplejwt.token_blacklist import models  # noqa: PLC0415 (see above)

        return getattr(models, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Token:
    """A token that was presented, verified; or a new one, whose text is made by `str`.

    Args:
        token: What was presented; None for a new one.
        verify: Whether it is judged. Without, anybody may have written it.

    Raises:
        TokenError: It is refused; the first argument is a text for its holder.
    """

    token_type: str | None = None
    lifetime: Any = None
    _is_known_by_digest = False

    def __init__(self, token: Any = None, verify: bool = True) -> None:  # noqa: FBT001, FBT002 (the interface)
        """Read it, or begin it."""
        if self.token_type is None or self.lifetime is None:
            raise TokenError(_("Cannot create token with no type or lifetime"))
        self.token = token
        self.current_time = aware_utcnow()
        self.payload: dict[str, Any]
        if token is None:
            self.payload = {api_settings.TOKEN_TYPE_CLAIM: self.token_type}
            self.set_exp(from_time=self.current_time, lifetime=self.lifetime)
            self.set_iat(at_time=self.current_time)
            self.set_jti()
            return
        if isinstance(token, StoredDigest):
            # An entry of the books, out of this process: it can be judged and taken back, never signed.
            self.payload, self._is_known_by_digest = token.claims(), True
            if verify:
                self.verify()
            return
        try:
            self.payload = self.get_token_backend().decode(token, verify=verify)
        except TokenBackendExpiredToken as error:
            raise ExpiredTokenError(_("Token is expired")) from error
        except TokenBackendError as error:
            hint_at_digest(token)
            raise TokenError(_("Token is invalid")) from error
        if verify:
            self.verify()

    def __repr__(self) -> str:
        return repr(self.payload)

    def __getitem__(self, key: str) -> Any:
        return self.payload[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.payload[key] = value

    def __delitem__(self, key: str) -> None:
        del self.payload[key]

    def __contains__(self, key: object) -> bool:
        return key in self.payload

    def get(self, key: str, default: Any = None) -> Any:
        """Return a claim, or the default."""
        return self.payload.get(key, default)

    def __str__(self) -> str:
        """Sign it.

        Raises:
            TokenError: Its text is not known: it was read from an entry of the books.
        """
        self._check_text()
        return self.get_token_backend().encode(self.payload)

    def _check_text(self) -> None:
        if self._is_known_by_digest:
            raise TokenError(_("Token is invalid"))

    def verify(self) -> None:
        """Judge what the signature does not: that it expires, and has an id and the right type.

        Raises:
            TokenError: It is refused.
        """
        self.check_exp()
        if api_settings.JTI_CLAIM is not None and api_settings.JTI_CLAIM not in self.payload:
            raise TokenError(_("Token has no id"))
        if api_settings.TOKEN_TYPE_CLAIM is not None:
            self.verify_token_type()

    def verify_token_type(self) -> None:
        """Judge its type.

        Raises:
            TokenError: It is for another use.
        """
        try:
            token_type = self.payload[api_settings.TOKEN_TYPE_CLAIM]
        except KeyError as error:
            raise TokenError(_("Token has no type")) from error
        if self.token_type != token_type:
            raise TokenError(_("Token has wrong type"))

    def set_jti(self) -> None:
        """Give it an id that no other has (RFC 7519 s4.1.7)."""
        self.payload[api_settings.JTI_CLAIM] = uuid4().hex

    def set_exp(
        self, claim: str = "exp", from_time: datetime | None = None, lifetime: timedelta | None = None
    ) -> None:
        """Let it expire (RFC 7519 s4.1.4).

        Args:
            claim: The claim to write.
            from_time: The beginning; this token's moment unless it is given.
            lifetime: How long; this class's unless it is given.
        """
        begin = self.current_time if from_time is None else from_time
        self.payload[claim] = datetime_to_epoch(begin + (self.lifetime if lifetime is None else lifetime))

    def set_iat(self, claim: str = "iat", at_time: datetime | None = None) -> None:
        """Say when it was issued (RFC 7519 s4.1.6)."""
        self.payload[claim] = datetime_to_epoch(self.current_time if at_time is None else at_time)

    def check_exp(self, claim: str = "exp", current_time: datetime | None = None) -> None:
        """Judge whether it has expired.

        Args:
            claim: The claim that says when.
            current_time: The moment to judge it by; this token's unless it is given.

        Raises:
            TokenError: It has, or does not say.
        """
        try:
            expires = self.payload[claim]
        except KeyError as error:
            raise TokenError(format_lazy(_("Token has no '{}' claim"), claim)) from error
        if type(expires) is not int and not _is_a_moment(expires):
            raise TokenError(_("Token is invalid"))
        moment = _seconds(self.current_time if current_time is None else current_time)
        leeway = self.get_token_backend().get_leeway().total_seconds()
        if expires <= moment - leeway:
            raise TokenError(format_lazy(_("Token '{}' claim has expired"), claim))

    def outstand(self) -> tuple[OutstandingToken, bool] | None:
        """Enter it into the books; a token that cannot be taken back is in none."""
        return None

    @classmethod
    def for_user(cls, user: Any) -> Self:
        """Begin a token for a user, whose password has been asked for elsewhere."""
        if hasattr(user, "is_active") and not user.is_active:
            logger.warning(
                "Creating token for inactive user: %s. If this is not intentional, consider checking the "
                "user's status before calling the `for_user` method.",
                user.id,
            )
        token = cls()
        token[api_settings.USER_ID_CLAIM] = str(getattr(user, api_settings.USER_ID_FIELD))
        if api_settings.CHECK_REVOKE_TOKEN:
            token[api_settings.REVOKE_TOKEN_CLAIM] = get_md5_hash_password(user.password)
        return token

    _token_backend: TokenBackend | None = None

    @property
    def token_backend(self) -> TokenBackend:
        """What signs and verifies it."""
        return state.token_backend if self._token_backend is None else self._token_backend

    def get_token_backend(self) -> TokenBackend:
        """Return what signs and verifies it; for subclasses that have another."""
        return self.token_backend


class NoBooksError(AttributeError):
    """The app `token_blacklist` is not installed: a token cannot be taken back by it."""


class _WithBooks:
    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if not _books_are_kept():
            missing = "rest_framework_simplejwt.token_blacklist is not installed"
            raise NoBooksError(f"{self._method.__name__}: {missing}")
        return self._method.__get__(instance, owner)


def _with_books(method: F) -> F:
    # Callers find out by `hasattr`, or by catching AttributeError, whether tokens can be taken back.
    return _WithBooks(method)  # type: ignore[return-value]


class BlacklistMixin(Generic[T]):
    """A token that can be taken back, where the app `token_blacklist` is installed; else as without it."""

    payload: dict[str, Any]
    current_time: datetime
    _came_second = False
    """What `blacklist` said last: overrides that go on to it may return nothing."""

    def verify(self, *args: Any, **kwargs: Any) -> None:
        """Judge it, and whether it was taken back.

        Raises:
            TokenError: It is refused.
        """
        if _books_are_kept():
            # First: of one that has the wrong type, too, its holder reads that it was taken back.
            self.check_blacklist()
        super().verify(*args, **kwargs)  # type: ignore[misc]

    @_with_books
    def check_blacklist(self) -> None:
        """Judge whether it was taken back.

        Raises:
            TokenError: It was.
        """
        from rest_framework_simplejwt.token_blacklist import books  # noqa: PLC0415 (its tables may not exist)

        if books.is_blacklisted(self):
            raise TokenError(_("Token is blacklisted"))

    @_with_books
    def blacklist(self) -> tuple[BlacklistedToken, bool]:
        """Take it back.

        Returns:
            The entry, and whether this call made it.

        Raises:
            NoBooksError: The app is not installed. It is an AttributeError, which callers catch.
        """
        from rest_framework_simplejwt.token_blacklist import books  # noqa: PLC0415 (its tables may not exist)

        entry, made = books.blacklist(self)
        self._came_second = not made
        return entry, made

    def outstand(self) -> tuple[OutstandingToken, bool] | None:
        """Enter it into the books, unless it is there.

        Returns:
            The entry, and whether this call made it; None where no books are kept.
        """
        if not _books_are_kept():
            return None
        from rest_framework_simplejwt.token_blacklist import books  # noqa: PLC0415 (its tables may not exist)

        return books.outstand(self)

    @classmethod
    def for_user(cls, user: Any) -> Self:
        """Begin a token for a user, and enter it into the books."""
        token: Self = super().for_user(user)  # type: ignore[misc]
        if _books_are_kept():
            from rest_framework_simplejwt.token_blacklist import books  # noqa: PLC0415 (see above)

            books.issue(token, user)
        return token

    def successor(self) -> Self:
        """Begin the token that takes this one's place: the same claims, but for its id and its times."""
        self._check_text()  # type: ignore[attr-defined]
        token = copy.copy(self)
        token.payload = copy.deepcopy(self.payload)
        token.token = None  # type: ignore[attr-defined]
        token.set_jti()  # type: ignore[attr-defined]
        token.set_exp()  # type: ignore[attr-defined]
        token.set_iat()  # type: ignore[attr-defined]
        return token


class SlidingToken(BlacklistMixin["SlidingToken"], Token):
    """One token for everything, which is exchanged for a younger one until `refresh_exp`."""

    token_type = "sliding"
    lifetime: Any = LiveSetting("SLIDING_TOKEN_LIFETIME")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read it, or begin it with both of its ends."""
        super().__init__(*args, **kwargs)
        if self.token is None:
            self.set_exp(
                api_settings.SLIDING_TOKEN_REFRESH_EXP_CLAIM,
                from_time=self.current_time,
                lifetime=api_settings.SLIDING_TOKEN_REFRESH_LIFETIME,
            )


class AccessToken(Token):
    """Opens views, for a short time."""

    token_type = "access"
    lifetime: Any = LiveSetting("ACCESS_TOKEN_LIFETIME")


class RefreshToken(BlacklistMixin["RefreshToken"], Token):
    """Is exchanged for access tokens."""

    token_type = "refresh"
    lifetime: Any = LiveSetting("REFRESH_TOKEN_LIFETIME")
    no_copy_claims: Any = LiveSetting(
        lambda now: (now.TOKEN_TYPE_CLAIM, "exp", now.JTI_CLAIM, "jti", "iat"),
    )
    access_token_class: ClassVar[type[Token]] = AccessToken

    @property
    def access_token(self) -> Token:
        """An access token with the same claims, that begins when this object was made."""
        self._check_text()
        access = self.access_token_class()
        access.set_exp(from_time=self.current_time)
        left_out = self.no_copy_claims
        for claim, value in self.payload.items():
            if claim not in left_out:
                access[claim] = value
        return access


class UntypedToken(Token):
    """A token of any type: for judging the rest of it."""

    token_type = "untyped"
    lifetime = timedelta(0)

    def verify_token_type(self) -> None:
        """Any will do."""


def _books_are_kept() -> bool:
    # By the registry, so that an AppConfig's path counts like the app's own.
    return apps.is_installed("rest_framework_simplejwt.token_blacklist")


def _is_a_moment(value: object) -> bool:
    return isinstance(value, float) and isfinite(value)


def _seconds(moment: datetime) -> float:
    return moment.timestamp() if moment.tzinfo is not None else float(datetime_to_epoch(moment))

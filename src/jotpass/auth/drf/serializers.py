"""The requests of the contract, and how a session is shown."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from django.contrib.auth import get_user_model
from rest_framework import serializers

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.models import MAX_LABEL_LENGTH, Session
from jotpass.auth.printable import is_printable
from jotpass.auth.scope import askable, parse_scope
from jotpass.auth.sessions import FIRST_PARTY
from jotpass.auth.setting_values import MAX_CLIENT_ID_LENGTH, MAX_SCOPE_LENGTH

MAX_USERNAME_LENGTH: Final = 254
MAX_PASSWORD_LENGTH: Final = 4096
UNKNOWN_SCOPE: Final = "Unknown scope."
SCOPES: Final = ("current", "others", "all")


class TextField(serializers.CharField):
    """A JSON string: a number is a client's mistake, and no two spellings of a password are equal."""

    def to_internal_value(self, data: Any) -> str:
        """Refuse what DRF would turn into a string."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TokenField(TextField):
    """Any string at all: whether it is a token is for those to say who verify it."""

    def __init__(self, **options: Any) -> None:
        """Leave white space to them, too."""
        super().__init__(trim_whitespace=False, **options)

    def run_validators(self, value: Any) -> None:
        """Leave the judgement to them, NUL and control characters included."""


class TrueOrFalseField(serializers.BooleanField):
    """A JSON true or false: DRF would take ``"on"`` and 1 as well."""

    def to_internal_value(self, data: Any) -> bool:
        """Refuse what is neither."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class SignInRequest(serializers.Serializer[Any]):
    """``username``, ``password`` and optionally ``client_id``, ``scope`` and ``remember_me``.

    Where the user model names its people otherwise (``email``), that name is understood as well.
    """

    username = TextField(max_length=MAX_USERNAME_LENGTH, trim_whitespace=False)
    password = TextField(max_length=MAX_PASSWORD_LENGTH, trim_whitespace=False, write_only=True)
    client_id = TextField(max_length=MAX_CLIENT_ID_LENGTH, trim_whitespace=False, default=FIRST_PARTY)
    scope = TextField(max_length=MAX_SCOPE_LENGTH, trim_whitespace=False, allow_blank=True, default="")
    remember_me = TrueOrFalseField(default=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Accept the user model's own name of the field."""
        own_name = get_user_model().USERNAME_FIELD
        if own_name != "username" and own_name in data and "username" not in data:
            data = {**data, "username": data[own_name]}
        fields: dict[str, Any] = super().to_internal_value(data)
        return fields

    def validate_client_id(self, value: str) -> str:
        """Know the client."""
        if value not in jotpass_settings.CLIENTS:
            raise serializers.ValidationError("Unknown client.", code="unknown_client")
        return value

    def validate_scope(self, value: str) -> tuple[str, ...]:
        """Know what may be asked for (RFC 6749 s3.3)."""
        try:
            asked = parse_scope(value)
        except ValueError:
            raise serializers.ValidationError("Not scopes with one space between them.") from None
        if not askable(asked):
            raise serializers.ValidationError(UNKNOWN_SCOPE, code="invalid_scope")
        return asked


class PasswordRequest(serializers.Serializer[Any]):
    """``password``."""

    password = TextField(max_length=MAX_PASSWORD_LENGTH, trim_whitespace=False, write_only=True)


class RefreshRequest(serializers.Serializer[Any]):
    """``refresh``."""

    refresh = TokenField()


class TokenRequest(serializers.Serializer[Any]):
    """``token``."""

    token = TokenField()


class RevocationRequest(serializers.Serializer[Any]):
    """``token``, of either kind or none: revoking is for any string (RFC 7009 s2.2)."""

    token = TokenField(allow_blank=True)


class SignOutRequest(serializers.Serializer[Any]):
    """``scope``, and a refresh token where no access token is sent."""

    scope = serializers.ChoiceField(
        SCOPES,
        default="current",
        # DRF's own message repeats what came.
        error_messages={"invalid_choice": f"Must be one of {', '.join(SCOPES)}."},
    )
    refresh = TokenField(required=False, allow_blank=True, allow_null=True)


class LabelRequest(serializers.Serializer[Any]):
    """``label``, the person's own name for a device."""

    label = TextField(max_length=MAX_LABEL_LENGTH, allow_blank=True)  # type: ignore[assignment]

    def validate_label(self, value: str) -> str:
        """Take what can be shown anywhere, a terminal included."""
        if not is_printable(value):
            raise serializers.ValidationError("Only printable characters are allowed.", code="invalid")
        return value


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A session as its owner sees it."""

    current = serializers.SerializerMethodField()
    device = serializers.CharField(source="device.summary", read_only=True)
    auth_time = serializers.DateTimeField(read_only=True, default_timezone=UTC)
    created_at = serializers.DateTimeField(read_only=True, default_timezone=UTC)
    last_used_at = serializers.DateTimeField(read_only=True, default_timezone=UTC)
    expires_at = serializers.DateTimeField(read_only=True, default_timezone=UTC)

    class Meta:
        """Nothing secret: the sid is a name."""

        model = Session
        fields = (
            "sid",
            "current",
            "label",
            "device",
            "user_agent",
            "address",
            "auth_time",
            "created_at",
            "last_used_at",
            "expires_at",
        )

    def get_current(self, session: Session) -> bool:
        """Whether it is the session that asks."""
        return bool(str(session.sid) == self.context["current"])

"""The bodies of the contract as OpenAPI says them: what a request holds, and what an answer does.

Schema Objects in the terms of OpenAPI 3.0, made from the settings of the moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.drf.serializers import MAX_PASSWORD_LENGTH, MAX_USERNAME_LENGTH, SCOPES
from jotpass.auth.models import MAX_LABEL_LENGTH
from jotpass.auth.sessions import FIRST_PARTY
from jotpass.auth.setting_values import MAX_SCOPE_LENGTH, SCOPE_TOKEN
from jotpass.auth.transports import BODY, COOKIE, transport_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]

_NO_OTHERS: Final[Schema] = {"not": {}}


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON object that has a name: a component of the schema.

    Attributes:
        name: What generators of clients call it.
        properties: The schemas of its members.
        required: The members that are always there.
        extra: The schema of members that are not listed, None to say nothing of them.
    """

    name: str
    properties: Mapping[str, Schema]
    required: tuple[str, ...] = ()
    extra: Schema | None = None

    @property
    def schema(self) -> Schema:
        """The Schema Object."""
        schema: Schema = {"type": "object", "properties": dict(self.properties)}
        if self.required:
            schema["required"] = list(self.required)
        if self.extra is not None:
            schema["additionalProperties"] = self.extra
        return schema


def _text(least: int = 0, most: int | None = None) -> Schema:
    longest = {} if most is None else {"maxLength": most}
    return {"type": "string"} | ({"minLength": least} if least else {}) | longest


def _typed(most: int) -> Schema:
    """What a person types: no NUL in it."""
    return _text(1, most) | {"pattern": r"^[^\u0000]*$"}


_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
_UUID: Final[Schema] = {"type": "string", "format": "uuid"}

NOTHING: Final = Body("JotpassNothing", {}, extra=_NO_OTHERS)
ACCESS_TOKEN: Final = Body("JotpassToken", {"token": _text(1)}, ("token",))
ANY_TOKEN: Final = Body("JotpassAnyToken", {"token": _text()}, ("token",))
ANY_TOKEN_FORM: Final = Body("JotpassAnyTokenForm", {"token": _text()}, ("token",), _text())
"""No parameter may come twice (RFC 6749 s3.2), as those do that hold several values."""

PASSWORD: Final = Body("JotpassPassword", {"password": _typed(MAX_PASSWORD_LENGTH)}, ("password",))

# Letters, marks, numbers, punctuation, symbols, and one by one spaces and joiners: all that is printable.
_PRINTABLE: Final = r"^[\p{L}\p{M}\p{N}\p{P}\p{S} \u00a0\u1680\u2000-\u200a\u200c\u200d\u202f\u205f\u3000]*$"
LABEL: Final = Body(
    "JotpassLabel", {"label": _text(0, MAX_LABEL_LENGTH) | {"pattern": _PRINTABLE}}, ("label",)
)


def sign_in() -> Body:
    """What signs a person in; the user name goes by the name that the user model gives it."""
    name: str = get_user_model().USERNAME_FIELD
    properties = {
        name: _typed(MAX_USERNAME_LENGTH),
        "password": _typed(MAX_PASSWORD_LENGTH) | {"format": "password"},
        "client_id": {"type": "string", "enum": list(jotpass_settings.CLIENTS), "default": FIRST_PARTY},
        "scope": _scope(),
        "remember_me": {"type": "boolean", "default": False},
    }
    return Body("JotpassSignIn", properties, (name, "password"))


def _scope() -> Schema:
    known = jotpass_settings.SCOPES
    if known is None:
        return _text(0, 0)
    one = SCOPE_TOKEN if callable(known) else f"({'|'.join(map(_escaped, known))})"
    return _text(0, MAX_SCOPE_LENGTH) | {"pattern": f"^({one}( {one})*)?$"}


def _escaped(name: str) -> str:
    return "".join(character if character.isalnum() else f"\\x{ord(character):02x}" for character in name)


def refresh() -> Body:
    """What is exchanged for a new pair."""
    return Body("JotpassRefresh", {"refresh": _text(1)}, _unless_by_cookie("refresh"))


def revocation() -> Body:
    """What is revoked: any string."""
    return Body("JotpassRevocation", {"token": _text()}, _unless_by_cookie("token"))


def _unless_by_cookie(name: str) -> tuple[str, ...]:
    return () if transport_policy().sets_cookies else (name,)


def sign_out() -> Body:
    """Whom to sign out, and a refresh token where no access token is sent."""
    scope = {"type": "string", "enum": list(SCOPES), "default": SCOPES[0]}
    return Body("JotpassSignOut", {"scope": scope, "refresh": _text() | {"nullable": True}})


def token_pair() -> Body:
    """What a sign-in gives: in JSON what does not travel by cookie."""
    allowed = transport_policy().allowed
    properties = {
        "access": _text(1),
        "refresh": _text(1),
        "expires_in": {"type": "integer", "description": "Seconds until the access token ends."},
        "scope": _text(1),
    }
    access = () if COOKIE in allowed else ("access",)
    refresh = ("refresh",) if set(allowed) == {BODY} else ()
    return Body("JotpassTokenPair", properties, (*access, *refresh, "expires_in"), _NO_OTHERS)


def current_session() -> Body:
    """Who is signed in."""
    user = Body("JotpassUser", {"id": _text(1), "username": _text()}, ("id", "username"), _NO_OTHERS)
    properties = {
        "user": user.schema,
        "sid": _UUID,
        "client_id": _text(1),
        "auth_time": _MOMENT,
        "expires_at": _MOMENT,
        "session_expires_at": _MOMENT,
    }
    return Body("JotpassCurrentSession", properties, tuple(properties), _NO_OTHERS)


def listed_session() -> Body:
    """One of a person's own sessions."""
    properties = {
        "sid": _UUID,
        "current": {"type": "boolean", "description": "Whether it is the session that asks."},
        "label": _text(0, MAX_LABEL_LENGTH),
        "device": _text() | {"description": "A few words made of the user agent."},
        "user_agent": _text(),
        "address": _text() | {"nullable": True, "description": "An IPv4 or IPv6 address."},
        "auth_time": _MOMENT,
        "created_at": _MOMENT,
        "last_used_at": _MOMENT,
        "expires_at": _MOMENT,
    }
    return Body("JotpassSession", properties, tuple(properties), _NO_OTHERS)


def introspection() -> Body:
    """What a token is worth; the project's own claims stand beside these."""
    seconds = {"type": "number", "description": "Seconds since the epoch."}
    names = ("iss", "sub", "jti", "client_id", "sid", "fid", "scope", "acr", "token_type", "username")
    audience = {"oneOf": [_text(1), {"type": "array", "items": _text(1), "minItems": 1}]}
    properties: dict[str, Schema] = {"active": {"type": "boolean"}, "aud": audience}
    properties |= dict.fromkeys(names, _text()) | dict.fromkeys(("exp", "iat", "auth_time"), seconds)
    return Body("JotpassIntrospection", properties, ("active",))

"""Settings are read when they are used: whatever a test or a tenant overrides is what holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import override_settings
from rest_framework import serializers
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.state import token_backend
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken, Token

from jotpass import jose
from tests.simplejwt.people import PASSWORD, bearer
from tests.simplejwt.presented import claims_of, header_of

if TYPE_CHECKING:
    from rest_framework.test import APIClient

TAKING_BACK = ("blacklist", "check_blacklist")
ANOTHER_KEY = "another key, for as long as a test lasts, and no longer than that"


@pytest.mark.parametrize(
    ("name", "kind", "claim"),
    [
        ("ACCESS_TOKEN_LIFETIME", AccessToken, "exp"),
        ("REFRESH_TOKEN_LIFETIME", RefreshToken, "exp"),
        ("SLIDING_TOKEN_LIFETIME", SlidingToken, "exp"),
        ("SLIDING_TOKEN_REFRESH_LIFETIME", SlidingToken, "refresh_exp"),
    ],
)
def test_5_3_lifetimes(name: str, kind: type[Token], claim: str) -> None:
    """Of the next token, and as before when the override ends."""
    before = kind()
    with override_settings(SIMPLE_JWT={name: timedelta(hours=7)}):
        token = kind()
        assert token[claim] - token["iat"] == 7 * 3600
    after = kind()
    assert after[claim] - after["iat"] == before[claim] - before["iat"] != 7 * 3600


def test_5_3_a_key_and_an_algorithm() -> None:
    """The same backend object signs and verifies by the new ones, and then again by the old ones."""
    backend, old = token_backend, str(AccessToken())
    with override_settings(SIMPLE_JWT={"SIGNING_KEY": ANOTHER_KEY}):
        assert AccessToken().token_backend is backend
        new = str(AccessToken())
        with pytest.raises(TokenError, match="invalid"):
            AccessToken(old)
        assert AccessToken(new)["token_type"] == "access"
    with pytest.raises(TokenError, match="invalid"):
        AccessToken(new)
    assert AccessToken(old)["token_type"] == "access"
    key = jose.Key.generate("Ed25519")
    pair = {
        "SIGNING_KEY": key.to_pem(private=True).decode(),
        "VERIFYING_KEY": key.public_key().to_pem().decode(),
    }
    with override_settings(SIMPLE_JWT={"ALGORITHM": "EdDSA", **pair}):
        token = str(AccessToken())
        assert header_of(token) == b'{"alg":"EdDSA","typ":"JWT"}'
        assert AccessToken(token)["token_type"] == "access"
        with pytest.raises(TokenError, match="invalid"):
            AccessToken(old)


def test_5_3_the_secret_key() -> None:
    """Where no SIGNING_KEY is set, Django's own key signs; a changed one does, too."""
    old = str(AccessToken())
    with override_settings(SECRET_KEY=ANOTHER_KEY):
        assert api_settings.SIGNING_KEY == ANOTHER_KEY
        with pytest.raises(TokenError, match="invalid"):
            AccessToken(old)
    assert AccessToken(old)["token_type"] == "access"


def test_5_3_rotation_and_blacklist(client: APIClient, pair: dict[str, str]) -> None:
    """Switched on after the views were imported, and off again."""
    exchange = {"refresh": pair["refresh"]}
    assert list(client.post("/api/token/refresh/", exchange, format="json").json()) == ["access"]
    with override_settings(SIMPLE_JWT={"ROTATE_REFRESH_TOKENS": True}):
        answer = client.post("/api/token/refresh/", exchange, format="json")
        assert list(answer.json()) == ["access", "refresh"]
    with override_settings(SIMPLE_JWT={"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True}):
        assert client.post("/api/token/refresh/", exchange, format="json").status_code == 200
        assert client.post("/api/token/refresh/", exchange, format="json").status_code == 401
        assert client.post("/api/token/verify/", {"token": pair["refresh"]}, format="json").status_code == 400


@pytest.mark.parametrize("types", ["JWT", ["JWT", "Token"], ("JWT",)])
def test_5_3_header_types(client: APIClient, pair: dict[str, str], settings: Any, types: Any) -> None:
    """The scheme that is read, and the one that the challenges of views and endpoints name."""
    settings.SIMPLE_JWT = {"AUTH_HEADER_TYPES": types}
    assert client.get("/whoami/", headers=bearer(pair["access"])).status_code == 401
    answer = client.get("/whoami/", headers={"Authorization": f"JWT {pair['access']}"})
    assert answer.status_code == 200
    for refused in (
        client.get("/whoami/"),
        client.post("/api/token/refresh/", {"refresh": "a"}, format="json"),
    ):
        assert refused.headers["WWW-Authenticate"] == 'JWT realm="api"'


def test_5_3_the_header(client: APIClient, pair: dict[str, str], settings: Any) -> None:
    """Another header than Authorization."""
    settings.SIMPLE_JWT = {"AUTH_HEADER_NAME": "HTTP_X_ACCESS_TOKEN"}
    assert client.get("/whoami/", headers=bearer(pair["access"])).status_code == 401
    answer = client.get("/whoami/", headers={"X-Access-Token": f"Bearer {pair['access']}"})
    assert answer.status_code == 200


class Coloured(TokenObtainPairSerializer):
    """A project's own sign-in, with a claim of its own."""

    @classmethod
    def get_token(cls, user: Any) -> Token:
        """Add the claim."""
        token = super().get_token(user)
        token["colour"] = "blue"
        return token


class Refusing(serializers.Serializer[Any]):
    """Refuses whatever comes."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse it."""
        raise serializers.ValidationError("not here")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("TOKEN_OBTAIN_SERIALIZER", "/api/token/"),
        ("TOKEN_REFRESH_SERIALIZER", "/api/token/refresh/"),
        ("TOKEN_VERIFY_SERIALIZER", "/api/token/verify/"),
        ("TOKEN_BLACKLIST_SERIALIZER", "/api/token/blacklist/"),
        ("SLIDING_TOKEN_OBTAIN_SERIALIZER", "/sliding/token/"),
        ("SLIDING_TOKEN_REFRESH_SERIALIZER", "/sliding/token/refresh/"),
    ],
)
def test_5_3_serializers(client: APIClient, settings: Any, name: str, path: str) -> None:
    """The project's own, by its dotted path."""
    settings.SIMPLE_JWT = {name: f"{__name__}.Refusing"}
    answer = client.post(path, {}, format="json")
    assert (answer.status_code, answer.json()) == (400, {"non_field_errors": ["not here"]})


def test_claims_of_the_project(client: APIClient, user: Any, settings: Any) -> None:
    """In the refresh token, in its access tokens, and in what rotation makes of it."""
    settings.SIMPLE_JWT = {
        "TOKEN_OBTAIN_SERIALIZER": f"{__name__}.Coloured",
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
    }
    answer = client.post("/api/token/", {"username": "vitor", "password": PASSWORD}, format="json").json()
    for _ in range(2):
        assert claims_of(answer["access"])["colour"] == claims_of(answer["refresh"])["colour"] == "blue"
        answer = client.post("/api/token/refresh/", {"refresh": answer["refresh"]}, format="json").json()
    assert client.get("/stateless/", headers=bearer(answer["access"])).status_code == 200


def test_5_3_names_of_claims(client: APIClient, user: Any, settings: Any) -> None:
    """Another field of users, another claim for it, and another claim for the type and for the id."""
    settings.SIMPLE_JWT = {
        "USER_ID_FIELD": "username",
        "USER_ID_CLAIM": "sub",
        "TOKEN_TYPE_CLAIM": "use",
        "JTI_CLAIM": "unique",
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
    }
    answer = client.post("/api/token/", {"username": "vitor", "password": PASSWORD}, format="json").json()
    assert list(claims_of(answer["access"])) == ["use", "exp", "iat", "unique", "sub"]
    assert claims_of(answer["access"])["sub"] == "vitor"
    assert client.get("/whoami/", headers=bearer(answer["access"])).json() == {"pk": str(user.pk)}
    exchange = {"refresh": answer["refresh"]}
    assert client.post("/api/token/refresh/", exchange, format="json").status_code == 200
    assert client.post("/api/token/refresh/", exchange, format="json").status_code == 401


def test_5_3_tokens_without_type_or_id(client: APIClient, user: Any, settings: Any) -> None:
    """Where the settings ask for neither, those of another issuer pass; they cannot be taken back."""
    settings.SIMPLE_JWT = {"TOKEN_TYPE_CLAIM": None, "JTI_CLAIM": None}
    token = token_backend.encode({"exp": 4_102_444_800, "user_id": str(user.pk)})
    assert client.get("/whoami/", headers=bearer(token)).status_code == 200
    assert client.post("/api/token/verify/", {"token": token}, format="json").json() == {}
    assert list(client.post("/api/token/refresh/", {"refresh": token}, format="json").json()) == ["access"]
    answer = client.post("/api/token/blacklist/", {"refresh": token}, format="json")
    assert (answer.status_code, answer.json()["detail"]) == (401, "Token has no id")


def test_5_3_audience_issuer_and_leeway(settings: Any) -> None:
    """What new tokens say and what presented ones must say; by how much clocks may differ."""
    plain = str(AccessToken())
    settings.SIMPLE_JWT = {"AUDIENCE": "api", "ISSUER": "me", "LEEWAY": 60}
    with pytest.raises(TokenError, match="invalid"):
        AccessToken(plain)
    token = AccessToken()
    token.set_exp(lifetime=-timedelta(seconds=30))
    assert AccessToken(str(token))["aud"] == "api"
    token.set_exp(lifetime=-timedelta(seconds=90))
    with pytest.raises(TokenError, match="expired"):
        AccessToken(str(token))
    ours = str(AccessToken())
    settings.SIMPLE_JWT = {"AUDIENCE": ["other"], "ISSUER": "me"}
    with pytest.raises(TokenError, match="invalid"):
        AccessToken(ours)


def test_5_3_the_app(settings: Any) -> None:
    """A token says whether it can be taken back, to whoever asks by `hasattr` or catches AttributeError."""
    token = RefreshToken()
    assert [hasattr(one, name) for one in (token, SlidingToken) for name in TAKING_BACK] == [True] * 4
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if not app.endswith("token_blacklist")]
    assert [hasattr(one, name) for one in (token, SlidingToken) for name in TAKING_BACK] == [False] * 4
    with pytest.raises(AttributeError, match="token_blacklist is not installed"):
        token.blacklist()
    assert token.outstand() is None
    assert RefreshToken(str(token))["jti"] == token["jti"]


def test_a_removed_setting_raises() -> None:
    """As it always did: it would have no effect."""
    with pytest.raises(RuntimeError, match="'SECRET_KEY' setting has been removed"):  # noqa: SIM117
        with override_settings(SIMPLE_JWT={"SECRET_KEY": "a"}):
            pass
    assert AccessToken(str(AccessToken()))["token_type"] == "access"

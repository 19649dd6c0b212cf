"""The interface that projects import: every name where it was, taking the arguments that it took."""

from __future__ import annotations

import inspect
from datetime import timedelta
from importlib import import_module, resources
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import get_commands
from django.db.migrations.loader import MigrationLoader
from rest_framework_simplejwt import tokens, views
from rest_framework_simplejwt.models import TokenUser
from rest_framework_simplejwt.settings import DEFAULTS, IMPORT_STRINGS, api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken, Token, UntypedToken

if TYPE_CHECKING:
    from rest_framework.test import APIClient

PACKAGE: Final = "rest_framework_simplejwt"
SERIALIZERS: Final = f"{PACKAGE}.serializers"

SETTINGS: Final[dict[str, Any]] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=1),
    "ROTATE_REFRESH_TOKENS": False,
    "BLACKLIST_AFTER_ROTATION": False,
    "UPDATE_LAST_LOGIN": False,
    "ALGORITHM": "HS256",
    "SIGNING_KEY": django_settings.SECRET_KEY,
    "VERIFYING_KEY": "",
    "AUDIENCE": None,
    "ISSUER": None,
    "JSON_ENCODER": None,
    "JWK_URL": None,
    "LEEWAY": 0,
    "AUTH_HEADER_TYPES": ("Bearer",),
    "AUTH_HEADER_NAME": "HTTP_AUTHORIZATION",
    "USER_ID_FIELD": "id",
    "USER_ID_CLAIM": "user_id",
    "USER_AUTHENTICATION_RULE": f"{PACKAGE}.authentication.default_user_authentication_rule",
    "ON_LOGIN_SUCCESS": f"{SERIALIZERS}.default_on_login_success",
    "ON_LOGIN_FAILED": f"{SERIALIZERS}.default_on_login_failed",
    "AUTH_TOKEN_CLASSES": (f"{PACKAGE}.tokens.AccessToken",),
    "TOKEN_TYPE_CLAIM": "token_type",
    "JTI_CLAIM": "jti",
    "TOKEN_USER_CLASS": f"{PACKAGE}.models.TokenUser",
    "SLIDING_TOKEN_REFRESH_EXP_CLAIM": "refresh_exp",
    "SLIDING_TOKEN_LIFETIME": timedelta(minutes=5),
    "SLIDING_TOKEN_REFRESH_LIFETIME": timedelta(days=1),
    "TOKEN_OBTAIN_SERIALIZER": f"{SERIALIZERS}.TokenObtainPairSerializer",
    "TOKEN_REFRESH_SERIALIZER": f"{SERIALIZERS}.TokenRefreshSerializer",
    "TOKEN_VERIFY_SERIALIZER": f"{SERIALIZERS}.TokenVerifySerializer",
    "TOKEN_BLACKLIST_SERIALIZER": f"{SERIALIZERS}.TokenBlacklistSerializer",
    "SLIDING_TOKEN_OBTAIN_SERIALIZER": f"{SERIALIZERS}.TokenObtainSlidingSerializer",
    "SLIDING_TOKEN_REFRESH_SERIALIZER": f"{SERIALIZERS}.TokenRefreshSlidingSerializer",
    "CHECK_REVOKE_TOKEN": False,
    "REVOKE_TOKEN_CLAIM": "hash_password",
    "CHECK_USER_IS_ACTIVE": True,
}

NAMES: Final = {
    "": "__version__",
    "authentication": "AUTH_HEADER_TYPES AUTH_HEADER_TYPE_BYTES AuthUser JWTAuthentication "
    "JWTStatelessUserAuthentication JWTTokenUserAuthentication default_user_authentication_rule",
    "backends": "ALLOWED_ALGORITHMS JWK_CLIENT_AVAILABLE TokenBackend",
    "exceptions": "AuthenticationFailed DetailDictMixin ExpiredTokenError InvalidToken TokenBackendError "
    "TokenBackendExpiredToken TokenError",
    "models": "TokenUser",
    "serializers": "AuthUser PasswordField TokenBlacklistSerializer TokenObtainPairSerializer "
    "TokenObtainSerializer TokenObtainSlidingSerializer TokenRefreshSerializer TokenRefreshSlidingSerializer "
    "TokenVerifySerializer default_on_login_failed default_on_login_success",
    "settings": "APISettings DEFAULTS IMPORT_STRINGS REMOVED_SETTINGS USER_SETTINGS api_settings "
    "reload_api_settings",
    "state": "token_backend",
    "token_blacklist.admin": "BlacklistedTokenAdmin OutstandingTokenAdmin",
    "token_blacklist.apps": "TokenBlacklistConfig",
    "token_blacklist.models": "BlacklistedToken OutstandingToken",
    "tokens": "AccessToken AuthUser BlacklistMixin BlacklistedToken OutstandingToken RefreshToken "
    "SlidingToken Token UntypedToken aware_utcnow datetime_from_epoch datetime_to_epoch get_user_model",
    "utils": "aware_utcnow datetime_from_epoch datetime_to_epoch format_lazy get_md5_hash_password logger "
    "make_utc",
    "views": "AUTH_HEADER_TYPES TokenBlacklistView TokenObtainPairView TokenObtainSlidingView "
    "TokenRefreshSlidingView TokenRefreshView TokenVerifyView TokenViewBase token_blacklist "
    "token_obtain_pair token_obtain_sliding token_refresh token_refresh_sliding token_verify api_settings",
}

SIGNATURES: Final = {
    "authentication.JWTAuthentication": {
        "authenticate": "request",
        "authenticate_header": "request",
        "get_header": "request",
        "get_raw_token": "header",
        "get_user": "validated_token",
        "get_validated_token": "raw_token",
    },
    "authentication.JWTStatelessUserAuthentication": {"get_user": "validated_token"},
    "backends.TokenBackend": {
        "__init__": "algorithm signing_key verifying_key audience issuer jwk_url leeway json_encoder",
        "decode": "token verify",
        "encode": "payload",
        "get_leeway": "",
        "get_verifying_key": "token",
    },
    "serializers.TokenObtainSerializer": {"get_token": "user", "validate": "attrs"},
    "tokens.Token": {
        "__init__": "token verify",
        "check_exp": "claim current_time",
        "for_user": "user",
        "get": "key default",
        "get_token_backend": "",
        "outstand": "",
        "set_exp": "claim from_time lifetime",
        "set_iat": "claim at_time",
        "set_jti": "",
        "verify": "",
        "verify_token_type": "",
    },
    "tokens.BlacklistMixin": {"blacklist": "", "check_blacklist": "", "for_user": "user", "outstand": ""},
    "models.TokenUser": {
        "__init__": "token",
        "check_password": "raw_password",
        "delete": "",
        "get_all_permissions": "obj",
        "get_group_permissions": "obj",
        "get_username": "",
        "has_module_perms": "module",
        "has_perm": "perm obj",
        "has_perms": "perm_list obj",
        "save": "",
        "set_password": "raw_password",
    },
    "views.TokenViewBase": {
        "get_authenticate_header": "request",
        "get_serializer_class": "",
        "post": "request args kwargs",
    },
}


def named(path: str) -> Any:
    """What a dotted path below the package names."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(f"{PACKAGE}.{module}".rstrip(".")), name)


def test_the_settings_and_their_defaults() -> None:
    """All of them, and no other; each is read by its name."""
    assert DEFAULTS == SETTINGS
    for name, value in SETTINGS.items():
        read = getattr(api_settings, name)
        if name not in IMPORT_STRINGS or value is None:
            assert read == value
        elif isinstance(value, tuple):
            assert read == [named(path.removeprefix(f"{PACKAGE}.")) for path in value]
        else:
            assert read is named(value.removeprefix(f"{PACKAGE}."))


@pytest.mark.parametrize("module", NAMES)
def test_every_name_is_where_it_was(module: str) -> None:
    """By import of the module, and of the name from it."""
    found = import_module(f"{PACKAGE}.{module}".rstrip("."))
    for name in NAMES[module].split():
        assert hasattr(found, name), name


def test_a_name_that_is_elsewhere_too_is_the_same_there() -> None:
    """Whoever imports it from the module that only uses it gets the one that there is."""
    assert (named("tokens.OutstandingToken"), named("tokens.BlacklistedToken")) == (
        OutstandingToken,
        BlacklistedToken,
    )
    assert named("views.api_settings") is api_settings
    for module in ("authentication", "settings", "tokens", "views"):
        with pytest.raises(AttributeError, match=f"module '{PACKAGE}.{module}' has no attribute 'nothing'"):
            named(f"{module}.nothing")


def test_names_that_say_what_is_set(settings: Any) -> None:
    """At this moment."""
    settings.SIMPLE_JWT = {"AUTH_HEADER_TYPES": ("JWT", "Token")}
    assert named("settings.USER_SETTINGS") == settings.SIMPLE_JWT
    assert named("views.AUTH_HEADER_TYPES") == named("authentication.AUTH_HEADER_TYPES") == ("JWT", "Token")
    assert named("authentication.AUTH_HEADER_TYPE_BYTES") == {b"JWT", b"Token"}
    del settings.SIMPLE_JWT
    assert named("settings.USER_SETTINGS") is None


def test_header_types_that_a_test_replaces_hold(client: APIClient, pair: dict[str, str]) -> None:
    """In the module where they are patched, while they are; then the settings hold again."""

    def get(word: str) -> Any:
        return client.get("/whoami/", headers={"Authorization": f"{word} {pair['access']}"})

    with mock.patch(f"{PACKAGE}.authentication.AUTH_HEADER_TYPE_BYTES", {b"JWT"}):
        assert (get("JWT").status_code, get("Bearer").status_code) == (200, 401)
    with mock.patch(f"{PACKAGE}.authentication.AUTH_HEADER_TYPES", ("JWT",)):
        assert get("Bearer").headers["WWW-Authenticate"] == 'JWT realm="api"'
        assert get("JWT").status_code == 200
    with mock.patch(f"{PACKAGE}.views.AUTH_HEADER_TYPES", ("JWT",)):
        answer = client.post("/api/token/refresh/", {"refresh": "x"}, format="json")
        assert answer.headers["WWW-Authenticate"] == 'JWT realm="api"'
    assert (get("JWT").status_code, get("Bearer").status_code) == (401, 200)
    assert get("JWT").headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("owner", SIGNATURES)
def test_every_method_takes_what_it_took(owner: str) -> None:
    """By name and in order, so that calls and overrides of either kind work."""
    for method, arguments in SIGNATURES[owner].items():
        parameters = list(inspect.signature(getattr(named(owner), method)).parameters)
        assert [name for name in parameters if name != "self"] == arguments.split(), method


def test_what_stands_in_for_what() -> None:
    """Aliases, and the order of inheritance that overrides rely on."""
    stateless = named("authentication.JWTStatelessUserAuthentication")
    assert named("authentication.JWTTokenUserAuthentication") is stateless
    assert issubclass(stateless, named("authentication.JWTAuthentication"))
    assert issubclass(named("exceptions.ExpiredTokenError"), named("exceptions.TokenError"))
    assert issubclass(named("exceptions.TokenBackendExpiredToken"), named("exceptions.TokenBackendError"))
    assert issubclass(named("exceptions.InvalidToken"), named("exceptions.AuthenticationFailed"))
    assert issubclass(RefreshToken, named("tokens.BlacklistMixin"))
    assert issubclass(SlidingToken, named("tokens.BlacklistMixin"))
    assert (RefreshToken.access_token_class, tokens.BlacklistMixin.__mro__[-1]) == (AccessToken, object)


@pytest.mark.parametrize(
    "name", [name for name in NAMES["views"].split() if name.lower().startswith("token")]
)
def test_a_view_is_open_to_anybody(name: str) -> None:
    """Neither authentication nor permission, as a class and as a function."""
    view = getattr(views, name)
    view = getattr(view, "cls", view)
    assert (view.permission_classes, view.authentication_classes) == ((), ())
    assert view.www_authenticate_realm == "api"


@pytest.mark.parametrize(
    ("kind", "name", "lifetime"),
    [
        (AccessToken, "access", timedelta(minutes=5)),
        (RefreshToken, "refresh", timedelta(days=1)),
        (SlidingToken, "sliding", timedelta(minutes=5)),
        (UntypedToken, "untyped", timedelta(0)),
    ],
)
def test_a_token_is_a_mapping_of_claims(kind: type[Token], name: str, lifetime: timedelta) -> None:
    """Its items are its claims; its text is the signed token."""
    token = kind()
    assert (token.token_type, token.lifetime, token.token) == (name, lifetime, None)
    assert token.payload["token_type"] == token["token_type"] == name
    token["colour"] = "blue"
    assert ("colour" in token, token.get("colour"), token.get("shape", "round")) == (True, "blue", "round")
    del token["colour"]
    assert "colour" not in token
    assert repr(token) == repr(token.payload)
    assert str(token).count(".") == 2


def test_a_refresh_token_gives_an_access_token(db: None) -> None:
    """With its claims of the project's own, and none of those that are its alone."""
    refresh = RefreshToken()
    refresh["colour"] = "blue"
    access = refresh.access_token
    assert isinstance(access, AccessToken)
    assert (access["colour"], access["token_type"]) == ("blue", "access")
    assert access["jti"] != refresh["jti"]
    assert set(refresh.no_copy_claims) == {"token_type", "exp", "jti", "iat"}


def test_a_token_user_is_like_a_user() -> None:
    """Signed in, active, without permission, and never saved."""
    token = AccessToken()
    token.payload |= {"user_id": "42", "username": "vitor", "is_staff": True, "colour": "blue"}
    user: Any = TokenUser(token)
    assert (user.id, user.pk, user.username, user.get_username(), str(user)) == (
        "42",
        "42",
        "vitor",
        "vitor",
        "TokenUser 42",
    )
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, True, False)
    assert (user.is_authenticated, user.is_anonymous, user.colour) == (True, False, "blue")
    assert [user.has_perm("a.b"), user.has_perms(["a.b"]), user.has_module_perms("a")] == [False] * 3
    assert (user.get_group_permissions(), user.get_all_permissions()) == (set(), set())
    assert (user == TokenUser(token), hash(user)) == (True, hash("42"))
    assert (user == mock.ANY, user != mock.ANY, user == "42", user != "42") == (True, False, False, True)
    for write in (user.save, user.delete, lambda: user.set_password("a"), lambda: user.check_password("a")):
        with pytest.raises(NotImplementedError, match="no DB representation"):
            write()


def test_a_token_user_is_in_no_group(db: None) -> None:
    """Managers that are empty."""
    token = AccessToken()
    user = TokenUser(token)
    assert (list(user.groups.all()), list(user.user_permissions.all())) == ([], [])


def test_the_tables_are_as_they_were() -> None:
    """Label, columns, and the migrations by their names, so that an existing database has nothing to do."""
    assert apps.get_app_config("token_blacklist").name == f"{PACKAGE}.token_blacklist"
    columns = {
        model._meta.db_table: [field.column for field in model._meta.local_fields]
        for model in (OutstandingToken, BlacklistedToken)
    }
    assert columns == {
        "token_blacklist_outstandingtoken": ["id", "user_id", "jti", "token", "created_at", "expires_at"],
        "token_blacklist_blacklistedtoken": ["id", "token_id", "blacklisted_at"],
    }
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    numbers = sorted(name[:4] for label, name in disk if label == "token_blacklist")
    assert numbers == [f"{number:04}" for number in (*range(1, 9), *range(10, 14))]
    assert get_commands()["flushexpiredtokens"] == f"{PACKAGE}.token_blacklist"


def test_the_package_is_typed() -> None:
    """Its annotations are for type checkers, too."""
    assert resources.files(PACKAGE).joinpath("py.typed").is_file()

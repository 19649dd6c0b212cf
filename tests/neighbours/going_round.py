"""One project with djoser, dj-rest-auth and drf-spectacular: what it answers, and its OpenAPI document.

It runs in an environment with the incumbent or with the drop-in, and knows neither's name. What differs from
run to run is left out: ids and times.
"""

# ruff: noqa: E402 (Django is set up before what needs it is imported)

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="a-key-for-tests-alone:Vw2nZr8Ls5yKd1xGh6uPm3eJf9aTo4t7",
    ALLOWED_HOSTS=["testserver"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "rest_framework",
        "rest_framework_simplejwt.token_blacklist",
        "djoser",
        "dj_rest_auth",
        "drf_spectacular",
    ],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["dj_rest_auth.jwt_auth.JWTCookieAuthentication"],
        "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    },
    REST_AUTH={
        "USE_JWT": True,
        "TOKEN_MODEL": None,
        "JWT_AUTH_COOKIE": "access",
        "JWT_AUTH_REFRESH_COOKIE": "refresh",
        "JWT_AUTH_HTTPONLY": False,
    },
    SIMPLE_JWT={"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True},
)
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.test import APIClient
from rest_framework_simplejwt import authentication, views

CREDENTIALS = {"username": "vitor", "password": "correct horse"}
COOKIES = {"access", "refresh"}
VARYING = {"exp", "iat", "jti", "access_expiration", "refresh_expiration"}


class ByToken(views.TokenVerifyView):
    """A view behind the package's own authentication, for the document."""

    authentication_classes = (authentication.JWTAuthentication,)


class ByTokenAlone(views.TokenVerifyView):
    """The same without a table."""

    authentication_classes = (authentication.JWTStatelessUserAuthentication,)


urlpatterns = [
    path("djoser/", include("djoser.urls")),
    path("djoser/", include("djoser.urls.jwt")),
    path("rest-auth/", include("dj_rest_auth.urls")),
    path("token/", views.TokenObtainPairView.as_view()),
    path("token/refresh/", views.TokenRefreshView.as_view()),
    path("token/verify/", views.TokenVerifyView.as_view()),
    path("token/blacklist/", views.TokenBlacklistView.as_view()),
    path("sliding/", views.TokenObtainSlidingView.as_view()),
    path("sliding/refresh/", views.TokenRefreshSlidingView.as_view()),
    path("by-token/", ByToken.as_view()),
    path("by-token-alone/", ByTokenAlone.as_view()),
]


def main() -> None:
    """Go round, then print the document."""
    call_command("migrate", verbosity=0)
    User.objects.create_user(**CREDENTIALS)
    _djoser(APIClient())
    _rest_auth(APIClient())
    generator: Any = SchemaGenerator
    schema = generator().get_schema(request=None, public=True)
    renderer: Any = OpenApiYamlRenderer()
    sys.stdout.write(renderer.render(schema, renderer_context={}).decode())


def _djoser(client: APIClient) -> None:
    pair = _post(client, "/djoser/jwt/create/", **CREDENTIALS)
    _post(client, "/djoser/jwt/create/", username="vitor", password="wrong")
    _post(client, "/djoser/jwt/verify/", token=pair["access"])
    _post(client, "/djoser/jwt/verify/", token="nonsense")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    _tell(client.get("/djoser/users/me/"))
    client.credentials()
    _post(client, "/djoser/jwt/refresh/", refresh=pair["refresh"])
    _post(client, "/djoser/jwt/refresh/", refresh=pair["refresh"])


def _rest_auth(client: APIClient) -> None:
    _post(client, "/rest-auth/login/", **CREDENTIALS)
    first = client.cookies["refresh"].value
    _tell(client.get("/rest-auth/user/"))
    _post(client, "/rest-auth/token/verify/", token=client.cookies["access"].value)
    _post(client, "/rest-auth/token/refresh/")
    _post(client, "/rest-auth/token/refresh/", refresh=first)
    last = client.cookies["refresh"].value
    _post(client, "/rest-auth/logout/")
    _tell(client.get("/rest-auth/user/"))
    _post(client, "/rest-auth/token/refresh/", refresh=last)


def _post(client: APIClient, where: str, **fields: str) -> Any:
    answer = client.post(where, fields, format="json")
    _tell(answer)
    return answer.json()


def _tell(answer: Any) -> None:
    body = _without_times(answer.json())
    sent = [(name, one) for name, one in answer.cookies.items() if name in COOKIES]
    cookies = {name: (_without_times(one.value), one["path"]) for name, one in sent}
    told = {"status": answer.status_code, "body": body, "cookies": cookies}
    challenge = answer.headers.get("WWW-Authenticate")
    print(answer.request["PATH_INFO"], json.dumps(told | {"challenge": challenge}, sort_keys=True))  # noqa: T201


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_times(part) for name, part in value.items() if name not in VARYING}
    if isinstance(value, list):
        return [_without_times(part) for part in value]
    if not isinstance(value, str) or value.count(".") != 2:
        return value
    try:
        header, claims, _ = (part + "=" * (-len(part) % 4) for part in value.split("."))
        read = [json.loads(base64.urlsafe_b64decode(part)) for part in (header, claims)]
    except ValueError:
        return value
    return [_without_times(part) for part in read]


main()

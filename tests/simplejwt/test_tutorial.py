"""The tutorial of djangorestframework-simplejwt, typed into what `startproject` makes, called with HTTPie.

The project runs in an environment that has the drop-in, what it requires, and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from jotpass import jose
from tests.servers.ports import free_port, listens
from tests.servers.process import SECONDS, ServerProcess, bound, running
from tests.simplejwt.lone_environment import make_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USERNAME, PASSWORD = "vitor", "correct horse battery staple"

SETTINGS = """
REST_FRAMEWORK = {
    'DEFAULT_AUTHENTICATION_CLASSES': ['rest_framework_simplejwt.authentication.JWTAuthentication'],
}
"""

URLS = """
from django.urls import path
from rest_framework_simplejwt import views as jwt_views

urlpatterns += [
    path('api/token/', jwt_views.TokenObtainPairView.as_view(), name='token_obtain_pair'),
    path('api/token/refresh/', jwt_views.TokenRefreshView.as_view(), name='token_refresh'),
]
"""

HELLO = """
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView


class HelloView(APIView):
    permission_classes = (IsAuthenticated,)

    def get(self, request):
        return Response({'message': 'Hello, World!', 'who': request.user.username})


urlpatterns += [path('hello/', HelloView.as_view(), name='hello')]
"""

MISSING = """
import importlib.util, json, rest_framework_simplejwt
print(json.dumps([name for name in ('jwt', 'joserfc', 'pytest') if importlib.util.find_spec(name)]))
"""


@dataclass(frozen=True)
class Answer:
    """What HTTPie received."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Project:
    """The running project."""

    folder: Path
    port: int

    def http(self, *arguments: str) -> Answer:
        """Type an HTTPie command; its first two arguments are the method and the path."""
        method, path, *rest = arguments
        command = [sys.executable, "-m", "httpie", "--ignore-stdin", "--print=hb", "--pretty=none"]
        done = subprocess.run(
            [*command, method, f"127.0.0.1:{self.port}{path}", *rest],
            env={**os.environ, "HTTPIE_CONFIG_DIR": str(self.folder / "httpie")},
            capture_output=True,
            check=True,
            text=True,
            timeout=SECONDS,
        )
        head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
        status, *lines = head.splitlines()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return Answer(int(status.split()[1]), headers, json.loads(body))

    def obtain(self) -> dict[str, str]:
        """Obtain a pair, as the tutorial does."""
        answer = self.http("POST", "/api/token/", f"username={USERNAME}", f"password={PASSWORD}")
        assert answer.status == 200, answer
        return answer.body

    def hello(self, token: str) -> Answer:
        """Call the protected view."""
        return self.http("GET", "/hello/", f"Authorization:Bearer {token}")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of the environment."""
    return make_environment(tmp_path_factory.mktemp("environment"))


@pytest.fixture(scope="module")
def project(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The project of the tutorial: made, changed, migrated, with a superuser, and served."""
    folder = tmp_path_factory.mktemp("tutorial")
    run(python, folder, "-m", "django", "startproject", "mysite", ".")
    append(folder / "mysite" / "settings.py", SETTINGS)
    append(folder / "mysite" / "urls.py", URLS + HELLO)
    assert "rest_framework" not in (folder / "mysite" / "settings.py").read_text().partition("MIDDLEWARE")[0]
    run(python, folder, "manage.py", "migrate", "--verbosity=0")
    named = ("--username", USERNAME, "--email", "vitor@example.org")
    run(
        python,
        folder,
        "manage.py",
        "createsuperuser",
        "--noinput",
        *named,
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    port = free_port()
    served = ServerProcess(
        bound(python, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"),
        log=folder / "log",
        answers=lambda: listens(port),
        environment=variables(),
        folder=folder,
    )
    with running(served):
        yield Project(folder, port)


def run(python: Path, folder: Path, *arguments: str, **more: str) -> str:
    """Run the environment's Python in the project's folder; what it prints."""
    done = subprocess.run(
        [str(python), *arguments],
        cwd=folder,
        env=variables(**more),
        capture_output=True,
        check=False,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def variables(**more: str) -> dict[str, str]:
    """A reader's environment variables: none that says where the tests' own packages and settings are."""
    kept = {name: value for name, value in os.environ.items() if not re.match("PYTHON|DJANGO|VIRTUAL", name)}
    return {**kept, **more}


def append(written: Path, lines: str) -> None:
    """Type lines at the end of a file."""
    written.write_text(written.read_text() + lines)


def test_the_environment_has_the_drop_in_and_what_it_requires(python: Path, tmp_path: Path) -> None:
    """No PyJWT, and nothing else of what the tests need."""
    assert json.loads(run(python, tmp_path, "-c", MISSING)) == []


def test_the_checks_find_nothing(project: Project, python: Path) -> None:
    """A project with the tutorial's lines alone is in order."""
    assert "no issues" in run(python, project.folder, "manage.py", "check")


def test_a_pair_is_obtained_and_opens_a_view(project: Project) -> None:
    """The pair has an access and a refresh token, and the first opens the protected view."""
    pair = project.obtain()
    assert set(pair) == {"access", "refresh"}
    answer = project.hello(pair["access"])
    assert (answer.status, answer.body) == (200, {"message": "Hello, World!", "who": USERNAME})


def test_a_pair_is_refreshed(project: Project) -> None:
    """The refresh token buys access tokens, more than once: by default it is not rotated."""
    pair = project.obtain()
    for _ in range(2):
        answer = project.http("POST", "/api/token/refresh/", f"refresh={pair['refresh']}")
        assert answer.status == 200
        assert set(answer.body) == {"access"}
        assert project.hello(answer.body["access"]).status == 200


def test_a_wrong_password_is_refused(project: Project) -> None:
    """401 with the sentence that front ends show."""
    answer = project.http("POST", "/api/token/", f"username={USERNAME}", "password=wrong")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="api"')
    assert answer.body == {"detail": "No active account found with the given credentials"}


def test_a_missing_password_is_a_bad_request(project: Project) -> None:
    """400 that names the field."""
    answer = project.http("POST", "/api/token/", f"username={USERNAME}")
    assert (answer.status, answer.body) == (400, {"password": ["This field is required."]})


def test_no_token_is_refused(project: Project) -> None:
    """401 with a challenge."""
    answer = project.http("GET", "/hello/")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="api"')
    assert answer.body == {"detail": "Authentication credentials were not provided."}


@pytest.mark.parametrize(
    ("kind", "message"),
    [("expired", "Token is expired"), ("garbage", "Token is invalid"), ("refresh", "Token has wrong type")],
)
def test_a_bad_access_token_is_refused(project: Project, kind: str, message: str) -> None:
    """401 that says for each token class what is wrong."""
    answer = project.hello(bad_token(project, kind))
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="api"')
    assert answer.body == {
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [{"token_class": "AccessToken", "token_type": "access", "message": message}],
    }


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("expired refresh", "Token is expired"),
        ("garbage", "Token is invalid"),
        ("access", "Token has wrong type"),
    ],
)
def test_a_bad_refresh_token_is_refused(project: Project, kind: str, message: str) -> None:
    """401 that says why."""
    answer = project.http("POST", "/api/token/refresh/", f"refresh={bad_token(project, kind)}")
    assert answer.status == 401
    assert answer.body == {"detail": message, "code": "token_not_valid"}


def bad_token(project: Project, kind: str) -> str:
    """A token that is not good for what it is presented for."""
    if kind == "garbage":
        return "garbage"
    if kind in {"access", "refresh"}:
        return project.obtain()[kind]
    name = "refresh" if kind == "expired refresh" else "access"
    claims = dict(jose.peek_unverified(project.obtain()[name]).claims)
    claims["exp"] = int(time.time()) - 1
    secret = re.search(r"SECRET_KEY = '(.+)'", (project.folder / "mysite" / "settings.py").read_text())
    assert secret is not None
    return jose.sign_jwt(claims, jose.Key.from_secret(secret[1].encode(), alg="HS256"), typ="JWT")

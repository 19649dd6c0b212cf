"""Faults that this package does not have: a test for each, under the letter by which the list knows it."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.test.utils import isolate_apps
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.holders import holder_of
from rest_framework_simplejwt.models import TokenUser
from rest_framework_simplejwt.token_blacklist import books
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken

from tests.auth.together import together
from tests.simplejwt.people import PASSWORD, bearer, create_user
from tests.simplejwt.presented import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.test import APIClient

ROTATION = {"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True}
SLIDING = {"AUTH_TOKEN_CLASSES": ["rest_framework_simplejwt.tokens.SlidingToken"]}
BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
BLACKLISTED = (401, '{"detail":"Token is blacklisted","code":"token_not_valid"}', 'Bearer realm="api"')


def refresh(client: APIClient, token: str) -> Any:
    """Exchange a refresh token over HTTP."""
    return client.post("/api/token/refresh/", {"refresh": token}, format="json")


def flush() -> None:
    """Run the command that deletes what has expired."""
    call_command("flushexpiredtokens", verbosity=0)


@pytest.mark.parametrize("flushed_before", [False, True])
def test_s1_a_blacklisted_sliding_token_does_not_come_back(
    client: APIClient, user: Any, settings: Any, flushed_before: bool
) -> None:
    """Its exchanges have its id: the entry outlives the last of them, however often the books are cleaned."""
    settings.SIMPLE_JWT = SLIDING
    with time_machine.travel(BEGIN, tick=False) as clock:
        token = SlidingToken.for_user(user)
        clock.shift(timedelta(minutes=4))
        exchange = {"token": str(token)}
        younger = client.post("/sliding/token/refresh/", exchange, format="json").json()["token"]
        assert client.get("/whoami/", headers=bearer(younger)).status_code == 200
        if flushed_before:
            clock.shift(timedelta(minutes=2))
            flush()
        SlidingToken(younger).blacklist()
        clock.move_to(BEGIN + timedelta(minutes=8))
        flush()
        assert client.get("/whoami/", headers=bearer(younger)).status_code == 401
        assert said(client.post("/sliding/token/refresh/", {"token": younger}, format="json")) == BLACKLISTED


def test_s2_a_flush_keeps_what_the_leeway_lets_live(client: APIClient, user: Any, settings: Any) -> None:
    """A token that was signed out stays out while the tolerated difference of clocks would let it in."""
    settings.SIMPLE_JWT = {"LEEWAY": 120}
    with time_machine.travel(BEGIN, tick=False) as clock:
        gone, alive = str(RefreshToken.for_user(user)), str(RefreshToken.for_user(user))
        client.post("/api/token/blacklist/", {"refresh": gone}, format="json")
        clock.shift(timedelta(days=1, seconds=60))
        flush()
        assert said(refresh(client, gone)) == BLACKLISTED
        assert refresh(client, alive).status_code == 200
        clock.shift(timedelta(seconds=60))
        flush()
        assert not OutstandingToken.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic_requests", [False, True])
def test_s3_one_of_many_rotations_at_once_succeeds(
    settings: Any, client: APIClient, monkeypatch: pytest.MonkeyPatch, atomic_requests: bool
) -> None:
    """16 clients present one token at the same moment: one gets the next, 15 are told, and the next works."""
    monkeypatch.setitem(connections.settings[DEFAULT_DB_ALIAS], "ATOMIC_REQUESTS", atomic_requests)
    settings.SIMPLE_JWT = ROTATION
    token = str(RefreshToken.for_user(create_user("vitor")))
    for _ in range(5):

        def exchange(token: str = token) -> Any:
            return refresh(type(client)(), token)

        answers = together(*[exchange] * 16)
        won = [answer for answer in answers if answer.status_code == 200]
        assert [said(answer) for answer in answers if answer.status_code != 200] == [BLACKLISTED] * 15
        assert len(won) == 1
        token = won[0].json()["refresh"]
        assert BlacklistedToken.objects.count() == OutstandingToken.objects.count() - 1
    assert refresh(client, token).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_s3_a_token_that_is_in_no_books_is_rotated_once_too(settings: Any, client: APIClient) -> None:
    """It was issued before the app was installed, or by another service: all 16 find no entry."""
    settings.SIMPLE_JWT = ROTATION
    user = create_user("vitor")
    for _ in range(3):
        token = str(RefreshToken.for_user(user))
        OutstandingToken.objects.all().delete()

        def exchange(token: str = token) -> Any:
            return refresh(type(client)(), token)

        answers = together(*[exchange] * 16)
        assert sorted(answer.status_code for answer in answers) == [200, *[401] * 15]
        assert OutstandingToken.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_s3_a_sign_out_beats_a_rotation_or_comes_after_it(settings: Any, client: APIClient) -> None:
    """Whichever is first: after both, the presented token is of no more use."""
    settings.SIMPLE_JWT = ROTATION
    user = create_user("vitor")
    for _ in range(5):
        token = str(RefreshToken.for_user(user))

        def sign_out(token: str = token) -> Any:
            return type(client)().post("/api/token/blacklist/", {"refresh": token}, format="json")

        def exchange(token: str = token) -> Any:
            return refresh(type(client)(), token)

        answers = together(sign_out, exchange)
        assert {answer.status_code for answer in answers} <= {200, 401}
        assert said(refresh(client, token)) == BLACKLISTED


OTHER_PROJECT = """
import django
from django.conf import settings
urlpatterns = []
settings.configure(
    SECRET_KEY="k" * 50,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", {app}],
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
    SIMPLE_JWT={{"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True}},
    ROOT_URLCONF="__main__",
    USE_TZ=True,
)
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
from rest_framework.test import APIRequestFactory
from rest_framework_simplejwt import views
from rest_framework_simplejwt.tokens import RefreshToken

def post(view, token):
    request = APIRequestFactory().post("/", {{"refresh": token}}, format="json")
    answer = view(request)
    answer.render()
    return answer

token = str(RefreshToken.for_user(User.objects.create(username="vitor")))
first = post(views.token_refresh, token)
said = [first.status_code, sorted(first.data), post(views.token_refresh, token).status_code]
said.append(post(views.token_blacklist, first.data["refresh"]).status_code)
said.append(post(views.token_refresh, first.data["refresh"]).status_code)
print(said)
"""


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        pytest.param('"rest_framework_simplejwt.token_blacklist"', [401, 200, 401], id="by name"),
        pytest.param(
            '"rest_framework_simplejwt.token_blacklist.apps.TokenBlacklistConfig"',
            [401, 200, 401],
            id="by the path of its AppConfig",
        ),
        pytest.param("", [200, 200, 200], id="missing"),
    ],
)
def test_s4_blacklisting_is_never_off_by_accident(app: str, expected: list[Any]) -> None:
    """However the app is listed, it counts; without it all is as before on the wire."""
    done = subprocess.run(
        [sys.executable, "-c", OTHER_PROJECT.format(app=app)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str([200, ["access", "refresh"], *expected])


def test_s5_no_token_is_in_the_database(client: APIClient, user: Any, settings: Any) -> None:
    """Whoever reads the table signs in as nobody: it has ids and digests."""
    settings.SIMPLE_JWT = ROTATION
    credentials = {"username": "vitor", "password": PASSWORD}
    first = client.post("/api/token/", credentials, format="json").json()["refresh"]
    second = refresh(client, first).json()["refresh"]
    sliding = client.post("/sliding/token/", credentials, format="json").json()["token"]
    held = list(OutstandingToken.objects.values_list("token", flat=True))
    assert len(held) == 3
    for token in (first, second, sliding):
        assert not any(part in entry for entry in held for part in token.split("."))
        assert OutstandingToken.objects.filter(token=token).count() == 1


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"user_id": "abc"}, None),
        ({"user_id": [1]}, None),
        ({"user_id": {"a": 1}}, None),
        ({"user_id": 10**30}, None),
        ({"exp": 1e20}, "Token is invalid"),
        ({"exp": "4102444800"}, "Token is invalid"),
    ],
)
def test_s9_a_signed_but_odd_token_is_refused(
    client: APIClient, user: Any, settings: Any, claims: dict[str, Any], message: str | None
) -> None:
    """401 from the refresh and from a protected view; it was a 500."""
    settings.SIMPLE_JWT = ROTATION
    token = RefreshToken.for_user(user)
    token.payload |= claims
    answer = refresh(client, str(token))
    assert answer.status_code == 401
    assert message is None or answer.json()["detail"] == message
    access = AccessToken.for_user(user)
    access.payload |= claims
    if "user_id" in claims:
        assert client.get("/whoami/", headers=bearer(access)).json()["code"] == "user_not_found"


NAMED = ["abc", "", "\0", 5, True, [1], {"a": 1}, None, 1e300, 2**70, "1" * 5000]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "kind", [models.UUIDField, models.DecimalField, models.IntegerField, models.CharField]
)
def test_s9_no_kind_of_key_breaks_on_what_a_token_names(kind: Any) -> None:
    """Projects have users of other keys; what cannot be one is nobody."""
    options = {"max_digits": 9, "decimal_places": 2} if kind is models.DecimalField else {"max_length": 9}
    fields = {"__module__": __name__, "id": kind(primary_key=True, **options)}
    with isolate_apps("django.contrib.auth"):
        person = type("Person", (models.Model,), fields | {"Meta": type("Meta", (), {"app_label": "auth"})})
        with connections[DEFAULT_DB_ALIAS].schema_editor() as editor:
            editor.create_model(person)
        try:
            assert [holder_of({"user_id": named}, person) for named in NAMED] == [None] * len(NAMED)
        finally:
            with connections[DEFAULT_DB_ALIAS].schema_editor() as editor:
                editor.delete_model(person)


@pytest.mark.django_db(transaction=True)
def test_s9_a_user_who_goes_meanwhile(settings: Any) -> None:
    """Deleted after the question for the user, before the entry of the next token: it is refused."""
    settings.SIMPLE_JWT = ROTATION
    user = create_user("vitor")
    token = RefreshToken(str(RefreshToken.for_user(user)))
    user.delete()
    with pytest.raises(TokenError, match="invalid"):
        books.rotate(token)
    assert OutstandingToken.objects.count() == 1


def test_s9_a_refresh_token_without_an_id_is_refused(client: APIClient, user: Any) -> None:
    """401; it was a KeyError."""
    token = RefreshToken.for_user(user)
    del token["jti"]
    assert refresh(client, str(token)).json() == {"detail": "Token has no id", "code": "token_not_valid"}


@pytest.mark.parametrize("configured", [{}, {"BLACKLIST_AFTER_ROTATION": True}])
def test_s12_verification_knows_what_was_taken_back(
    client: APIClient, user: Any, settings: Any, configured: dict[str, Any]
) -> None:
    """Whatever the settings say of rotation; it was 200."""
    settings.SIMPLE_JWT = configured
    token = RefreshToken.for_user(user)
    verification = {"token": str(token)}
    assert client.post("/api/token/verify/", verification, format="json").status_code == 200
    token.blacklist()
    assert client.post("/api/token/verify/", verification, format="json").status_code == 400


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda user: pickle.loads(pickle.dumps(user))],  # noqa: S301
)
def test_s13_a_token_user_can_be_copied_and_pickled(user: Any, duplicate: Callable[[Any], Any]) -> None:
    """As caches, tasks and test clients do; it was a RecursionError."""
    token = AccessToken.for_user(user)
    token["username"] = "vitor"
    known = TokenUser(token)
    other = duplicate(known)
    assert (other, other.username, other.jti) == (known, "vitor", token["jti"])


def test_s13_a_token_user_has_what_it_has(user: Any) -> None:
    """A claim, or a field of users; `hasattr` is false for anything else, and protocols are not feigned."""
    token = AccessToken.for_user(user)
    token["tenant"] = None
    known: Any = TokenUser(token)
    assert (known.email, known.last_login, known.tenant) == (None, None, None)
    assert hasattr(known, "email")
    for name in ("resolve_expression", "_meta", "__html__", "tenants", "token_"):
        assert not hasattr(known, name), name
    assert getattr(known, "tenants", "none") == "none"


SEEN: list[tuple[str, Any, Any]] = []


def seen_success(user: Any, request: Any) -> None:
    """ON_LOGIN_SUCCESS of these tests."""
    SEEN.append(("success", user, request))


def seen_failure(credentials: Any, request: Any) -> None:
    """ON_LOGIN_FAILED of these tests."""
    SEEN.append(("failure", credentials, request))


@pytest.mark.parametrize("path", ["/api/token/", "/sliding/token/"])
def test_s14_the_hooks_are_called(
    client: APIClient, user: Any, settings: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also without UPDATE_LAST_LOGIN, and never with a password in clear."""
    seen: list[tuple[str, Any, Any]] = []
    monkeypatch.setattr(sys.modules[__name__], "SEEN", seen)
    settings.SIMPLE_JWT = {"ON_LOGIN_SUCCESS": seen_success, "ON_LOGIN_FAILED": seen_failure}
    client.post(path, {"username": "vitor", "password": PASSWORD}, format="json")
    client.post(path, {"username": "vitor", "password": "not this one"}, format="json")
    success, failure = seen
    assert (success[0], success[1], success[2].path) == ("success", user, path)
    assert (failure[0], failure[1]["username"], failure[2].path) == ("failure", "vitor", path)
    assert "not this one" not in repr(failure)
    user.refresh_from_db()
    assert user.last_login is None


def test_s14_a_refused_user_gets_no_token_in_the_books(client: APIClient, user: Any, settings: Any) -> None:
    """A failed sign-in writes nothing; a successful one with UPDATE_LAST_LOGIN notes its time."""
    settings.SIMPLE_JWT = {"UPDATE_LAST_LOGIN": True}
    client.post("/api/token/", {"username": "vitor", "password": "wrong"}, format="json")
    assert not OutstandingToken.objects.exists()
    client.post("/api/token/", {"username": "vitor", "password": PASSWORD}, format="json")
    user.refresh_from_db()
    assert user.last_login is not None


def test_a_refresh_token_that_was_taken_back_raises(user: Any) -> None:
    """The same in Python as over HTTP."""
    token = RefreshToken.for_user(user)
    assert token.blacklist()[1]
    assert not token.blacklist()[1]
    with pytest.raises(TokenError, match="blacklisted"):
        RefreshToken(str(token))

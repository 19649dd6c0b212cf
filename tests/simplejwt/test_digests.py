"""What a digest in the table of outstanding tokens can do for the project, and what it can do for nobody."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db.models import F, TextField, Value
from rest_framework_simplejwt import stored_digest
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.state import token_backend
from rest_framework_simplejwt.stored_digest import StoredDigest, digest, kind_of
from rest_framework_simplejwt.token_blacklist import books
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken, UntypedToken

from tests.simplejwt.people import bearer, create_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rest_framework.test import APIClient

SLIDING = {"AUTH_TOKEN_CLASSES": ["rest_framework_simplejwt.tokens.SlidingToken"]}
BEGIN = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_hint_yet() -> None:
    """Each test begins as a process does."""
    stored_digest._hint.cache_clear()


def refresh(client: APIClient, token: object) -> int:
    """Exchange a refresh token over HTTP."""
    return client.post("/api/token/refresh/", {"refresh": str(token)}, format="json").status_code


def exchange(client: APIClient, token: object) -> Any:
    """Exchange a sliding token over HTTP."""
    return client.post("/sliding/token/refresh/", {"token": str(token)}, format="json")


def take_back(kind: type[Any], rows: Iterable[OutstandingToken]) -> int:
    """Sign out everywhere as projects do."""
    done = 0
    for row in rows:
        try:
            kind(row.token).blacklist()
            done += 1
        except TokenError:
            pass
    return done


def _prefetched(user: Any) -> Any:
    people: Any = get_user_model().objects.all()
    return people.prefetch_related("outstandingtoken_set").get(pk=user.pk).outstandingtoken_set.all()


def keep_in_clear(token: object) -> None:
    """Write the token itself, as the incumbent did."""
    OutstandingToken.objects.update(token=Value(str(token), TextField()))


def row_of(user: Any) -> OutstandingToken:
    """The only row of a user."""
    return OutstandingToken.objects.get(user=user)


READ: Final[dict[str, Callable[[Any], Any]]] = {
    "all": lambda user: OutstandingToken.objects.filter(user=user),
    "only the token": lambda user: OutstandingToken.objects.filter(user=user).only("token"),
    "all but the token": lambda user: OutstandingToken.objects.filter(user=user).defer("token"),
    "one by one": lambda user: OutstandingToken.objects.filter(user=user).iterator(),
    "prefetched": _prefetched,
    "pickled": lambda user: pickle.loads(pickle.dumps(list(OutstandingToken.objects.filter(user=user)))),  # noqa: S301
    "copied": lambda user: copy.deepcopy(list(OutstandingToken.objects.filter(user=user))),
}


@pytest.mark.parametrize("read", READ.values(), ids=READ)
def test_signing_out_everywhere_by_what_the_rows_hold(client: APIClient, user: Any, read: Any) -> None:
    """However they are read; the tokens of others stay, and a second time finds nothing to do."""
    mine, theirs = [RefreshToken.for_user(user) for _ in range(3)], RefreshToken.for_user(create_user("else"))
    assert take_back(RefreshToken, read(user)) == 3
    assert [refresh(client, token) for token in mine] == [401] * 3
    assert refresh(client, theirs) == 200
    assert take_back(RefreshToken, read(user)) == 0
    assert BlacklistedToken.objects.count() == 3


def test_sliding_tokens_are_signed_out_everywhere(client: APIClient, user: Any, settings: Any) -> None:
    """Their exchanges too, for as long as there can be one: also when the first text has long expired."""
    settings.SIMPLE_JWT = SLIDING
    with time_machine.travel(BEGIN, tick=False) as clock:
        token: Any = SlidingToken.for_user(user)
        for _ in range(3):
            clock.shift(timedelta(minutes=4))
            token = exchange(client, token).json()["token"]
        assert take_back(RefreshToken, OutstandingToken.objects.filter(user=user)) == 0
        assert take_back(SlidingToken, OutstandingToken.objects.filter(user=user)) == 1
        assert exchange(client, token).status_code == 401
        assert client.get("/whoami/", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize("name", ["id", "pk", "username"])
def test_what_a_row_says_is_what_its_token_says(user: Any, settings: Any, name: str) -> None:
    """Its id, its times, its type and its user, by the project's names of the claims."""
    settings.SIMPLE_JWT = {"USER_ID_FIELD": name, "USER_ID_CLAIM": "who", "JTI_CLAIM": "nr"}
    said = RefreshToken.for_user(user).payload
    assert RefreshToken(row_of(user).token).payload == said
    assert said["who"] == str(getattr(user, name))


def test_what_the_row_of_a_sliding_token_says(user: Any) -> None:
    """It ends when the last exchange of its token does; what the row does not know it does not say."""
    said = SlidingToken.for_user(user).payload
    assert SlidingToken(row_of(user).token).payload == {**said, "exp": said["refresh_exp"]}
    OutstandingToken.objects.update(user=None, created_at=None)
    assert set(SlidingToken(OutstandingToken.objects.get().token).payload) == {
        "exp",
        "jti",
        "refresh_exp",
        "token_type",
    }


def test_a_row_is_judged_as_its_token_is(user: Any) -> None:
    """By its end, by whether it was taken back, and by its type."""
    token = RefreshToken.for_user(user)
    row = row_of(user)
    assert UntypedToken(row.token)["jti"] == token["jti"]
    for kind in (AccessToken, SlidingToken):
        with pytest.raises(TokenError, match="wrong type"):
            kind(row.token)
    token.blacklist()
    with pytest.raises(TokenError, match="blacklisted"):
        RefreshToken(row.token)
    BlacklistedToken.objects.all().delete()
    with (
        time_machine.travel(datetime.now(UTC) + timedelta(days=2)),
        pytest.raises(TokenError, match="expired"),
    ):
        RefreshToken(row.token)
    assert RefreshToken(row.token, verify=False)["jti"] == token["jti"]


USED: Final[dict[str, Callable[[Any], Any]]] = {
    "text": str,
    "access token": lambda token: token.access_token,
    "successor": lambda token: token.successor(),
    "copy": lambda token: str(copy.copy(token)),
    "deep copy": lambda token: str(copy.deepcopy(token)),
    "pickle": lambda token: str(pickle.loads(pickle.dumps(token))),  # noqa: S301
    "follow": books.follow,
    "rotate": books.rotate,
}


@pytest.mark.parametrize("use", USED.values(), ids=USED)
def test_a_row_never_turns_into_a_credential(user: Any, use: Callable[[Any], Any]) -> None:
    """What was read from it signs nothing, whichever way it is asked, and nothing new is in the books."""
    RefreshToken.for_user(user)
    token = RefreshToken(row_of(user).token)
    with pytest.raises(TokenError, match="invalid"):
        use(token)
    assert OutstandingToken.objects.count() == 1


def test_a_row_that_is_gone_is_not_made_again(user: Any) -> None:
    """Whoever holds it in memory cannot enter its token anew."""
    RefreshToken.for_user(user)
    row = row_of(user)
    OutstandingToken.objects.all().delete()
    with pytest.raises(TokenError):
        RefreshToken(row.token).blacklist()
    assert not OutstandingToken.objects.exists()


TEXTS: Final[dict[str, Callable[[Any], Any]]] = {
    "str": lambda row: str(row.token),
    "format": lambda row: f"{row.token}",
    "strip": lambda row: row.token.strip(),
    "pickle": lambda row: pickle.loads(pickle.dumps(row.token)),  # noqa: S301
    "copy": lambda row: copy.copy(row.token),
    "deep copy": lambda row: copy.deepcopy(row.token),
    "values_list": lambda row: OutstandingToken.objects.values_list("token", flat=True).get(pk=row.pk),
    "a row of nobody": lambda row: (
        OutstandingToken(jti=row.jti, token=str(row.token), expires_at=row.expires_at).token
    ),
    "bytes": lambda row: row.token.encode(),
}


@pytest.mark.parametrize("text_of", TEXTS.values(), ids=TEXTS)
def test_a_text_alone_is_an_invalid_token(user: Any, text_of: Callable[[Any], Any]) -> None:
    """What a request could bring, or what is no attribute of a row in the table, is of no use."""
    RefreshToken.for_user(user)
    text = text_of(row_of(user))
    assert not isinstance(text, StoredDigest)
    for kind in (RefreshToken, UntypedToken):
        with pytest.raises(TokenError, match="invalid"):
            kind(text)


def test_a_digest_on_the_wire_is_an_invalid_token(client: APIClient, user: Any) -> None:
    """At every endpoint, as any other text that is none."""
    RefreshToken.for_user(user)
    SlidingToken.for_user(user)
    for row in OutstandingToken.objects.all():
        assert client.get("/whoami/", headers=bearer(row.token)).status_code == 401
        assert refresh(client, row.token) == 401
        assert exchange(client, row.token).status_code == 401
        for path, name in (("verify", "token"), ("blacklist", "refresh")):
            sent = {name: row.token}
            assert client.post(f"/api/token/{path}/", sent, format="json").status_code == 401
    assert not BlacklistedToken.objects.exists()


def test_the_log_has_a_hint_once(user: Any, caplog: pytest.LogCaptureFixture) -> None:
    """For code that reads the column past the model; not for every text that is no token, and not again."""
    RefreshToken.for_user(user)
    for text in ("nothing", *OutstandingToken.objects.values_list("token", flat=True)):
        for _ in range(2):
            with pytest.raises(TokenError):
                RefreshToken(text)
    (said,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "read `entry.token`" in said.getMessage()
    assert "sha256:" not in said.getMessage()


@pytest.mark.parametrize("in_clear", [False, True])
@pytest.mark.parametrize("flushed_before", [False, True])
def test_a_sliding_token_that_was_taken_back_stays_so(
    client: APIClient, user: Any, settings: Any, in_clear: bool, flushed_before: bool
) -> None:
    """By its row, as projects do: neither the digests nor a flush, in either order, give it back."""
    settings.SIMPLE_JWT = {**SLIDING, "LEEWAY": 60}
    with time_machine.travel(BEGIN, tick=False) as clock:
        token: Any = SlidingToken.for_user(user)
        if in_clear:
            keep_in_clear(token)
        clock.shift(timedelta(minutes=4))
        younger = exchange(client, token).json()["token"]
        BlacklistedToken.objects.get_or_create(token=row_of(user))
        clock.shift(timedelta(minutes=4))
        if flushed_before:
            call_command("flushexpiredtokens", verbosity=0)
        call_command("jotpass-digest-outstanding", verbosity=0)
        call_command("flushexpiredtokens", verbosity=0)
        assert row_of(user).token.startswith("sha256:sliding:")
        assert exchange(client, younger).status_code == 401
        assert client.get("/whoami/", headers=bearer(younger)).status_code == 401
        # Whatever the setting is by then: a token has its end from when it was issued.
        settings.SIMPLE_JWT = {
            **SLIDING,
            "LEEWAY": 60,
            "SLIDING_TOKEN_REFRESH_LIFETIME": timedelta(minutes=1),
        }
        clock.move_to(BEGIN + timedelta(days=1, seconds=59))
        call_command("flushexpiredtokens", verbosity=0)
        assert OutstandingToken.objects.exists()
        clock.shift(timedelta(seconds=1))
        call_command("flushexpiredtokens", verbosity=0)
        assert not OutstandingToken.objects.exists()


def test_nothing_writes_a_token_to_the_table(user: Any) -> None:
    """Neither an update of many rows, nor of one, nor one in bulk."""
    token = str(RefreshToken.for_user(user))
    row = row_of(user)

    def stored() -> str:
        return str(OutstandingToken.objects.values_list("token", flat=True).get())

    OutstandingToken.objects.update(token=token)
    assert stored() == digest(token) == row.token
    row.token = token
    OutstandingToken.objects.bulk_update([row], ["token"])
    assert stored() == digest(token)
    row.token = token
    row.save()
    assert stored() == digest(token) == row.token
    OutstandingToken.objects.all().delete()
    OutstandingToken.objects.bulk_create([OutstandingToken(jti="1", token=token, expires_at=row.expires_at)])
    assert stored() == digest(token)
    assert OutstandingToken.objects.update_or_create(token=token, defaults={"jti": "2"})[1] is False
    OutstandingToken.objects.update(token=F("jti"))
    assert stored() == "2"


@pytest.mark.parametrize("in_clear", [False, True])
@pytest.mark.parametrize("kind", [RefreshToken, SlidingToken])
def test_a_row_is_found_by_its_token(user: Any, kind: type[Any], in_clear: bool) -> None:
    """By one or among many, whether it holds the token or its digest; and it is left out by it."""
    token = str(kind.for_user(user))
    if in_clear:
        keep_in_clear(token)
    rows = OutstandingToken.objects
    assert rows.filter(token=token).count() == 1
    assert rows.filter(token__in=["x.y.z", token]).count() == 1
    assert rows.filter(token__in=["x.y.z"]).count() == rows.filter(token__in=[]).count() == 0
    assert rows.filter(token__in=rows.values("token")).count() == 1
    assert rows.filter(token=row_of(user).token).count() == 1
    assert rows.exclude(token=token).count() == rows.exclude(token__in=[token]).count() == 0
    assert rows.filter(token=None).count() == rows.filter(token=F("jti")).count() == 0


def test_the_kind_of_a_token_is_in_its_digest() -> None:
    """A refresh token has a plain one; of what cannot be read or said, nothing is said."""

    def kind(**claims: Any) -> tuple[str, int | None]:
        text = digest(token_backend.encode(claims))
        assert len(text) < 200
        return kind_of(text)

    assert kind(token_type="refresh") == kind(refresh_exp="x") == kind(token_type=7) == ("", None)
    assert kind(token_type="sliding", refresh_exp=1.5) == ("sliding", 2)
    assert kind(token_type="refresh", refresh_exp=9) == ("refresh", 9)
    assert kind(token_type="a.b-c") == ("a.b-c", None)
    for odd in ("a:b", "é", "x" * 300, "a\n"):
        assert kind(token_type=odd, refresh_exp=10**20) == kind(refresh_exp=-1) == ("", None)
    assert digest("header.payload.signature").count(":") == 1
    assert kind_of("sha256:sliding:9:xyz") == kind_of("sha256:") == ("", None)

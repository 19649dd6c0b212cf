"""The authentication class for public views: a bad token is as no token, whatever is wrong with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import OperationalError
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, IsAuthenticated, IsAuthenticatedOrReadOnly
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from jotpass.auth import errors
from jotpass.auth.drf.authentication import JWTAuthentication, OptionalJWTAuthentication
from jotpass.auth.revocation import feed
from jotpass.auth.sessions import end_session, start_session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rest_framework.request import Request

    from jotpass.auth.token_pair import TokenPair


class Public(APIView):
    """Anybody may look."""

    authentication_classes: Sequence[Any] = (OptionalJWTAuthentication,)
    permission_classes: Sequence[Any] = (AllowAny,)

    def get(self, request: Request) -> Response:
        """Who it is, as far as is known."""
        return Response({"pk": str(request.user.pk), "token": request.auth is not None})

    post = get


class Writable(Public):
    """Anybody may look, and who is signed in may write."""

    permission_classes = (IsAuthenticatedOrReadOnly,)


def ask(view: type[APIView], token: str, method: str = "get") -> Any:
    """Call a view with a token."""
    request = getattr(APIRequestFactory(), method)("/", HTTP_AUTHORIZATION=f"Bearer {token}")
    return view.as_view()(request)


def revoked(pair: TokenPair) -> str:
    """An access token whose session has ended."""
    end_session(pair.session_id)
    return pair.access


BAD: dict[str, Callable[[TokenPair], str]] = {
    "malformed": lambda _: "nonsense",
    "two": lambda pair: f"{pair.access} {pair.access}",
    "empty": lambda _: "",
    "of another kind": lambda pair: pair.refresh,
    "forged": lambda pair: pair.access[:-4] + "AAAA",
    "revoked": revoked,
}


def test_a_good_token_is_a_user(user: Any) -> None:
    """As with the class that insists."""
    assert ask(Public, start_session(user).access).data == {"pk": str(user.pk), "token": True}


@pytest.mark.parametrize("spoil", BAD.values(), ids=list(BAD))
def test_a_bad_token_is_nobody(user: Any, spoil: Callable[[TokenPair], str]) -> None:
    """200 and anonymous where the class that insists says 401."""
    token = spoil(start_session(user))
    answer = ask(Public, token)
    assert (answer.status_code, answer.data) == (200, {"pk": "None", "token": False})

    class Insisting(Public):
        authentication_classes = (JWTAuthentication,)

    assert ask(Insisting, token).status_code == 401


def test_an_expired_token_is_nobody(user: Any) -> None:
    """A page that everybody may read does not ask for a refresh."""
    pair = start_session(user)
    with time_machine.travel(time.time() + 3600, tick=True):
        assert ask(Public, pair.access).data == {"pk": "None", "token": False}


@pytest.mark.parametrize("failure", [errors.FeedStale(), OperationalError("gone")], ids=["stale", "gone"])
def test_a_database_that_is_away_fails_no_public_view(
    user: Any, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """Nobody can tell whether the token was revoked, so nobody is signed in: no 503."""
    pair = start_session(user)

    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(type(feed), "is_revoked", fail)
    answer = ask(Public, pair.access)
    assert (answer.status_code, answer.data["token"]) == (200, False)


def test_who_must_be_signed_in_is_told_what_was_wrong(transactional_db: None, user: Any) -> None:
    """Reading is anonymous, writing is 401 with the reason in the challenge."""
    token = revoked(start_session(user))
    assert ask(Writable, token).status_code == 200
    answer = ask(Writable, token, "post")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    assert 'code="token_revoked"' in answer["WWW-Authenticate"]
    assert ask(Writable, start_session(user).access, "post").status_code == 200


def test_another_class_may_still_know_the_sender(user: Any) -> None:
    """A refused token does not end the search."""

    class Somebody(BaseAuthentication):
        def authenticate(self, request: Request) -> tuple[Any, None]:
            return user, None

    class Both(Public):
        authentication_classes = (OptionalJWTAuthentication, Somebody)
        permission_classes = (IsAuthenticated,)

    assert ask(Both, "nonsense").data == {"pk": str(user.pk), "token": False}


def test_a_mistake_of_the_program_is_not_hidden(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only refusals are taken for nobody."""
    pair = start_session(user)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(feed), "is_revoked", fail)
    with pytest.raises(ZeroDivisionError):
        ask(Public, pair.access)

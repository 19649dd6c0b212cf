"""A view of the project's own: where the code of a refusal appears, by DRF's handler and by ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.views import exception_handler as stock_handler

from jotpass.auth.drf.errors import exception_handler
from jotpass.auth.models import Revocation
from jotpass.auth.revocation import feed
from tests.auth.http.contract import Api, create_person
from tests.auth.http.signed_tokens import claims_of, expired_access_token, sign_access_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

Handler = Any
HANDLERS: dict[str, Handler] = {"stock": stock_handler, "ours": exception_handler}


class EmailView(APIView):
    """Reads more of the user than the primary key."""

    def get(self, request: Request) -> Response:
        """The e-mail address of whoever calls."""
        person: Any = request.user
        return Response({"email": person.email})


@pytest.fixture(params=HANDLERS)
def ask(request: pytest.FixtureRequest) -> Callable[..., Response]:
    """Call a view with an access token, under each of the two handlers."""

    def call(token: str | None, view: type[APIView] = EmailView) -> Response:
        handler = HANDLERS[request.param]

        class Under(view):  # type: ignore[misc, valid-type]
            def get_exception_handler(self) -> Handler:
                return handler

        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        answer = Under.as_view()(RequestFactory().get("/", headers=headers))
        assert isinstance(answer, Response)
        return answer

    return call


def _check_challenge(answer: Response, code: str, *, credential_came: bool) -> None:
    assert answer.status_code == 401
    challenge = answer["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="api"')
    assert f'code="{code}"' in challenge
    assert ('error="invalid_token"' in challenge) is credential_came


def test_a_live_token_opens_it(ask: Callable[..., Response], pair: dict[str, Any]) -> None:
    """`request.user` is the person, read at the first look at more than the primary key."""
    assert ask(pair["access"]).data == {"email": get_user_model().objects.values_list("email", flat=True)[0]}


def test_every_refusal_has_its_code(ask: Callable[..., Response], pair: dict[str, Any]) -> None:
    """A refused token says why in the body and in the challenge, whichever handler the project has."""
    refused = {
        "token_malformed": "garbage",
        "token_invalid": pair["access"][:-8] + "AAAAAAAA",
        "token_wrong_type": pair["refresh"],
        "token_expired": expired_access_token(pair["access"]),
    }
    for code, token in refused.items():
        answer = ask(token)
        _check_challenge(answer, code, credential_came=True)
        assert answer.data.keys() == {"detail", "code"}
        assert answer.data["code"] == code
    Api().post("logout/", bearer=pair["access"])
    assert ask(pair["access"]).data["code"] == "token_revoked"


def test_a_missing_token_has_its_code_in_the_challenge(ask: Callable[..., Response]) -> None:
    """Without a token the challenge says `token_missing` and names no error."""
    _check_challenge(ask(None), "token_missing", credential_came=False)


def test_only_our_handler_says_so_in_the_body(pair: dict[str, Any]) -> None:
    """DRF's handler drops the code of a missing token from the body, ours keeps it."""
    assert set(Api().get("/whoami/").json()) == {"detail"}  # type: ignore[attr-defined]

    class View(EmailView):
        def get_exception_handler(self) -> Handler:
            return exception_handler

    answer = View.as_view()(RequestFactory().get("/"))
    assert isinstance(answer, Response)
    assert answer.data["code"] == "token_missing"


def test_a_deleted_person_is_401_when_read(ask: Callable[..., Response], pair: dict[str, Any]) -> None:
    """A good token of a person without a row is `no_active_account` at the first look, not a 500."""
    gone = create_person("ada@example.org")
    token = sign_access_token(claims_of(pair["access"]) | {"sub": str(gone.pk), "sid": "x", "fid": "x"})
    gone.delete()
    answer = ask(token)
    _check_challenge(answer, "no_active_account", credential_came=True)
    assert answer.data["code"] == "no_active_account"


def test_a_deleted_person_is_401_under_load(
    ask: Callable[..., Response], pair: dict[str, Any], settings: Any
) -> None:
    """Where the person is read with the token, the answer is the same."""
    settings.JOTPASS = {"REQUEST_USER": "load"}
    gone = create_person("ada@example.org")
    token = sign_access_token(claims_of(pair["access"]) | {"sub": str(gone.pk), "sid": "x", "fid": "x"})
    gone.delete()
    _check_challenge(ask(token), "no_active_account", credential_came=True)


def test_other_errors_keep_their_shape_and_gain_a_code(pair: dict[str, Any]) -> None:
    """Our handler adds the code to what has `detail` alone, and leaves validation errors as they are."""
    context: dict[str, Any] = {}
    for error, code in ((NotFound(), "not_found"), (PermissionDenied(), "permission_denied")):
        answer = exception_handler(error, context)
        assert answer is not None
        assert answer.data["code"] == code
    answer = exception_handler(ValidationError({"name": ["Too short."]}), context)
    assert answer is not None
    assert answer.data == {"name": ["Too short."]}
    assert exception_handler(RuntimeError(), context) is None


def test_an_unreadable_feed_is_503(
    ask: Callable[..., Response], pair: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody can tell whether a token was revoked, it is `feed_stale`; then it is well."""
    feed._forget()
    monkeypatch.setattr(Revocation._meta, "db_table", "gone")
    answer = ask(pair["access"])
    assert answer.status_code == 503
    assert answer.data["code"] == "feed_stale"
    assert answer["Retry-After"] == "1"
    monkeypatch.undo()
    feed.hurry()
    assert ask(pair["access"]).status_code == 200

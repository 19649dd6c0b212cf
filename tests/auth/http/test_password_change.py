"""A view that changes a password, as the how-to has it: guesses are counted, and its session goes on."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from jotpass.auth import keep_session
from jotpass.auth.drf.authentication import JWTAuthentication
from jotpass.auth.drf.refusals import as_api_exception
from jotpass.auth.errors import AuthError
from jotpass.auth.password import try_password
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import start_session
from tests.auth.people import PASSWORD

NEW = "another password altogether"


class ChangePassword(APIView):
    """The view of the how-to."""

    authentication_classes = (JWTAuthentication,)

    def post(self, request: Any) -> Response:
        """Change it."""
        user = request.user
        try:
            try_password(request, user.get_username(), str(request.data["old"]), person=user)
        except AuthError as refusal:
            raise as_api_exception(refusal) from None
        user.set_password(request.data["new"])
        user.save()
        keep_session(request)
        return Response(status=204)


def change(pair: Any, old: str) -> Any:
    """Ask for it."""
    request = APIRequestFactory().post(
        "/", {"old": old, "new": NEW}, HTTP_AUTHORIZATION=f"Bearer {pair.access}"
    )
    # Of its own, as under ATOMIC_REQUESTS: a refusal rolls back what it is in.
    with transaction.atomic():
        return ChangePassword.as_view()(request)


def test_a_password_is_changed_and_its_session_goes_on(user: Any) -> None:
    """All others end."""
    mine, other = start_session(user), start_session(user)
    assert change(mine, PASSWORD).status_code == 204
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert rotate_refresh_token(mine.refresh).pair is not None
    assert rotate_refresh_token(other.refresh).pair is None


def test_guesses_are_counted(user: Any, settings: Any) -> None:
    """After the limit the right one is not looked at either."""
    settings.JOTPASS = {**settings.JOTPASS, "SIGN_IN_FAILURES_PER_NAME_AND_ADDRESS": (2, 900)}
    pair = start_session(user)
    answers = [change(pair, old) for old in ("a", "b", PASSWORD)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert [answer.data["code"] for answer in answers] == ["no_active_account"] * 2 + ["throttled"]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)

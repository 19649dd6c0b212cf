"""The URLs of the fleet: those of the regular host project, and what operators do, to be done in a race."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.flush import flush
from jotpass.auth.revocation import revoke_user
from jotpass.auth.signing_keys import roll_over
from tests.projects.regular.urls import urlpatterns as regular

if TYPE_CHECKING:
    from collections.abc import Callable


def _person(username: str) -> Any:
    return get_user_model().objects.get(username=username)


def _create(username: str, password: str) -> None:
    get_user_model().objects.create_user(username=username, password=password)


def _change_password(username: str, password: str) -> None:
    person = _person(username)
    person.set_password(password)
    person.save()


def _deactivate(username: str) -> None:
    person = _person(username)
    person.is_active = False
    person.save()


def _revoke(username: str) -> None:
    revoke_user(_person(username), reason="operator")


def _roll_over() -> None:
    roll_over(jotpass_settings.ISSUER, at_once=True)


DEEDS: dict[str, Callable[..., None]] = {
    "create": _create,
    "change_password": _change_password,
    "deactivate": _deactivate,
    "revoke": _revoke,
    "rollover": _roll_over,
}


@csrf_exempt
def operate(request: HttpRequest, deed: str) -> HttpResponse:
    """Do one of DEEDS with the arguments in the body."""
    DEEDS[deed](**json.loads(request.body))
    return JsonResponse({"done": deed})


@csrf_exempt
@non_atomic_requests
def tidy(request: HttpRequest) -> HttpResponse:
    """Flush in batches of the size in the body, each a transaction as in the management command."""
    return JsonResponse({"batches": list(flush(json.loads(request.body)["batch"]))})


urlpatterns = [*regular, path("operate/flush/", tidy), path("operate/<str:deed>/", operate)]

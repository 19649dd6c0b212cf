"""Whether the process lives and whether it is ready, for whoever starts, restarts and balances processes.

``include("jotpass.auth.health")`` serves ``/livez`` and ``/readyz``: without authentication and without DRF,
with nothing secret in the answers, which nobody may store.
"""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from jotpass.auth.non_atomic import non_atomic
from jotpass.auth.readiness import READY, readiness
from jotpass.auth.refusals import RETRY_AFTER
from jotpass.auth.revocation import feed

if TYPE_CHECKING:
    from collections.abc import Callable

_METHODS: Final = ("GET", "HEAD")


def _probe(view: Callable[[HttpRequest], JsonResponse]) -> Callable[[HttpRequest], JsonResponse]:
    """Serve GET and HEAD, outside of any transaction, to be stored by nobody."""

    @non_atomic
    @login_not_required
    @csrf_exempt
    @wraps(view)
    def probe(request: HttpRequest) -> JsonResponse:
        if request.method in _METHODS:
            response = view(request)
        else:
            refusal = {"detail": "Only GET is allowed here.", "code": "method_not_allowed"}
            response = JsonResponse(
                refusal, status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(_METHODS)}
            )
        response["Cache-Control"] = "no-store"
        return response

    return probe


@_probe
def livez(request: HttpRequest) -> JsonResponse:
    """Answer: that is all there is to it. A database that is away is no reason to restart."""
    return JsonResponse({"live": True})


@_probe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when requests can be served, 503 when not, with what is known of each part.

    Redis does not decide: without it, revocations take a second longer.
    """
    parts = readiness.findings()
    ready = READY.issuperset(parts.values())
    age = feed.age
    answer = {
        "ready": ready,
        "parts": parts,
        "feed_age": None if age is None else round(age, 1),
        "redis_connected": feed.redis_connected,
    }
    if ready:
        return JsonResponse(answer)
    headers = {"Retry-After": str(RETRY_AFTER)}
    return JsonResponse(answer, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)


urlpatterns = [path("livez", livez, name="jotpass_livez"), path("readyz", readyz, name="jotpass_readyz")]

"""The public keys, at ``/.well-known/jwks.json``, without DRF: ``include("jotpass.auth.well_known")``."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt

from jotpass.auth import errors
from jotpass.auth.live_key_ring import LiveKeyRing
from jotpass.auth.non_atomic import non_atomic
from jotpass.auth.policy import token_policy
from jotpass.auth.refusals import refusal_response
from jotpass.auth.sites import chosen_site
from jotpass.keys.rollover import JWK_SET_MAX_AGE

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

JWK_SET_MEDIA_TYPE = "application/jwk-set+json"
_METHODS = ("GET", "HEAD")


@non_atomic
@login_not_required
@csrf_exempt
def jwks(request: HttpRequest) -> HttpResponseBase:
    """Publish the keys that verify access tokens (RFC 7517 s5).

    Those that sign, sign next, or have signed tokens that are alive. A symmetric key is never among them: the
    set is empty while SIGNING_ALGORITHM is HS256.
    """
    if request.method not in _METHODS:
        refusal = {"detail": "Only GET is allowed here.", "code": "method_not_allowed"}
        return JsonResponse(refusal, status=405, headers={"Allow": ", ".join(_METHODS)})
    try:
        keys = token_policy(chosen_site(request)).keys
        published = keys.published if isinstance(keys, LiveKeyRing) else keys.verification
    except errors.AuthError as error:
        return refusal_response(error)
    body = published.to_json().encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=JWK_SET_MEDIA_TYPE)
    response["Cache-Control"] = f"public, max-age={JWK_SET_MAX_AGE:.0f}"
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


urlpatterns = [path(".well-known/jwks.json", jwks, name="jotpass_jwks")]

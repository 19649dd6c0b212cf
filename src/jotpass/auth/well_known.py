"""The public keys, at ``/.well-known/jwks.json``, without DRF: ``include("jotpass.auth.well_known")``."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from jotpass.auth import errors
from jotpass.auth.non_atomic import non_atomic
from jotpass.auth.refusals import refusal_response
from jotpass.auth.sites import chosen_site

JWK_SET_MEDIA_TYPE = "application/jwk-set+json"
_METHODS = ("GET", "HEAD")


@non_atomic
@csrf_exempt
def jwks(request: HttpRequest) -> JsonResponse:
    """Publish the keys that verify access tokens (RFC 7517 s5).

    A symmetric key is never among them: the set is empty while SIGNING_ALGORITHM is HS256.
    """
    if request.method not in _METHODS:
        refusal = {"detail": "Only GET is allowed here.", "code": "method_not_allowed"}
        return JsonResponse(refusal, status=405, headers={"Allow": ", ".join(_METHODS)})
    try:
        chosen_site(request)
    except errors.SiteUnknown as error:
        return refusal_response(error)
    response = JsonResponse({"keys": []}, content_type=JWK_SET_MEDIA_TYPE)
    response["Cache-Control"] = "public, max-age=300"
    return response


urlpatterns = [path(".well-known/jwks.json", jwks, name="jotpass_jwks")]

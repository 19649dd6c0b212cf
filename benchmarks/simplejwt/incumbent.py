"""What is timed of `rest_framework_simplejwt`, whichever distribution that is: its documented names alone."""

from __future__ import annotations

from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING

from rest_framework_simplejwt.authentication import JWTAuthentication, JWTStatelessUserAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken

from benchmarks.holder import Holder
from benchmarks.people import PASSWORD, person
from benchmarks.simplejwt.operations import MORE_THAN_ARE_REMEMBERED, Spending, forged, refusal, request
from benchmarks.wsgi import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.rounds import Operation


def operations() -> Mapping[str, Operation]:
    """The operations, by the words of the rows."""
    user = person("vitor")
    access, sliding = str(AccessToken.for_user(user)), str(SlidingToken.for_user(user))
    obtain, obtain_sliding = Caller("POST", "/api/token/"), Caller("POST", "/api/sliding/")
    refresh, refresh_sliding = Caller("POST", "/api/token/refresh/"), Caller("POST", "/api/sliding/refresh/")
    verify, blacklist = Caller("POST", "/api/token/verify/"), Caller("POST", "/api/token/blacklist/")
    came = request(access)
    new = cycle([str(AccessToken.for_user(user)) for _ in range(MORE_THAN_ARE_REMEMBERED)])

    def sign_refresh() -> str:
        return str(RefreshToken.for_user(user))

    def serialize(token: str) -> str:
        serializer = TokenRefreshSerializer(data={"refresh": token})
        serializer.is_valid(raise_exception=True)
        return str(serializer.validated_data["refresh"])

    return {
        "sign": lambda: str(AccessToken.for_user(user)),
        "verify": partial(AccessToken, access),
        "verify-new": lambda: AccessToken(next(new)),
        "forged": refusal(partial(AccessToken, forged(access)), TokenError),
        "authenticate": partial(JWTAuthentication().authenticate, came),
        "stateless": partial(JWTStatelessUserAuthentication().authenticate, came),
        "obtain": lambda: obtain(username="vitor", password=PASSWORD),
        "refresh": partial(refresh, refresh=sign_refresh()),
        "rotate": Holder(sign_refresh(), lambda token: refresh(refresh=token)["refresh"]),
        "rotate-serializer": Holder(sign_refresh(), serialize),
        "verify-endpoint": partial(verify, token=access),
        "blacklist": Spending(sign_refresh, lambda token: blacklist(refresh=token)),
        "obtain-sliding": lambda: obtain_sliding(username="vitor", password=PASSWORD),
        "verify-sliding": partial(SlidingToken, sliding),
        "refresh-sliding": partial(refresh_sliding, token=sliding),
    }

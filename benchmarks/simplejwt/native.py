"""What is timed of `jotpass.auth`: the same things, where it has them."""

from __future__ import annotations

import time
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

from benchmarks.holder import Holder
from benchmarks.people import PASSWORD, person
from benchmarks.simplejwt.operations import MORE_THAN_ARE_REMEMBERED, Spending, forged, refusal, request
from benchmarks.wsgi import Caller
from jotpass.auth.access_tokens import Grant, issue_access_token, verify_access_token
from jotpass.auth.drf.authentication import JWTAuthentication
from jotpass.auth.errors import CredentialError
from jotpass.auth.policy import token_policy
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import start_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.rounds import Operation


def operations() -> Mapping[str, Operation]:
    """The operations, by the words of the rows."""
    user: Any = person("vitor")
    pair, policy = start_session(user), token_policy()
    now = int(time.time())
    grant = Grant(str(user.pk), "sid", "fid", "first-party", now, "", now + 86400)
    signed = (issue_access_token(grant, policy, now=now).token for _ in range(MORE_THAN_ARE_REMEMBERED))
    new = cycle(list(signed))
    authentication, came = JWTAuthentication(), request(pair.access)
    obtain, refresh = Caller("POST", "/api/token/"), Caller("POST", "/api/token/refresh/")
    verify, revoke = Caller("POST", "/api/token/verify/"), Caller("POST", "/api/token/revoke/")

    def read(token: str) -> None:
        verify_access_token(token, policy, now=time.time())

    def load() -> None:
        authenticated = authentication.authenticate(came)
        assert authenticated is not None
        assert authenticated[0].username

    def rotate(token: str) -> str:
        rotated = rotate_refresh_token(token).pair
        assert rotated is not None
        return rotated.refresh

    def sign_refresh() -> str:
        return start_session(user).refresh

    return {
        "sign": lambda: issue_access_token(grant, policy, now=time.time()),
        "verify": partial(read, pair.access),
        "verify-new": lambda: read(next(new)),
        "forged": refusal(partial(read, forged(pair.access)), CredentialError),
        "authenticate": load,
        "stateless": partial(authentication.authenticate, came),
        "obtain": lambda: obtain(username="vitor", password=PASSWORD),
        "rotate": Holder(sign_refresh(), lambda token: refresh(refresh=token)["refresh"]),
        "rotate-serializer": Holder(sign_refresh(), rotate),
        "verify-endpoint": partial(verify, token=pair.access),
        "blacklist": Spending(sign_refresh, lambda token: revoke(token=token)),
    }

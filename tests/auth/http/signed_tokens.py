"""Tokens signed with the project's own key that the project would never issue."""

from __future__ import annotations

import json
import time
from typing import Any

from jotpass import jose
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.key_ring import access_key_ring, refresh_key_ring


def sign_access_token(claims: object, *, typ: str | None = "at+jwt", headers: Any = None) -> str:
    """Sign any JSON value as the Claims Set of an access token."""
    key = access_key_ring(jotpass_settings.ISSUER).signing
    payload = json.dumps(claims, ensure_ascii=False).encode()
    return jose.jws.sign_compact(payload, key, algorithm="HS256", typ=typ, headers=headers)


def sign_refresh_token(claims: object, *, typ: str | None = "rt+jwt") -> str:
    """Sign any JSON value as the Claims Set of a refresh token."""
    key = refresh_key_ring(jotpass_settings.ISSUER).signing
    payload = json.dumps(claims, ensure_ascii=False).encode()
    return jose.jws.sign_compact(payload, key, algorithm="HS256", typ=typ)


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token of ours, to be changed and signed again."""
    return dict(jose.peek_unverified(token).claims)


def expired_access_token(token: str) -> str:
    """The same access token, as it would be a second after its end."""
    now = int(time.time())
    return sign_access_token(claims_of(token) | {"iat": now - 301, "exp": now - 1})

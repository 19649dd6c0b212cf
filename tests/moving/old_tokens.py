"""Refresh tokens of djangorestframework-simplejwt, issued and carried, and what becomes of them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

from jotpass import jose
from jotpass.auth.models import TokenFamily
from jotpass.auth.simplejwt.carried_tokens import carried_family_id
from jotpass.auth.simplejwt.carrying import carry
from jotpass.auth.simplejwt.token_format import simple_jwt

DAY = timedelta(days=1)


def issue(user: Any) -> str:
    """A refresh token that is entered into the tables."""
    return str(RefreshToken.for_user(user))


def carry_all(batch: int = 1000, *, dry_run: bool = False) -> dict[str, int]:
    """Carry everything; how many tokens went which way."""
    return dict(sum(carry(batch, dry_run=dry_run), Counter()))


def carried(user: Any) -> str:
    """A refresh token that has been carried."""
    token = issue(user)
    assert carry_all()["carried"] >= 1
    return token


def refresh(token: str, client: APIClient | None = None) -> Any:
    """Present a token to the native view."""
    return (client or APIClient()).post("/api/token/refresh/", {"refresh": token}, format="json")


def old_refresh(token: str) -> Any:
    """Present a token to the view of djangorestframework-simplejwt."""
    return APIClient().post("/old/token/refresh/", {"refresh": token}, format="json")


def jti_of(token: str) -> str:
    """Its id."""
    jti: str = jose.peek_unverified(token).claims["jti"]
    return jti


def family_of(token: str) -> TokenFamily:
    """The family that it was carried into."""
    return TokenFamily.objects.select_related("session").get(fid=carried_family_id(jti_of(token)))


def row_of(token: str) -> OutstandingToken:
    """Its row in the tables of djangorestframework-simplejwt."""
    return OutstandingToken.objects.get(jti=jti_of(token))


def is_blacklisted(token: str) -> bool:
    """Whether djangorestframework-simplejwt refuses it."""
    return BlacklistedToken.objects.filter(token__jti=jti_of(token)).exists()


def sign(claims: dict[str, Any], secret: str | None = None) -> str:
    """Sign claims as djangorestframework-simplejwt does here."""
    signed_with = simple_jwt()["SIGNING_KEY"] if secret is None else secret
    key = jose.Key.from_secret(signed_with.encode(), alg="HS256")
    return jose.jws.sign_compact(json.dumps(claims).encode(), key, typ="JWT")


def changed(token: str, **claims: Any) -> str:
    """The same token with other claims, signed with the right key."""
    return sign({**jose.peek_unverified(token).claims, **claims})


def fill(users: list[Any], count: int, *, expires_at: datetime | None = None) -> None:
    """Fill the tables with the tokens of many sign-ins."""
    now = timezone.now()
    OutstandingToken.objects.bulk_create(
        OutstandingToken(
            user=users[number % len(users)],
            jti=f"{number:032x}",
            token=f"sha256:{number:064x}",
            created_at=now,
            expires_at=expires_at or now + DAY,
        )
        for number in range(count)
    )

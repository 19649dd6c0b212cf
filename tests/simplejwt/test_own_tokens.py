"""Token classes of a project's own: what they override is what happens."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken
from rest_framework_simplejwt.tokens import RefreshToken

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("taken", [lambda token: token, copy.copy, copy.deepcopy])
def test_another_id_is_another_token(user: Any, taken: Callable[[RefreshToken], RefreshToken]) -> None:
    """A token that was judged, and then given a new id, is entered and taken back under the new one."""
    old = str(RefreshToken.for_user(user))
    token = taken(RefreshToken(old))
    token.set_jti()
    token.outstand()
    new = str(token)
    assert RefreshToken(new)["jti"] == token["jti"]
    assert token.blacklist()[1]
    with pytest.raises(TokenError, match="Token is blacklisted"):
        RefreshToken(new)
    assert RefreshToken(old).blacklist()[1]
    assert BlacklistedToken.objects.count() == 2

"""How a person authenticated (``amr``, RFC 8176): several names, never the letters of one."""

from __future__ import annotations

import time
from typing import Any

import pytest

from jotpass.auth.access_tokens import verify_access_token
from jotpass.auth.models import Session
from jotpass.auth.policy import token_policy
from jotpass.auth.sessions import reauthenticate_session, start_session


def test_one_string_is_no_list_of_methods(user: Any) -> None:
    """``"pwd"`` for ``("pwd",)`` is a mistake of the program; nothing is written for it."""
    with pytest.raises(TypeError, match="amr"):
        start_session(user, amr="pwd")
    assert not Session.objects.exists()
    pair = start_session(user, amr=iter(["pwd", "otp"]))
    access_token = verify_access_token(pair.access, token_policy(), now=time.time())
    with pytest.raises(TypeError, match="amr"):
        reauthenticate_session(access_token, amr="pwd")
    assert Session.objects.get().amr == ["pwd", "otp"]

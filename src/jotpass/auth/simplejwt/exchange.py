"""Exchange a refresh token of djangorestframework-simplejwt for the first pair of the family it stands for.

To `judge` it is that family's first generation, so all that holds for tokens of ours holds for it: one
conditional UPDATE decides who exchanges it, a second presentation is answered within the grace, and later it
is reuse. What is decided here is only what its own rules say besides, as long as it has not been exchanged.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.family_row import FamilyRow, load_family
from jotpass.auth.models import session_database
from jotpass.auth.simplejwt.carried_tokens import FIRST_GENERATION, CarriedToken, parse_carried_token
from jotpass.auth.simplejwt.tables import find_entry, spend
from jotpass.auth.simplejwt.token_format import token_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.auth.refresh_tokens import PresentedToken


@sensitive_variables()
def parse_if_accepted(token: str) -> CarriedToken | None:
    """Read a token of djangorestframework-simplejwt; None when the project accepts none.

    Raises:
        RefreshInvalid: It is anything else, or has expired.
    """
    if not jotpass_settings.SIMPLEJWT_TOKENS:
        return None
    return parse_carried_token(token, token_format(), now=time.time())


@sensitive_variables()
def carried_refusal(presented: PresentedToken, row: FamilyRow) -> str:
    """Say why a carried session must end unexchanged; empty when it may go on, and for tokens of ours."""
    if not isinstance(presented, CarriedToken) or row.generation != FIRST_GENERATION:
        return ""
    if presented.user != str(getattr(row.user, presented.user_field, "")):
        return "account_changed"
    if presented.password_digest is not None and not constant_time_compare(
        presented.password_digest, _password_digest(row.user)
    ):
        return "password_changed"
    entry = find_entry(presented.jti)
    return "revoked_by_client" if entry is not None and entry.spent and _awaits_exchange(row) else ""


@sensitive_variables()
def advance_once(presented: PresentedToken, row: FamilyRow, advance: Callable[[], bool]) -> bool:
    """Move the family on; a token of djangorestframework-simplejwt is spent there in the same transaction.

    Args:
        presented: What was presented.
        row: Its family as it was read.
        advance: Moves the family, unless somebody has moved or revoked it since.

    Returns:
        Whether this call moved it.
    """
    if not isinstance(presented, CarriedToken) or row.generation != FIRST_GENERATION:
        return advance()
    entry = find_entry(presented.jti)
    if entry is None:
        return advance()
    using = session_database()
    try:
        with transaction.atomic(using=using):
            spend(entry)
            moved = advance()
            if not moved:
                transaction.set_rollback(True, using=using)
    except IntegrityError:
        return False
    return moved


def _awaits_exchange(row: FamilyRow) -> bool:
    """Read the family again: what spent its token since the first time may have been an exchange."""
    family = load_family(row.fid)
    return family is not None and family.generation == FIRST_GENERATION


def _password_digest(user: object) -> str:
    """Return what CHECK_REVOKE_TOKEN writes into a token: it protects nothing, and is only compared."""
    password = str(getattr(user, "password", ""))
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest().upper()

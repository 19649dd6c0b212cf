"""People of the host project, their password, and what they send."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth import get_user_model

PASSWORD: Final = "correct horse battery staple"


def create_user(name: str, **fields: Any) -> Any:
    """Create an active user whose password is `PASSWORD`."""
    return get_user_model().objects.create_user(username=name, password=PASSWORD, **fields)


def bearer(token: object) -> dict[str, str]:
    """The header that presents a token."""
    return {"Authorization": f"Bearer {token}"}

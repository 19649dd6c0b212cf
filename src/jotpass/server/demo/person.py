"""The demo's user, whose password everybody knows."""

from __future__ import annotations

from django.contrib.auth import get_user_model

USERNAME = "vitor"
PASSWORD = "123"


def ensure_person() -> None:
    """Create the demo's user unless there is one; an account that exists is left as it is."""
    users = get_user_model()._default_manager
    if not users.filter(username=USERNAME).exists():
        users.create_user(username=USERNAME, password=PASSWORD)

"""The people who sign in."""

from __future__ import annotations

from django.contrib.auth.models import User

PASSWORD = "correct horse"


def person(name: str) -> User:
    """Create an active user with PASSWORD."""
    return User.objects.create_user(name, email=f"{name}@example.org", password=PASSWORD)

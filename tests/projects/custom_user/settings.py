"""A host project whose user has a UUID for a primary key and signs in by e-mail address."""

from __future__ import annotations

from tests.projects.regular.settings import *
from tests.projects.regular.settings import INSTALLED_APPS as REGULAR_APPS

INSTALLED_APPS = ["tests.projects.custom_user", *REGULAR_APPS]
AUTH_USER_MODEL = "custom_user.Person"

"""The host project with two databases on one server: the small one and the large one.

GROWTH_SMALL and GROWTH_LARGE are their URLs, GROWTH_CHOSEN the one that sessions are in to begin with.
"""

from __future__ import annotations

import os

import dj_database_url

SECRET_KEY = "a-key-for-benchmarks-alone:Vw2nZr8Ls5yKd1xGh6uPm3eJf9aTo4t7"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "jotpass.auth"]
SMALL = dj_database_url.parse(os.environ["GROWTH_SMALL"], conn_max_age=None)
LARGE = dj_database_url.parse(os.environ["GROWTH_LARGE"], conn_max_age=None)
DATABASES = {"default": SMALL, "small": SMALL.copy(), "large": LARGE}
DATABASE_ROUTERS = ["benchmarks.growth.router.Chosen"]

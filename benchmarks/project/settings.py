"""The host project: Jotpass and simplejwt side by side under one Django, on one database, without middleware.

The environment names the database; a connection lives as long as the process.
"""

from __future__ import annotations

from datetime import timedelta

import dj_database_url

SECRET_KEY = "a-key-for-benchmarks-alone:Vw2nZr8Ls5yKd1xGh6uPm3eJf9aTo4t7"
ALLOWED_HOSTS = ["testserver"]
DEBUG = False
USE_TZ = True

DATABASES = {"default": dj_database_url.config("BENCHMARK_DATABASE_URL", conn_max_age=None)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "jotpass.auth",
]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.project.urls"

# A real hash takes a hundred times as long as all that is measured, and is the same for everybody.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# What both have as a default is stated, so that it stays the same on both sides.
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "REFRESH_TOKEN_LIFETIME": timedelta(hours=24),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    # Jotpass always notes it.
    "UPDATE_LAST_LOGIN": True,
}
JOTPASS = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "REFRESH_TOKEN_LIFETIME": timedelta(hours=24),
}

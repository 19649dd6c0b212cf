"""The regular host project: django.contrib.auth's own user, and nothing configured beyond need."""

from __future__ import annotations

from typing import Any

from tests.projects.database import databases

SECRET_KEY = "a-key-for-tests-alone:4t7Wq0cVb2nZr8Ls5yKd1xGh6uPm3eJf9aTo"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DEBUG = False
USE_TZ = True

DATABASES = databases()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.admin",
    "django.contrib.messages",
    "django.contrib.sessions",
    "rest_framework",
    "jotpass.auth",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "tests.projects.regular.urls"
STATIC_URL = "static/"

# The hash is not what these tests are about; the slow default would be most of their time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["jotpass.auth.drf.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
JOTPASS: dict[str, Any] = {}

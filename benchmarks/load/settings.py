"""One host project for all: the same middleware, pool and database; nothing but the authentication differs.

LOAD_DATABASE_URL names the database, LOAD_POOL how many connections one process keeps; with LOAD_PREPARED the
database keeps the plans of statements.
"""

from __future__ import annotations

import os
from datetime import timedelta

import dj_database_url

SECRET_KEY = "a-key-for-benchmarks-alone:Vw2nZr8Ls5yKd1xGh6uPm3eJf9aTo4t7"
ALLOWED_HOSTS = ["localhost"]
DEBUG = False
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What `jotpass serve` does: the pool of psycopg, of which every thread has a connection.
POOL = int(os.environ["LOAD_POOL"])
DATABASES = {"default": dj_database_url.parse(os.environ["LOAD_DATABASE_URL"])}
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": POOL, "max_size": POOL}
if os.environ.get("LOAD_PREPARED"):
    DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 5}

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_framework_simplejwt.token_blacklist",
    "knox",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "jotpass.auth",
]
# What allauth asks for; everybody else's requests go through it, too.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "benchmarks.load.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}

# Lifetimes and algorithm are the same; what else is stated is the library's default, or what rotation needs.
ACCESS, REFRESH = timedelta(minutes=30), timedelta(hours=24)
JOTPASS = {"ACCESS_TOKEN_LIFETIME": ACCESS, "REFRESH_TOKEN_LIFETIME": REFRESH}
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "ACCESS_TOKEN_LIFETIME": ACCESS,
    "REFRESH_TOKEN_LIFETIME": REFRESH,
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
}
HEADLESS_ONLY = True
HEADLESS_TOKEN_STRATEGY = "allauth.headless.tokens.strategies.jwt.JWTTokenStrategy"
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = int(ACCESS.total_seconds())
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = int(REFRESH.total_seconds())

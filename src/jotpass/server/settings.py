"""Django settings of the ready-made project, each one out of `environment.py` or the same for everybody."""

from __future__ import annotations

from typing import Any

from jotpass.server.access_log import logging_settings
from jotpass.server.databases import database_settings
from jotpass.server.environment import read_environment

ENVIRONMENT = read_environment()

LOGGING = logging_settings(ENVIRONMENT.audit_log)
DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.secret_key_fallbacks)
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
CSRF_TRUSTED_ORIGINS = list(ENVIRONMENT.trusted_origins)
TRUSTED_PROXIES = list(ENVIRONMENT.trusted_proxies)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "jotpass.auth",
    "jotpass.pages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "jotpass.server.urls"
WSGI_APPLICATION = "jotpass.server.wsgi.application"
ASGI_APPLICATION = "jotpass.server.asgi.application"
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

DATABASES = {
    "default": database_settings(
        ENVIRONMENT.database_url,
        data=ENVIRONMENT.data,
        pool_size=ENVIRONMENT.pool_size,
        timeout=ENVIRONMENT.database_timeout,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENVIRONMENT.redis_url,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if ENVIRONMENT.redis_url
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # The default, 300, would let a guesser push their own failures out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
# Files are served out of the installed packages: nobody has to run collectstatic.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False

# TLS ends at the proxy, so this server never redirects to https itself (W008). HSTS is a promise that cannot
# be taken back; whoever makes it says so with JOTPASS_HSTS_SECONDS (W004, W005, W021).
SECURE_HSTS_SECONDS = ENVIRONMENT.hsts_seconds
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W005", "security.W008", "security.W021"]
# A cache per process is right for one worker; `serve` knows how many there are and speaks of it itself.
SILENCED_SYSTEM_CHECKS += ["jotpass.W020"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "jotpass.server.errors.csrf_failure"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["jotpass.auth.drf.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "jotpass.auth.drf.errors.exception_handler",
    # REMOTE_ADDR is right already: wsgi.py resolves it for trusted proxies and for nobody else.
    "NUM_PROXIES": 0,
}
JOTPASS = dict(ENVIRONMENT.tokens)
if ENVIRONMENT.redis_url:
    JOTPASS["REVOCATION_REDIS_URL"] = ENVIRONMENT.redis_url

"""The project of `make bench-simplejwt`; BENCHMARK_CONTESTANT says on which library it stands.

BENCHMARK_SIMPLE_JWT holds what SIMPLE_JWT says besides the defaults, BENCHMARK_KEY a private key in PEM
where one is needed. With `native` it is the same project on `jotpass.auth`.
"""

from __future__ import annotations

import json
import os
from typing import Any

from benchmarks.project.settings import (  # noqa: F401 (Django reads them)
    ALLOWED_HOSTS,
    DATABASES,
    DEBUG,
    DEFAULT_AUTO_FIELD,
    MIDDLEWARE,
    PASSWORD_HASHERS,
    SECRET_KEY,
    USE_TZ,
)

CONTESTANT = os.environ["BENCHMARK_CONTESTANT"]
ROOT_URLCONF = "benchmarks.simplejwt.urls"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rest_framework",
    "jotpass.auth" if CONTESTANT == "native" else "rest_framework_simplejwt.token_blacklist",
]
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}

SIMPLE_JWT = json.loads(os.environ["BENCHMARK_SIMPLE_JWT"])
JOTPASS: dict[str, Any] = {}
if "BENCHMARK_KEY" in os.environ:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    _pem = os.environ["BENCHMARK_KEY"]
    _public = load_pem_private_key(_pem.encode(), None).public_key()
    SIMPLE_JWT |= {
        "SIGNING_KEY": _pem,
        "VERIFYING_KEY": _public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    }
    JOTPASS |= {"SIGNING_ALGORITHM": SIMPLE_JWT["ALGORITHM"], "SIGNING_KEYS": ["env:BENCHMARK_KEY"]}

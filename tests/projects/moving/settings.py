"""A host project on its way from djangorestframework-simplejwt, whose tables and views stand beside ours."""

from __future__ import annotations

from tests.projects.regular.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework_simplejwt.token_blacklist"]
ROOT_URLCONF = "tests.projects.moving.urls"
SIMPLE_JWT = {"SIGNING_KEY": "a-key-of-its-own-for-the-tokens-before:2hR7mWq9sTb4nXv6pLc1"}
JOTPASS = {"SIMPLEJWT_TOKENS": True}

"""OpenAPI documents show docstrings of views and serializers: they show what they always did."""

from __future__ import annotations

import inspect

import pytest
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework_simplejwt import serializers, views

OURS = [
    shown
    for module, base in ((serializers, BaseSerializer), (views, APIView))
    for shown in vars(module).values()
    if inspect.isclass(shown) and issubclass(shown, base) and shown.__module__ == module.__name__
]


@pytest.mark.parametrize("shown", OURS, ids=lambda shown: shown.__name__)
def test_no_other_class_than_an_endpoint_has_a_text(shown: type) -> None:
    """A project's own class without a docstring would be described by the one that it inherits from."""
    is_endpoint = issubclass(shown, views.TokenViewBase) and shown is not views.TokenViewBase
    assert (shown.__doc__ is not None) is is_endpoint


def test_a_method_has_no_text() -> None:
    """It would be shown in place of the endpoint's."""
    assert views.TokenViewBase.post.__doc__ is None

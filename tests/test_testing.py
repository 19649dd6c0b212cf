"""`jotpass.testing`: what it promises to the tests of a project."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from jotpass.auth import revoke_user
from jotpass.auth.revocation import feed
from jotpass.testing import fresh_feed, token_for

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


@pytest.fixture
def vitor() -> Any:
    """A user."""
    return get_user_model()._default_manager.create_user("vitor")


def _whoami(token: str) -> int:
    return Client().get("/whoami/", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_second_goes_by_without_a_reading(
    vitor: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Inside, the number of statements does not depend on the time; outside it does."""
    token = token_for(vitor)
    with mock.patch.object(feed, "_clock", itertools.count(1000.0, 2.0).__next__):
        feed._forget()
        with django_assert_num_queries(3):
            for _ in range(3):
                assert _whoami(token) == 200
        with mock.patch("time.monotonic", feed._clock), fresh_feed(), django_assert_num_queries(0):
            for _ in range(50):
                assert _whoami(token) == 200


def test_it_reads_at_once(vitor: Any, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Once at the beginning, whether or not the last reading is fresh."""
    for _ in range(2):
        with django_assert_num_queries(1), fresh_feed():
            pass


def test_what_is_revoked_inside_is_noticed(vitor: Any) -> None:
    """At the next request; and the feed goes on afterwards as before."""
    token = token_for(vitor)
    with fresh_feed():
        assert _whoami(token) == 200
        revoke_user(vitor, reason="closed")
        assert _whoami(token) == 401
    assert _whoami(token) == 401

"""How a bearer token travels in the Authorization header (RFC 6750)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.auth import errors
from jotpass.auth.bearer import bearer_token, challenge


@pytest.mark.parametrize(
    "header",
    ["Bearer a.b.c", "bearer a.b.c", "BEARER a.b.c", "Bearer   a.b.c", " Bearer a.b.c ", "BeArEr a.b.c\t"],
)
def test_the_scheme_has_no_case(header: str) -> None:
    """And as many spaces as RFC 9110 section 11.4 allows after it."""
    assert bearer_token(header) == "a.b.c"


@pytest.mark.parametrize(
    "header", [None, "", " ", "Basic dTpw", "Bearertoken", "Token a.b.c", "a.b.c", "Bearer\ta"]
)
def test_another_scheme_is_not_our_business(header: str | None) -> None:
    """Another authentication class may answer for it."""
    assert bearer_token(header) is None


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "bearer    ",
        "Bearer a b",
        "Bearer a,b",
        "Bearer a\tb",
        "Bearer \xe9",
        "Bearer a, Basic b",
    ],
)
def test_what_is_not_one_token_is_malformed(header: str) -> None:
    """None, two, or something that no token can be."""
    with pytest.raises(errors.TokenMalformed):
        bearer_token(header)


@given(st.text())
def test_any_header_is_read_or_refused(header: str) -> None:
    """A token without white space, nothing, or `token_malformed`."""
    try:
        token = bearer_token(header)
    except errors.TokenMalformed:
        return
    assert token is None or (token.isascii() and " " not in token)


def test_a_challenge_says_what_was_wrong() -> None:
    """With an error when a credential came, and without one when none did (RFC 6750 section 3.1)."""
    expired = challenge("api", errors.TokenExpired(), credential_came=True)
    assert expired == (
        'Bearer realm="api", error="invalid_token", error_description="The access token has expired.", '
        'code="token_expired"'
    )
    missing = challenge("api", errors.TokenMissing(), credential_came=False)
    assert missing == 'Bearer realm="api", code="token_missing"'


def test_a_realm_is_quoted() -> None:
    """A quotation mark or backslash does not end it (RFC 9110 section 5.6.4)."""
    assert challenge('a"b\\c', errors.TokenMissing(), credential_came=False).startswith(
        'Bearer realm="a\\"b\\\\c", '
    )

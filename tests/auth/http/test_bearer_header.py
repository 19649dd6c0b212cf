"""The Authorization header: one bearer token, or a 401 that says what came (RFC 6750, RFC 9110 s11.4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.http.contract import Api, check_challenge

MISSING = [
    "",
    " ",
    "Basic dml0b3I6MTIz",
    "Basic",
    "Token abc",
    "Digest a=b, c=d",
    "Bearerabc",
    "DPoP x",
    "Basic a, Bearer b",
]
MALFORMED = [
    "Bearer",
    "Bearer ",
    "bearer  ",
    "Bearer\t",
    "Bearer a b",
    "Bearer a\tb",
    "Bearer \t",
    "Bearer a,b",
    "Bearer a, Bearer b",
    "Bearer a.b.c, Basic x",
    "Bearer a;b",
    "Bearer é",
    "Bearer \xa0",
    "Bearer \xff\xfe",
    "Bearer \x00",
    'Bearer "a.b.c"',
    "Bearer a.b",
    "Bearer a.b.c.d",
    "Bearer a.b.c.d.e",
    "Bearer ..",
    "Bearer .",
    "Bearer =",
    "Bearer null",
    "Bearer undefined",
    "Bearer " + "x" * 100_000,
    "Bearer " + "a." * 50_000,
    "Bearer eyJhbGciOiJub25lIn0.e30",
]


@pytest.mark.parametrize("header", MISSING)
def test_no_bearer_token_came(api: Api, header: str) -> None:
    """An empty header or another scheme is a missing token: the challenge names no error."""
    answer = api.get("session/", headers={"Authorization": header})
    check_challenge(answer, "token_missing", credential_came=False)


@pytest.mark.parametrize("header", MALFORMED, ids=lambda header: repr(header[:24]))
def test_what_came_is_no_token(api: Api, header: str) -> None:
    """Our scheme with anything but one well-formed token is `token_malformed`."""
    answer = api.get("session/", headers={"Authorization": header})
    check_challenge(answer, "token_malformed", credential_came=True)


@pytest.mark.parametrize(
    "form", ["Bearer {}", "bearer {}", "BEARER {}", "bEaReR   {}", "  Bearer {}  ", "Bearer {}\t"]
)
def test_the_scheme_is_case_insensitive(api: Api, pair: dict[str, Any], form: str) -> None:
    """The scheme in any case of letters, with any blanks around the token, authenticates."""
    answer = api.get("session/", headers={"Authorization": form.format(pair["access"])})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        "Bearer {0} {0}",
        "Bearer {0}, Bearer {0}",
        "Bearer {0},{0}",
        "Bearer {0}.",
        "Bearer {0}=",
        "Bearer token={0}",
    ],
)
def test_a_good_token_in_a_bad_header(api: Api, pair: dict[str, Any], form: str) -> None:
    """A live token does not save a header that holds more than it."""
    answer = api.get("session/", headers={"Authorization": form.format(pair["access"])})
    check_challenge(answer, "token_malformed", credential_came=True)


def test_a_token_elsewhere_is_missing(api: Api, pair: dict[str, Any]) -> None:
    """A token in a query, a cookie or another header authenticates nobody."""
    token = pair["access"]
    elsewhere = {"Cookie": f"access={token}", "X-Authorization": f"Bearer {token}"}
    answer = api.get(f"session/?access_token={token}", headers=elsewhere)
    check_challenge(answer, "token_missing", credential_came=False)

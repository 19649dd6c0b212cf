"""What people paste around a token is taken off it."""

from __future__ import annotations

import json

import pytest

from jotpass.inspection import unwrap
from tests.inspection.forgery import forge

TOKEN = forge()


@pytest.mark.parametrize(
    "pasted",
    [
        TOKEN,
        f"  {TOKEN}\n",
        f"Bearer {TOKEN}",
        f"bearer\t{TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f"authorization: DPoP {TOKEN}\r\n",
        f'"{TOKEN}"',
        f"'{TOKEN}',",
        f"\u201c{TOKEN}\u201d",
        f'"Bearer {TOKEN}"',
        f"curl -H 'Authorization: Bearer {TOKEN}' http://127.0.0.1:8000/api/hello/",
        f"Cookie: __Host-Http-jotpass_access={TOKEN}; theme=dark",
        f"https://app.example/#access_token={TOKEN}&state=x",
        json.dumps({"access": TOKEN, "refresh": "eyJx.y.z", "expires_in": 300}),
        json.dumps({"access_token": TOKEN, "token_type": "Bearer"}),
        json.dumps({"id_token": TOKEN}),
        json.dumps({"data": {"tokens": [{"bearer": TOKEN}]}}),
        f'HTTP/1.1 200 OK\nContent-Type: application/json\n\n{{"access": "{TOKEN}"}}',
        TOKEN.replace(".", ".\n"),
        "\n".join(TOKEN[start : start + 76] for start in range(0, len(TOKEN), 76)),
        "\ufeff" + TOKEN,
        TOKEN.encode("utf-16"),
        b"\xef\xbb\xbf" + TOKEN.encode(),
    ],
)
def test_the_token_is_found_in_what_was_pasted(pasted: str | bytes) -> None:
    """A header line, quotes, an answer, a command line, a file of PowerShell: all hold one token."""
    assert unwrap(pasted).token == TOKEN


def test_what_was_taken_off_is_said() -> None:
    """A server would have refused the token as it was pasted, so that is told."""
    assert unwrap(TOKEN).found_in == ()
    assert unwrap(f"Authorization: Bearer {TOKEN}").found_in == (
        "a header line (Authorization)",
        "the scheme Bearer",
    )


@pytest.mark.parametrize(
    "text", ["", "hello", "{", '{"a": 1}', "[]", '"', "Bearer", "eyJ", b"\xff\xfe", b"\x00"]
)
def test_anything_else_is_handed_back(text: str | bytes) -> None:
    """Nothing is invented: what is no token stays what it is."""
    unwrapped = unwrap(text)
    assert "." not in unwrapped.token

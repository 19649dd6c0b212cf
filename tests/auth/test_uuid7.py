"""UUIDs of version 7 (RFC 9562 section 5.7), and reading one as we write it."""

from __future__ import annotations

import time
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotpass.auth.uuid7 import parse_uuid, uuid7


def test_it_is_of_version_7() -> None:
    """With the variant of RFC 9562, and never twice the same."""
    made = [uuid7() for _ in range(1000)]
    assert {(found.version, found.variant) for found in made} == {(7, RFC_4122)}
    assert len(set(made)) == 1000


def test_it_begins_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """48 bits of milliseconds, so that names sort by when they were made."""
    assert abs((uuid7().int >> 80) / 1000 - time.time()) < 60
    made = []
    for milliseconds in (1_900_000_000_123, 1_900_000_000_124, 2**48 + 5):
        monkeypatch.setattr(time, "time_ns", lambda now=milliseconds: now * 1_000_000 + 999_999)
        made.append(uuid7())
    assert [found.int >> 80 for found in made] == [1_900_000_000_123, 1_900_000_000_124, 5]
    assert made[0] < made[1]


def test_the_rest_is_random() -> None:
    """Each of the other 74 bits is sometimes set and sometimes not."""
    random = ((1 << 80) - 1) & ~(0xF << 76) & ~(0x3 << 62)
    made = [uuid7().int & random for _ in range(200)]
    ever = always = made[0]
    for number in made:
        ever |= number
        always &= number
    assert (ever, always) == (random, 0)


@given(st.uuids())
def test_what_we_write_is_read(value: UUID) -> None:
    """With hyphens and without."""
    assert parse_uuid(str(value)) == parse_uuid(value.hex) == value


TEXT = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        b"0" * 32,
        "",
        "x" * 32,
        "x" * 36,
        TEXT.upper(),
        f"{{{TEXT[:-2]}}}",
        TEXT.replace("-", "", 1),
        [TEXT],
        "0189_a5d" + TEXT[8:],
        TEXT.replace("0", "\N{ARABIC-INDIC DIGIT ZERO}"),
        "\ud800" * 32,
        f" {TEXT[1:]}",
        UUID(TEXT),
    ],
    ids=repr,
)
def test_anything_else_is_none(text: object) -> None:
    """One name, one spelling."""
    assert parse_uuid(text) is None


@given(st.text(min_size=32, max_size=36))
def test_any_text_is_a_uuid_or_none(text: str) -> None:
    """Never an error."""
    assert parse_uuid(text) is None or isinstance(parse_uuid(text), UUID)

"""The types of values on the command line: a duration, a moment, a typed claim (RFC 7519 s2, s4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from jotpass.inspection import CLAIMS
from jotpass.inspection.claim_catalog import fits
from jotpass.jose.strict_json import parse_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jotpass.inspection import Claim

_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(?:\d{1,12}[smhdw])+|\d{1,12}", re.ASCII)
_DURATION_PART: Final = re.compile(r"(\d+)([smhdw]?)", re.ASCII)
_NUMERIC_DATE: Final = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases alone
    """Seconds, or a number with its unit: ``300``, ``5m``, ``1h30m``, ``14d``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return seconds."""
        if isinstance(value, int):
            return value
        if not _DURATION.fullmatch(value):
            self.fail("write a number with its unit, like 90s, 5m, 1h30m, 14d", param, ctx)
        return sum(int(count) * _UNITS[unit] for count, unit in _DURATION_PART.findall(value))


class Moment(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases alone
    """A NumericDate, or a date in ISO 8601; without an offset it is UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds since the epoch."""
        if isinstance(value, int | float):
            return value
        if _NUMERIC_DATE.fullmatch(value):
            return float(value)
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            self.fail("write 2026-08-01T12:00:00Z, or seconds since the epoch", param, ctx)


class Member(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases alone
    """``NAME=VALUE``, as a name and a JSON value.

    What is JSON is read as such (``true``, ``5``, ``["a", "b"]``), anything else as a string. A member that
    the catalog knows is read as what it must be: ``sub=42`` is the string "42".

    Args:
        catalog: The members that are known.
    """

    name = "name=value"

    def __init__(self, catalog: Mapping[str, Claim] = CLAIMS) -> None:
        self._catalog = catalog

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Any]:
        """Return the name and the value."""
        if isinstance(value, tuple):
            return value
        name, equals, text = value.partition("=")
        if not name or not equals:
            self.fail("write NAME=VALUE", param, ctx)
        return name, self._typed(name, text)

    def _typed(self, name: str, text: str) -> Any:
        try:
            members = parse_json_object(f'{{"value":{text}}}')
        except ValueError:
            return text
        known = self._catalog.get(name)
        if len(members) != 1 or (known and not fits(known.kind, members["value"])):
            return text
        return members["value"]

"""What `jotpass verify` says: what was verified, or why the token is refused and what to look at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from jotpass import jose
from jotpass.cli.output import section
from jotpass.cli.report_view import readable_date, show_members
from jotpass.inspection import Severity, explain
from jotpass.inspection.numeric_date import read_moment
from jotpass.inspection.visible_text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from jotpass.inspection import Report

_VALUE_LENGTH: Final = 200


def show_verified(
    claims: jose.ClaimsSet, token: str, now: float, unchecked: Sequence[str]
) -> Iterator[RenderableType]:
    """Show a verified token: with which key, what was left out, and its claims."""
    key = claims.key
    headline = Text("Verified", style="bold green")
    headline.append(f"  {claims.header['alg']}")
    if key.kid:
        headline.append(f", key {shorten(key.kid, _VALUE_LENGTH)}", style="dim")
    yield headline
    if unchecked:
        yield Text(f"Not checked: {', '.join(unchecked)}.", style="bold yellow")
    yield section("Claims", show_members(explain(token, now=now).claims or ()))


def explain_refusal(
    error: jose.JoseError,
    token: str,
    keys: jose.Key | jose.KeySet,
    now: float,
    accepted: Mapping[str, Sequence[str]],
) -> str:
    """Say why a token is refused, with what it says and what was expected.

    Args:
        error: The refusal.
        token: What was given; it is quoted as text of strangers.
        keys: What it was verified with.
        now: The moment that it was judged at.
        accepted: The values of ``iss``, ``aud`` and ``alg`` that were asked for.
    """
    return f"{error}. {_quotation(error, explain(token, now=now), keys, now, accepted)}".strip()


def _quotation(
    error: jose.JoseError,
    report: Report,
    keys: jose.Key | jose.KeySet,
    now: float,
    accepted: Mapping[str, Sequence[str]],
) -> str:
    header = {row.name: row.value for row in report.header}
    claims = {row.name: row.value for row in report.claims or ()}
    match error:
        case jose.TokenExpired() | jose.TokenNotYetValid():
            return _when(error.claim, claims, now)
        case jose.IssuerMismatch() | jose.AudienceMismatch():
            return _difference(claims.get(error.claim), accepted[error.claim])
        case jose.AlgorithmNotAllowed():
            return _difference(header.get("alg"), accepted["alg"] or _algorithms(keys))
        case jose.TokenWrongType() if "typ" in header:
            typ = _shown(header["typ"])
            return f"It is {typ}: if that is the kind of token you expect, say --typ {typ}."
        case jose.KeyNotFound():
            return _known_kids(header, keys)
        case jose.TokenMalformed():
            grave = [finding.message for finding in report.findings if finding.severity is Severity.ERROR]
            return " ".join(grave[:2])
    return ""


def _difference(value: object, accepted: Sequence[str]) -> str:
    expected = f"; accepted is {', '.join(accepted)}" if accepted else ""
    return f"It is {_shown(value)}{expected}."


def _when(name: str, claims: Mapping[str, Any], now: float) -> str:
    moment = read_moment(claims[name], now)
    return f"{name} is {readable_date(moment.iso)}, {moment.relative}."


def _algorithms(keys: jose.Key | jose.KeySet) -> list[str]:
    members = keys if isinstance(keys, jose.KeySet) else [keys]
    return sorted({key.alg for key in members if key.alg})


def _known_kids(header: Mapping[str, Any], keys: jose.Key | jose.KeySet) -> str:
    members = list(keys) if isinstance(keys, jose.KeySet) else [keys]
    known = ", ".join(shorten(key.kid or "one without kid", _VALUE_LENGTH) for key in members[:5])
    said = f"The token's kid is {_shown(header.get('kid'))}; at hand: {known}."
    skipped = keys.skipped[:5] if isinstance(keys, jose.KeySet) else ()
    left_out = "; ".join(
        f"{member.kid or f'number {member.index + 1}'}, {member.reason}" for member in skipped
    )
    return f"{said} Left out: {left_out}." if left_out else said


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shorten(text, _VALUE_LENGTH)

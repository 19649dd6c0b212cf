"""An inspected token as tables: the header, the claims with their meaning and dates, the findings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table
from rich.text import Text

from jotpass.cli.output import foreign_text, section
from jotpass.inspection.finding_kind import Severity
from jotpass.inspection.visible_text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from jotpass.inspection import Finding, MemberRow, Report

_FORMS: Final = {
    "jws_compact": "JWS, compact",
    "jws_json": "JWS in JSON",
    "jwe_compact": "JWE, compact",
    "jwe_json": "JWE in JSON",
}
_SEVERITY_STYLES: Final = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.INFO: "blue",
}
_MARK_STYLE: Final = "bold red"
_NAME_LENGTH: Final = 60
_VALUE_LENGTH: Final = 600
_ROWS: Final = 60


def show_report(report: Report, *, full: bool = False) -> Iterator[RenderableType]:
    """Show a report of a token.

    Args:
        report: Of something that is a token.
        full: Show values and rows without end.
    """
    yield from _headline(report)
    yield section("Header", show_members(report.header, full=full))
    if report.claims is not None:
        lifetime = f"lives {report.lifetime}" if report.lifetime else ""
        yield section("Claims", show_members(report.claims, full=full), lifetime)
    elif report.payload is not None:
        text = report.payload.decode("utf-8", "replace")
        shown = foreign_text(text if full else shorten(text, _VALUE_LENGTH))
        yield section("Payload", shown, f"{len(report.payload):,} bytes")
    if report.findings:
        yield section("Findings", _show_findings(report.findings))


def show_members(rows: Sequence[MemberRow], *, full: bool = False) -> Table:
    """Show header members or claims, one to a line, with what they mean."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold cyan", overflow="fold", min_width=3)
    table.add_column(overflow="fold")
    table.add_column(style="dim")
    shown = rows if full else rows[:_ROWS]
    for row in shown:
        table.add_row(*_cells(row, full=full))
    if not rows:
        table.add_row("none")
    if len(shown) < len(rows):
        table.add_row("...", f"{len(rows) - len(shown):,} more: --full shows them")
    return table


def readable_date(iso: str | None) -> str:
    """Write an ISO date with a space, and UTC spelled out."""
    return iso.replace("T", " ").replace("Z", " UTC") if iso else "beyond every calendar"


def _headline(report: Report) -> Iterator[Text]:
    kind = report.profile.title.split(" ", 1)[1]
    told = "" if report.told_by == "nothing" else f", told by {report.told_by}"
    headline = Text(f"{kind[:1].upper()}{kind[1:]}", style="bold")
    headline.append(f"  {report.profile.reference}{told}", style="not bold dim")
    headline.append(f"  {_FORMS[report.form]}, {report.length:,} characters", style="not bold dim")
    yield headline
    if report.signature_bytes is not None:
        warning = Text("Signature not checked.", style="bold yellow")
        warning.append(" Anybody can write what stands here; jotpass verify checks it.", style="not bold")
        yield warning


def _cells(row: MemberRow, *, full: bool) -> tuple[Text, Text, Text]:
    """Show a member: its name, its value, what it means; a date in words, and the number below."""
    name = foreign_text(shorten(row.name, _NAME_LENGTH))
    meaning = Text(f"{row.meaning} ({row.reference})" if row.meaning else "")
    text = row.value if isinstance(row.value, str) else _json_text(row.value)
    if row.moment is None:
        return name, foreign_text(text if full else shorten(text, _VALUE_LENGTH)), meaning
    mark = (f" ({row.mark})", _MARK_STYLE) if row.mark else ""
    distance = Text.assemble((row.moment.relative, "not dim"), mark, "\n", meaning)
    return name, Text.assemble(readable_date(row.moment.iso), "\n", (text, "dim")), distance


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _show_findings(findings: Sequence[Finding]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        said = foreign_text(finding.message)
        if finding.fix:
            said.append(f" {finding.fix}")
        origin = "  ".join(filter(None, (finding.where, finding.reference)))
        said.append("\n").append(finding.code, style="cyan").append(f"  {origin}", style="dim")
        table.add_row(Text(finding.severity.value, style=_SEVERITY_STYLES[finding.severity]), said)
    return table

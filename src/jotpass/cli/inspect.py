"""`jotpass inspect`: what a token says. It verifies nothing, and never says otherwise."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Final

import click

from jotpass.cli.output import json_option, print_json, print_note, print_rich
from jotpass.cli.refusal import REFUSED, Refusal
from jotpass.cli.report_view import show_report
from jotpass.cli.source import source_argument
from jotpass.cli.value_types import Moment
from jotpass.inspection import PROFILES, Severity, explain

if TYPE_CHECKING:
    from jotpass.cli.source import Source

_NOTE: Final = (
    "a token is a credential: on the command line the shell's history keeps it, and ps shows it."
    " `jotpass inspect` alone reads standard input, @FILE a file, env:NAME a variable."
)


@click.command("inspect")
@source_argument("token", literal=True)
@click.option(
    "--profile", type=click.Choice(list(PROFILES)), help="The kind of token to expect; told by typ, else."
)
@click.option("--at", type=Moment(), metavar="TIME", help="Compare its times with this moment, not with now.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="Exit with 1 if there is a finding at least as grave.",
)
@click.option("--full", is_flag=True, help="Print long values whole.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    token: Source,
    profile: str | None,
    at: float | None,
    fail_on: str | None,
    full: bool,
    as_json: bool,
) -> None:
    """Decode and explain a token, without verifying it.

    TOKEN is @FILE, - for standard input (the default), env:NAME, or the token itself. What people paste is
    understood: a whole Authorization header, quotes, line breaks, the JSON answer of a token endpoint.

    \b
    Examples:
      http post :8000/api/token/ username=vitor password=123 | jotpass inspect
      jotpass inspect @token.txt
      jotpass inspect env:TOKEN --json
      jotpass inspect @id-token.txt --profile id-token --fail-on error

    Exit codes: 0 explained, 1 no token (or --fail-on), 2 used wrongly.
    """  # noqa: D301 - \b keeps click from joining lines
    report = explain(token.read("the token"), now=time() if at is None else at, profile=profile)
    if not report.is_token:
        finding = report.findings[0]
        raise Refusal(finding.code, finding.message, hint=finding.fix)
    if as_json:
        print_json(report.as_dict())
    else:
        print_rich(*show_report(report, full=full))
        if token.kind == "argument":
            print_note(_NOTE)
    if fail_on is not None and report.has(Severity(fail_on)):
        ctx.exit(REFUSED)

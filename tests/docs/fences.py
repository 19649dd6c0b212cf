"""The fences of a Markdown page: each is claimed by exactly one evaluator, and run. CONTRIBUTING.md says how.

A page is one document in the sense of Sybil: its fences run in order, share one Python namespace, one folder
and one shell. A fence whose language nobody claims fails. An HTML comment on the line above a fence, which
readers do not see, says more: `<!-- file: mysite/urls.py -->`.
"""

from __future__ import annotations

import contextlib
import doctest
import json
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sybil import Document, Example, Region
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

from tests.docs.host_project import HostProject
from tests.docs.page_browser import PageBrowser
from tests.docs.shell import Shell, commands_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SHOWN = frozenset({"text", "http", "mermaid", "markdown"})
"""Languages that are there to be looked at."""

INFO = re.compile(r"(?P<info>[^\n]*)$\n", re.MULTILINE)
DIRECTIVE = re.compile(r"<!--\s*(?P<name>[a-z]+)(?::\s*(?P<argument>[^\n]*?))?\s*-->\s*\Z")
DIRECTIVES = frozenset({"file", "append", "background", "exit", "settings", "urls"})


class FenceError(AssertionError):
    """A fence that does not do what the page says."""


@dataclass(frozen=True)
class Fence:
    """One fence: its language, its text, and the directive above it."""

    language: str
    source: str
    directive: str = ""
    argument: str = ""


def parse_fences(document: Document) -> Iterator[Region]:
    """A parser for Sybil: every fence of a page, none left over."""
    for region in RawFencedCodeBlockLexer(INFO)(document):
        language = region.lexemes["info"].strip()
        above = DIRECTIVE.search(document.text[: region.start].rstrip(" \t"))
        name, argument = (above["name"], above["argument"] or "") if above else ("", "")
        region.parsed = Fence(language, str(region.lexemes["source"]), name, argument)
        region.evaluator = run
        yield region


@contextlib.contextmanager
def opened(page: Path, folder: Path) -> Iterator[Document]:
    """A page, ready to be run: its files go to `folder`, and what it started ends with the context."""
    document = Document.parse(str(page), parse_fences)
    with contextlib.ExitStack() as stack:
        shell = document.namespace["__shell__"] = stack.enter_context(Shell(folder).opened())
        document.namespace["__browser__"] = stack.enter_context(PageBrowser(folder, shell.port).opened())
        document.namespace["__project__"] = stack.enter_context(HostProject().opened())
        yield document


def run(example: Example) -> None:
    """The evaluator of every fence: by its directive, else by its language.

    Raises:
        FenceError: Nobody claims the fence, or it does not do what the page says.
    """
    fence: Fence = example.parsed
    if fence.directive and fence.directive not in DIRECTIVES:
        raise FenceError(f"unknown directive {fence.directive!r} above the fence")
    if fence.language.startswith("{"):  # a MyST directive: the build of the documentation runs it
        return
    evaluate = EVALUATORS.get(fence.language)
    if evaluate is None:
        raise FenceError(f"nobody claims the language {fence.language!r}; see CONTRIBUTING.md")
    try:
        evaluate(fence, example)
    except Exception as error:
        error.add_note(f"in the fence at {example.path}:{example.line}")
        raise


def _python(fence: Fence, example: Example) -> None:
    project: HostProject = example.namespace["__project__"]
    # Blank lines in front make the line numbers of a traceback those of the page.
    code = compile("\n" * example.line + fence.source, example.path, "exec", dont_inherit=True)
    if fence.directive in {"file", "append"}:
        _write(fence, example)
    elif fence.directive == "settings":
        project.settings(code)
    elif fence.directive == "urls":
        project.urls(code)
    else:
        exec(code, example.namespace)  # noqa: S102 - running the page is the point


def _pycon(fence: Fence, example: Example) -> None:
    test = doctest.DocTestParser().get_doctest(
        fence.source, example.namespace, example.path, example.path, example.line
    )
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    if runner.run(test, out=report.append, clear_globs=False).failed:
        raise FenceError("".join(report))
    example.namespace.update(test.globs)


def _console(fence: Fence, example: Example) -> None:
    shell: Shell = example.namespace["__shell__"]
    commands = commands_of(fence.source)
    if fence.directive == "background":
        for command in commands:
            shell.start(command.line, until=fence.argument)
        return
    status = int(fence.argument) if fence.directive == "exit" else 0
    for command in commands:
        output = shell.run(command.line, status=status if command is commands[-1] else 0)
        if command.expected and not _matches(command.expected, output):
            raise FenceError(f"$ {command.line}\nexpected:\n{command.expected}\ngot:\n{output}")


def _matches(expected: str, output: str) -> bool:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(expected, output, flags)


def _script(fence: Fence, example: Example) -> None:
    if fence.directive in {"file", "append"}:
        _write(fence, example)
    else:
        example.namespace["__shell__"].run(fence.source)


def _javascript(fence: Fence, example: Example) -> None:
    if fence.directive in {"file", "append"}:
        _write(fence, example)
    else:
        example.namespace["__browser__"].run(fence.source)


def _json(fence: Fence, example: Example) -> None:
    json.loads(fence.source)
    _write(fence, example)


def _toml(fence: Fence, example: Example) -> None:
    tomllib.loads(fence.source)
    _write(fence, example)


def _shown(fence: Fence, example: Example) -> None:
    _write(fence, example)


def _write(fence: Fence, example: Example) -> None:
    """Put the fence into the page's folder, where its directive says so."""
    shell: Shell = example.namespace["__shell__"]
    if fence.directive == "file":
        shell.write(fence.argument, fence.source)
    elif fence.directive == "append":
        shell.write(fence.argument, shell.read(fence.argument) + "\n" + fence.source)


EVALUATORS: dict[str, Callable[[Fence, Example], None]] = {
    "python": _python,
    "pycon": _pycon,
    "console": _console,
    "sh": _script,
    "javascript": _javascript,
    "json": _json,
    "toml": _toml,
    **dict.fromkeys(SHOWN, _shown),
}

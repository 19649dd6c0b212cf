"""`make test-incumbent`: run the incumbent's published tests on it and on the drop-in, and compare.

The exit status is 0 when the drop-in fails nothing but what the list of divergences says, and all of that.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from rich.console import Console

from tests.incumbent.divergences import read_divergences, titles
from tests.incumbent.environments import python_with
from tests.incumbent.judgement import judge
from tests.incumbent.outcomes import Outcomes, SuiteError, run_tests
from tests.incumbent.published_tests import fetch_tests
from tests.incumbent.report import as_json, show, summary


def main(arguments: list[str]) -> int:
    """Compare, print, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make test-incumbent", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--tests", type=Path, help="a folder with other tests than the published ones")
    options = parser.parse_args(arguments)
    console = Console(stderr=options.json, highlight=False)
    try:
        with console.status("Running the tests on both"):
            incumbent, drop_in = run_both(options.tests)
    except SuiteError as error:
        console.print(str(error), markup=False)
        return 2
    except subprocess.CalledProcessError as error:
        console.print(f"stopped: {error}", markup=False)
        return 2
    findings = judge(incumbent, drop_in, {} if options.tests else titles(read_divergences()))
    figures = summary(incumbent, drop_in, findings)
    if options.json:
        print(as_json(figures))  # noqa: T201
    else:
        show(console, figures, findings)
    return 0 if figures["passed"] else 1


def run_both(tests: Path | None) -> tuple[Outcomes, Outcomes]:
    """Run them in both environments, side by side.

    Args:
        tests: A folder to copy them from; None fetches the published ones.

    Returns:
        What came of them on the incumbent, and on the drop-in.
    """
    incumbent, drop_in = python_with("incumbent"), python_with("drop-in")
    with TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        download = Path(name, "download")
        download.mkdir()
        source = tests or fetch_tests(incumbent, download)
        folders = [copytree(source, Path(name, subject)) for subject in ("incumbent", "drop-in")]
        first, second = pool.map(run_tests, (incumbent, drop_in), folders)
    return first, second


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`make test-neighbours`: djoser, dj-rest-auth and drf-spectacular on the incumbent and on the drop-in.

The tests that dj-rest-auth and drf-spectacular publish are run on both, as they are; what fails on the
incumbent, too, is no failure of the drop-in. Then one project goes the same round on both, and must answer
the same. The exit status is 0 when there is no difference.
"""

from __future__ import annotations

import difflib
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from rich.console import Console

from tests.incumbent.environments import clean_environment, python_with
from tests.incumbent.judgement import judge, passes
from tests.incumbent.outcomes import SuiteError, run_tests
from tests.incumbent.published_tests import fetch_archives

if TYPE_CHECKING:
    from tests.incumbent.outcomes import Outcomes

REQUIREMENTS: Final = "requirements/neighbours.txt"
TESTS: Final = "requirements/neighbour-tests.txt"
ROUND: Final = Path(__file__).with_name("going_round.py")


@dataclass(frozen=True, slots=True)
class Published:
    """The tests of one neighbour.

    Attributes:
        archive: What the name of its source distribution begins with.
        arguments: For pytest: the tests that meet the package.
        settings: Their settings module; empty where they configure themselves.
        path: Where they import from, in the distribution.
    """

    archive: str
    arguments: tuple[str, ...]
    settings: str = ""
    path: str = "."


PUBLISHED: Final = (
    Published("drf_spectacular", ("tests/contrib/test_simplejwt.py", "tests/contrib/test_rest_auth.py")),
    Published("dj_rest_auth", ("dj_rest_auth/tests", "-k", "jwt or token"), "tests.settings", "dj_rest_auth"),
)


def main() -> int:
    """Compare, print, and return the exit status."""
    console = Console(highlight=False)
    try:
        incumbent, drop_in = (python_with(subject, REQUIREMENTS) for subject in ("incumbent", "drop-in"))
        with console.status("Running the neighbours on both"):
            same = [*_published(console, incumbent, drop_in), _round(console, incumbent, drop_in)]
    except (SuiteError, subprocess.CalledProcessError) as error:
        console.print(str(error), markup=False)
        return 2
    return 0 if all(same) else 1


def _published(console: Console, incumbent: Path, drop_in: Path) -> list[bool]:
    same = []
    with TemporaryDirectory() as name:
        download = Path(name, "download")
        download.mkdir()
        archives = fetch_archives(incumbent, download, TESTS)
        for published in PUBLISHED:
            (archive,) = (path for path in archives if path.name.startswith(published.archive))
            with ThreadPoolExecutor(2) as pool:
                jobs = [
                    pool.submit(_run, python, archive, Path(name, subject), published)
                    for subject, python in (("incumbent", incumbent), ("drop-in", drop_in))
                ]
            theirs, ours = (job.result() for job in jobs)
            findings = judge(theirs, ours, {})
            same.append(bool(theirs) and passes(findings))
            console.print(f"{archive.name}: {len(ours)} tests, {'the same' if same[-1] else 'not the same'}")
            for finding in findings:
                console.print(f"  {finding.test}: {finding.verdict}", markup=False)
    return same


def _run(python: Path, archive: Path, folder: Path, published: Published) -> Outcomes:
    with tarfile.open(archive) as source:
        source.extractall(folder, filter="data")
    environment = {"PYTHONPATH": f"{published.path}:.", "PYTHONWARNINGS": "ignore"}
    if published.settings:
        environment["DJANGO_SETTINGS_MODULE"] = published.settings
    return run_tests(
        python, folder / archive.name.removesuffix(".tar.gz"), *published.arguments, **environment
    )


def _round(console: Console, incumbent: Path, drop_in: Path) -> bool:
    theirs, ours = (
        subprocess.run(
            [python, ROUND], check=True, env=clean_environment(), stdout=subprocess.PIPE, text=True
        ).stdout
        for python in (incumbent, drop_in)
    )
    difference = list(difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "incumbent", "drop-in"))
    for line in difference:
        console.print(line, markup=False)
    console.print(
        f"one project: {len(ours.splitlines())} lines, {'not the same' if difference else 'the same'}"
    )
    return not difference


if __name__ == "__main__":
    sys.exit(main())

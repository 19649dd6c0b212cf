"""What every test may ask for: real servers, the project's database, a browser.

Hypothesis runs under a profile: `default`, `ci` under CI=true, or the one that HYPOTHESIS_PROFILE names
(`make fuzz` names `fuzz`).
"""

from __future__ import annotations

import os
import platform
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import hypothesis
import pytest
from django.conf import settings
from packaging.specifiers import SpecifierSet

from tests import chromium, vectors
from tests.faults import stepped_clock
from tests.servers.postgresql import PACKAGE, PostgresServer, postgresql
from tests.servers.redis import RedisServer, redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

CI = os.environ.get("CI") == "true"
TESTS = Path(__file__).resolve().parent
VERSIONS = {"django": django.get_version(), "python": platform.python_version()}

hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, print_blob=True)
hypothesis.settings.register_profile(
    "fuzz",
    deadline=None,
    max_examples=20_000,
    # Enough for a state machine to reach any state it knows; with the usual 50 an hour is too short.
    stateful_step_count=20,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if CI else "default"))


# --- whose tests these are ----------------------------------------------------------------------------------

# Folders that run under a host project of their own, and are no part of a run under any other.
OF_A_PROJECT = {
    TESTS / "simplejwt": "tests.projects.simplejwt.settings",
    TESTS / "moving": "tests.projects.moving.settings",
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what is for another host project; whoever names it is told.

    Raises:
        UsageError: It was asked for by name.
    """
    owned = [(folder, ds) for folder, ds in OF_A_PROJECT.items() if collection_path.is_relative_to(folder)]
    for folder, wanted in owned:
        if wanted == settings.SETTINGS_MODULE:
            continue
        named = [Path(str(argument).partition("::")[0]).resolve() for argument in config.args]
        if any(path.is_relative_to(folder) for path in named):
            raise pytest.UsageError(f"{folder} runs under --ds={wanted}")
        return True
    return None


# --- what this machine lacks --------------------------------------------------------------------------------

# The marker or the fixture by which a test says what it needs.
NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "postgresql_server": (lambda: find_spec(PACKAGE) is not None, f"no {PACKAGE} (no wheel for this Python)"),
    "vectors": (
        vectors.FOLDER.is_dir,
        f"no vectors at {vectors.FOLDER} (JOTPASS_VECTORS names the folder)",
    ),
    "browser": (lambda: chromium.PROGRAM is not None, f"no Chromium ({chromium.INSTALL})"),
    "stepped_clock": (lambda: stepped_clock.compiler() is not None, "no C compiler named cc"),
}
left_out = pytest.StashKey[dict[str, int]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin with nothing left out."""
    config.stash[left_out] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is for other versions, and, except under CI, what this machine cannot run."""
    missing = {} if CI else {name: why for name, (present, why) in NEEDS.items() if not present()}
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        reasons = [why for name, why in missing.items() if _needs(item, name)]
        for why in reasons:
            config.stash[left_out][why] = config.stash[left_out].get(why, 0) + 1
        (dropped if reasons or not _is_for_these_versions(item) else kept).append(item)
    if dropped:
        items[:] = kept
        config.hook.pytest_deselected(items=dropped)


def _needs(item: pytest.Item, name: str) -> bool:
    return name in getattr(item, "fixturenames", ()) or item.get_closest_marker(name) is not None


def _is_for_these_versions(item: pytest.Item) -> bool:
    return all(
        SpecifierSet(wanted).contains(VERSIONS[name], prereleases=True)
        for marker in item.iter_markers("only_on")
        for name, wanted in marker.kwargs.items()
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was left out to the process that reports; under CI, a skipped test fails the run."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash[left_out]
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if (
        CI
        and reporter is not None
        and reporter.stats.get("skipped")
        and session.exitstatus == pytest.ExitCode.OK
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker of pytest-xdist left out; all of them collect the same tests."""
    if error is None:
        node.config.stash[left_out] |= node.workeroutput.get("left_out", {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line for each thing that this machine lacks."""
    for why, count in sorted(config.stash[left_out].items()):
        terminalreporter.write_line(f"left out: {count} tests, {why}", yellow=True)
    if CI and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("under CI=true a skipped test is a failure", red=True)


# --- servers ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """A PostgreSQL of this worker's own."""
    with postgresql() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped after the test."""
    name = postgresql_server.create_database()
    yield postgresql_server.url(name)
    postgresql_server.drop_database(name)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of the kind this run is about, for processes that the test starts."""
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        url: str = request.getfixturevalue("postgresql_url")
        return url
    return f"sqlite:///{tmp_path / 'database.sqlite3'}"


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis or Valkey of this worker's own."""
    with redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of that server, emptied."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """Say where the host project's database lives, before pytest-django creates it."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        server: PostgresServer = request.getfixturevalue("postgresql_server")
        database["HOST"] = str(server.folder)
    else:
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


# --- the browser --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the tests of one module.

    Playwright's event loop runs in this thread until the module ends, so such a module talks to a server in
    a process of its own and leaves Django's ORM alone.
    """
    with chromium.running() as running:
        yield running

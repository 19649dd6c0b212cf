"""A real server of the contract and of its schema, for the programs that try the one by the other."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.servers.granian import environment, serving_site
from tests.servers.process import bound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.servers.http_server import HttpServer


@dataclass(frozen=True)
class Site:
    """A running server, and what a program beside it needs to know."""

    server: HttpServer
    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a Python module to its end, in the server's folder."""
        return subprocess.run(
            bound(sys.executable, "-m", *arguments),
            cwd=self.folder,
            env=dict(self.environment) | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of its own over a socket."""
    folder = tmp_path_factory.mktemp("openapi")
    variables = environment(OPENAPI_DATABASE=str(folder / "db.sqlite3"))
    with serving_site("tests.openapi.site", folder, variables, "--no-ws", "--blocking-threads", "4") as [
        server
    ]:
        yield Site(server, folder, variables)

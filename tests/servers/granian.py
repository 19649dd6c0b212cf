"""Applications of our own behind granian, each process with a port and a log of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.servers.http_server import HttpServer
from tests.servers.ports import free_port, listens
from tests.servers.process import ServerProcess, bound, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]


def environment(**variables: str) -> dict[str, str]:
    """This process's environment, with the checkout among what can be imported, and with these."""
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT)])
    return os.environ | {"PYTHONPATH": path} | variables


@contextlib.contextmanager
def serving(
    application: str,
    folder: Path,
    variables: Mapping[str, str],
    *options: str,
    interface: str = "wsgi",
    processes: int = 1,
) -> Iterator[list[HttpServer]]:
    """Serve an application until the context ends.

    Args:
        application: As `module:name`.
        folder: Where the logs are written.
        variables: The environment of the processes.
        options: More of granian's own.
        interface: `wsgi` or `asgi`.
        processes: How many, each with a port of its own; they start side by side.

    Raises:
        RuntimeError: One of them did not start.
    """
    command = [sys.executable, "-m", "granian", "--interface", interface, "--log-level", "warning", *options]
    ports = [free_port() for _ in range(processes)]
    servers = [HttpServer(port, folder / f"{port}.log") for port in ports]
    started = [
        ServerProcess(
            bound(*command, "--port", str(server.port), application),
            log=server.log,
            answers=partial(listens, server.port),
            environment=variables,
        )
        for server in servers
    ]
    with running(*started):
        yield servers


@contextlib.contextmanager
def serving_site(
    site: str, folder: Path, variables: Mapping[str, str], *options: str, **how: Any
) -> Iterator[list[HttpServer]]:
    """Make the database of a host project, and serve the project until the context ends.

    Args:
        site: A module that makes the database when it is run, and whose `application` is a factory.
        folder: Where the logs are written.
        variables: The environment of all of it.
        options: More of granian's own.
        how: What `serving` takes.

    Raises:
        RuntimeError: It did not start.
    """
    subprocess.run([sys.executable, "-m", site], env=dict(variables), check=True, timeout=60)
    with serving(f"{site}:application", folder, variables, "--factory", *options, **how) as servers:
        yield servers

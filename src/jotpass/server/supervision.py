"""The processes of a server: one parent that supervises, workers that answer (granian, WSGI).

A worker that dies is replaced, however often, in a server that has once answered. Workers outlive a parent
that was killed by at most the requests in flight. SIGTERM and Ctrl-C finish those requests, too.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from jotpass.server.access_log import ACCESS_FORMAT, SERVER_LOGGING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FINISH_SECONDS = 10
_HEADER_MILLISECONDS = 10_000
_SECRETS = ("JOTPASS_SECRET_KEY", "JOTPASS_SECRET_KEY_FALLBACKS", "JOTPASS_DATABASE_URL", "JOTPASS_REDIS_URL")


class AddressUnavailable(Exception):
    """The host and port cannot be listened on; the message says why."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where a server listens and with how many processes and threads."""

    host: str
    port: int
    workers: int
    threads: int

    @property
    def origin(self) -> str:
        """The address as the beginning of a URL."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"


@contextmanager
def reserved_address(host: str, port: int) -> Iterator[str]:
    """Resolve a host name, and keep its port from every other server until the context ends.

    Workers share a port by SO_REUSEPORT, under which a second server would quietly take half of the
    requests. A socket that is bound for as long as this one runs, and never listens, makes it fail instead.

    Yields:
        The numeric address.

    Raises:
        AddressUnavailable: The port is taken or not permitted, or the host is no address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressUnavailable(f"port {port} is in use on {host}: choose another with --port") from None
        raise AddressUnavailable(f"cannot listen on {host} port {port}: {error.strerror}") from None
    with socket.socket(family, kind, protocol) as guard:
        # What another program has just closed may forbid this one, which is no reason not to serve.
        with suppress(OSError, AttributeError):
            guard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            guard.bind(address)
        yield str(address[0])


def run(listener: Listener, *, announce: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        listener: Where, and with how many workers.
        announce: Called once, as soon as the address accepts connections.

    Raises:
        SystemExit: Workers keep failing before any has answered; the exit code is 1.
    """
    # A fresh interpreter for each worker inherits no connection, thread or lock of the parent.
    multiprocessing.set_start_method("spawn", force=True)
    answered = threading.Event()

    def first_answer() -> None:
        answered.set()
        announce()

    threading.Thread(target=_announce, args=(listener, first_answer), daemon=True).start()
    while True:
        server = _server(listener)
        try:
            server.serve(target_loader=load_application, wrap_loader=False)
        except SystemExit:
            # granian gives up when a worker dies twice within seconds: that ends a server that cannot start,
            # and must not end one whose workers are being killed, by a shortage of memory for one.
            if server.interrupt_signal or not answered.is_set():
                raise
        else:
            return


def _server(listener: Listener) -> Any:
    return Granian(
        "jotpass.server.wsgi:application",
        address=listener.host,
        port=listener.port,
        interface=Interfaces.WSGI,
        workers=listener.workers,
        blocking_threads=listener.threads,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
        respawn_failed_workers=True,
        workers_kill_timeout=_FINISH_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=SERVER_LOGGING,
        log_access=True,
        log_access_format=ACCESS_FORMAT,
    )


def load_application() -> Callable[..., Any]:
    """Load the application in a worker.

    The worker leaves the terminal's process group, so that Ctrl-C reaches the parent alone, which then ends
    its workers in order; and it watches the parent. The secrets leave its environment once the settings have
    been read, because a WSGI server copies the environment into every request.
    """
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from jotpass.server.wsgi import application  # noqa: PLC0415 - in the worker, never in the parent.

    get_resolver().url_patterns  # noqa: B018 - imports every view now, not under the first request.
    for name in _SECRETS:
        os.environ.pop(name, None)
    return application


def _end_with_parent() -> None:
    """Wait for the end of the parent, then finish the requests in flight and end as well."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    deadline = threading.Timer(_FINISH_SECONDS, os._exit, args=(1,))
    deadline.daemon = True
    deadline.start()
    os.kill(os.getpid(), signal.SIGTERM)


def _announce(listener: Listener, announce: Callable[[], None]) -> None:
    """Call `announce` when the first worker listens."""
    pause = threading.Event()
    while True:
        try:
            socket.create_connection((listener.host, listener.port), timeout=1).close()
        except OSError:
            pause.wait(0.05)
        else:
            return announce()

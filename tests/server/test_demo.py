"""`jotpass demo` over a real socket: the tutorial, what it prints, what it keeps, how it ends."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.server import program
from tests.servers.ports import free_port, listens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[program.Server]:
    """One demo for the tests that only talk to it."""
    with program.running(tmp_path_factory.mktemp("demo"), "demo") as server:
        yield server


def http(*arguments: str) -> Any:
    """Run HTTPie as a person does; the body of a successful answer."""
    done = subprocess.run(
        [sys.executable, "-m", "httpie", "--ignore-stdin", "--check-status", "--body", *arguments],
        capture_output=True,
        text=True,
        timeout=program.SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


# --- the tutorial -------------------------------------------------------------------------------------------


def test_the_tutorial_works_with_httpie(demo: program.Server) -> None:
    """Sign in, call, refresh, sign out: each line does what it says, and then both tokens are dead."""
    pair = http("post", f"{demo.origin}/api/token/", "username=vitor", "password=123")
    assert pair["expires_in"] == 300
    bearer = f"Authorization: Bearer {pair['access']}"
    assert http(f"{demo.origin}/api/hello/", bearer) == {"message": "Hello, vitor!"}
    pair = http("post", f"{demo.origin}/api/token/refresh/", f"refresh={pair['refresh']}")
    http("post", f"{demo.origin}/api/logout/", f"Authorization: Bearer {pair['access']}")
    refused = demo.call("GET", "/api/hello/", bearer=pair["access"])
    assert (refused.status, refused.json["code"]) == (401, "token_revoked")
    refused = demo.call("POST", "/api/token/refresh/", {"refresh": pair["refresh"]})
    assert (refused.status, refused.json["code"]) == (401, "refresh_invalid")


def test_the_curl_line_is_complete(demo: program.Server) -> None:
    """The printed curl line, typed into a shell, signs in."""
    [line] = [line.strip() for line in demo.output.splitlines() if line.strip().startswith("curl ")]
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, timeout=program.SECONDS, check=True
    )
    assert set(json.loads(done.stdout)) == {"access", "refresh", "expires_in"}


def test_the_httpie_line_is_printed_whole(demo: program.Server) -> None:
    """However narrow the terminal (60 columns here), a line to copy is one line."""
    assert f"http post {demo.origin}/api/token/ username=vitor password=123" in demo.output
    assert f"{demo.origin}/api/hello/ 'Authorization: Bearer ACCESS'" in demo.output


def test_a_parent_in_the_grace_window_obtains_the_current_token_again(demo: program.Server) -> None:
    """A lost answer costs nothing: the same refresh token, byte for byte."""
    parent = demo.sign_in()["refresh"]
    first, second = (demo.call("POST", "/api/token/refresh/", {"refresh": parent}) for _ in range(2))
    assert first.json["refresh"] == second.json["refresh"] != parent


def test_a_grandparent_ends_the_family(demo: program.Server) -> None:
    """Reuse revokes everything that the sign-in held."""
    oldest = newest = demo.sign_in()
    for _ in range(2):
        newest = demo.call("POST", "/api/token/refresh/", {"refresh": newest["refresh"]}).json
    assert demo.call("POST", "/api/token/refresh/", {"refresh": oldest["refresh"]}).status == 401
    assert demo.call("POST", "/api/token/refresh/", {"refresh": newest["refresh"]}).status == 401
    assert demo.call("GET", "/api/hello/", bearer=newest["access"]).json["code"] == "token_revoked"


# --- what it shows and hides --------------------------------------------------------------------------------


def test_output_into_a_file_is_plain(demo: program.Server) -> None:
    """Without a terminal there is no escape sequence in the output."""
    assert "\x1b" not in demo.output


@pytest.mark.parametrize("no_color", [True, False])
def test_colours_are_for_terminals_that_want_them(tmp_path: Path, no_color: bool) -> None:
    """On a terminal the output is coloured, unless NO_COLOR says otherwise."""
    controller, terminal = pty.openpty()
    port = free_port()
    variables = program.environment(TERM="xterm-256color", **({"NO_COLOR": "1"} if no_color else {}))
    process = subprocess.Popen(
        program.command_line("demo", "--port", str(port)), cwd=tmp_path, env=variables, stdout=terminal
    )
    os.close(terminal)
    printed = b""
    while b"Every request" not in printed:
        printed += os.read(controller, 4096)
    process.send_signal(signal.SIGINT)
    process.wait(program.SECONDS)
    os.close(controller)
    assert (b"\x1b[1;32m" in printed) is not no_color


def test_the_log_holds_no_token_and_no_query(demo: program.Server) -> None:
    """Neither headers nor bodies nor query strings are written down, and a path cannot forge a line."""
    pair = demo.sign_in()
    demo.call("GET", f"/api/hello/?access={pair['access']}", bearer=pair["access"])
    demo.call("POST", "/api/token/refresh/?why=hidden-word", {"refresh": pair["refresh"]})
    demo.call("GET", "/first%0asecond%1b[31m")
    program.until(lambda: "second" in demo.output)
    assert pair["access"] not in demo.output
    assert pair["refresh"] not in demo.output
    assert "hidden-word" not in demo.output
    assert '"GET /first\\nsecond\\x1b[31m" 404' in demo.output


def test_only_this_machine_can_reach_it(demo: program.Server) -> None:
    """It listens on 127.0.0.1, and answers to no other host name (DNS rebinding)."""
    assert listens(demo.port)
    assert not listens(demo.port, "127.0.0.2")
    refused = demo.call("GET", "/api/hello/", headers={"Host": "attacker.example"})
    assert (refused.status, refused.json["code"]) == (400, "malformed_request")


def test_the_page_is_served_under_a_strict_policy(demo: program.Server) -> None:
    """The landing page: CSP, no sniffing, no framing, no caching."""
    page = demo.call("GET", "/")
    assert page.status == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "no-store" in page.headers["Cache-Control"]
    for inline in (b"<style", b" style=", b" onclick", b"javascript:", b"//cdn"):
        assert inline not in page.body


@pytest.mark.parametrize(
    "path",
    [
        "/static/jotpass_pages/frame.css",
        "/static/jotpass_pages/mark.svg",
        "/static/jotpass_demo/landing.js",
        "/static/admin/css/base.css",
    ],
)
def test_static_files_need_no_preparation(demo: program.Server, path: str) -> None:
    """Styles and scripts come out of the installed packages, the admin's too."""
    assert demo.call("GET", path).status == 200


# --- what it keeps ------------------------------------------------------------------------------------------


def test_everything_is_in_one_private_folder(tmp_path: Path) -> None:
    """`.jotpass` of the current folder: 0700, and its secret 0600."""
    with program.running(tmp_path, "demo"):
        pass
    folder = tmp_path / ".jotpass"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert {entry.name for entry in tmp_path.iterdir() if entry.suffix != ".log"} == {".jotpass"}


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    """Secret, user and sessions are kept: tokens of the first run work in the second, revoked ones do not."""
    with program.running(tmp_path, "demo", "--data", "kept") as first:
        kept, ended = first.sign_in(), first.sign_in()
        assert first.call("POST", "/api/logout/", bearer=ended["access"]).status == 204
    with program.running(tmp_path, "demo", "--data", "kept") as second:
        assert second.call("GET", "/api/hello/", bearer=kept["access"]).status == 200
        assert second.call("POST", "/api/token/refresh/", {"refresh": kept["refresh"]}).status == 200
        assert second.call("GET", "/api/hello/", bearer=ended["access"]).json["code"] == "token_revoked"
        second.sign_in()


def test_it_never_touches_the_database_of_a_server(tmp_path: Path) -> None:
    """A database named for `jotpass serve` is not migrated and gets no user with a known password."""
    production = tmp_path / "production.sqlite3"
    with program.running(tmp_path, "demo", JOTPASS_DATABASE_URL=f"sqlite:///{production}") as server:
        server.sign_in()
    assert not production.exists()


# --- how it begins and ends ---------------------------------------------------------------------------------


def test_a_port_in_use_is_said_in_one_line(demo: program.Server, tmp_path: Path) -> None:
    """A second demo on the same port ends with 1 and a sentence, and the first one keeps every request."""
    second = program.run(tmp_path, "demo", "--port", str(demo.port))
    assert second.returncode == 1
    assert second.stderr == f"Error: port {demo.port} is in use on 127.0.0.1: choose another with --port\n"


def test_a_port_that_another_program_holds_is_in_use(tmp_path: Path) -> None:
    """Whoever listens there first stays alone, SO_REUSEPORT or not."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        refused = program.run(tmp_path, "demo", "--port", str(other.getsockname()[1]))
    assert refused.returncode == 1
    assert "is in use" in refused.stderr


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    """A file in the way of the data folder is no traceback."""
    (tmp_path / "taken").write_text("")
    refused = program.run(tmp_path, "demo", "--data", "taken/inside", "--port", str(free_port()))
    assert refused.returncode == 1
    assert "taken" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_asked(tmp_path: Path, how: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end it with exit code 0, without a traceback, and free the port."""
    with program.running(tmp_path, "demo") as server:
        assert server.end(how) == 0
        assert "Traceback" not in server.output
        assert "ERROR" not in server.output
        assert "Stopped." in server.output
        assert not listens(server.port)

"""The shell behind the `console` fences of a page: real commands, in a folder of the page's own.

Directory and variables last from one fence to the next. Programs of this environment come first on PATH. The
port 8000 of the page is a free one in truth. A few commands are not run: `UNRUN` lists them, and what is
looked at in their place.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from tests.servers.ports import free_port, listens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
PORT = "8000"
_SERVES = re.compile(r"\brunserver\b|\bjotpass (demo|serve)\b")
HTTPIE_AS_IN_A_TERMINAL = {"default_options": ["--ignore-stdin", "--print=hb", "--pretty=format"]}


class ShellError(AssertionError):
    """A command that ended otherwise than the page says."""


@dataclass(frozen=True)
class Command:
    """One command of a `console` fence, and the output that the page shows for it, if it shows any."""

    line: str
    expected: str


def commands_of(source: str) -> list[Command]:
    """The commands of a `console` fence: lines after `$ `, continued by a backslash; the rest is output.

    Raises:
        ShellError: The fence does not begin with a prompt.
    """
    commands: list[tuple[list[str], list[str]]] = []
    for line in source.splitlines():
        continued = bool(commands) and not commands[-1][1] and commands[-1][0][-1].endswith("\\")
        if continued:
            commands[-1][0].append(line.removeprefix("> "))
        elif line.startswith("$ "):
            commands.append(([line.removeprefix("$ ")], []))
        elif commands:
            commands[-1][1].append(line)
        elif line.strip():
            raise ShellError(f"a console fence begins with a prompt, not with {line!r}")
    return [Command("\n".join(typed), "\n".join(shown).strip()) for typed, shown in commands]


@dataclass
class Shell:
    """The commands of one page."""

    folder: Path
    port: str = field(default_factory=lambda: str(free_port()))
    _background: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Shell]:
        """Stop what was started in the background when the context ends."""
        configuration = self.folder / ".config" / "httpie" / "config.json"
        configuration.parent.mkdir(parents=True)
        configuration.write_text(json.dumps(HTTPIE_AS_IN_A_TERMINAL))
        self._state.write_text(f"cd {shlex.quote(str(self.folder))}\n")
        try:
            yield self
        finally:
            for process in self._background:
                _end(process)

    def run(self, line: str, status: int = 0) -> str:
        """Run one command and return what it prints, both streams, with the page's port for ours.

        Raises:
            ShellError: It ended with another status.
        """
        if look := _unrun(line):
            look(line)
            return ""
        # The command sees what earlier ones left (variables, folder) and leaves the same behind.
        script = f". {self._quoted_state}\nset -a\n{self._localized(line)}\n__status=$?\n"
        script += f'{{ export -p; echo cd "\\"$PWD\\""; }} >{self._quoted_state}\nexit $__status\n'
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
            text=True,
        )
        output = done.stdout.replace(f":{self.port}", f":{PORT}")
        if done.returncode != status:
            raise ShellError(f"$ {line}\nended with {done.returncode}, not {status}:\n{output}")
        return output

    def start(self, line: str, until: str) -> None:
        """Start a command that goes on until the page ends, and wait until it prints `until`.

        Raises:
            ShellError: It ended, or never printed that.
        """
        assert until, "<!-- background: TEXT --> says what the program prints when it is ready"
        log = self.folder / f".background-{len(self._background)}"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "-c", f". {self._quoted_state}\nexec env {self._localized(line)}"],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._background.append(process)
        deadline = time.monotonic() + SECONDS
        while until not in (printed := log.read_text(errors="replace").replace(f":{self.port}", f":{PORT}")):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ShellError(f"$ {line}\nnever printed {until!r}:\n{printed}")
            time.sleep(0.05)
        if _SERVES.search(line):
            self._wait_for_port(deadline)

    def _wait_for_port(self, deadline: float) -> None:
        """Some programs say that they listen a moment before they do."""
        while not listens(int(self.port)):
            if time.monotonic() > deadline:
                raise ShellError(f"nothing listens on port {PORT}")
            time.sleep(0.05)

    def write(self, name: str, text: str) -> None:
        """Write a file of the page, by its path inside the page's folder."""
        path = self._inside(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self, name: str) -> str:
        """A file of the page, or one that a command of the page wrote."""
        return self._inside(name).read_text()

    @property
    def _state(self) -> Path:
        return self.folder / ".shell-state"

    @property
    def _quoted_state(self) -> str:
        return shlex.quote(str(self._state))

    def _inside(self, name: str) -> Path:
        path = (self.folder / name).resolve()
        assert path.is_relative_to(self.folder.resolve()), f"{name} is not inside the page's folder"
        return path

    def _localized(self, line: str) -> str:
        """The command with a free port in place of 8000, which anything may be using."""
        line = re.sub(r"(127\.0\.0\.1|localhost):8000\b", rf"\1:{self.port}", line)
        if re.match(r"(\S+=\S+ )*jotpass (demo|serve)\b", line) and "--port" not in line:
            return f"{line} --port {self.port}"
        if re.fullmatch(r"python manage\.py runserver", line.strip()):
            return f"{line} --noreload 127.0.0.1:{self.port}"
        return line.replace(f"--port {PORT}", f"--port {self.port}")

    def _environment(self) -> dict[str, str]:
        """A reader's environment: nothing of the test run in it."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {
            "PATH": path,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "COLUMNS": "100",
            "PYTHONUNBUFFERED": "1",
        }


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


# --- commands about the reader's machine and the checkout --------------------------------------------------


def _look_at_make(line: str) -> None:
    """The targets exist: `make --dry-run` of the same."""
    for command in line.split(" && "):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        subprocess.run(
            [*shlex.split(command), "--dry-run"], cwd=ROOT, env=environment, check=True, capture_output=True
        )


def _look_at_files(line: str) -> None:
    """The files of the checkout that it names exist; the environment may be another one."""
    for word in shlex.split(line):
        assert not re.match(r"(\.ci|tests|docs|src)/", word) or (ROOT / word).exists(), f"{line}: no {word}"


def _look_at_install(line: str) -> None:
    """The extras exist, where it is Jotpass that is installed."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    words = [word for word in shlex.split(line.partition("install")[2]) if not word.startswith("-")]
    for requirement in map(Requirement, words):
        unknown = requirement.extras - declared.keys() if requirement.name == "jotpass" else set()
        assert not unknown, f"{line}: no such extra: {unknown}"


def _look_away(line: str) -> None:
    """There is nothing to look at."""


UNRUN: dict[str, Callable[[str], None]] = {
    r"(python3? -m )?pip install .*": _look_at_install,
    r"make( .*)?": _look_at_make,
    r"(\w+=\S+ )*(\.venv/bin/\w+|\.ci/run)( .*)?": _look_at_files,
    r"git clone .*": _look_away,
    r"cd jotpass": _look_away,
    r"python3? -m venv .*": _look_away,
    r"(source|\.) \S*/bin/activate": _look_away,
    r"(sudo )?apt-get .*": _look_away,
}
"""Patterns of commands that are not run, and what is looked at instead."""


def _unrun(line: str) -> Callable[[str], None] | None:
    return next((look for pattern, look in UNRUN.items() if re.fullmatch(pattern, line)), None)

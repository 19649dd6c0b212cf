"""The program as a whole: help, errors, colours, broken pipes, interrupts, completion."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jotpass.cli.program import LazyGroup, program
from tests.cli.command_line import SCRIPT, SECONDS, environment, run, run_script
from tests.inspection.forgery import NOW, forge

COMMANDS = [
    ("inspect",),
    ("verify",),
    ("sign",),
    ("key",),
    ("key", "new"),
    ("key", "public"),
    ("key", "thumbprint"),
    ("key", "convert"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_examples(command: tuple[str, ...]) -> None:
    """--help and -h say what a command does, and show how."""
    answer = run(*command, "--help")
    assert answer.code == 0
    assert "Examples:" in answer.out
    assert "jotpass " in answer.out
    assert answer.out == run(*command, "-h").out
    assert max(map(len, answer.out.splitlines())) <= 100


@pytest.mark.parametrize("name", ["inspect", "verify", "sign", "key", "completion"])
def test_the_menu_says_what_the_command_says(name: str) -> None:
    """The short help stands in the menu and in the room; both are the same sentence."""
    purpose = LazyGroup.rooms[name]
    command = program.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert command.help is not None
    assert command.help.startswith(purpose)


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("inspect", "--nonsense"), ("key", "nonsense"), ("sign", "-c")]
)
def test_a_mistake_of_usage_is_2_in_text_and_json(arguments: tuple[str, ...]) -> None:
    """Click's own errors have the one shape too."""
    text = run(*arguments)
    assert text.code == 2
    assert text.out == ""
    machine = (
        run(*arguments[:1], "--json", *arguments[1:])
        if arguments != ("nonsense",)
        else run("nonsense", "--json")
    )
    assert (machine.code, machine.error["code"], machine.error["exit_code"]) == (2, "usage", 2)
    assert machine.err == ""


def test_the_console_script_runs() -> None:
    """Installed, over real pipes: plain text, the same as in this process."""
    done = run_script("inspect", "--at", NOW, stdin=forge().encode())
    assert done.returncode == 0
    assert done.stdout.decode() == run("inspect", "--at", NOW, stdin=forge()).out
    assert b"\x1b" not in done.stdout
    assert done.stderr == b""


def test_the_lower_commands_need_no_django() -> None:
    """`jotpass[cli]` alone inspects, verifies and signs: no framework is imported."""
    code = (
        "import sys; sys.argv = ['jotpass', 'inspect', '-']\n"
        "for name in ('django', 'rest_framework', 'granian'): sys.modules[name] = None\n"
        "from jotpass.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=forge().encode(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_its_extra_the_script_says_what_to_install(missing: str) -> None:
    """One line, exit code 2, no traceback."""
    code = (
        "import sys, importlib.util as util\n"
        f"find = util.find_spec; util.find_spec = lambda name: None if name == {missing!r} else find(name)\n"
        f"sys.modules[{missing!r}] = None\n"
        "from jotpass.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=SECONDS, check=False, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "The jotpass command needs two more packages: pip install 'jotpass[cli]'\n"


def test_a_broken_pipe_is_quiet() -> None:
    """`jotpass inspect | head -1` ends without a word."""
    token = forge(claims={f"c{number}": "x" * 50 for number in range(50)})
    done = subprocess.run(
        ["bash", "-c", f"{SCRIPT} inspect --full --json | head -n 1"],
        input=token.encode(),
        env=environment(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.stdout == b"{\n"
    assert done.stderr == b""


def test_a_reader_that_is_gone_is_quiet() -> None:
    """Standard output is closed before the first line."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [SCRIPT, "inspect"], input=forge().encode(), stdout=writer, stderr=subprocess.PIPE,
            env=environment(), timeout=SECONDS, check=False,
        )  # fmt: skip
    finally:
        os.close(writer)
    assert done.stderr == b""


def test_a_full_disk_is_one_line() -> None:
    """Output that cannot be written is an error with a code."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [SCRIPT, "inspect"], input=forge().encode(), stdout=full, stderr=subprocess.PIPE,
            env=environment(), timeout=SECONDS, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.endswith(b"[io_error]\n")
    assert done.stderr.count(b"\n") == 1


def test_closed_standard_input_is_empty() -> None:
    """`jotpass inspect <&-` has nothing to inspect."""
    done = subprocess.run(
        ["bash", "-c", f"{SCRIPT} inspect --json <&-"],
        env=environment(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert json.loads(done.stdout)["error"]["code"] == "input_empty"


def test_an_interrupt_is_quiet_and_130() -> None:
    """Ctrl-C at the moment when it waits for somebody to paste a token."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [SCRIPT, "inspect"],
        stdin=follower,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(),
        # Whoever runs the tests in the background may have it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (nothing else runs)
    )
    assert process.stderr is not None
    with process.stderr as errors:
        assert errors.readline() == b"Paste the token, then press Enter and Ctrl-D.\n"
        # One that comes in the instant before the read is noticed only when the read returns: press again.
        for _ in range(SECONDS):
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
                break
        assert process.wait(SECONDS) == 130
        assert errors.read().strip() == b""
    os.close(leader)
    os.close(follower)


def in_a_terminal(*arguments: object, **variables: str) -> str:
    """Run the script with a terminal for standard output; what it printed."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [SCRIPT, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        env=environment(TERM="xterm-256color", **variables),
    )
    os.close(follower)
    printed = b""
    while True:
        try:
            read = os.read(leader, 65_536)
        except OSError:  # Linux says so when the other end is closed.
            break
        if not read:
            break
        printed += read
    os.close(leader)
    process.wait(SECONDS)
    return printed.decode()


def test_a_terminal_gets_colours_and_frames_and_no_color_takes_colour_away(tmp_path: Path) -> None:
    """NO_COLOR is obeyed for every escape sequence, errors included."""
    token = tmp_path / "token.txt"
    token.write_text(forge())
    coloured = in_a_terminal("inspect", f"@{token}", "--at", NOW)
    assert "\x1b[" in coloured
    assert "╭" in coloured
    plain = in_a_terminal("inspect", f"@{token}", "--at", NOW, NO_COLOR="1")
    assert "\x1b" not in plain
    assert "╭" in plain
    assert "\x1b" not in in_a_terminal("sign", "-c", "sub=1", NO_COLOR="1")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_no_encoding_of_the_output_is_a_traceback(encoding: str) -> None:
    """What an encoding cannot write is written out, or in UTF-8."""
    token = forge(claims={"name": "Zo\u00eb \u2603 \U0001f600"})
    done = run_script("inspect", stdin=token.encode(), PYTHONIOENCODING=encoding, LC_ALL="C", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u2603" in done.stdout or "\u2603".encode() in done.stdout


# --- completion ---------------------------------------------------------------------------------------------


def completed(line: str, folder: Path, shell: str = "bash") -> list[str]:
    """What bash would offer for a line."""
    bash = shutil.which("bash")
    assert bash
    script = (
        f"cd {folder}; source <({SCRIPT} completion bash)\n"
        f"COMP_LINE={line!r} COMP_POINT={len(line)} COMP_WORDS=({line.split(maxsplit=1)[0]}) COMP_CWORD=0\n"
        "compopt() { :; }; _jotpass_completion jotpass; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    done = subprocess.run(
        [bash, "--norc", "-i", "-c", script],
        env={
            **environment(),
            "PATH": f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}",
            "SECRET_OF_TEST": "x",
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("jotpass ", {"inspect", "verify", "sign", "key", "demo", "serve", "manage", "completion"}),
        ("jotpass ver", {"verify"}),
        ("jotpass key ", {"new", "public", "thumbprint", "convert"}),
        ("jotpass key new --alg ES", {"ES256", "ES384", "ES512", "ES256K"}),
        ("jotpass inspect --profile id", {"id-token"}),
        ("jotpass verify @token.txt --key ", {"@", "-", "env:"}),
        # bash keeps what stands before the last @ or :, and is given the rest.
        ("jotpass verify @token.txt --key @ke", {"key.jwk"}),
        ("jotpass inspect @", {"key.jwk", "token.txt", "sub/"}),
        ("jotpass inspect @sub/", {"sub/inner.txt"}),
        ("jotpass sign --secret env:SECRET_OF_T", {"SECRET_OF_TEST"}),
    ],
)
def test_bash_completes(tmp_path: Path, line: str, offered: set[str]) -> None:
    """Commands, options, values, files behind @ and variables behind env:."""
    (tmp_path / "key.jwk").write_text("{}")
    (tmp_path / "token.txt").write_text("")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "inner.txt").write_text("")
    assert set(completed(line, tmp_path)) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script(shell: str) -> None:
    """It names the program, and the variable by which it asks."""
    answer = run("completion", shell)
    assert answer.code == 0
    assert "_JOTPASS_COMPLETE" in answer.out
    assert re.search(r"\bjotpass\b", answer.out)


def test_completion_imports_no_command() -> None:
    """Tab on the menu works without the server's packages."""
    code = (
        "import sys; sys.argv = ['jotpass']\n"
        "for name in ('django', 'granian'): sys.modules[name] = None\n"
        "from jotpass.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(_JOTPASS_COMPLETE="zsh_complete", COMP_WORDS="jotpass ", COMP_CWORD="1"),
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.split()[:2] == ["plain", "inspect"]


def test_the_completion_script_is_valid_bash(tmp_path: Path) -> None:
    """Bash parses it."""
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").out)
    subprocess.run(["bash", "-n", script], check=True, timeout=SECONDS)

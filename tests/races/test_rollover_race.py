"""Keys from several processes on a real PostgreSQL: one rollover, one first key, and no token refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

import pytest

PROGRAM = """
import sys, time
import django
from django.conf import settings
import dj_database_url
settings.configure(
    SECRET_KEY="a-key-for-tests-alone:4t7Wq0cVb2nZr8Ls5yKd1xGh6uPm3eJf9aTo", USE_TZ=True,
    DATABASES={"default": dj_database_url.parse(sys.argv[1])},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "jotpass.auth"],
    JOTPASS={"ISSUER": "https://id.example", "AUDIENCE": "https://id.example", "SIGNING_ALGORITHM": "ES256"},
)
django.setup()
import json
from django.core.management import call_command
from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.access_tokens import Grant, issue_access_token, verify_access_token
from jotpass.auth.policy import token_policy
from jotpass.auth.signing_keys import revoke_key, roll_over

def sign():
    now = time.time()
    grant = Grant("1", "sid", "fid", "first-party", int(now), "", int(now) + 3600)
    return issue_access_token(grant, token_policy(), now=now).token

def verify(token):
    try:
        verify_access_token(token, token_policy(), now=time.time())
    except errors.CredentialError as error:
        return error.code
    return "ok"

commands = {
    "migrate": lambda: call_command("migrate", verbosity=0),
    "sign": sign,
    "verify": verify,
    "roll": lambda: roll_over("https://id.example").changed,
    "revoke": lambda kid: revoke_key("https://id.example", kid),
}
for line in sys.stdin:
    name, *arguments = json.loads(line)
    print(json.dumps(commands[name](*arguments)), flush=True)
"""


class Process:
    """A Python of its own, told what to do by lines."""

    def __init__(self, database_url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def ask(self, *command: str) -> None:
        """Say what to do, and do not wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Wait for what came of it."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def do(self, *command: str) -> Any:
        """Ask, and wait."""
        self.ask(*command)
        return self.answer()

    def stop(self) -> None:
        """End, and close both pipes."""
        self._process.communicate(timeout=30)


@pytest.fixture
def processes(postgresql_url: str) -> Iterator[list[Process]]:
    """Four processes on one migrated database without keys."""
    started = [Process(postgresql_url) for _ in range(4)]
    assert started[0].do("migrate") is None
    yield started
    for process in started:
        process.stop()


def test_processes_share_keys_from_first_to_last(processes: list[Process]) -> None:
    """They begin at once with one key, roll over at once and once, and all forget a revoked key."""
    for process in processes:
        process.ask("sign")
    tokens = [process.answer() for process in processes]
    assert len({kid_of(token) for token in tokens}) == 1
    assert [process.do("verify", token) for process in processes for token in tokens] == ["ok"] * 16
    for process in processes:
        process.ask("roll")
    assert sorted(process.answer() for process in processes) == [False, False, False, True]
    new = [process.do("sign") for process in processes]
    assert kid_of(new[0]) != kid_of(tokens[0])
    assert [process.do("verify", token) for process in processes for token in (*tokens, *new)] == ["ok"] * 32
    assert processes[0].do("revoke", kid_of(new[0])) is True
    refused = 0
    for process in processes:
        patience = time.monotonic() + 10
        while process.do("verify", new[0]) != "token_invalid":
            assert time.monotonic() < patience
        refused += 1
    assert refused == 4
    assert processes[1].do("verify", tokens[0]) == "ok"
    assert processes[1].do("verify", processes[2].do("sign")) == "ok"


def kid_of(token: str) -> str:
    """Who signed it."""
    from jotpass import jose  # noqa: PLC0415 (kept beside the process's own imports)

    return str(jose.peek_unverified(token).header["kid"])

"""The same project under the incumbent and under the drop-in, in two processes and two environments."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from tests.incumbent.environments import clean_environment, python_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.incumbent.environments import Subject

PROJECT: Final = Path(__file__).with_name("project")
BOTH: Final[tuple[Subject, Subject]] = ("incumbent", "drop-in")


class PeerError(Exception):
    """A function in the peer's process raised; the message is its traceback."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answered."""

    status: int
    body: Any
    challenge: str | None


@dataclass(frozen=True, slots=True)
class Peer:
    """One of the two, running."""

    subject: Subject
    requests: IO[str]
    answers: IO[str]

    def ask(self, function: str, *arguments: Any, **keywords: Any) -> Any:
        """Call a function of `serve_peer.py`.

        Raises:
            PeerError: It raised.
        """
        self.requests.write(json.dumps([function, arguments, keywords]) + "\n")
        self.requests.flush()
        line = self.answers.readline()
        answer = json.loads(line) if line else {"raised": "the process has ended"}
        if "raised" in answer:
            raise PeerError(f"{self.subject}: {answer['raised']}")
        return answer["returned"]

    def get(self, path: str, bearer: str | None = None) -> Answer:
        """Send a GET request."""
        return Answer(**self.ask("request", "GET", path, bearer=bearer))

    def post(self, path: str, **data: str) -> Answer:
        """Send a POST request with a JSON object."""
        return Answer(**self.ask("request", "POST", path, data))

    def manage(self, *arguments: str) -> str:
        """Run a management command that succeeds; what it printed."""
        result = self.ask("manage", *arguments)
        assert result["status"] == 0, result
        printed: str = result["printed"]
        return printed

    def sign_in(self, name: str) -> dict[str, str]:
        """Obtain a pair."""
        answer = self.post("/token/", username=name, password=name)
        assert answer.status == 200
        pair: dict[str, str] = answer.body
        return pair


@contextmanager
def peer(
    subject: Subject,
    database: Mapping[str, Any],
    simple_jwt: Mapping[str, Any] | None = None,
    python: Path | None = None,
) -> Iterator[Peer]:
    """Run one of them until the context ends.

    Args:
        subject: Which.
        database: What DATABASES has under ``default``.
        simple_jwt: What SIMPLE_JWT has.
        python: Another interpreter than that of its environment here.
    """
    given = json.dumps({"database": dict(database), "simple_jwt": dict(simple_jwt or {})})
    with subprocess.Popen(
        [python or python_with(subject), "-W", "ignore", "serve_peer.py"],
        cwd=PROJECT,
        env=clean_environment() | {"PEER_SETTINGS": given},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Peer(subject, process.stdin, process.stdout)
        finally:
            process.stdin.close()
            process.wait(30)

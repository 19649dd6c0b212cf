"""Tokens that either package has issued are carried out of its own tables, and exchanged once."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.incumbent.environments import ROOT, clean_environment, python_with
from tests.simplejwt_exchange.peers import BOTH

if TYPE_CHECKING:
    from tests.incumbent.environments import Subject


@pytest.mark.parametrize("subject", BOTH)
def test_nobody_is_signed_out(subject: Subject, tmp_path: Path) -> None:
    """What was alive buys a pair here, once; what was taken back, before or since, buys nothing."""
    done = subprocess.run(
        [
            str(python_with(subject)),
            "-W",
            "ignore",
            str(Path(__file__).with_name("moving.py")),
            str(tmp_path / "moving.sqlite3"),
        ],
        # The environment of the incumbent has no Jotpass; this folder has nothing else.
        env=clean_environment() | {"PYTHONPATH": str(ROOT / "src")},
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    counts = {kind: count for kind, count in told["carried"].items() if count}
    assert counts == {"carried": 3, "spent": 2}
    assert told["here"] == {"live": 200, "rotated": 401, "ended": 401, "after": 401, "successor": 200}
    assert set(told["there"].values()) == {401}

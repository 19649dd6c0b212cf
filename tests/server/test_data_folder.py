"""The data folder belongs to its owner, and its secret is made once."""

from __future__ import annotations

import os
import secrets
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from jotpass.server.data_folder import kept_secret_key, prepare_data_folder, stored_secret_key

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    """The permissions of a path."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A prepared folder."""
    prepare_data_folder(tmp_path / "deep" / ".jotpass")
    return tmp_path / "deep" / ".jotpass"


def test_nobody_else_can_look_inside(folder: Path) -> None:
    """The folder is 0700, the secret and the database 0600."""
    kept_secret_key(folder)
    assert mode(folder) == 0o700
    assert (mode(folder / "secret_key"), mode(folder / "db.sqlite3")) == (0o600, 0o600)


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    """A folder that somebody made is left as it is; what is put into it is private all the same."""
    tmp_path.chmod(0o755)
    prepare_data_folder(tmp_path)
    assert (mode(tmp_path), mode(tmp_path / "db.sqlite3")) == (0o755, 0o600)


def test_the_secret_is_kept(folder: Path) -> None:
    """The second reading gives the first key; another folder gets another."""
    key = kept_secret_key(folder)
    assert key == kept_secret_key(folder) == stored_secret_key(folder)
    assert len(key) >= 64
    (folder / "other").mkdir()
    assert kept_secret_key(folder / "other") != key


def test_two_who_make_a_secret_at_once_have_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is slower takes the key of the faster; nobody sees a file that is not yet written."""
    make, faster = secrets.token_urlsafe, []

    def interrupted(length: int) -> str:
        monkeypatch.setattr(secrets, "token_urlsafe", make)
        faster.append(kept_secret_key(folder))
        return make(length)

    monkeypatch.setattr(secrets, "token_urlsafe", interrupted)
    key = kept_secret_key(folder)
    assert [key] == faster
    assert len(key) >= 64
    assert {path.name for path in folder.iterdir()} == {".gitignore", "db.sqlite3", "secret_key"}


def test_no_secret_is_made_by_looking(folder: Path) -> None:
    """Reading a folder without a secret gives nothing and writes nothing."""
    assert stored_secret_key(folder) == ""
    assert not (folder / "secret_key").exists()


def test_the_folder_stays_out_of_version_control(folder: Path) -> None:
    """Git sees nothing of the folder: a secret is never committed by accident."""
    kept_secret_key(folder)
    subprocess.run(["git", "init", "-q", folder.parent], check=True, env=os.environ | {"HOME": str(folder)})
    seen = subprocess.run(
        ["git", "-C", folder.parent, "status", "--porcelain", "-uall"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert seen.stdout == ""

"""The environment is read once, typed, and refused in words."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from environs import EnvError

from jotpass.server.environment import read_environment


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Begin with no JOTPASS_ variable, in an empty folder."""
    for name in [name for name in os.environ if name.startswith("JOTPASS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_need_no_variable(tmp_path: Path) -> None:
    """Without any variable: SQLite in `.jotpass`, no secret, no host, no debugging."""
    environment = read_environment()
    assert environment.data == tmp_path / ".jotpass"
    assert (environment.secret_key, environment.allowed_hosts, environment.debug) == ("", (), False)
    assert environment.tokens == {}


def test_a_secret_that_begins_with_a_dollar_sign_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable is expanded inside another."""
    monkeypatch.setenv("JOTPASS_SECRET_KEY", "$HOME-{{HOME}}-${HOME}")
    assert read_environment().secret_key == "$HOME-{{HOME}}-${HOME}"


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces and empty items do not count."""
    monkeypatch.setenv("JOTPASS_ALLOWED_HOSTS", "id.example, ,api.example,")
    assert read_environment().allowed_hosts == ("id.example", "api.example")


def test_settings_of_tokens_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Durations are seconds, zero among them; what is not named keeps its default."""
    monkeypatch.setenv("JOTPASS_ISSUER", "https://id.example")
    monkeypatch.setenv("JOTPASS_REFRESH_RECOVERY", "0")
    monkeypatch.setenv("JOTPASS_CLIENTS", "web,phone")
    monkeypatch.setenv("JOTPASS_TRANSPORTS", "hybrid, body")
    monkeypatch.setenv("JOTPASS_TRUSTED_ORIGINS", "https://app.example,https://*.example")
    assert read_environment().tokens == {
        "ISSUER": "https://id.example",
        "REFRESH_RECOVERY": 0.0,
        "CLIENTS": ["web", "phone"],
        "TRANSPORTS": ["hybrid", "body"],
        "TRUSTED_ORIGINS": ["https://app.example"],
    }


def test_a_pool_has_as_many_connections_as_a_worker_has_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread holds one connection at most, so no thread waits for another unless told to."""
    monkeypatch.setenv("JOTPASS_THREADS", "3")
    assert read_environment().pool_size == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THREADS", "many"),
        ("THREADS", "0"),
        ("WORKERS", "-1"),
        ("DATABASE_TIMEOUT", "soon"),
        ("HSTS_SECONDS", "-1"),
        ("DEBUG", "perhaps"),
        ("LEEWAY", "a little"),
    ],
)
def test_a_value_of_the_wrong_type_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """A wrong value is an error that says which variable to mend."""
    monkeypatch.setenv(f"JOTPASS_{name}", value)
    with pytest.raises(EnvError, match=f"JOTPASS_{name}"):
        read_environment()


def test_the_configuration_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing the configuration prints no password and no key."""
    for name in ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.setenv(f"JOTPASS_{name}", "hidden-word")
    assert "hidden-word" not in repr(read_environment())


def test_every_variable_is_in_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page on the server names each variable that is read, and no other."""
    asked: set[str] = set()

    class Asked(dict[str, str]):
        def __missing__(self, name: str) -> str:
            asked.add(name)
            raise KeyError(name)

    monkeypatch.setattr(os, "environ", Asked())
    read_environment()
    page = Path(__file__).parents[2] / "docs" / "reference" / "server.md"
    assert set(re.findall(r"JOTPASS_[A-Z_]+", page.read_text(encoding="utf-8"))) == asked

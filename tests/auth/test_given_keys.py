"""Keys that the project keeps itself: the first signs, all verify, and a file that changes is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.conf import jotpass_settings
from jotpass.auth.key_checks import check_given_keys
from jotpass.auth.live_key_ring import hurry_all
from jotpass.auth.models import SigningKey
from jotpass.auth.sessions import start_session

if TYPE_CHECKING:
    from pathlib import Path

NEW, OLD = jose.Key.generate("ES256"), jose.Key.generate("ES256")


def configure(settings: Any, *sources: str, algorithm: str = "ES256") -> None:
    """Name the places."""
    settings.JOTPASS = {"SIGNING_ALGORITHM": algorithm, "SIGNING_KEYS": list(sources)}


def kid_of(token: str) -> str:
    """Who signed it."""
    return str(jose.peek_unverified(token).header["kid"])


def test_the_first_key_signs_and_all_verify(
    user: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PEM in a file, a JWK in a variable; exchanged, the tokens of both stay good, and no row is written."""
    pem = tmp_path / "key.pem"
    pem.write_bytes(NEW.to_pem(private=True))
    monkeypatch.setenv("OLD_KEY", jose.KeySet([OLD]).to_json(private=True))
    configure(settings, "env:OLD_KEY", f"file:{pem}")
    before = start_session(user).access
    configure(settings, f"file:{pem}", "env:OLD_KEY")
    after = start_session(user).access
    assert (kid_of(before), kid_of(after)) == (OLD.kid, NEW.kid)
    for token in (before, after):
        assert authenticate_access_token(token).user.pk == user.pk
    assert not SigningKey.objects.exists()


def test_pem_files_overlap_when_the_algorithm_changes(user: Any, settings: Any, tmp_path: Path) -> None:
    """Tokens that the RSA key signed are good beside an ES256 key, and the check finds nothing wrong."""
    new, old = tmp_path / "new.pem", tmp_path / "old.pem"
    new.write_bytes(NEW.to_pem(private=True))
    old.write_bytes(jose.Key.generate("RS256").to_pem(private=True))
    configure(settings, f"file:{old}", algorithm="RS256")
    before = start_session(user).access
    configure(settings, f"file:{new}", f"file:{old}")
    assert check_given_keys() == []
    after = start_session(user).access
    assert [jose.peek_unverified(token).header["alg"] for token in (before, after)] == ["RS256", "ES256"]
    for token in (before, after):
        assert authenticate_access_token(token).user.pk == user.pk


def test_a_file_that_changes_is_noticed(user: Any, settings: Any, tmp_path: Path) -> None:
    """Without a restart; while it cannot be read, the last good keys hold."""
    file = tmp_path / "keys.json"
    file.write_text(jose.KeySet([OLD]).to_json(private=True))
    configure(settings, f"file:{file}")
    assert kid_of(start_session(user).access) == OLD.kid
    file.write_text("half of a fi")
    hurry_all()
    assert kid_of(start_session(user).access) == OLD.kid
    file.write_text(jose.KeySet([NEW]).to_json(private=True))
    hurry_all()
    assert kid_of(start_session(user).access) == NEW.kid


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no key",
        '{"keys": []}',
        jose.KeySet([OLD]).to_json(),
        jose.KeySet([jose.Key.generate("Ed25519")]).to_json(private=True),
        jose.KeySet([jose.Key.generate("HS256")]).to_json(private=True),
    ],
    ids=["empty", "text", "no keys", "public", "another algorithm", "symmetric"],
)
def test_what_cannot_sign_is_found(user: Any, settings: Any, tmp_path: Path, text: str) -> None:
    """By the check, and by a 503 of who signs in; neither repeats what stands there."""
    file = tmp_path / "keys.json"
    file.write_text(text)
    configure(settings, f"file:{file}")
    (message,) = check_given_keys()
    assert message.id == "jotpass.E039"
    with pytest.raises(errors.ServiceUnavailable):
        start_session(user)


def test_what_is_not_there_is_found(settings: Any, tmp_path: Path) -> None:
    """A file and a variable, by their names."""
    configure(settings, f"file:{tmp_path}/missing.pem")
    assert "missing.pem" in check_given_keys()[0].msg
    configure(settings, "env:NO_SUCH_VARIABLE")
    assert "NO_SUCH_VARIABLE" in check_given_keys()[0].msg


def test_the_command_leaves_them_alone(settings: Any) -> None:
    """What it would change is not in the database."""
    configure(settings, "env:X")
    with pytest.raises(CommandError, match="SIGNING_KEYS"):
        call_command("jotpass", "keys", "rollover")


@pytest.mark.parametrize("value", ["database", ["database"], ("database",)])
def test_the_default_may_be_written_out(settings: Any, value: Any) -> None:
    """As the environment can, which knows lists alone."""
    settings.JOTPASS = {"SIGNING_KEYS": value}
    assert jotpass_settings.SIGNING_KEYS == ()

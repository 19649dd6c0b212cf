"""``manage.py jotpass keys list | rollover | retire | revoke | rewrap``: the stored keys from a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.core.management.base import CommandError

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.key_ring import DERIVED_ALGORITHM
from jotpass.auth.models import SigningKey, session_database
from jotpass.auth.signing_keys import opened_by, revoke_key, rewrap, roll_over, stored_issuers, tidy_up
from jotpass.keys.rollover import KeyState

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Mapping
    from datetime import datetime

COLUMNS: Final = (
    "kid",
    "issuer",
    "algorithm",
    "state",
    "created_at",
    "signing_since",
    "verifies_until",
    "opens_by",
)


_WHOSE: Final = "Whose keys (default: whose KID it is; of rollover: the only ones; else everybody's)."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare what ``keys`` takes."""
    actions = parser.add_subparsers(dest="action", required=True)
    listed = actions.add_parser("list", help="List the keys: public facts alone.")
    listed.add_argument("--all", action="store_true", help="Removed ones too.")
    rollover = actions.add_parser("rollover", help="Let the pending key sign, and generate the next.")
    rollover.add_argument("--now", action="store_true", help="Even if verifiers may not have it yet.")
    retire = actions.add_parser("retire", help="End a key in good order, or all whose tokens have expired.")
    retire.add_argument("kid", nargs="?", help="The key; without it, those whose last token has expired.")
    revoke = actions.add_parser("revoke", help="Drop a compromised key at once, and every token it signed.")
    revoke.add_argument("kid", help="The key.")
    rewrapped = actions.add_parser("rewrap", help="Encrypt everybody's keys under the newest SECRET_KEY.")
    for action in (listed, rollover, retire, revoke, rewrapped):
        action.add_argument("--issuer", help=_WHOSE)
        action.add_argument("--json", action="store_true", help="Print JSON.")


def run(options: Mapping[str, Any], say: Callable[[str], Any], table: Callable[..., Any]) -> None:
    """Do what was asked.

    Args:
        options: What the parser made of the command line.
        say: Writes a line.
        table: Writes column names and rows.

    Raises:
        CommandError: There is no such key or issuer, it is not said which of several, or none are stored.
    """
    if options["action"] == "list":
        _list(options, say, table)
        return
    if jotpass_settings.SIGNING_ALGORITHM == DERIVED_ALGORITHM:
        raise CommandError("JOTPASS['SIGNING_ALGORITHM'] is HS256: its keys are derived from SECRET_KEY.")
    if jotpass_settings.SIGNING_KEYS:
        raise CommandError("JOTPASS['SIGNING_KEYS'] says that the project keeps its keys itself.")
    done, text = _ACTIONS[options["action"]](options)
    say(json.dumps(done) if options["json"] else text)
    if done.get("unreadable"):
        raise CommandError("Some keys (see keys list) open by no secret that is configured: revoke them.")


def _issuers() -> tuple[str, ...]:
    """Return who may be meant: all that have keys, and the project itself if it is one site."""
    own = () if jotpass_settings.SITE_RESOLVER else (jotpass_settings.ISSUER,)
    return tuple(sorted({*stored_issuers(), *own}))


def _one_issuer(named: str | None) -> str:
    """Return whose keys are meant, where they can be those of one alone."""
    issuers = _issuers()
    if named is not None:
        return _existing(named, issuers)
    if not issuers:
        raise CommandError("There are no keys: the first sign-in at each site makes them.")
    if len(issuers) > 1:
        message = f"Say whose keys with --issuer, one of: {', '.join(issuers)}"
        raise CommandError(message)
    return issuers[0]


def _each_issuer(named: str | None) -> tuple[str, ...]:
    """Return all that have keys, or of them the one that is named."""
    stored = stored_issuers()
    if named is None:
        return stored
    return (named,) if _existing(named, _issuers()) in stored else ()


def _existing(named: str, issuers: tuple[str, ...]) -> str:
    # The keys of a name that is misspelt would be made, and stay.
    if named not in issuers:
        message = f"No keys of {named!r} are stored; --issuer may name: {', '.join(issuers) or 'nobody yet'}"
        raise CommandError(message)
    return named


def _list(options: Mapping[str, Any], say: Callable[[str], Any], table: Callable[..., Any]) -> None:
    keys = SigningKey.objects.using(session_database()).order_by("issuer", "-created_at", "kid")
    if options["issuer"] is not None:
        keys = keys.filter(issuer=options["issuer"])
    if not options["all"]:
        keys = keys.exclude(state=KeyState.REMOVED)
    rows = [_row(key) for key in keys]
    if options["json"]:
        say(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], indent=2))
    elif rows:
        table([column.replace("_", " ") for column in COLUMNS], rows)
    else:
        whose = "" if options["issuer"] is None else f" of {options['issuer']}"
        say(f"There are no keys{whose}: the first sign-in makes them.")


def _row(key: SigningKey) -> tuple[str, ...]:
    position = opened_by(key) if key.state != KeyState.REMOVED else None
    opens = "nothing" if position is None else "a fallback" if position else "SECRET_KEY"
    moments = (key.created_at, key.signing_since, key.verifies_until)
    told = opens if key.state != KeyState.REMOVED else ""
    return (key.kid, key.issuer, key.algorithm, key.state, *map(_moment, moments), told)


def _rollover(options: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    issuer = _one_issuer(options["issuer"])
    begun = issuer in stored_issuers()
    done, text = _rolled(issuer, at_once=options["now"])
    return done, text if begun else f"The first keys of {issuer} are made: {done['signing']} signs."


def _rolled(issuer: str, *, at_once: bool = False, only: str | None = None) -> tuple[dict[str, Any], str]:
    rolled = roll_over(issuer, at_once=at_once, only=only)
    signing = SigningKey.objects.using(session_database()).get(issuer=issuer, state=KeyState.SIGNING)
    done = {"rolled_over": rolled.changed, "signing": signing.kid, "wait": round(rolled.wait)}
    if rolled.changed:
        return done, f"{signing.kid} signs from now on."
    if rolled.wait:
        return done, (
            f"{signing.kid} goes on: the next key signs in {round(rolled.wait)} seconds at the earliest, "
            "when every verifier has read it. --now does not wait."
        )
    return done, f"Nothing to roll over: {signing.kid} signs."


def _retire(options: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    kid = options["kid"]
    if kid is None:
        removed = [key for issuer in _each_issuer(options["issuer"]) for key in tidy_up(issuer)]
        return {"removed": removed}, f"{len(removed)} keys removed."
    key = _known(options["issuer"], kid)
    if key.state == KeyState.SIGNING:
        return _rolled(key.issuer, only=kid)
    if key.state == KeyState.PENDING:
        _drop(key)
        return {"removed": [kid]}, f"{kid} is removed: it has signed nothing."
    return {"removed": []}, f"{kid} signs no more and is {key.state}."


def _revoke(options: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    kid = options["kid"]
    _drop(_known(options["issuer"], kid))
    return {"revoked": kid}, (
        f"{kid} is revoked. Within a second no process of this project accepts what it signed; "
        "other services do until they read the JWK Set again."
    )


def _drop(key: SigningKey) -> None:
    if not revoke_key(key.issuer, key.kid):
        message = f"{key.kid} was removed before, or somebody else is changing the keys: look again."
        raise CommandError(message)


def _rewrap(options: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    sealed = broken = 0
    for issuer in _each_issuer(options["issuer"]):
        anew, lost = rewrap(issuer)
        sealed, broken = sealed + anew, broken + lost
    return {"rewrapped": sealed, "unreadable": broken}, f"{sealed} keys encrypted anew."


def _known(issuer: str | None, kid: str) -> SigningKey:
    if issuer is not None:
        _existing(issuer, _issuers())
    key = SigningKey.objects.using(session_database()).filter(kid=kid).first()
    if key is None or issuer not in (None, key.issuer):
        raise CommandError("No key of this kid.")
    return key


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


_ACTIONS: Final = {"rollover": _rollover, "retire": _retire, "revoke": _revoke, "rewrap": _rewrap}

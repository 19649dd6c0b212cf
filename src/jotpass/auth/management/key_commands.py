"""``manage.py jotpass keys list | rollover | retire | revoke | rewrap``: the stored keys from a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.core.management.base import CommandError

from jotpass.auth.conf import jotpass_settings
from jotpass.auth.key_ring import DERIVED_ALGORITHM
from jotpass.auth.models import SigningKey, session_database
from jotpass.auth.signing_keys import opened_by, revoke_key, rewrap, roll_over, tidy_up
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


_WHOSE: Final = "Whose keys (default: whose KID it is; of list: everybody's; else JOTPASS['ISSUER'])."


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
    rewrapped = actions.add_parser("rewrap", help="Encrypt every key under the newest SECRET_KEY.")
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
        CommandError: There is no such key, or keys are not stored at all.
    """
    if options["action"] == "list":
        _list(options, say, table)
        return
    if jotpass_settings.SIGNING_ALGORITHM == DERIVED_ALGORITHM:
        raise CommandError("JOTPASS['SIGNING_ALGORITHM'] is HS256: its keys are derived from SECRET_KEY.")
    if jotpass_settings.SIGNING_KEYS:
        raise CommandError("JOTPASS['SIGNING_KEYS'] says that the project keeps its keys itself.")
    done, text = _ACTIONS[options["action"]](_issuer(options), options)
    say(json.dumps(done) if options["json"] else text)
    if done.get("unreadable"):
        raise CommandError("Some keys open by neither SECRET_KEY nor its fallbacks: revoke them.")


def _issuer(options: Mapping[str, Any]) -> str:
    """Return whose keys are meant: the issuer that is named, else that of the key that is."""
    named, kid = options["issuer"], options.get("kid")
    if kid is not None:
        return _known(named, kid).issuer
    return str(named or jotpass_settings.ISSUER)


def _list(options: Mapping[str, Any], say: Callable[[str], Any], table: Callable[..., Any]) -> None:
    keys = SigningKey.objects.using(session_database()).order_by("issuer", "-created_at", "kid")
    if options["issuer"]:
        keys = keys.filter(issuer=options["issuer"])
    if not options["all"]:
        keys = keys.exclude(state=KeyState.REMOVED)
    rows = [_row(key) for key in keys]
    if options["json"]:
        say(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], indent=2))
    elif rows:
        table([column.replace("_", " ") for column in COLUMNS], rows)
    else:
        say("There are no keys: the first sign-in makes them.")


def _row(key: SigningKey) -> tuple[str, ...]:
    position = opened_by(key) if key.state != KeyState.REMOVED else None
    opens = "nothing" if position is None else "a fallback" if position else "SECRET_KEY"
    moments = (key.created_at, key.signing_since, key.verifies_until)
    told = opens if key.state != KeyState.REMOVED else ""
    return (key.kid, key.issuer, key.algorithm, key.state, *map(_moment, moments), told)


def _rollover(issuer: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    return _rolled(issuer, at_once=options["now"])


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


def _retire(issuer: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    kid = options["kid"]
    if kid is None:
        removed = tidy_up(issuer)
        return {"removed": list(removed)}, f"{len(removed)} keys removed."
    key = _known(issuer, kid)
    if key.state == KeyState.SIGNING:
        return _rolled(issuer, only=kid)
    if key.state == KeyState.PENDING:
        _drop(issuer, kid)
        return {"removed": [kid]}, f"{kid} is removed: it has signed nothing."
    return {"removed": []}, f"{kid} signs no more and is {key.state}."


def _revoke(issuer: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    kid = options["kid"]
    _drop(issuer, kid)
    return {"revoked": kid}, (
        f"{kid} is revoked. Within a second no process of this project accepts what it signed; "
        "other services do until they read the JWK Set again."
    )


def _drop(issuer: str, kid: str) -> None:
    if not revoke_key(issuer, kid):
        message = f"{kid} was removed before, or somebody else is changing the keys: look again."
        raise CommandError(message)


def _rewrap(issuer: str, _: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    sealed, broken = rewrap(issuer)
    return {"rewrapped": sealed, "unreadable": broken}, f"{sealed} keys encrypted anew."


def _known(issuer: str | None, kid: str) -> SigningKey:
    key = SigningKey.objects.using(session_database()).filter(kid=kid).first()
    if key is None or issuer not in (None, key.issuer):
        raise CommandError("No key of this kid.")
    return key


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


_ACTIONS: Final = {"rollover": _rollover, "retire": _retire, "revoke": _revoke, "rewrap": _rewrap}

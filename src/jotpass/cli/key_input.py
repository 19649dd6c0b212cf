"""The keys that commands are given: JWK, JWK Set, PEM, DER, or a shared secret (RFC 7517, RFC 7468)."""

from __future__ import annotations

import re
import sys
from binascii import Error as Base64Error
from binascii import a2b_base64, unhexlify
from typing import TYPE_CHECKING, Any, Final

import click

from jotpass import jose
from jotpass.cli.refusal import KEY_TROUBLE, Misuse, Refusal, key_refusals
from jotpass.cli.source import source_option
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.strict_json import parse_json_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.cli.source import Source

SIGNING_ALGORITHMS: Final = tuple(row.name for row in SIGNATURE_ALGORITHMS.values() if row.signs)
ALGORITHMS: Final = tuple(SIGNATURE_ALGORITHMS)

_ENCRYPTED: Final = (b"BEGIN ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED")
_DER_SEQUENCE: Final = b"\x30"
_WHITE_SPACE: Final = re.compile(rb"\s+")

key_option = source_option(
    "--key", help="The key: a JWK, PEM or DER document, or a private JWK Set of your own."
)
secret_option = source_option("--secret", help="A shared secret, for HS256, HS384 and HS512.")
secret_format_option: Callable[..., Any] = click.option(
    "--secret-format",
    type=click.Choice(["raw", "base64", "hex"]),
    default="raw",
    show_default=True,
    help="How the secret is written; base64 of either alphabet.",
)
password_option = source_option(
    "--password", prompt=True, help="The password of an encrypted key. A terminal is asked for it."
)


def read_key(source: Source, password: Source | None = None) -> jose.Key | jose.KeySet:
    """Read a key, or a set of keys that is the user's own, in whatever form it is.

    Raises:
        Refusal: With exit code 4.
    """
    document = source.read("the key", exit_code=KEY_TROUBLE)
    document = document.removeprefix(b"\xef\xbb\xbf")
    bare = document.strip()
    with key_refusals():
        if bare.startswith(b"{"):
            return _read_json(bare)
        if b"-----BEGIN " in document:
            encrypted = any(mark in document for mark in _ENCRYPTED)
            return jose.Key.from_pem(bare, read_password(password, needed=encrypted))
        if document.startswith(_DER_SEQUENCE):
            return jose.Key.from_der(document, read_password(password, needed=False))
    raise Refusal(
        "key_invalid",
        "This is neither a JWK nor PEM nor DER.",
        exit_code=KEY_TROUBLE,
        hint="A shared secret goes with --secret.",
    )


def read_one_key(source: Source, password: Source | None = None) -> jose.Key:
    """Read exactly one key.

    Raises:
        Refusal: With exit code 4.
    """
    key = read_key(source, password)
    if isinstance(key, jose.Key):
        return key
    if len(key) == 1:
        return key.keys[0]
    message = f"The set holds {len(key)} usable keys, and one is wanted."
    raise Refusal("key_ambiguous", message, exit_code=KEY_TROUBLE)


def read_jwk_set(source: Source) -> jose.KeySet:
    """Read a public JWK Set.

    Raises:
        Refusal: With exit code 4; a set without a usable key says what was wrong with each.
    """
    document = source.read("the JWK Set", exit_code=KEY_TROUBLE).strip()
    if b'"keys"' not in document and b'"kty"' in document:
        message = "This is a single JWK, not a JWK Set."
        raise Refusal("key_invalid", message, exit_code=KEY_TROUBLE, hint="It goes with --key.")
    with key_refusals():
        return _usable(jose.KeySet.from_json(document))


def read_secret(source: Source, form: str, alg: str | None) -> jose.Key:
    """Read a shared secret. A line break at the end of a text is none of it.

    Raises:
        Refusal: With exit code 4.
    """
    octets = source.read("the secret", exit_code=KEY_TROUBLE)
    try:
        secret = _DECODERS[form](octets)
    except (Base64Error, ValueError):
        raise Refusal("key_invalid", f"The secret is not {form}.", exit_code=KEY_TROUBLE) from None
    with key_refusals():
        return jose.Key.from_secret(secret, alg=alg)


def read_password(source: Source | None, *, needed: bool, confirm: bool = False) -> bytes | None:
    """Read a password, or ask for it.

    Args:
        source: Where from; None asks a terminal if it is needed.
        needed: Whether there must be one.
        confirm: Ask twice, for a new one.

    Raises:
        Refusal: It is needed, and there is nobody to ask.
    """
    if source is not None and source.kind != "prompt":
        return _without_line_break(source.read("the password", exit_code=KEY_TROUBLE))
    if source is None and not needed:
        return None
    if source is None and not sys.stdin.isatty():
        raise Refusal(
            "password_needed",
            "The key is encrypted.",
            exit_code=KEY_TROUBLE,
            hint="Say --password @FILE, env:NAME or prompt.",
        )
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=confirm, err=True)
    return answer.encode()


def bound_to_algorithm(key: jose.Key, alg: str | None) -> jose.Key:
    """Return the key bound to an algorithm: the given one, its own, or the only one that it fits.

    Raises:
        Misuse: Several fit, and none is given.
        Refusal: With exit code 4, if the given one does not fit, or the key is for encryption.
    """
    if not signs(key):
        raise Refusal("key_mismatch", "The key is for encryption, and signs nothing.", exit_code=KEY_TROUBLE)
    if key.alg is not None and (alg is None or alg == key.alg):
        return key
    if alg is not None:
        if key.alg is not None and key.alg != "EdDSA":
            message = f"The key is bound to {key.alg}, not to {alg}."
            raise Refusal("key_mismatch", message, exit_code=KEY_TROUBLE)
        with key_refusals():
            return key.replace(alg=alg)
    fitting = _fitting_algorithms(key)
    if len(fitting) != 1:
        raise Misuse("alg_missing", f"The key names no algorithm: say --alg {' | '.join(fitting)}.")
    return key.replace(alg=fitting[0])


def signs(key: jose.Key) -> bool:
    """Whether a key is for signatures, as far as it says; sets hold keys for encryption too."""
    return key.use in {None, "sig"} and (key.alg is None or key.alg in SIGNATURE_ALGORITHMS)


def _fitting_algorithms(key: jose.Key) -> list[str]:
    return [
        row.name
        for row in SIGNATURE_ALGORITHMS.values()
        if row.signs and row.kty == key.kty and (not row.curves or key.crv in row.curves)
    ]


def _read_json(document: bytes) -> jose.Key | jose.KeySet:
    try:
        members = parse_json_object(document)
    except ValueError:
        # Reading it as a JWK says what is wrong with it.
        return jose.Key.from_jwk(document)
    if "keys" in members and "kty" not in members:
        return _usable(jose.KeySet.from_json(document, private=True))
    return jose.Key.from_jwk(document)


def _usable(keys: jose.KeySet) -> jose.KeySet:
    if len(keys):
        return keys
    reasons = "; ".join(f"{skipped.reason} [{skipped.code}]" for skipped in keys.skipped[:5])
    message = f"The set holds no usable key{f': {reasons}' if reasons else ''}."
    raise Refusal("key_not_found", message, exit_code=KEY_TROUBLE)


def _without_line_break(octets: bytes) -> bytes:
    return octets.removesuffix(b"\n").removesuffix(b"\r")


def _raw(octets: bytes) -> bytes:
    """Take the line break off a text; random bytes are left as they are."""
    text = _without_line_break(octets)
    try:
        return text if text.decode().isprintable() else octets
    except UnicodeDecodeError:
        return octets


def _base64(octets: bytes) -> bytes:
    body = _WHITE_SPACE.sub(b"", octets).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    return a2b_base64(body + b"=" * (-len(body) % 4), strict_mode=True)


def _hex(octets: bytes) -> bytes:
    return unhexlify(_WHITE_SPACE.sub(b"", octets))


_DECODERS: Final[dict[str, Callable[[bytes], bytes]]] = {"raw": _raw, "base64": _base64, "hex": _hex}

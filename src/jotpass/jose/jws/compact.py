"""The JWS compact serialization: ``header.payload.signature`` (RFC 7515 s3.1, s5, s7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.base64url import b64url_encode, decode_segment
from jotpass.jose.errors import SignatureInvalid, TokenMalformed, TokenTooLarge, TokenWrongType
from jotpass.jose.header import check_header, media_type, read_header, write_header
from jotpass.jose.jwk.key import Key
from jotpass.jose.jws.key_choice import KeyChoice, check_fit
from jotpass.jose.jws.signing import make_signature
from jotpass.jose.limits import MAX_TOKEN_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jotpass.jose.algorithms import SignatureAlgorithm
    from jotpass.jose.frozen_json import FrozenObject
    from jotpass.jose.jwk.key_set import KeySet
    from jotpass.jose.jws.key_choice import Candidate
    from jotpass.jose.jws.signing import Check

MAX_KNOWN_HEADERS: Final = 64
"""Header segments that a verifier remembers; issuers write one per key."""


@dataclass(frozen=True, slots=True)
class VerifiedJws:
    """What a verified JWS says.

    Attributes:
        payload: The signed bytes.
        header: The protected header, read-only.
        key: The key that the signature was verified with.
    """

    payload: bytes
    header: Mapping[str, Any]
    key: Key


def sign_compact(
    payload: bytes,
    key: Key,
    *,
    algorithm: str | None = None,
    typ: str | None = None,
    headers: Mapping[str, Any] | None = None,
) -> str:
    """Sign bytes (RFC 7515 s5.1).

    Args:
        payload: What to sign; any bytes.
        key: A private or symmetric key.
        algorithm: The ``alg``; needed only where the key is not bound to one.
        typ: The header's ``typ``, or None for a header without.
        headers: More header members. ``kid`` is the key's unless it stands here.

    Returns:
        The compact serialization.

    Raises:
        KeyMismatch: If the key is public, or is for another algorithm, use or operation.
        KeyWeak: If the secret is too short for the algorithm.
        TokenTooLarge: If nobody with our limits would read the result.
        TypeError: If ``key`` is not a ``Key`` or ``payload`` not bytes.
        ValueError: If the algorithm is unknown, missing or for verifying only, or ``headers`` are not
            acceptable.
    """
    if not isinstance(key, Key):
        raise TypeError(f"key must be a Key, not {type(key).__name__}")
    if not isinstance(payload, bytes):
        raise TypeError(f"payload must be bytes, not {type(payload).__name__}")
    row = _signing_row(key, algorithm)
    check_fit(row, key, "sign")
    signing_input = f"{write_header(row.name, typ, key.kid, headers)}.{b64url_encode(payload)}"
    signature = make_signature(row, key.material, signing_input.encode("ascii"))
    token = f"{signing_input}.{b64url_encode(signature)}"
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenTooLarge(f"the token would be longer than {MAX_TOKEN_LENGTH} characters")
    return token


def verify_compact(
    token: str | bytes,
    keys: Key | KeySet,
    *,
    algorithms: Iterable[str] | None = None,
    typ: str | None = None,
) -> VerifiedJws:
    """Verify a compact JWS (RFC 7515 s5.2).

    Args:
        token: The compact serialization.
        keys: One key, or a set in which the header's ``kid`` chooses.
        algorithms: The accepted ``alg`` values; None if every key names its own.
        typ: The ``typ`` that the header must have, compared as a media type; None accepts any.

    Raises:
        JoseError: If the token is refused, whatever it is; the class and its ``code`` say why.
        TypeError: If ``keys`` is not a ``Key`` or ``KeySet``, or ``token`` neither str nor bytes.
        ValueError: If ``algorithms`` is missing where it is needed, empty, or names an unknown one.
    """
    types = None if typ is None else frozenset({expected_type(typ)})
    headers = HeaderVerifier(KeyChoice(keys, algorithms), types)
    signing_input, segment, payload, signature = read_compact(token)
    verified = headers.verify(segment, signing_input, signature)
    return VerifiedJws(payload, verified.header, verified.key)


@dataclass(frozen=True, slots=True)
class VerifiedHeader:
    """A header that came with a good signature, and the one key that makes signatures for it good."""

    header: FrozenObject
    key: Key
    check: Check


class HeaderVerifier:
    """Judges headers and the signatures made under them, for one choice of keys; shared between threads.

    A header segment that came with a good signature is remembered with what it means, so that the next token
    with the same header costs no decoding of it. What an attacker sends is never remembered.

    Args:
        choice: The accepted keys and algorithms.
        types: The accepted types as ``media_type`` writes them, None standing for a header without ``typ``;
            or None to accept any.

    Attributes:
        known: By header segment: what may be used at once, with its own ``check``, instead of ``verify``.
    """

    __slots__ = ("_choice", "_types", "known")

    def __init__(self, choice: KeyChoice, types: frozenset[str | None] | None) -> None:
        self._choice = choice
        self._types = types
        self.known: dict[bytes, VerifiedHeader] = {}

    def verify(self, segment: bytes, signing_input: bytes, signature: bytes) -> VerifiedHeader:
        """Verify a signature under a header that is not known yet.

        Raises:
            JoseError: If the header is not acceptable or the signature not good.
        """
        header = read_header(segment)
        check_header(header)
        candidates = self._choice.candidates(header)
        good = _first_good(candidates, signing_input, signature)
        typ = header.get("typ")
        if self._types is not None and (typ if typ is None else media_type(typ)) not in self._types:
            raise TokenWrongType("typ is not that of an acceptable token")
        verified = VerifiedHeader(header, good.key, good.check)
        if len(candidates) == 1:
            # With several candidates the next token may be of another one.
            if len(self.known) >= MAX_KNOWN_HEADERS:
                self.known.clear()
            self.known[segment] = verified
        return verified


def expected_type(typ: str) -> str:
    """Return the ``typ`` that a caller expects, as ``media_type`` writes it.

    Raises:
        TypeError: If it is not a string.
        ValueError: If it is empty.
    """
    if not isinstance(typ, str):
        raise TypeError(f"typ must be a string, not {type(typ).__name__}")
    if not typ:
        raise ValueError("typ must not be empty")
    return media_type(typ)


def read_compact(token: str | bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Read a compact serialization without judging what it says.

    Returns:
        The signing input, the header segment as it came, the decoded payload and the decoded signature.

    Raises:
        TokenMalformed: If it is not three segments with canonical base64url in the last two.
        TokenTooLarge: If it is longer than the limit.
        TypeError: If it is neither str nor bytes.
    """
    if not isinstance(token, str) and not isinstance(token, bytes):
        raise TypeError(f"a token is str or bytes, not {type(token).__name__}")
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenTooLarge(f"the token is longer than {MAX_TOKEN_LENGTH} characters")
    try:
        # No byte above ASCII is base64url, in any segment.
        encoded = token.encode() if isinstance(token, str) else token
        signing_input, _, signature = encoded.rpartition(b".")
        segment, dot, payload = signing_input.partition(b".")
        # A fourth segment leaves a dot in the payload's, and no dot is base64url.
        if dot:
            return signing_input, segment, decode_segment(payload), decode_segment(signature)
    except ValueError:
        pass
    raise TokenMalformed("not three segments of base64url")


def _first_good(candidates: Iterable[Candidate], signing_input: bytes, signature: bytes) -> Candidate:
    for candidate in candidates:
        try:
            candidate.check(signing_input, signature)
        except SignatureInvalid:
            continue
        return candidate
    raise SignatureInvalid("the signature does not verify")


def _signing_row(key: Key, algorithm: str | None) -> SignatureAlgorithm:
    name = key.alg if algorithm is None else algorithm
    if name == "EdDSA" and algorithm is None:
        # The key's curve is the algorithm's full name (RFC 9864 s2.2).
        name = key.crv
    if name is None:
        raise ValueError("algorithm must be given: the key does not name its own")
    row = SIGNATURE_ALGORITHMS.get(name)
    if row is None or not row.signs:
        raise ValueError("algorithm is not one that signs")
    return row

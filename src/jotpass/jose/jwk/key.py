"""One JSON Web Key: typed, immutable, checked once when it is made (RFC 7517 s4, RFC 8725bis s3.1, s3.5)."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, final

from cryptography.hazmat.primitives.serialization import Encoding

from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS
from jotpass.jose.errors import KeyUnsupported
from jotpass.jose.jwk.key_types import (
    READERS,
    check_public_key,
    generate_private_key,
    kty_and_crv,
    private_members,
    public_members,
)
from jotpass.jose.jwk.material import Material, PrivateKey, PublicKey
from jotpass.jose.jwk.octet_sequence import check_secret, write_octet_sequence
from jotpass.jose.jwk.parameters import (
    check_algorithm,
    check_parameters,
    public_operations,
    read_document,
    read_parameters,
    read_text,
)
from jotpass.jose.jwk.pem import read_der, read_pem, write_key
from jotpass.jose.jwk.thumbprint import compute_thumbprint, compute_thumbprint_uri
from jotpass.jose.limits import MAX_JWK_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Unpack

    from jotpass.jose.jwk.parameters import KeyParameters
    from jotpass.jose.strict_json import JsonObject


_NO_PUBLIC_HALF = "a symmetric key has no public half: as a JWK it is written with private=True"


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Key:
    """A key that has passed every check, and says what it may be used for.

    Made by ``generate``, ``from_jwk``, ``from_pem``, ``from_der`` or ``from_secret``, or from a key object of
    the ``cryptography`` package. It never changes, compares by content, and shows nothing secret in ``repr``.

    Attributes:
        material: The secret bytes of a symmetric key, or a public or private key object.
        alg: The one algorithm it is for, if it names one.
        kid: Its key ID.
        use: ``sig``, ``enc`` or another string (RFC 7517 s4.2).
        key_ops: The operations it may be used for (RFC 7517 s4.3); None for any.
        allow_weak: Whether a secret may be shorter than its algorithm asks for, because it cannot change yet.
        kty: ``oct``, ``RSA``, ``EC`` or ``OKP``.
        crv: The curve's name, or None where the key type has none.
        is_private: Whether it can sign or decrypt; True for symmetric keys.
        verification_material: The secret bytes of a symmetric key, or the public key object.

    Raises:
        KeyInvalid: Parameters contradict each other, or the material is not what it seems.
        KeyMismatch: ``alg`` is for another key type or curve.
        KeyUnsupported: A key type, curve or size that is not used here.
        KeyWeak: Too short, or of a kind known to be broken.
        TypeError: ``material`` is no key; text is never one.
    """

    material: Material
    alg: str | None = field(default=None, kw_only=True)
    kid: str | None = field(default=None, kw_only=True)
    use: str | None = field(default=None, kw_only=True)
    key_ops: tuple[str, ...] | None = field(default=None, kw_only=True)
    allow_weak: bool = field(default=False, kw_only=True)
    kty: str = field(init=False)
    crv: str | None = field(init=False)
    is_private: bool = field(init=False)
    verification_material: bytes | PublicKey = field(init=False)
    _identity: bytes = field(init=False)

    def __post_init__(self) -> None:
        if self.key_ops is not None:
            object.__setattr__(self, "key_ops", tuple(self.key_ops))
        check_parameters(self.alg, self.kid, self.use, self.key_ops)
        public = _verification_material(self.material)
        kty, crv = kty_and_crv(public)
        check_algorithm(self.alg, kty, crv)
        if isinstance(public, bytes):
            check_secret(public, self.alg, self.use, allow_weak=self.allow_weak)
        else:
            check_public_key(public)
        object.__setattr__(self, "kty", kty)
        object.__setattr__(self, "crv", crv)
        object.__setattr__(self, "is_private", not isinstance(self.material, PublicKey))
        object.__setattr__(self, "verification_material", public)
        canonical = json.dumps([self._members(), self.allow_weak], sort_keys=True)
        object.__setattr__(self, "_identity", hashlib.sha256(canonical.encode()).digest())

    # --- made -----------------------------------------------------------------------------------------------

    @classmethod
    def generate(cls, alg: str, *, kid: str | None = None) -> Self:
        """Make a new key for one signature algorithm; its ``kid`` is its thumbprint unless one is given.

        Raises:
            ValueError: ``alg`` makes no signatures here; ``EdDSA`` does not say which curve.
        """
        row = SIGNATURE_ALGORITHMS.get(alg)
        if row is None or not row.signs:
            raise ValueError(f"no key can be generated for alg {alg!r}")
        material: Material
        if row.kty == "oct":
            material = secrets.token_bytes(row.minimum_secret_bytes)
        else:
            material = generate_private_key(row.kty, row.curves[0] if row.curves else None)
        key = cls(material, alg=alg, kid=kid)
        return key if kid is not None else key.replace(kid=key.thumbprint())

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object] | str | bytes) -> Self:
        """Read a JWK, as JSON text or parsed (RFC 7517 s4).

        Raises:
            JoseError: Whatever the document holds, the refusal is one of the ``KeyRefused``.
            TypeError: Neither text nor anything that JSON has.
        """
        members = read_document(jwk, MAX_JWK_LENGTH)
        reader = READERS.get(read_text(members, "kty"))
        if reader is None:
            raise KeyUnsupported("this key type (kty) is not supported")
        return cls(reader(members), **read_parameters(members))

    @classmethod
    def from_pem(
        cls,
        pem: bytes | str,
        password: bytes | None = None,
        *,
        alg: str | None = None,
        kid: str | None = None,
    ) -> Self:
        """Read a PEM document that holds one public key, private key or certificate (RFC 7468).

        Of a certificate only the public key is taken; nothing in it is verified.

        Raises:
            JoseError: One of the ``KeyRefused``.
            ValueError: ``alg`` is not an algorithm.
        """
        # What is not Unicode becomes "?", which is in no PEM.
        document = pem.encode(errors="replace") if isinstance(pem, str) else _require_bytes(pem, "pem")
        return cls(read_pem(document, _optional_bytes(password, "password")), alg=_known(alg), kid=kid)

    @classmethod
    def from_der(
        cls,
        der: bytes,
        password: bytes | None = None,
        *,
        alg: str | None = None,
        kid: str | None = None,
    ) -> Self:
        """Read a DER document that holds one public key, private key or certificate.

        Raises:
            JoseError: One of the ``KeyRefused``.
            ValueError: ``alg`` is not an algorithm.
        """
        document = _require_bytes(der, "der")
        return cls(read_der(document, _optional_bytes(password, "password")), alg=_known(alg), kid=kid)

    @classmethod
    def from_secret(
        cls,
        secret: bytes,
        *,
        alg: str | None = None,
        kid: str | None = None,
        allow_weak: bool = False,
    ) -> Self:
        """Take random bytes as a symmetric key (RFC 7518 s3.2, s6.4).

        Args:
            secret: At least as many bytes as the hash of ``alg`` has; 32 without ``alg``. Never a password.
            alg: The one algorithm it is for.
            kid: Its key ID.
            allow_weak: Admit a shorter one. An empty one, or another kind of key, is refused still.

        Raises:
            KeyWeak: Too short.
            KeyInvalid: The bytes are an asymmetric key or a JWK, as text or in binary.
            KeyMismatch: ``alg`` takes no symmetric key.
            TypeError: ``secret`` is not bytes; text has an encoding and too little entropy.
            ValueError: ``alg`` is not an algorithm.
        """
        return cls(_require_bytes(secret, "secret"), alg=_known(alg), kid=kid, allow_weak=allow_weak)

    def replace(self, **changes: Unpack[KeyParameters]) -> Key:
        """Return the same key with another ``alg``, ``kid``, ``use``, ``key_ops`` or ``allow_weak``."""
        return replace(self, **changes)

    def public_key(self) -> Key:
        """Return the public half; operations turn into their counterparts (``sign`` into ``verify``).

        Raises:
            ValueError: A symmetric key has none.
        """
        if not self.is_private:
            return self
        if self.kty == "oct":
            raise ValueError(_NO_PUBLIC_HALF)
        return replace(
            self,
            material=self.verification_material,
            key_ops=public_operations(self.key_ops),
        )

    # --- written --------------------------------------------------------------------------------------------

    def to_jwk(self, *, private: bool = False) -> JsonObject:
        """Return the JWK: of the public half, or with the private members if told so.

        Raises:
            ValueError: A symmetric key without ``private``, or a public key with it.
        """
        if not private:
            return self.public_key()._members()  # noqa: SLF001 - another of our own
        self._require_private()
        return self._members()

    def to_pem(self, *, private: bool = False, password: bytes | None = None) -> bytes:
        """Return the public half as SubjectPublicKeyInfo, or the private key as PKCS#8.

        Args:
            private: Write the private key.
            password: Encrypt it.

        Raises:
            ValueError: A symmetric key, a public key with ``private``, or a password without it.
        """
        return self._serialize(Encoding.PEM, private=private, password=password)

    def to_der(self, *, private: bool = False, password: bytes | None = None) -> bytes:
        """Return what ``to_pem`` writes, in binary."""
        return self._serialize(Encoding.DER, private=private, password=password)

    def thumbprint(self, hash: str = "sha256") -> str:  # noqa: A002 - hashlib's word
        """Return the thumbprint in base64url (RFC 7638); private and public half have the same one.

        That of a symmetric key is a hash of the secret: harmless for random bytes, a clue for guessable ones.

        Raises:
            ValueError: ``hash`` is not ``sha256``, ``sha384`` or ``sha512``.
        """
        return compute_thumbprint(self._required_members(), hash)

    def thumbprint_uri(self, hash: str = "sha256") -> str:  # noqa: A002 - hashlib's word
        """Return the thumbprint as a URI (RFC 9278)."""
        return compute_thumbprint_uri(self._required_members(), hash)

    # --- an immutable value ---------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Key):
            return NotImplemented
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __repr__(self) -> str:
        named = {"kty": self.kty, "crv": self.crv, "alg": self.alg, "kid": self.kid, "use": self.use}
        said = " ".join(f"{name}={value!r}" for name, value in named.items() if value is not None)
        kind = "symmetric" if self.kty == "oct" else "private" if self.is_private else "public"
        return f"<Key {kind} {said}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Callable[[JsonObject], Key], tuple[JsonObject]]:
        if self.is_private:
            raise TypeError("a private or symmetric key is not pickled; write it with to_jwk or to_pem")
        return Key.from_jwk, (self._members(),)

    # --- inside ---------------------------------------------------------------------------------------------

    def _required_members(self) -> dict[str, str]:
        public = self.verification_material
        members = write_octet_sequence(public) if isinstance(public, bytes) else public_members(public)
        return {"kty": self.kty, **members}

    def _members(self) -> JsonObject:
        members: JsonObject = {**self._required_members()}
        if isinstance(self.material, PrivateKey):
            members.update(private_members(self.material))
        key_ops = None if self.key_ops is None else list(self.key_ops)
        parameters = {"alg": self.alg, "kid": self.kid, "use": self.use, "key_ops": key_ops}
        members.update({name: value for name, value in parameters.items() if value is not None})
        return members

    def _serialize(self, encoding: Encoding, *, private: bool, password: bytes | None) -> bytes:
        key = self.material if private else self.verification_material
        if isinstance(key, bytes):
            raise ValueError(_NO_PUBLIC_HALF)  # noqa: TRY004 - a Key of the wrong kind is the right type
        if private:
            self._require_private()
        elif password is not None:
            raise ValueError("a public key is not encrypted: a password goes with private=True")
        return write_key(key, encoding, _optional_bytes(password, "password"))

    def _require_private(self) -> None:
        if not self.is_private:
            raise ValueError("this key has no private members")


def _verification_material(material: Material) -> bytes | PublicKey:
    if isinstance(material, bytes | PublicKey):
        return material
    if isinstance(material, PrivateKey):
        return material.public_key()
    raise TypeError(f"expected secret bytes or a key object, got {type(material).__name__}")


def _known(alg: str | None) -> str | None:
    if alg is not None and alg not in SIGNATURE_ALGORITHMS:
        raise ValueError(f"unknown alg {alg!r}")
    return alg


def _require_bytes(value: bytes, name: str) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"{name} must be bytes, got {type(value).__name__}")
    return value


def _optional_bytes(value: bytes | None, name: str) -> bytes | None:
    return None if value is None else _require_bytes(value, name)

"""Every error of the JOSE core, in one tree.

Each class has a stable ``code`` in snake_case; programs compare codes, people read texts. No text holds
anything of the token or the key it is about, so an error may be logged or shown. A mistake of the programmer
(an unknown option, bytes where a ``Key`` belongs) is a ``TypeError`` or ``ValueError``, outside this tree.

::

    JoseError                       jose_error
    ├── KeyRefused                  key_refused
    │   ├── KeyInvalid              key_invalid            not a well-formed key (RFC 7517, RFC 7518 s6)
    │   ├── KeyUnsupported          key_unsupported        a kind of key this library does not use
    │   ├── KeyWeak                 key_weak               too short or of a broken kind (RFC 7518 s3.2, s3.3)
    │   ├── KeyNotFound             key_not_found          no key of the set can have signed this token
    │   ├── KeyAmbiguous            key_ambiguous          several keys, and nothing tells which one
    │   └── KeyMismatch             key_mismatch           the key is not for this alg, use or operation
    ├── TokenInvalid                token_invalid
    │   ├── TokenMalformed          token_malformed        not a compact JWS, or its payload no Claims Set
    │   ├── TokenTooLarge           token_too_large        longer than the limits allow
    │   ├── HeaderInvalid           header_invalid         the JOSE Header breaks RFC 7515 s4
    │   ├── CritUnsupported         crit_unsupported       an extension not understood (RFC 7515 s4.1.11)
    │   ├── AlgorithmNotAllowed     algorithm_not_allowed  the alg is not among the accepted ones
    │   ├── SignatureInvalid        signature_invalid      the signature does not verify
    │   └── TokenWrongType          token_wrong_type       another kind of token (RFC 8725 s3.11)
    └── ClaimRefused                claim_refused          has ``claim``, the name of the member
        ├── ClaimMissing            claim_missing          a required claim is absent
        ├── ClaimInvalid            claim_invalid          a registered claim has the wrong type
        ├── TokenExpired            token_expired          exp (RFC 7519 s4.1.4)
        ├── TokenNotYetValid        token_not_yet_valid    nbf (RFC 7519 s4.1.5)
        ├── IssuerMismatch          issuer_mismatch        iss (RFC 7519 s4.1.1)
        └── AudienceMismatch        audience_mismatch      aud (RFC 7519 s4.1.3)
"""

from __future__ import annotations

from typing import ClassVar


class JoseError(Exception):
    """The root: catching it catches every refusal of a key or a token.

    Attributes:
        code: A stable name in snake_case, different for every class.
    """

    code: ClassVar[str] = "jose_error"


class KeyRefused(JoseError):
    """A key cannot be used."""

    code = "key_refused"


class KeyInvalid(KeyRefused):
    """The input is not a well-formed key, or its members contradict each other (RFC 7517 s4, RFC 7518 s6)."""

    code = "key_invalid"


class KeyUnsupported(KeyRefused):
    """A key type, curve or encoding that this library does not use."""

    code = "key_unsupported"


class KeyWeak(KeyRefused):
    """The key is too short, or of a kind known to be broken (RFC 7518 s3.2, s3.3)."""

    code = "key_weak"


class KeyNotFound(KeyRefused):
    """No key of the set fits the token's ``kid`` and ``alg``."""

    code = "key_not_found"


class KeyAmbiguous(KeyRefused):
    """Too many keys could have signed the token, and it does not say which one did."""

    code = "key_ambiguous"


class KeyMismatch(KeyRefused):
    """The key is not for this ``alg``, ``use`` or operation (RFC 7517 s4.2-4.4)."""

    code = "key_mismatch"


class TokenInvalid(JoseError):
    """A token was refused before its claims were looked at."""

    code = "token_invalid"


class TokenMalformed(TokenInvalid):
    """Not a compact JWS in canonical base64url, or the payload is not a Claims Set in strict JSON."""

    code = "token_malformed"


class TokenTooLarge(TokenInvalid):
    """The token is longer than ``limits`` allow; nothing of it was read."""

    code = "token_too_large"


class HeaderInvalid(TokenInvalid):
    """The JOSE Header is not what RFC 7515 s4 asks for."""

    code = "header_invalid"


class CritUnsupported(TokenInvalid):
    """``crit`` names an extension that must be understood, and is not (RFC 7515 s4.1.11)."""

    code = "crit_unsupported"


class AlgorithmNotAllowed(TokenInvalid):
    """The header's ``alg`` is unknown or not among the accepted algorithms (RFC 8725 s3.1)."""

    code = "algorithm_not_allowed"


class SignatureInvalid(TokenInvalid):
    """The signature or MAC does not verify (RFC 7515 s5.2)."""

    code = "signature_invalid"


class TokenWrongType(TokenInvalid):
    """``typ`` says that this is another kind of token (RFC 8725 s3.11)."""

    code = "token_wrong_type"


class ClaimRefused(JoseError):
    """The signature is good, a claim is not.

    Attributes:
        claim: The claim's name, one of those that RFC 7519 s4.1 registers or that the verifier requires.
    """

    code = "claim_refused"

    def __init__(self, message: str, claim: str) -> None:
        """Keep both arguments in ``args``, so that the error survives pickling."""
        super().__init__(message, claim)
        self.claim = claim

    def __str__(self) -> str:
        """Say the message alone."""
        return str(self.args[0])


class ClaimMissing(ClaimRefused):
    """A claim that the verifier requires is absent."""

    code = "claim_missing"


class ClaimInvalid(ClaimRefused):
    """A registered claim has a type that RFC 7519 s4.1 does not give it."""

    code = "claim_invalid"


class TokenExpired(ClaimRefused):
    """``exp`` has passed (RFC 7519 s4.1.4). It is judged last: nothing else was wrong with the token."""

    code = "token_expired"


class TokenNotYetValid(ClaimRefused):
    """``nbf`` lies ahead (RFC 7519 s4.1.5)."""

    code = "token_not_yet_valid"


class IssuerMismatch(ClaimRefused):
    """``iss`` is not the expected issuer (RFC 7519 s4.1.1)."""

    code = "issuer_mismatch"


class AudienceMismatch(ClaimRefused):
    """``aud`` does not name the expected audience, or names one where none is expected (RFC 7519 s4.1.3)."""

    code = "audience_mismatch"

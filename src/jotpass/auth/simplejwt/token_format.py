"""What SIMPLE_JWT says of a refresh token: who signed it and what its claims are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from jotpass import jose
from jotpass.auth.simplejwt.keys import read_key
from jotpass.jose.algorithms import SIGNATURE_ALGORITHMS


@dataclass(frozen=True, slots=True)
class TokenFormat:
    """How djangorestframework-simplejwt signs and writes the refresh tokens of this project.

    Attributes:
        algorithm: The one ``alg``.
        signing_key: The secret, for ``HS256`` and its like.
        verifying_key: The public key, for the others.
        audience: What ``aud`` must name; None is anything.
        issuer: What ``iss`` must be; None is anything.
        jti_claim: The claim that identifies a token; None where tokens have none.
        type_claim: The claim that tells refresh tokens from others; None where none does.
        user_claim: The claim that names the user.
        user_field: The field of the user that it is.
        password_claim: The claim that a change of the password makes wrong; None where there is none.
    """

    algorithm: str
    signing_key: Any = field(repr=False)
    verifying_key: Any = field(repr=False)
    audience: str | tuple[str, ...] | None
    issuer: str | None
    jti_claim: str | None
    type_claim: str | None
    user_claim: str
    user_field: str
    password_claim: str | None


def simple_jwt() -> Mapping[str, Any]:
    """Return the project's ``SIMPLE_JWT`` dict, empty when there is none."""
    value = getattr(settings, "SIMPLE_JWT", None)
    return value if isinstance(value, Mapping) else {}


def token_format() -> TokenFormat:
    """Read the settings of this moment; what is unset has the incumbent's default."""
    said = simple_jwt().get
    audience = said("AUDIENCE")
    return TokenFormat(
        algorithm=said("ALGORITHM", "HS256"),
        signing_key=said("SIGNING_KEY", settings.SECRET_KEY),
        verifying_key=said("VERIFYING_KEY", ""),
        audience=tuple(audience) if isinstance(audience, list | tuple | set) else audience,
        issuer=said("ISSUER"),
        jti_claim=said("JTI_CLAIM", "jti"),
        type_claim=said("TOKEN_TYPE_CLAIM", "token_type"),
        user_claim=said("USER_ID_CLAIM", "user_id"),
        user_field=said("USER_ID_FIELD", "id"),
        password_claim=said("REVOKE_TOKEN_CLAIM", "hash_password") if said("CHECK_REVOKE_TOKEN") else None,
    )


def verifier_of(known: TokenFormat) -> jose.Verifier:
    """Make what verifies these tokens.

    Raises:
        JoseError: The key is none for the algorithm.
        TypeError: What is configured as a key is none at all.
        ValueError: The algorithm is unknown, or an option impossible.
    """
    if known.algorithm not in SIGNATURE_ALGORITHMS:
        raise ValueError("SIMPLE_JWT['ALGORITHM'] is no algorithm that signs")
    return jose.Verifier(
        read_key(
            known.signing_key if known.algorithm.startswith("HS") else known.verifying_key, known.algorithm
        ),
        algorithms=[known.algorithm],
        issuer=known.issuer,
        audience=known.audience,
        any_audience=known.audience is None,
        required=("exp", *(name for name in (known.jti_claim, known.type_claim) if name is not None)),
    )

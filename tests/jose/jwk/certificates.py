"""X.509 certificates for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

if TYPE_CHECKING:
    from jotpass.jose.jwk.key import Key


def certificate(key: Key) -> x509.Certificate:
    """A self-signed certificate over a key; long expired, for nobody here looks at dates."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "id.example")])
    private: Any = key.material
    builder = x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(datetime(2001, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2002, 1, 1, tzinfo=UTC))
    return builder.sign(private, None if key.kty == "OKP" else SHA256())

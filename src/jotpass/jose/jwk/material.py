"""What a key is made of: secret bytes, or a key object of the cryptographic library."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey, X448PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

OkpPublicKey = Ed25519PublicKey | Ed448PublicKey | X25519PublicKey | X448PublicKey
OkpPrivateKey = Ed25519PrivateKey | Ed448PrivateKey | X25519PrivateKey | X448PrivateKey
PublicKey = RSAPublicKey | EllipticCurvePublicKey | OkpPublicKey
PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | OkpPrivateKey
Material = bytes | PublicKey | PrivateKey

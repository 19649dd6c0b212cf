"""JSON Web Signature (RFC 7515): signed content in the compact serialization."""

from __future__ import annotations

from jotpass.jose.jws.compact import VerifiedJws, sign_compact, verify_compact

__all__ = ["VerifiedJws", "sign_compact", "verify_compact"]

"""JSON Web Signature (RFC 7515): signed content in the compact serialization."""

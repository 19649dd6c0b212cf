"""JSON Web Keys: one key, a set of keys, how they are read and written (RFC 7517, RFC 7518 s6, RFC 8037)."""

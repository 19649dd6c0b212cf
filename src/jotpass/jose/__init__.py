"""The JOSE core: signed tokens and keys on the standard library and ``cryptography`` alone."""

"""JSON Web Token (RFC 7519): a Claims Set in a JWS."""

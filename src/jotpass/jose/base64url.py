"""Base64url without padding, as RFC 7515 s2 defines it, in its one canonical form.

The decoder accepts exactly what the encoder writes: no padding, no white space, no ``+`` or ``/``, no bits
left over in the last character. Two different strings never decode to the same bytes, so a token cannot be
rewritten without breaking its signature (RFC 4648 s3.5).
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

# "+", "/" and "=" become "!", which is in no alphabet; so does every byte above ASCII by itself.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")

# By the length of the last group: what completes it, and the last characters whose unused bits are zero.
_PADDING = (b"", b"", b"==", b"=")
_LAST_CHARACTERS = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")


def b64url_encode(data: bytes) -> str:
    """Encode bytes as unpadded base64url text."""
    return b2a_base64(data, newline=False).translate(_TO_URL_SAFE, b"=").decode("ascii")


def b64url_decode(text: str | bytes) -> bytes:
    """Decode canonical unpadded base64url.

    Raises:
        ValueError: For anything that ``b64url_encode`` would not have written.
    """
    return decode_segment(text.encode("ascii") if isinstance(text, str) else text)


def decode_segment(segment: bytes) -> bytes:
    """Decode one segment of a token: ``b64url_decode`` for bytes alone."""
    rest = len(segment) & 3
    if rest and segment[-1] not in _LAST_CHARACTERS[rest]:
        raise ValueError("not canonical base64url")
    return a2b_base64(segment.translate(_TO_STANDARD) + _PADDING[rest], strict_mode=True)

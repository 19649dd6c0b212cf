"""Which encoded points of the Edwards curves may be public keys (RFC 8032 s5.1.3, s5.2.3).

The cryptographic library takes any string of the right length. But under a point of small order anyone can
sign anything, and a string that is no point at all is a mistake better found on import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jotpass.jose.errors import KeyInvalid, KeyWeak


@dataclass(frozen=True, slots=True)
class _EdwardsCurve:
    """The curve ``a x^2 + y^2 = 1 + d x^2 y^2`` modulo ``p``."""

    p: int
    a: int
    d: int
    cofactor: int

    def is_point(self, y: int) -> bool:
        """Whether some x belongs to y; Euler's criterion for ``(y^2 - 1) / (d y^2 - a)``."""
        if y >= self.p:
            return False
        square = (y * y - 1) * (self.d * y * y - self.a)
        return pow(square, (self.p - 1) // 2, self.p) != self.p - 1

    def is_small_order(self, y: int) -> bool:
        """Whether the order divides the cofactor.

        It is 1 or 2 at y = 1 or -1, 4 at y = 0, and 8 where doubling leads to y = 0.
        """
        vanishing = y * (y * y - 1)
        if self.cofactor == 8:  # noqa: PLR2004 - the order is the meaning
            vanishing *= self.d * y**4 + 2 * y * y - 1
        return vanishing % self.p == 0


_P25519: Final = 2**255 - 19
_CURVES: Final = {
    "Ed25519": _EdwardsCurve(p=_P25519, a=-1, d=-121665 * pow(121666, -1, _P25519) % _P25519, cofactor=8),
    "Ed448": _EdwardsCurve(p=2**448 - 2**224 - 1, a=1, d=-39081, cofactor=4),
}


def check_edwards_point(crv: str, encoded: bytes) -> None:
    """Refuse an encoding that is no point of the curve, or one of small order.

    Args:
        crv: ``Ed25519`` or ``Ed448``.
        encoded: The public key: y, little-endian, with the sign of x in the highest bit.

    Raises:
        KeyInvalid: Not the encoding of a point.
        KeyWeak: A point of small order.
    """
    curve = _CURVES[crv]
    sign_bit = 8 * len(encoded) - 1
    y = int.from_bytes(encoded, "little") & ~(1 << sign_bit)
    if curve.is_small_order(y):
        raise KeyWeak("x is a point of small order")
    if not curve.is_point(y):
        raise KeyInvalid("x is not a point of the curve")

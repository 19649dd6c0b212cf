"""A key ring: the one key that signs now, and every key that verifies (OpenID Connect Core s10.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jotpass.jose import Key, KeySet


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of one purpose.

    Attributes:
        signing: The key that signs.
        verification: The signing key and every older key whose tokens may still be alive.
    """

    signing: Key
    verification: KeySet

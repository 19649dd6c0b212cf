"""UUIDs of version 7 (RFC 9562 s5.7), the names of sessions and families: they sort by time."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Make one: 48 bits of milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10))
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=number)


def parse_uuid(text: object) -> UUID | None:
    """Read a UUID as we write it, in 36 or 32 characters; None for anything else."""
    if not isinstance(text, str) or len(text) not in {32, 36}:
        return None
    try:
        found = UUID(text)
    except ValueError:
        return None
    # UUID() also takes braces, capitals, stray hyphens and digits of other scripts.
    return found if text in {str(found), found.hex} else None

"""The key ring that a project keeps itself, in files or in the environment (setting SIGNING_KEYS)."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from jotpass.auth.live_key_ring import KeysUnreadable, LiveKeyRing, StoredKeys
from jotpass.keys.given import read_key_ring
from jotpass.keys.hidden import HiddenText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jotpass.keys.key_ring import KeyRing

logger = logging.getLogger("jotpass.keys")


def given_key_ring(sources: Sequence[str], algorithm: str) -> LiveKeyRing:
    """Return a ring that reads its sources again as they change.

    Args:
        sources: Each ``file:PATH`` or ``env:NAME``.
        algorithm: What the first key signs with.
    """
    seen: tuple[str, ...] | None = None

    def read(latest: StoredKeys | None) -> StoredKeys:
        nonlocal seen
        try:
            texts = tuple(map(read_source, sources))
            if latest is not None and texts == seen:
                return latest
            ring = read_key_ring(texts, algorithm=algorithm)
        except (OSError, ValueError) as error:
            logger.error("JOTPASS['SIGNING_KEYS'] cannot be read: %s", _said(error))  # noqa: TRY400 (a traceback may show a key)
            raise KeysUnreadable from None
        seen = texts
        return StoredKeys(ring.signing, ring.verification, begun=True)

    return LiveKeyRing(read, lambda: None, lambda: float("inf"))


def judge_sources(sources: Sequence[str], algorithm: str) -> str:
    """Say why the keys cannot be used, empty if they can."""
    try:
        _: KeyRing = read_key_ring(map(read_source, sources), algorithm=algorithm)
    except (OSError, ValueError) as error:
        return _said(error)
    return ""


def read_source(source: str) -> str:
    """Read the text of one source.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no text, or the variable is not set.
    """
    kind, _, name = source.partition(":")
    if kind == "file":
        return HiddenText(Path(name).read_text(encoding="utf-8"))
    if name not in os.environ:
        message = f"the environment has no {name}"
        raise ValueError(message)
    return HiddenText(os.environ[name])


def _said(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "a file is not text"
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)

"""The signals that a project connects to. Each is sent after commit, with an ``event`` and the ``request``.

A receiver that fails is logged and fails nothing else: what the event tells of has already happened.
"""

from __future__ import annotations

from typing import Final

from django.dispatch import Signal

signed_in: Final = Signal()
sign_in_failed: Final = Signal()
refreshed: Final = Signal()
refresh_repeated: Final = Signal()
refresh_recovered: Final = Signal()
generation_ahead: Final = Signal()
reuse_detected: Final = Signal()
revoked: Final = Signal()
signed_out: Final = Signal()
reauthenticated: Final = Signal()
key_rolled_over: Final = Signal()

"""Run a program as another user, and end it when the process that asked for it ends.

A program of its own, so that nothing is done between fork and exec: `python child.py UID PROGRAM ARGUMENT`,
where a UID of `-` stays who we are. It changes the user, asks Linux to send SIGINT when the parent dies
(elsewhere the parent alone is trusted to end it), and becomes the program.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(user: str, *command: str) -> None:
    """Become `command`; see the module."""
    parent = os.getppid()
    if user != "-":
        os.setgroups([])
        os.setgid(int(user))
        os.setuid(int(user))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:
            raise SystemExit("the parent is gone")
    os.execv(command[0], command)  # noqa: S606 - an absolute path, no shell


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The `jotpass` command. `main` is its entry, `program.py` its menu; each command has a room of its own."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

_NEEDS = ("click", "rich")
_USAGE_ERROR = 2
_INTERRUPTED = 130


def main() -> None:
    """Run the command line; say in one line what to install when the `cli` extra is missing."""
    if not all(find_spec(name) for name in _NEEDS):
        sys.stderr.write("The jotpass command needs two more packages: pip install 'jotpass[cli]'\n")
        sys.exit(_USAGE_ERROR)
    try:
        import_module("jotpass.cli.program").program()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)

"""`python -m jotpass.cli`: the command line without the console script."""

from __future__ import annotations

from jotpass.cli import main

if __name__ == "__main__":
    main()

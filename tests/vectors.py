"""Published test vectors, read from `../shared/vectors` or from the folder that JOTPASS_VECTORS names.

A test that reads them is marked `vectors`. Where the folder is missing, `read_json` answers with nothing, so
that parametrized tests still collect; those tests are then left out with a line that says so, and under
CI=true they fail.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

CI = os.environ.get("CI") == "true"
FOLDER = Path(
    os.environ.get("JOTPASS_VECTORS") or Path(__file__).resolve().parents[1].parent / "shared" / "vectors"
)


def read_text(name: str) -> str:
    """The text of one file, by its path inside the folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


def read_json(name: str) -> Any:
    """The JSON of one file, by its path inside the folder; an empty object where there are no vectors.

    Raises:
        FileNotFoundError: There are no vectors and this is CI, or the folder has no such file.
    """
    if not FOLDER.is_dir() and not CI:
        return {}
    return json.loads(read_text(name))

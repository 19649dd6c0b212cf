"""The contract keeps what its schema promises: schemathesis, with every check it has, over a real socket."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.openapi.conftest import Site

EXAMPLES = os.environ.get("OPENAPI_EXAMPLES", "")
"""How many cases for each operation; `make contract` asks for more than CI does, and for new ones."""

OPERATIONS = {
    "sign_in",
    "refresh",
    "verify_token",
    "revoke_token",
    "introspect_token",
    "sign_out",
    "read_session",
    "reauthenticate",
    "list_sessions",
    "label_session",
    "end_session",
}


def test_the_contract_is_what_its_schema_says(site: Site) -> None:
    """No case breaks a promise, and each operation was seen to succeed and to refuse."""
    seen = site.folder / "seen"
    done = site.run(
        "schemathesis.cli",
        "run",
        f"{site.server.origin}/schema/",
        "--include-tag=jotpass",
        "--checks=all",
        "--continue-on-failure",
        "--no-color",
        f"--max-examples={EXAMPLES or 20}",
        *([] if EXAMPLES else ["--seed=1"]),
        OPENAPI_ORIGIN=site.server.origin,
        OPENAPI_SEEN=str(seen),
        SCHEMATHESIS_HOOKS="tests.openapi.hooks",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    statuses: dict[str, set[str]] = defaultdict(set)
    for line in seen.read_text().splitlines():
        name, status = line.split()
        statuses[name].add(status)
    assert statuses.keys() == OPERATIONS
    for name, found in statuses.items():
        assert found & {"200", "204"}, (name, found)
        assert found & {"400", "401", "404"}, (name, found)
    errors = site.server.output
    assert "Traceback" not in errors, errors

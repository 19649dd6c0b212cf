"""What ``jotpass.jose`` offers, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

from jotpass import jose


def test_all_is_what_can_be_imported() -> None:
    """``__all__`` is sorted and names everything public that is no submodule."""
    public = {
        name for name, value in vars(jose).items() if not name.startswith("_") and name != "annotations"
    }
    submodules = {name for name in public if isinstance(getattr(jose, name), ModuleType)} - {"jws"}
    assert list(jose.__all__) == sorted(jose.__all__)
    assert set(jose.__all__) == public - submodules


def test_jws_offers_signing_and_verifying() -> None:
    """The compact serialization's functions are reached through ``jose.jws``."""
    assert sorted(jose.jws.__all__) == ["VerifiedJws", "sign_compact", "verify_compact"]
    assert all(hasattr(jose.jws, name) for name in jose.jws.__all__)


def test_it_imports_no_framework() -> None:
    """A resource server needs ``cryptography`` and nothing else."""
    program = (
        "import sys; before = set(sys.modules); import jotpass.jose; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    third_party = set(result.stdout.split()) - set(sys.stdlib_module_names)
    assert third_party <= {"jotpass", "cryptography", "_cffi_backend", "_openssl"}

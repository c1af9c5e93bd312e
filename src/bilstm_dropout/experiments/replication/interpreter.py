"""Which interpreter has PyTorch: this one, or the one that the variable PYTORCH_PYTHON names (torch and numpy)."""

from __future__ import annotations

import os
import subprocess
import sys

from ...errors import UserError


def python() -> str:
    """The path of the interpreter."""
    return os.environ.get("PYTORCH_PYTHON", sys.executable)


def installed() -> bool:
    """Whether torch is there. UserError where PYTORCH_PYTHON is set and is no interpreter that imports it."""
    try:
        done = subprocess.run([python(), "-c", "import torch"], capture_output=True, check=False)
        found = done.returncode == 0
    except OSError:
        found = False
    if not found and "PYTORCH_PYTHON" in os.environ:
        raise UserError(
            f"PYTORCH_PYTHON is {python()[:120]!r}, which cannot import torch. Give the path of a Python that has "
            "torch and numpy, or unset it."
        )
    return found

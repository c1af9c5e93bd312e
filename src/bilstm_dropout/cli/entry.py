"""The entry point: what a user caused is one line and exit code 2, without a traceback."""

from __future__ import annotations

import importlib
import sys

from ..errors import UserError
from .base import app

# Which module has a command: the one that is asked for is imported alone, so that a listing starts in a moment.
MODULES = {
    "placements": "lists", "datasets": "lists", "probe": "lists", "baselines": "rivals", "claims": "ledger",
    "run": "run", "study": "study", "status": "study", "book": "study", "experiments": "experiments",
    "check": "checks", "measure": "checks",
}  # fmt: skip


def main() -> None:
    """Call the command that the process was started with."""
    asked = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    importlib.import_module(f".{MODULES.get(asked, 'commands')}", __package__)
    try:
        app()
    except UserError as error:
        print(f"bilstm-dropout: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)

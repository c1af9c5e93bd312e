"""The entry point: what a user, a file or the machine caused is one line and exit code 2, without a traceback."""

from __future__ import annotations

import errno
import importlib
import sys

from ..errors import UserError
from ..loading import hush
from .base import app

# Which module has a command: the one that is asked for is imported alone, so that a listing starts in a moment.
MODULES = {
    "placements": "lists", "datasets": "lists", "probe": "lists", "baselines": "rivals", "claims": "ledger",
    "run": "run", "study": "study", "status": "study", "book": "study", "experiments": "experiments",
    "check": "checks", "measure": "checks", "take": "take", "predict": "predict",
}  # fmt: skip
# What a folder or a disk says that nobody looked at first. Other errors are ours, and keep their traceback.
_OF_THE_MACHINE = (
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENAMETOOLONG, errno.ELOOP,
)  # fmt: skip


def main() -> None:
    """Call the command that the process was started with."""
    hush()
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a sign shows another instead of failing
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    asked = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    importlib.import_module(f".{MODULES.get(asked, 'commands')}", __package__)
    try:
        app()
    except UserError as error:
        _end(str(error))
    except UnicodeError as error:
        _end(f"Text that is not UTF-8 was given or lies in a file: {error}. Save it as UTF-8.")
    except RecursionError:
        _end("What was given, or a file that was read, nests too deeply. Write it with fewer levels.")
    except OSError as error:
        if error.errno not in _OF_THE_MACHINE or not error.filename:
            raise
        _end(
            f"{str(error.filename)[:200]} cannot be used ({error.strerror}). Make it readable and writable for you, "
            "see that there is space, and give the same command again."
        )


def _end(reason: str) -> None:
    print(f"bilstm-dropout: {' '.join(reason.splitlines())}", file=sys.stderr)
    sys.exit(2)

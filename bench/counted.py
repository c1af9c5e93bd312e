"""Run a command and write, as JSON, how many seconds it took, and CPU seconds of it and of every process that it left.

    python bench/counted.py FILE COMMAND...

A process of its own, because it waits for whatever it inherits: on Linux also those whose parents have ended. Elsewhere
only what somebody waited for is counted. The exit status is the command's.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

_SET_CHILD_SUBREAPER = 36  # prctl(2): processes whose parent has ended become children of this one
_PATIENCE = 60.0  # seconds: what outlives its command by more is not waited for


def main(file: str, *command: str) -> int:
    """Run it. Gives its exit status. OSError where the system does not hand on processes without a parent."""
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    start = time.perf_counter()
    done = subprocess.run(command, check=False)
    seconds = time.perf_counter() - start
    _wait_for_those_left()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    Path(file).write_text(json.dumps([seconds, used.ru_utime + used.ru_stime]), encoding="utf-8")
    return done.returncode


def _wait_for_those_left() -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.05)
        except ChildProcessError:  # there is none left
            return


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

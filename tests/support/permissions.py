"""Commands under a user whom permissions bind: root passes them all, so the right to do so is dropped in a child."""

import ctypes
import json
import os
import subprocess
import sys

_DROP = 24  # PR_CAPBSET_DROP
_OVERRIDES = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH

_CHILD = """
import contextlib, io, json, os, sys, traceback
from pathlib import Path

folder = Path(sys.argv[1])
folder.chmod(0o555)
try:
    (folder / "file").touch()
except PermissionError:
    pass
else:
    sys.exit("permissions do not bind here, so this test would show nothing")
from bilstm_dropout.cli import main

said = []
for path, mode, arguments in json.loads(sys.argv[2]):
    path = Path(path)
    before = path.stat().st_mode & 0o777
    path.chmod(mode)
    sys.argv, out, err, code = ["bilstm-dropout", *arguments], io.StringIO(), io.StringIO(), 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        code, err = 1, io.StringIO(traceback.format_exc())
    finally:
        path.chmod(before)
    said.append([code, out.getvalue(), err.getvalue(), "tensorflow" in sys.modules])
print(json.dumps(said))
"""


def bound(cases, folder):
    """Run commands of the program, each while a path has a mode, as one whom permissions bind.

    cases: triples of path, mode and arguments. folder: an empty one, to see that permissions bind. Returns for each:
    exit code, what went to stdout and stderr, and whether TensorFlow had been imported by then.
    """
    folder.mkdir()
    given = json.dumps([[str(path), mode, list(arguments)] for path, mode, arguments in cases])
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(folder), given], capture_output=True, text=True, timeout=300,
        preexec_fn=_drop if os.geteuid() == 0 else None,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def _drop():
    """What a program that is started from here may not do any more, root or not."""
    library = ctypes.CDLL(None, use_errno=True)
    for capability in _OVERRIDES:
        if library.prctl(_DROP, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "the right to pass permissions cannot be dropped")

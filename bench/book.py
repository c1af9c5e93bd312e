"""What `make book` costs: the first time, with nothing to do, and after an edit of one Markdown page.

Measured in a clone of the last commit, in a temporary folder, with this environment's packages: what others built or
trained here before plays no part. CPU seconds are those of make and of every process that it started, kernels whose
server ended before them included (on Linux; elsewhere those of processes that somebody waited for); they say more than
the clock where a machine does other things beside. With the profile quick, the first time takes some ten minutes on
two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from bilstm_dropout.errors import UserError

ROOT = Path(__file__).parents[1]
PAGE = "book/data.md"
# Variables that would have the clone use this checkout's records or results.
_OURS = ("BILSTM_DROPOUT_RUNS", "BILSTM_DROPOUT_PUBLISHED")
_COUNTED = Path(__file__).with_name("counted.py")


def measure(profile: str, say=print) -> pd.DataFrame:
    """Build the book three times over; seconds and cpu_seconds of each. UserError where it cannot be built.

    profile: as make book takes it.
    """
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        _output(["git", "clone", "--quiet", str(ROOT), str(clone)])
        (clone / ".venv").symlink_to(ROOT / ".venv")
        commit = _output(["git", "-C", str(clone), "log", "-1", "--format=%h"]).strip()
        say(f"make book PROFILE={profile} in a clone of the commit {commit}")
        rows = {}
        for name in ("cold", "nothing to do", "a Markdown page edited"):
            if name == "a Markdown page edited":
                page = clone / PAGE
                page.write_text(page.read_text(encoding="utf-8") + "\nEdited.\n", encoding="utf-8")
            rows[name] = _build(clone, profile)
            say("{}: {:.0f} s, {:.0f} CPU seconds".format(name, *rows[name]))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["seconds", "cpu_seconds"]).round(1)


def _build(clone: Path, profile: str) -> tuple[float, float]:
    """Seconds and CPU seconds of one build."""
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    environment |= {"BILSTM_DROPOUT_ROOT": str(clone), "PYTHONPATH": str(clone / "src")}
    environment.setdefault("BILSTM_DROPOUT_DATA", str(ROOT / "data" / "cache"))
    took = clone.parent / "took.json"
    # The clone's files are younger than the environment, which is up to date all the same.
    command = ["make", "-o", ".venv/.ready", "book", f"PROFILE={profile}"]
    _output([sys.executable, str(_COUNTED), str(took), *command], name="make book", cwd=clone, env=environment)
    seconds, cpu = json.loads(took.read_text(encoding="utf-8"))
    return seconds, cpu


def _output(command: list[str], name: str = "", **how) -> str:
    """What a command says. name: what errors call it. UserError with its last line where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, **how)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1][:200]
        raise UserError(f"{name or ' '.join(command[:2])} failed: {said}")
    return done.stdout


def main(arguments: list[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.book", description=__doc__.partition("\n")[0])
    parser.add_argument("--profile", default="quick", help="what to build: quick (as without it), read, or another")
    print(measure(parser.parse_args(arguments).profile).to_string())


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(2)

"""How long this machine takes for what is to do: a plan that learns from what was done here.

    an executed notebook ─► its seconds; runs of a program ─► what the first took longer ─► pace.json ─► the next plan

Seconds are a worker's. Before anything was executed here, what two cores of a server took stands for it.
"""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..files import write_text
from ..paths import executions_folder, project_root

PROGRAM, SITE = "a compiled program", "the site"
# Seconds: of a placement's notebook without its runs, of another one, of a program that XLA compiles, of the pages'
# compilation and Sphinx.
DEFAULTS = {"placement": 8.0, "keras": 12.0, "notebook": 5.0, PROGRAM: 14.0, SITE: 45.0}
_NEW = 0.5  # weight of what was seen last


@dataclass
class Pace:
    """Seconds by what is done: the place of a notebook below notebooks/ without ending, PROGRAM or SITE."""

    seen: dict[str, float] = field(default_factory=dict)

    def seconds(self, what: str) -> float:
        """About how long something takes."""
        kind = what if what in DEFAULTS else what.partition("/")[0] if what.startswith("keras/") else "notebook"
        return self.seen.get(what, DEFAULTS[kind])

    def learn(self, what: str, seconds: float) -> None:
        """Take in how long something took."""
        if math.isfinite(seconds) and seconds > 0:
            before = self.seen.get(what, seconds)
            self.seen[what] = round((1 - _NEW) * before + _NEW * seconds, 2)

    def keep(self) -> None:
        """Keep it for the next plan."""
        with suppress(OSError):  # a plan can do without
            write_text(_file(), json.dumps(self.seen, indent=1, sort_keys=True))


def pace() -> Pace:
    """What is known of this machine; nothing where nothing was executed here yet."""
    with suppress(OSError, ValueError, RecursionError):
        content = json.loads(_file().read_text("utf-8"))
        if isinstance(content, dict):
            numbers = {name: value for name, value in content.items() if isinstance(value, int | float)}
            return Pace({name: float(value) for name, value in numbers.items() if 0 < value < math.inf})
    return Pace()


def place_of(notebook: Path) -> str:
    """What a notebook is called here: its place below notebooks/, without ending."""
    with suppress(ValueError):
        return notebook.relative_to(project_root() / "notebooks").with_suffix("").as_posix()
    return notebook.stem


def took(executed: Path) -> float:
    """Seconds that papermill noted for an executed notebook; NaN where it noted none."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        return float(json.loads(executed.read_text("utf-8"))["metadata"]["papermill"]["duration"])
    return math.nan


def _file() -> Path:
    return executions_folder() / "pace.json"

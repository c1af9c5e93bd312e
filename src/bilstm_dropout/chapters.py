"""What the cells of both notebooks call: check the parameters, get the runs, say what they can decide.

Nothing here imports TensorFlow until runs are trained, so a wrong parameter fails at once.
"""

import re
import sys
import time
from dataclasses import dataclass

import pandas as pd

from . import datasets, display, results, statistics
from .config import PARAMETERS, Sweep
from .errors import UserError, unknown
from .placements import TABLE, applies, resolve
from .terms import Placement

# Names that IPython puts beside a notebook's own, and those that end with digits: _i3, _12.
_INTERACTIVE = {"In", "Out", "exit", "quit", "open", "get_ipython"}
_UNDERSCORED = re.compile(r"__.*|_+(i+|ii+|dh|ih|oh|exit_code|\d+|i\d+)?")
# What a parameter can be once papermill has read it.
_PLAIN = (str, int, float, bool, list, tuple, dict, type(None))
# One data set, for those who want only one: stands in for the list 'datasets'.
ALIASES = {"dataset": "datasets"}


@dataclass(frozen=True)
class Results:
    """The runs a notebook shows.

    ``sweep``: what was asked for. ``names``: the data sets that have runs, in order. ``skipped``: data set to the reason
    why a placement does not apply. ``records``: all runs, the baselines among them. ``frame``: a row a run, see
    results.tidy. ``missing``: how many of the runs asked for are not there.
    """

    sweep: Sweep
    names: tuple[str, ...]
    skipped: dict[str, str]
    records: list
    frame: pd.DataFrame
    missing: int = 0

    @property
    def placement(self) -> Placement:
        """The placement of a sweep over one."""
        return resolve(self.sweep.placement)


def given_parameters(namespace: dict) -> dict:
    """The names in a notebook's globals that can be parameters: plain values, IPython's own names left out."""
    return {
        name: value
        for name, value in namespace.items()
        if isinstance(value, _PLAIN) and name not in _INTERACTIVE and not _UNDERSCORED.fullmatch(name)
    }


def _without_aliases(given: dict, allowed) -> dict:
    """Fill a list parameter from its singular alias, where that was set and the list was left as it is."""
    given = dict(given)
    for alias, name in ALIASES.items():
        value = given.pop(alias, None)
        if value is None or alias in PARAMETERS:
            continue
        default = PARAMETERS[name][0]
        if name in given and list(given[name] or ()) not in ([], list(default or ())):
            raise UserError(f"{alias} and {name} were both given; give one of them.")
        given[name] = value
    return given


def check_parameters(namespace: dict, also: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> Sweep:
    """Check what a notebook was called with; to be the first cell after the parameters.

    Parameters: ``namespace``, the notebook's ``globals()``; ``also`` and ``without``, names that this notebook allows
    beside config.PARAMETERS or does not have. Returns the validated Sweep; names in ``also`` are the caller's to read.
    Raises UserError for an unknown name (papermill only warns of those) and for a value that is not allowed.
    """
    allowed = [name for name in (*PARAMETERS, *ALIASES, *also) if name not in without]
    given = given_parameters(namespace)
    for name in given:
        if name not in allowed:
            raise unknown("parameter", name, allowed)
    given = {name: value for name, value in given.items() if name not in also}
    return Sweep.parse(**{name: value for name, value in _without_aliases(given, allowed).items() if value is not None})

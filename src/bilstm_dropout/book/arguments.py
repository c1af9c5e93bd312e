"""What a notebook was called with: read from its own typed cell, checked before anything slow is imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from ..errors import brief, not_allowed, unknown
from ..files.reading import read_value

# Names that IPython puts beside a notebook's own, and those that end with digits: _i3, _12.
_INTERACTIVE = {"In", "Out", "exit", "quit", "open", "get_ipython"}
_UNDERSCORED = re.compile(r"__.*|_+(i+|ii+|dh|ih|oh|exit_code|\d+|i\d+)?")
_PAPERMILL = "# Parameters\n"  # how a cell begins that papermill puts there; a reader may write "# Parameters of …"
_PLAIN = (str, int, float, bool, list, tuple, dict, type(None))  # what papermill reads from a command line

Checked = TypeVar("Checked")


def parameters(namespace: Mapping[str, object], check: Callable[..., Checked]) -> Checked:
    """Check what a notebook was called with, in the cell after its parameters, and give what `check` makes of it.

    namespace: the notebook's `globals()`. The names that its cell of parameters annotates (`rate: float = 0.25`) are
    those that there are. check: takes them by name, as values or as JSON text, without those that are None; a class
    such as runs.Sweep (its `parse`), or `one_of(...)`. UserError, in one line, for a name that there is not, which
    papermill only warns of, and for whatever `check` refuses.
    """
    names = list(namespace.get("__annotations__", ()))
    for name in _injected(namespace):
        if name not in names:
            raise unknown("parameter", name, names)
    return check(**{name: namespace[name] for name in names if namespace.get(name) is not None})


def _injected(namespace: Mapping[str, object]) -> list[str]:
    """The names that papermill's cell has set; where no cell is known, every name that can be a parameter.

    Not simply all: once later cells have run, the notebook has other names, and this cell may be run again.
    """
    if "In" not in namespace:
        return list(given_parameters(namespace))
    cells = [cell for cell in namespace["In"] if cell.startswith(_PAPERMILL)]
    targets = [target for cell in cells for line in ast.parse(cell).body if isinstance(line, ast.Assign)
               for target in line.targets]  # fmt: skip
    return [target.id for target in targets if isinstance(target, ast.Name)]


class several(tuple):
    """Values of a parameter of `one_of` that takes one of them or more, or 'all'; it becomes a list in their order."""


def one_of(**allowed: list | tuple | range) -> Callable[..., dict[str, object]]:
    """A check for `parameters`: each parameter takes one of these values, or more of `several`. Gives them by name.

    allowed: by parameter; a range is named by its ends. A value equal to one of these becomes it: 1.0 is 1 in a range.
    Truth values stand for nothing else. UserError, naming what is allowed, for another value or name.
    """

    def check(**given: object) -> dict[str, object]:
        found = {}
        for name, value in given.items():
            if name not in allowed:
                raise unknown("parameter", name, allowed)
            value, values = read_value(value), allowed[name]
            if not isinstance(values, several):
                found[name] = _same(name, value, values)
            elif value == "all":
                found[name] = list(values)
            else:
                taken = [_same(name, each, values) for each in (value if isinstance(value, list | tuple) else [value])]
                found[name] = sorted(set(taken), key=values.index) or _same(name, value, values)
        return found

    return check


def _same(name: str, value: object, values: list | tuple | range) -> object:
    """The one of the allowed values that a parameter's value is."""
    same = values[values.index(value)] if value in values else None
    if same is None or isinstance(same, bool) != isinstance(value, bool):
        words = ", ".join(map(str, values))
        if isinstance(values, range):
            words = f"a whole number from {values[0]} to {values[-1]}"
        elif isinstance(values, several):
            words = f"all, or several of {words}"
        raise not_allowed(name, brief(value), words)
    return same


def given_parameters(namespace: Mapping[str, object]) -> dict[str, object]:
    """The names in a notebook's globals that can be parameters: plain values, IPython's own names left out."""
    return {
        name: value
        for name, value in namespace.items()
        if isinstance(value, _PLAIN) and name not in _INTERACTIVE and not _UNDERSCORED.fullmatch(name)
    }

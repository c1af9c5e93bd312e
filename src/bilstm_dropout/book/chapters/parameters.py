"""What a notebook was called with: names and values, checked before anything slow is imported."""

from __future__ import annotations

from ... import datasets
from ...dropout.placements import TABLE, resolve
from ...errors import UserError, brief
from ...files.reading import read_json
from ...runs.sweep import Sweep
from ...runs.train import check_rows


def chosen_placements(given) -> list[str]:
    """Canonical names from what ``placements`` was given as: one, several, JSON text of them, or 'all'.

    Raises UserError for an unknown one, or for none at all.
    """
    if isinstance(given, str) and given.lstrip().startswith("["):
        try:
            given = read_json(given)
        except ValueError:
            raise UserError(
                f'placements is no JSON list: {brief(given)!r}. Write \'["input", "recurrent"]\'.'
            ) from None
    if isinstance(given, str) and given == "all":
        names = list(TABLE)
    else:
        names = list(given or ()) if isinstance(given, list | tuple | None) else [given]
    if not names:
        raise UserError("placements is empty; name at least one, or give 'all'.")
    return table_order(resolve(name).name for name in names)


# One data set, for those who want only one: stands in for the list 'datasets'.
ALIASES = {"dataset": "datasets"}


def without_aliases(given: dict) -> dict:
    """Fill a list parameter from its singular alias. Raises UserError where both were given."""
    given = dict(given)
    for alias, name in ALIASES.items():
        value = given.pop(alias, None)
        if value is not None and given.get(name) is not None:
            raise UserError(f"{alias} and {name} were both given; give one of them.")
        if value is not None:
            given[name] = value
    return given


def sweep_of(**given: object) -> Sweep:
    """The Sweep that a notebook over one placement was called for: what `book.parameters` hands its values to.

    given: fields of a Sweep, as values or JSON text, and `dataset` in place of a list of one. UserError, one line, for
    an unknown name and for a value that is not allowed, before TensorFlow is imported.
    """
    sweep = Sweep.parse(**without_aliases(given))
    check_rows(config for config in sweep.runs() if not datasets.missing_files(config.dataset))
    return sweep


def table_order(names) -> list[str]:
    """Placements in the table's order, those that are not entries after it in the order given."""
    return TABLE.in_order(names)

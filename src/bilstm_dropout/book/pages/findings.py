"""What the study found on one placement: a note that its chapter opens with, made from published runs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ...datasets import TITLES
from ...experiments.confirmatory import contrasts, plan
from ...experiments.exploratory import effects
from ...results import published
from ...wording import nats, rate_text
from ..markdown import table

# The exploring parts that compare single placements with `none`, and what a cell of each is, beside its data.
_PARTS = {
    "a3": f"at p = {rate_text(plan.FIXED_RATE)}",
    "b": "over drop rates",
    "c": "on longer texts",
    "d": f"with fewer training rows, p = {rate_text(plan.FIXED_RATE)}",
    "i": "in two layers",
}
_WHERE = f"test NLL (the mean of {', '.join(TITLES[dataset] for dataset in plan.TUNED)})"
_CAUTION = (
    "Those runs are of the study's network and training ({doc}`/method`). What follows below are this book's own runs, "
    "of which there are fewer; their networks can be others, so results can be, too."
)


def published_notes() -> dict[str, str]:
    """The notes from what is published: by placement, and by 'comparison' for the page that has all side by side."""
    rows = {part: published.read(part) for part in {*contrasts.FOLDS, *_PARTS}}
    return notes(rows) | {"comparison": short(rows)}


def notes(rows: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """A note by placement, for those with published runs of the study, and one for `none`: Markdown.

    rows: published rows by part, at least a2, a3, b, c, d and i. A test is reported once all tests can be.
    """
    tested = _tested(rows)
    cells = {part: effects.effects(part, rows[part]) for part in _PARTS}
    found = {}
    for name in [*tested, *(row for each in cells.values() for row in each["row"])]:
        if name in found:
            continue
        lines = [f"- **Tuned, the tests** on {_WHERE} say: against {each}" for each in tested.get(name, ())]
        lines += [_explored(part, each[each["row"] == name]) for part, each in cells.items()]
        found[name] = _note([line for line in lines if line]) + "\n\n" + _numbers(name, cells)
    if found:
        found["none"] = _note(["Every other placement is compared with it, on the same data and seeds."])
    return found


def short(rows: Mapping[str, pd.DataFrame]) -> str:
    """The note of the page that sets all placements side by side; '' before the tests are complete."""
    tested = _tested(rows)
    if not tested:
        return ""
    lines = [f"- `{name}` against {each}" for name, lines in tested.items() for each in lines]
    return _note([f"At settings that were tuned for each, the tests on {_WHERE} say:", "", *lines])


def _note(lines: list[str]) -> str:
    return "\n".join([
        ":::{admonition} What the study found", ":class: note", "", *lines, "",
        f"Tests are on {{doc}}`/answer`, the rest on {{doc}}`/which` and {{doc}}`/exploring`. {_CAUTION}", ":::",
    ])  # fmt: skip


def _tested(rows: Mapping[str, pd.DataFrame]) -> dict[str, list[str]]:
    """What the tests say of each contrast of two placements, by its first side."""
    if any(contrasts.lacking(rows).values()):
        return {}
    found: dict[str, list[str]] = {}
    family = contrasts.family({part: rows[part] for part in contrasts.FOLDS})
    for contrast, tests in family.groupby("contrast", sort=False):
        name, minus, other = contrast.partition(" - ")
        if not minus:  # an interaction is of no single placement
            continue
        said = "; ".join(f"{row.measure} {_test(row)}" for row in tests.itertuples())
        found.setdefault(name, []).append(f"`{other}`: {said}.")
    return found


def _test(row) -> str:
    doubt = ", but the interval corrected for overlapping training parts contains 0" * contrasts.doubtful(row)
    return f"{contrasts.verdict(row)} ({nats(row.mean)} nats{doubt})"


def _explored(part: str, cells: pd.DataFrame) -> str:
    """On which data a placement's intervals lie below 0, above it, or on both sides."""
    if cells.empty:
        return ""
    where = {"below 0": cells["high"] < 0, "above 0": cells["low"] > 0}
    where["contains 0"] = ~(where["below 0"] | where["above 0"])
    said = "; ".join(f"{side} {_places(cells[chosen])}" for side, chosen in where.items() if chosen.any())
    return f"- **Explored {_PARTS[part]}** (part {part}), the interval of the difference to `none`: {said}."


def _places(cells: pd.DataFrame) -> str:
    """'on MR with 250, 500 rows, and on JapaneseVowels at p = 0.1, 0.5'."""
    found = []
    for dataset, each in cells.groupby("dataset", sort=False):
        rates = ", ".join(series.removeprefix("p = ") for series in each["series"] if series.startswith("p"))
        rows = ", ".join(series.removesuffix(" rows") for series in each["series"] if series.endswith("rows"))
        found.append(f"on {TITLES[dataset]}" + f" at p = {rates}" * bool(rates) + f" with {rows} rows" * bool(rows))
    return ", ".join(found[:-1]) + ", and " * (len(found) > 1) + found[-1]


def _numbers(name: str, cells: Mapping[str, pd.DataFrame]) -> str:
    lines = []
    for part, each in cells.items():
        for row in each[each["row"] == name].itertuples():
            data = TITLES[row.dataset] + f", {row.series}" * row.series.endswith("rows")
            rate = row.series.removeprefix("p = ") if row.series.startswith("p") else rate_text(plan.FIXED_RATE)
            lines.append([part, data, rate, str(row.n), nats(row.mean), f"{nats(row.low)} to {nats(row.high)}"])
    if not lines:
        return ""
    header = ["part", "data", "drop rate", "units", "difference, nats", "95 % interval"]
    return "\n".join([":::{dropdown} The differences to `none` in test NLL", table(header, lines, "lllrrr"), ":::"])

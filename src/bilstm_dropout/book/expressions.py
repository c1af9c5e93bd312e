"""What expressions on pages may call: numbers, and the sentences and tables made of them."""

from __future__ import annotations

from functools import partial

from ..dropout import placements
from ..wording import rate_text
from . import markdown
from .lookup import MissingNumber, Numbers


def functions(numbers: Numbers) -> dict[str, object]:
    """The names an expression on a page may use, and what each stands for."""
    own = (numbers.value, numbers.compare, numbers.difference, numbers.seeds, numbers.rates)
    own += (numbers.runs, numbers.networks)
    names = {function.__name__: function for function in own}
    return names | {"table": partial(table, numbers), "profile": numbers.profile, "datasets": numbers.datasets}


def has(numbers: Numbers, name: str, dataset: str, rate: float, selected: str = "last") -> bool:
    """Whether a placement has a result of its own on a data set at a rate."""
    try:
        numbers.rows("nll", name, dataset, rate, selected)
    except MissingNumber:
        return False
    return rate > 0 or name == "none"


def table(numbers: Numbers, metric="nll", dataset=None, names=None, selected="last", digits=3) -> str:
    """A Markdown table: a row a placement, a column a rate; mean over the seeds, lowest and highest.

    names: the placements to show, those of the table by default; one without a result is left out.
    """
    dataset = dataset if dataset is not None else (numbers.datasets or (None,))[0]
    rates = numbers.rates(dataset)
    lines = []
    for name in names or placements.TABLE:
        at = [0.0] * len(rates) if name == "none" else rates
        if any(has(numbers, name, dataset, rate, selected) for rate in at):
            cells = [_cell(numbers, metric, name, dataset, rate, selected, digits) for rate in at]
            lines.append([markdown.link(name, numbers.chapters), *cells])
    header = ["placement", *(f"p = {rate_text(rate)}" for rate in rates)]
    return markdown.table(header, lines, "l" + "r" * len(rates))


def _cell(numbers: Numbers, metric, name, dataset, rate, selected, digits) -> str:
    if not has(numbers, name, dataset, rate, selected):
        return "–"
    mean, low, high = (
        numbers.value(metric, name, dataset, rate, selected, each, digits)
        for each in ("mean", "lowest", "highest")
    )
    return mean if mean == "diverged" else f"{mean} ({low}–{high})"

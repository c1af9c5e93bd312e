"""What expressions on pages may call: numbers, and the sentences and tables made of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..dropout import placements
from ..wording import in_words, rate_text
from . import markdown
from .lookup import METRICS, MissingNumber, Numbers


def functions(numbers: Numbers) -> dict[str, object]:
    """The names an expression on a page may use, and what each stands for."""
    own = (numbers.value, numbers.compare, numbers.difference, numbers.seeds, numbers.rates)
    own += (numbers.budget, numbers.least_p, numbers.runs, numbers.networks)
    made: tuple[Callable, ...] = (table, answer_tables, told_apart, baselines)
    names = {function.__name__: function for function in own}
    names |= {function.__name__: partial(function, numbers) for function in made}
    return names | {"profile": numbers.profile, "datasets": numbers.datasets}


def has(numbers: Numbers, name: str, dataset: str, rate: float, selected: str = "last") -> bool:
    """Whether a placement has a result of its own on a data set at a rate."""
    try:
        numbers.rows("nll", name, dataset, rate, selected)
    except MissingNumber:
        return False
    return rate > 0 or name == "none"


def told_apart(numbers: Numbers, metric="nll", dataset=None, selected="last") -> str:
    """How many comparisons with `none` are told apart, as 'none of the 66'; over one data set or all.

    A comparison whose baseline has no result (its chapter failed) is not counted.
    """
    total = decided = 0
    results = numbers.results
    for each in [dataset] if dataset is not None else numbers.datasets:
        frame = results[(results["dataset"] == each) & (results["rate"] > 0)]
        for name, rate in frame[["placement", "rate"]].drop_duplicates().itertuples(index=False):
            try:
                verdict = numbers.compare(name, "none", metric, each, float(rate), selected)
            except MissingNumber:
                continue
            total += 1
            decided += verdict != "not told apart"
    return f"{in_words(decided) if decided else 'none'} of the {total:,}"


def baselines(numbers: Numbers, selected="last") -> str:
    """One sentence on what the network reaches without dropout on each data set."""
    parts = []
    for dataset in numbers.datasets:
        if has(numbers, "none", dataset, 0.0, selected):
            accuracy, nll = (
                numbers.value(metric, "none", dataset, 0.0, selected) for metric in ("accuracy", "nll")
            )
            parts.append(
                f"on `{dataset}` a test accuracy of {accuracy} and a negative log-likelihood of {nll}"
            )
    return f"Without dropout the network reaches {', and '.join(parts)} (means over seeds)." if parts else ""


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


def answer_tables(numbers: Numbers, names=None, metric="nll", selected="last") -> str:
    """A table for each data set of the results, each with a line that says what it shows."""
    if not numbers.datasets:
        return "There is no finished run yet."
    blocks = []
    for dataset in numbers.datasets:
        heading = f"Test {METRICS[metric]} on `{dataset}`, mean over seeds (lowest–highest):"
        blocks.append(f"{heading}\n\n{table(numbers, metric, dataset, names, selected)}")
    return "\n\n".join(blocks)


def _cell(numbers: Numbers, metric, name, dataset, rate, selected, digits) -> str:
    if not has(numbers, name, dataset, rate, selected):
        return "–"
    mean, low, high = (
        numbers.value(metric, name, dataset, rate, selected, each, digits)
        for each in ("mean", "lowest", "highest")
    )
    return mean if mean == "diverged" else f"{mean} ({low}–{high})"

"""What the notebooks show of single test examples: those that flip, and placements side by side.

Texts of a data set are shown only where it can be loaded, and only as the network reads them.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ...datasets.dataset import UNKNOWN, Dataset
from ...figures.style import plain
from ...results import flips as examples
from ...results import tidy
from ...runs.store import Record
from ...stats import metrics
from ...wording import count, markdown_safe, rate_text
from .. import show
from .parameters import table_order
from .runs import Results, data_of, middle_rate

LONGEST_TEXT = 40
# Stands for every word that the vocabulary lacks; the tokenizer makes no token with these brackets.
UNKNOWN_WORD = "‹unknown›"


def as_read(dataset, row: int) -> str:
    """A test example as the network reads it: its words, or a series' name and length.

    Words that are not in the vocabulary are marked; after LONGEST_TEXT words only their number is said.
    """
    split = dataset.test
    length = int(split.lengths[row])
    if dataset.kind == "series":
        return f"{plain(split.ids[row])}, {length} step{'' if length == 1 else 's'}"
    names = [
        UNKNOWN_WORD if token == UNKNOWN else plain(dataset.token_names[token], 24)
        for token in split.inputs[row, : min(length, LONGEST_TEXT)]
    ]
    # Where a symbol's name has a space of its own, a space alone would not tell where it ends.
    text = (", " if any(" " in name for name in names) else " ").join(names)
    return text if length <= LONGEST_TEXT else f"{text} … ({length - LONGEST_TEXT} more)"


def changed_most(records: Iterable[Record], dataset: Dataset, most: int = 3) -> pd.DataFrame:
    """The test examples of a data set whose predicted class dropout changes and whose true class moves most.

    records: runs of one placement, with those of `none`. An example counts where its class differs from that under
    `none` with the same seed in more than half of the seeds, at some rate. Of these: at most `most` whose true class
    gains most probability over all rates, then as many that lose most. Columns: data set, example (as the network reads
    it), true class, then means over the seeds of the true class' probability: none, p = ... for each rate; and another
    class, in how many seeds at each rate. No row where nothing changes.
    """
    rates = {rate: pairs for (_, rate), pairs in examples.paired(records, dataset.name).items() if rate > 0}
    columns = [f"p = {rate_text(rate)}" for rate in rates]
    split, true = dataset.test, metrics.true_class_probability
    rows = np.array([], int)
    if rates:
        change = np.mean([pairs.change(split.labels).mean(axis=0) for pairs in rates.values()], axis=0)
        rows = examples.most_changed(change, np.any([examples.flipped(each) for each in rates.values()], axis=0), most)
    found = []
    for row in rows:
        none = np.mean([true(pairs.base, split.labels)[:, row].mean() for pairs in rates.values()])
        means = (true(pairs.p, split.labels)[:, row].mean() for pairs in rates.values())
        seeds = "; ".join(f"{pairs.flips()[row]} of {len(pairs.seeds)}" for pairs in rates.values())
        found.append(
            {"data set": dataset.name, "example": as_read(dataset, row),
             "true class": plain(dataset.classes[split.labels[row]]), "none": none,
             **dict(zip(columns, means, strict=True)), "another class": seeds}
        )  # fmt: skip
    return pd.DataFrame(found, columns=["data set", "example", "true class", "none", *columns, "another class"])


def show_side_by_side(runs: Results, most: int = 6):
    """For each data set the test examples on which the placements differ most, and what each placement gives there."""
    for name in runs.names:
        dataset = data_of(runs, name)
        chosen = _at_middle_rates(examples.paired(runs.records, name))
        seeds = sorted(set.intersection(*(set(pairs.seeds) for _, pairs in chosen.values()))) if chosen else []
        if dataset is None:
            continue
        if len(chosen) < 2 or len(seeds) < 2:
            show.text(
                f"**{markdown_safe(name)}.** Setting placements side by side takes two of them with two "
                "seeds in common."
            )
            continue
        labels = dataset.test.labels
        own = {each: [pairs.seeds.index(seed) for seed in seeds] for each, (_, pairs) in chosen.items()}
        change = np.stack([pairs.change(labels)[own[each]] for each, (_, pairs) in chosen.items()])
        apart, expected = examples.spread(change)
        rows = np.argsort(-apart, kind="stable")[:most]
        _say_spread(name, apart, expected, len(chosen), len(seeds))
        _show_chosen(dataset, rows)
        _show_placements(dataset, rows, chosen, own, {"spread": apart, "expected": expected})


def _at_middle_rates(found):
    """Each placement's rate in the middle of those it has, and its pairs there: placement to (rate, Pairs)."""
    rates = {}
    for placement, rate in found:
        rates.setdefault(placement, []).append(rate)
    middle = {placement: middle_rate(rates[placement]) for placement in table_order(rates)}
    return {placement: (rate, found[placement, rate]) for placement, rate in middle.items()}


def _say_spread(name, apart, expected, placements, seeds):
    def size(values):
        return float(np.sqrt(np.mean(values**2)))

    number = count(placements, "placement").capitalize()
    text = f"**{markdown_safe(name)}.** {number}, {count(seeds, 'seed')} each."
    if size(expected) > 0:
        text += (
            f" Over all {len(apart)} test examples the placements lie {size(apart) / size(expected):.1f} times as far "
            "apart as runs that differ by chance alone would (root mean square; near 1 says no more than chance)."
        )
    show.text(text)


def _show_chosen(dataset, rows):
    labels = dataset.test.labels
    show.table(
        pd.DataFrame(
            {
                "number": [f"{number}" for number in range(1, len(rows) + 1)],
                "example": [as_read(dataset, row) for row in rows],
                "true class": [plain(dataset.classes[labels[row]]) for row in rows],
            }
        ),
        caption=f"{dataset.name}: the test examples on which the placements' changes from none differ most.",
    )


def _show_placements(dataset, rows, chosen, own, spreads):
    """A row a placement, a column an example: mean probability of the true class over the seeds."""
    true, labels = metrics.true_class_probability, dataset.test.labels
    lines = {}
    for each, (rate, pairs) in chosen.items():
        # Placements that need a second layer have a `none` of their own.
        none = tidy.NONE if pairs.layers == 1 else f"{tidy.NONE}, {count(pairs.layers, 'layer')}"
        lines.setdefault(none, true(pairs.base[own[each]], labels).mean(axis=0)[rows])
        lines[f"{each}, p = {rate_text(rate)}"] = true(pairs.p[own[each]], labels).mean(axis=0)[rows]
    lines["spread over the placements"] = spreads["spread"][rows]
    lines["spread expected by chance"] = spreads["expected"][rows]
    table = pd.DataFrame(
        [{"placement": name} | {f"{n}": f"{value:.2f}" for n, value in enumerate(line, start=1)}
         for name, line in lines.items()]
    )
    show.table(
        table,
        caption=f"{dataset.name}: probability of the true class by placement and example, the mean over the seeds. "
        "The spread is the standard deviation of the changes from none.",
    )

"""What the notebooks show of single test examples: those that flip.

Texts of a data set are shown only where it can be loaded, and only as the network reads them.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ...datasets.dataset import UNKNOWN, Dataset
from ...figures.style import plain
from ...results import flips as examples
from ...runs.store import Record
from ...stats import metrics
from ...wording import isolated, rate_text

LONGEST_TEXT = 40
# Stands for every word that the vocabulary lacks; the tokenizer makes no token with these brackets.
UNKNOWN_WORD = "‹unknown›"


def as_read(dataset, row: int) -> str:
    """A test example as the network reads it: its words, or a series' name and length.

    Words that are not in the vocabulary are marked; after LONGEST_TEXT words only their number is said. What is from
    the file is one piece where it runs from right to left.
    """
    split = dataset.test
    length = int(split.lengths[row])
    if dataset.kind == "series":
        return f"{isolated(plain(split.ids[row]))}, {length} step{'' if length == 1 else 's'}"
    names = [
        UNKNOWN_WORD if token == UNKNOWN else plain(dataset.token_names[token], 24)
        for token in split.inputs[row, : min(length, LONGEST_TEXT)]
    ]
    # Where a symbol's name has a space of its own, a space alone would not tell where it ends.
    text = isolated((", " if any(" " in name for name in names) else " ").join(names))
    return text if length <= LONGEST_TEXT else f"{text} … ({length - LONGEST_TEXT} more)"


def class_of(dataset, row: int) -> str:
    """The class of a test example, fit to stand in a sentence."""
    return isolated(plain(dataset.classes[dataset.test.labels[row]]))


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
             "true class": class_of(dataset, row), "none": none,
             **dict(zip(columns, means, strict=True)), "another class": seeds}
        )  # fmt: skip
    return pd.DataFrame(found, columns=["data set", "example", "true class", "none", *columns, "another class"])

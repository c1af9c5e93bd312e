"""What the notebooks show of single test examples: those that flip, the words that go with it, placements side by side.

Texts of a data set are shown only where it can be loaded, and only as the network reads them.
"""

import numpy as np
import pandas as pd

from ... import datasets, figures
from ...datasets.dataset import UNKNOWN
from ...figures.style import plain
from ...results import flips as examples
from ...results import tidy
from ...stats import metrics
from ...wording import count, markdown_safe, minus, rate_text
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


def show_flips(runs: Results):
    """For each data set: how many predicted classes change, and the examples among them that change most."""
    if not runs.placement.terms:
        show.text("Nothing is dropped here, so nothing can flip.")
        return
    between = tidy.seed_churn(runs.records)
    for name in runs.names:
        dataset = data_of(runs, name)
        rates = {rate: pairs for (_, rate), pairs in examples.paired(runs.records, name).items() if rate > 0}
        if dataset is None or not rates:
            continue
        labels = dataset.test.labels
        show.text(_flips_in_words(name, len(labels), rates, between.get(name)))
        change = np.mean([pairs.change(labels).mean(axis=0) for pairs in rates.values()], axis=0)
        flipped = np.any([examples.flipped(pairs) for pairs in rates.values()], axis=0)
        rows = examples.most_changed(change, flipped)
        if rows.size:
            _show_changed(dataset, rows, rates)


def _flips_in_words(name, number, rates, between):
    """The flips at each rate, mean over seeds and in most of them, and what another seed alone changes: Markdown."""
    said = [
        f"p = {rate_text(rate)}, {pairs.flips().sum() / len(pairs.seeds):.1f} "
        f"({examples.flipped(pairs).sum()} in most of {count(len(pairs.seeds), 'seed')})"
        for rate, pairs in rates.items()
    ]
    text = (
        f"**{markdown_safe(name)}**, {number} test examples. So many get another class than from `none` with "
        f"the same seed, as a mean over seeds: {'; '.join(said)}."
    )
    if between is None:
        return f"{text} What another seed changes is not known from a single run of `none`."
    return f"{text} Between two seeds of `none` it is {number * between.mean():.1f}."


def _show_changed(dataset, rows, rates):
    true, labels, name = metrics.true_class_probability, dataset.test.labels, dataset.name
    none = np.mean([true(pairs.base, labels).mean(axis=0) for pairs in rates.values()], axis=0)
    table = {
        "example": [as_read(dataset, row) for row in rows],
        "true class": [plain(dataset.classes[labels[row]]) for row in rows],
        "none": [f"{none[row]:.3f}" for row in rows],
    }
    table |= {
        f"p = {rate_text(rate)}": [f"{value:.3f}" for value in true(pairs.p, labels).mean(axis=0)[rows]]
        for rate, pairs in rates.items()
    }
    flips = [[f"{pairs.flips()[row]} of {len(pairs.seeds)}" for pairs in rates.values()] for row in rows]
    table["seeds with another class, rate by rate"] = ["; ".join(each) for each in flips]
    show.table(
        pd.DataFrame(table),
        caption=f"{name}: probability of the true class, the mean over the seeds. Of the examples whose predicted "
        "class changes in most seeds at some rate, those where it rises most over all rates, then those where it "
        "falls most.",
    )
    if dataset.kind == "series":
        show_series(dataset, rows)


def show_series(dataset, rows):
    """The series of these test rows as small pictures."""
    titles = [f"{dataset.test.ids[row]}: {dataset.classes[dataset.test.labels[row]]}" for row in rows]
    show.figure(
        figures.series_examples(dataset.test.inputs[rows], dataset.test.lengths[rows], titles),
        alt="The series of the table, each feature a line against the step.",
        caption=f"{dataset.name}: the examples of the table with their true class; a line is a feature.",
    )


def show_words(runs: Results):
    """For token data: the words whose presence goes with a change of the true class' probability."""
    shown = False
    for name in runs.names if runs.placement.terms else ():
        rates = [pairs for (_, rate), pairs in examples.paired(runs.records, name).items() if rate > 0]
        if datasets.describe(name).kind != "tokens" or not rates:
            continue
        dataset = data_of(runs, name)
        shown = True
        if dataset is not None:
            change = np.mean([pairs.change(dataset.test.labels).mean(axis=0) for pairs in rates], axis=0)
            _show_words_of(dataset, *examples.words(dataset.test.inputs, dataset.test.labels, change))
    if not shown:
        show.text("There are no words here: nothing is dropped, or the data are real-valued series.")


def _show_words_of(dataset, found, looked):
    name = markdown_safe(dataset.name)
    if not found:
        what = "there is no word that enough examples have and enough others lack" if not looked else (
            f"of {count(looked, 'word')} none goes with a change beyond what shuffling the changes gives"
        )
        show.text(f"**{name}.** In the test part {what}.")
        return
    up, down = [word for word in found if word.change > 0], [word for word in found if word.change < 0]
    kept = up[:8] + down[-8:]
    names = [UNKNOWN_WORD if word.token == UNKNOWN else plain(dataset.token_names[word.token], 24) for word in kept]
    table = pd.DataFrame(
        {
            "word": names,
            "test examples with it": [word.examples for word in kept],
            "change beyond its classes' mean": [minus(f"{word.change:+.2g}") for word in kept],
        }
    )
    show.table(
        table,
        caption=f"{dataset.name}: change of the true class' probability against none, the mean over seeds and rates. "
        f"{count(len(found), 'word').capitalize()} of {looked} looked at, "
        f"{'all shown' if len(kept) == len(found) else f'{len(kept)} shown'}.",
    )


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

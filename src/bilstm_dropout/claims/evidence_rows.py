"""Measurements on how much data there is, and on planted features: each takes Evidence and carries a verdict or not."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from ..experiments import ledger, planted, planted_again
from ..experiments.exploratory import rows_and_length
from ..results.differences import doubling, less_none, per_doubling
from ..results.rows import fold_of, nll
from ..stats import Crossed, Estimate, crossed_of, estimate
from ..wording import rate_text
from .claim import Evidence, Measured
from .comparisons import in_nats, in_points, line, paired, word

LEARNS = 0.6  # accuracy on MR's two classes, alike in number, below which a network is taken to have learned nothing
_PLACES = ("input", "recurrent", "output", "variational")
_UPDATES = {"MR": "updates about equal", "IMDB": "4,000 rows with about half the updates of all"}
_WHEN = {"best": "stopped early", "last": "last epoch"}


def _few_of_series(evidence: Evidence) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """By place: its loss less none's with the fewest rows of JapaneseVowels, and that less the same with all rows."""
    rows, fewest = evidence.runs(ledger.PART), min(filter(None, ledger.ROWS))

    def gain(site: str, number: int | None) -> pd.Series:
        return ledger.losses(rows, site, train_rows=number) - ledger.losses(rows, "none", train_rows=number)

    few = {site: gain(site, fewest) for site in ledger.SIZED}
    more = {site: paired(few[site], gain(site, None)) for site in ledger.SIZED}
    return {site: estimate(each.to_numpy()) for site, each in few.items()}, more


def _points_of_series(evidence: Evidence, site: str) -> Estimate:
    """A place's accuracy less none's with the fewest rows of JapaneseVowels, at the last epoch: points."""
    rows = evidence.runs(ledger.PART)
    few = rows[(rows["train_rows"] == min(filter(None, ledger.ROWS))) & (rows["schedule"] == "constant")]
    table = few.pivot(index="seed", columns="placement", values="accuracy_last")
    return paired(100 * table[site], 100 * table["none"])


def _with_all_rows(evidence: Evidence) -> dict[str, Estimate]:
    """Input and recurrent dropout less none in larger networks that train for longer, on all rows of JapaneseVowels."""
    rows = evidence.runs("a3")
    rows = rows[rows["dataset"] == "japanese_vowels"]
    table = rows.assign(value=nll(rows)).pivot(index="seed", columns="placement", values="value")
    return {site: paired(table[site], table["none"]) for site in ("input", "recurrent")}


def _both(evidence: Evidence, loss: Estimate) -> str:
    return f"{in_nats(loss)}, {in_points(_points_of_series(evidence, 'input'))}"


def _by_rows(evidence: Evidence, dataset: str) -> dict[str, pd.DataFrame]:
    """By placement, its loss less none's: a row a seed and fold (or a seed), a column a number of training rows."""
    rows = evidence.runs("d")
    rows = rows[rows["dataset"] == dataset]
    table = rows.assign(value=nll(rows), fold=rows["dataset_options"].map(fold_of)).pivot(
        index=["seed", "fold"], columns=["placement", "train_rows"], values="value"
    )
    return {name: table[name] - table["none"] for name in _PLACES if name in table.columns.unique("placement")}


def slopes(tables: dict[str, pd.DataFrame], least: int = 0) -> dict[str, pd.Series]:
    """By placement and run, how its difference to none changes with a doubling of the rows: nats, a straight line.

    tables: placement to a row a run, a column a number of rows. least: rows to begin with.
    """
    return {name: doubling(table[[rows for rows in table if rows >= least]]) for name, table in tables.items()}


def _crossed(values: pd.Series) -> Crossed:
    return crossed_of(values.rename("value").reset_index(), "value")


def at_chance(evidence: Evidence) -> dict[int, float]:
    """Mean accuracy of none on MR by training rows, where it is below LEARNS."""
    rows = evidence.runs("d")
    bare = rows[(rows["dataset"] == "mr") & (rows["placement"] == "none")]
    means = bare.groupby("train_rows")["accuracy_best"].mean()
    return {int(number): float(value) for number, value in means[means < LEARNS].items()}


def _of_doubling(evidence: Evidence, name: str, when: str) -> dict[str, Estimate]:
    """By placement, what a doubling of the rows adds to its difference to none in part o.

    name: MR, at the fixed learning rate, or IMDB, averaged over lengths. when: 'best' or 'last'.
    """
    part = evidence.runs(rows_and_length.PART)
    if name == "IMDB":
        runs, over = rows_and_length.whole_reviews(part), "words"
    else:
        mine = (part["dataset"] == "mr") & np.isclose(part["learning_rate"], rows_and_length.LEARNING_RATES[0])
        runs, over = part[mine].assign(rows=part["train_rows"].fillna(rows_and_length.ALL_OF_MR)), None
    pairs = less_none(runs, keep=("rows", *([over] if over else [])))
    return {place: each.estimate() for place, each in per_doubling(pairs, "rows", f"nll_{when}", over).items()}


def little_data(evidence: Evidence) -> Measured:
    """Whether dropout does more with fewer rows: JapaneseVowels in small networks, MR to all its rows, and IMDB."""
    few, more = _few_of_series(evidence)
    fewest, most = min(filter(None, ledger.ROWS)), 270
    lines = [
        *(
            f"{line(f'JapaneseVowels, {fewest} rows, {site} less none', each)}, "
            f"{in_points(_points_of_series(evidence, site))}"
            for site, each in few.items()
        ),
        *(line(f"the same less that with all {most} rows, {site}", each) for site, each in more.items()),
    ]
    series = {word(each) for each in more.values()} == {"lower"} and word(few["output"]) == "unclear"
    series = series and word(few["input"]) == word(few["recurrent"]) == "lower"

    larger = _with_all_rows(evidence)
    lines += [line(f"JapaneseVowels, all rows, 64 units, 40 epochs, {site} less none", each)
              for site, each in larger.items()]  # fmt: skip
    series = series and {word(each) for each in larger.values()} == {"lower"}

    chance, mr = at_chance(evidence), _by_rows(evidence, "mr")
    levels = sorted(int(number) for number in mr["input"].columns)
    learned = [number for number in levels if number not in chance]
    lines += [f"MR, {number:,} rows, none: accuracy {value:.2f} of two classes" for number, value in chance.items()]
    trend = {name: _crossed(each) for name, each in slopes(mr, learned[0]).items()}
    span = f"{learned[0]:,} to {learned[-1]:,}"
    lines += [line(f"MR, {span} rows, {name}, a doubling of the rows", each) for name, each in trend.items()]
    fixed = evidence.runs("a3")
    beyond = {}
    for name in _PLACES:
        every = _whole(fixed, name)
        beyond[name] = _crossed((every - mr[name][learned[-1]]).dropna())
        lines.append(line(f"MR, {name}, all rows less {learned[-1]:,} rows", beyond[name]))
    text = len(chance) == 2 and {word(each) for each in trend.values()} == {"unclear"}
    text = text and all(each.mean > 0 for each in beyond.values()) and word(beyond["input"]) == "higher"

    longer = {name: estimate(each.to_numpy()) for name, each in slopes(_by_rows(evidence, "imdb")).items()}
    lines += [line(f"IMDB, {name}, a doubling of the rows", each) for name, each in longer.items()]
    seen = [each.mean for each in trend.values()]
    few_runs = all(each.low < min(seen) and max(seen) < each.high and word(each) == "unclear"
                   for each in longer.values())  # fmt: skip
    fewer = {(name, when): _of_doubling(evidence, name, when) for name in ("MR", "IMDB") for when in ("best", "last")}
    lines += [line(f"{name}, {_UPDATES[name]}, {place}, a doubling of the rows, {_WHEN[when]}", each)
              for (name, when), places in fewer.items() for place, each in places.items()]  # fmt: skip
    early = {word(each) for name in ("MR", "IMDB") for each in fewer[name, "best"].values()} == {"unclear"}
    late = all(word(fewer[name, "last"]["variational"]) == "higher" for name in ("MR", "IMDB"))
    late = late and word(fewer["IMDB", "last"]["input"]) == "higher"
    data = {
        **{f"late_{name.lower()}": in_nats(fewer[name, "last"]["variational"]) for name in ("MR", "IMDB")},
        "few": _both(evidence, few["input"]), "fewest": str(fewest),
        "beyond": in_nats(beyond["input"]), "last": f"{learned[-1]:,}",
        "chance": f"{max(chance.values()):.2f}" if chance else "", "most": f"{max(chance):,}" if chance else "",
    }  # fmt: skip
    return Measured(bool(series and text and few_runs and early and late), tuple(lines), data)


def _whole(fixed: pd.DataFrame, name: str) -> pd.Series:
    """A placement's loss less none's on all rows of MR, by seed and fold."""
    mine = fixed[fixed["dataset"] == "mr"]
    table = mine.assign(value=nll(mine), fold=mine["dataset_options"].map(fold_of)).pivot(
        index=["seed", "fold"], columns="placement", values="value"
    )
    return table[name] - table["none"]


def features_alike(evidence: Evidence) -> Measured:
    """Input and recurrent dropout with few rows, of features that say the same; and of JapaneseVowels and MR."""
    rows = evidence.runs(planted.PART)
    ends = {"best": "stopped early", "last": "last epoch"}
    found = {
        (name, place, rate, when): paired(
            planted.losses(rows, task, place, rate, when), planted.losses(rows, task, when=when)
        )
        for name, task in (("alike", planted.ALIKE), ("apart", planted.APART))
        for place in planted.PLACED[planted.ALIKE]
        for rate in planted.RATES
        for when in ends
    }
    lines = [
        line(f"planted features, {planted.FEW[0]} rows, noise {name}, {place} at {rate_text(rate)} less none, "
             f"{ends[when]}", each)
        for (name, place, rate, when), each in found.items()
    ]  # fmt: skip
    words = {
        key: {word(found[*key[:2], rate, key[2]]) for rate in planted.RATES}
        for key in {(name, place, when) for name, place, _, when in found}
    }
    alike = words["alike", "input", "best"] == words["alike", "input", "last"] == {"higher"}
    late = words["alike", "recurrent", "best"] == {"higher"} and words["alike", "recurrent", "last"] == {"lower"}
    apart = words["apart", "recurrent", "best"] == words["apart", "recurrent", "last"] == {"lower"}
    few, _ = _few_of_series(evidence)
    series = word(few["input"]) == word(few["recurrent"]) == "lower"
    costs = found["alike", "input", 0.25, "best"]
    data = {"few": _both(evidence, few["input"]), "alike": in_nats(costs)}
    return Measured(bool(alike and late and apart and series and len(at_chance(evidence)) == 2), tuple(lines), data)


def noise_features(evidence: Evidence) -> Measured:
    """Loss of none with noise features beside one signal, and what training past the chosen checkpoint costs."""
    rows = evidence.runs(planted.PART)
    counts = {"few": planted.FEW[0], "many": planted.MANY[0]}
    best = {key: planted.losses(rows, task) for key, task in planted.DIMENSIONS.items()}
    costs = {
        key: paired(planted.losses(rows, task, when="last"), best[key]) for key, task in planted.DIMENSIONS.items()
    }
    lines = tuple(
        line(f"{counts[size]:,} rows, {number} noise features: loss {best[size, number].mean():.2f} stopped early, and "
             "at the last epoch", each)
        for (size, number), each in costs.items()
    )  # fmt: skip
    *noisy, most = planted.DISTRACTORS
    over = all(
        word(costs["few", number]) == "higher" and costs["few", number].mean > costs["many", number].mean
        for number in noisy
    )
    means = {size: [best[size, number].mean() for number in planted.DISTRACTORS] for size in counts}
    lost = means["few"][-1] > 0.6 and costs["few", most].mean < 0.02
    rising = all(each == sorted(each) for each in means.values())
    data = {"few": in_nats(costs["few", noisy[-1]]), "noisy": str(noisy[-1]), "rows": str(counts["few"]),
            "most": str(most), "guessing": f"{means['few'][-1]:.2f}"}  # fmt: skip
    return Measured(bool(over and lost and rising), lines, data)


def spurious_neighbours(evidence: Evidence) -> Measured:
    """How much harm a relation of neighbouring steps does that holds in training alone; again on ten other draws."""
    rows = evidence.runs(planted.PART)
    bare = planted.harm(rows)
    harms = {(place, rate): planted.harm(rows, place, rate) for place in planted.STATE for rate in planted.RATES}
    less = {key: paired(each, bare) for key, each in harms.items()}
    lines = [f"the relation raises the loss without dropout by {bare.mean():.2f} nats"]
    lines += [line(f"that with {place} at {rate_text(rate)} less that without", each)
              for (place, rate), each in less.items()]  # fmt: skip
    again, inputs = {}, {}
    for rate in planted.RATES:
        losses = {place: _on_draws(evidence, place, rate) for place in ("input", "recurrent", "output")}
        none = _on_draws(evidence, "none", 0.0)
        for place, each in losses.items():
            again[place, rate] = paired(each, none)
            lines.append(line(f"ten other draws of the data, {place} at {rate_text(rate)} less none",
                              again[place, rate]))  # fmt: skip
        inputs[rate] = paired(losses["input"], losses["recurrent"])
        lines.append(line(f"ten other draws, input less recurrent at {rate_text(rate)}", inputs[rate]))
    left = min(float((each > 0.05).mean()) for each in harms.values())
    told = {word(less[place, rate]) for place in ("recurrent", "recurrent-tied", "input") for rate in planted.RATES}
    told |= {word(again[place, rate]) for place in ("input", "recurrent") for rate in planted.RATES}
    told |= {word(each) for each in inputs.values()}
    data = {}
    for place in ("input", "recurrent"):
        points = paired(*(_on_draws(evidence, *side, points=True) for side in ((place, 0.5), ("none", 0.0))))
        data[place] = f"{in_nats(again[place, 0.5])}, {in_points(points)}"
    return Measured(told == {"lower"} and left == 1, tuple(lines), data)


def _on_draws(evidence: Evidence, placement: str, rate: float, points: bool = False) -> pd.Series:
    """Loss, or points of accuracy, by draw of the data where neighbouring steps go together in training rows alone."""
    rows = evidence.runs(planted_again.PART)
    options = rows["dataset_options"].map(json.loads)
    mine = (rows["placement"] == placement) & np.isclose(rows["rate"], rate)
    mine &= options.map(lambda each: bool(each.get("spurious")))
    found = 100 * rows[mine]["accuracy_best"].to_numpy(dtype=float) if points else nll(rows[mine], "best", "missing")
    return pd.Series(found, options[mine].map(lambda each: each["data_seed"]))

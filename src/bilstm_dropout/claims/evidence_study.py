"""Measurements for the ledger on planted features, spoilt inputs and the confirmatory study: each takes Evidence.

Differences on planted features are in test NLL (nats), paired by seed; see experiments.planted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..datasets import CLASSES, TITLES
from ..experiments import ledger, planted, robustness
from ..experiments.confirmatory import contrasts, plan, tuning
from ..experiments.exploratory import decomposition
from ..experiments.exploratory import effects as exploring
from ..experiments.exploratory import plan as grid_exploring
from ..results.rows import fold_of, nll
from ..stats.paired import ALPHA, Difference, paired_difference, verdict
from ..wording import nats, rate_text
from .claim import Evidence, Measured
from .evidence import help_with_little_data, in_nats, settings_from_elsewhere
from .evidence import schedules as small_schedules


def noise_features(evidence: Evidence) -> Measured:
    """Test NLL of none with noise features beside one signal, and what training past the chosen checkpoint costs."""
    rows = evidence.runs(planted.PART)
    counts = {"few": planted.FEW[0], "many": planted.MANY[0]}
    costs = {(size, number): planted.over_training(rows, size, number) for size in counts for number in
             planted.DISTRACTORS}  # fmt: skip
    best = planted.means(rows, "best")
    text = "; ".join(
        f"{count:,} rows, {number} noise features: {best[size][place]:.2f} at the chosen checkpoint, and at the end of "
        f"training {in_nats(costs[size, number])}"
        for size, count in counts.items()
        for place, number in enumerate(planted.DISTRACTORS)
    )
    *noisy, most = planted.DISTRACTORS
    over = all(
        verdict(costs["few", number]) == "higher" and costs["few", number].mean > costs["many", number].mean
        for number in noisy
    )
    lost = best["few"][-1] > 0.6 and costs["few", most].mean < 0.02
    rising = all(each == sorted(each) for each in best.values())
    return Measured(over and lost and rising, f"test NLL of `none`: {text}")


def spurious_neighbours(evidence: Evidence) -> Measured:
    """How much harm a correlation of neighbouring steps does that holds in training alone, by placement."""
    rows = evidence.runs(planted.PART)
    less = {
        (placement, rate): planted.less_harm(rows, placement, rate)
        for placement in planted.STATE
        for rate in planted.RATES
    }
    inputs = {rate: planted.less_harm(rows, "input", rate, than="recurrent") for rate in planted.RATES}
    left = min(float((planted.harm(rows, *each) > 0.05).mean()) for each in less)
    text = (
        f"a spurious correlation raises the test NLL of `none` by {planted.harm(rows).mean():.2f} nats; how the harm "
        "with dropout differs from that: "
        + "; ".join(f"{placement} {rate_text(rate)}: {in_nats(each)}" for (placement, rate), each in less.items())
        + "; harm with input dropout less that with recurrent: "
        + "; ".join(f"at {rate_text(rate)}: {in_nats(each)}" for rate, each in inputs.items())
    )
    told = {verdict(less[site, rate]) for site in ("recurrent", "recurrent-tied", "input") for rate in planted.RATES}
    return Measured(told == {"lower"} == {verdict(each) for each in inputs.values()} and left == 1, text)


def features_alike(evidence: Evidence) -> Measured:
    """Input and recurrent dropout with few rows: of features that say the same, of JapaneseVowels and of MR."""
    rows, small = evidence.runs(planted.PART), little_data(evidence)
    found = {
        (name, placement, rate, when): planted.against_none(rows, task, placement, rate, when)
        for name, task in (("alike", planted.ALIKE), ("apart", planted.APART))
        for placement in planted.PLACED[planted.ALIKE]
        for rate in planted.RATES
        for when in ("best", "last")
    }
    ends = {"best": "the chosen checkpoint", "last": "the end of training"}
    text = "; ".join(
        f"{planted.FEW[0]} rows, noise {name}, {placement} {rate_text(rate)} against `none` at {ends[when]}: "
        f"{in_nats(each)}"
        for (name, placement, rate, when), each in found.items()
    )
    words = {
        key: {verdict(found[*key[:2], rate, key[2]]) for rate in planted.RATES}
        for key in {(name, placement, when) for name, placement, _, when in found}
    }
    alike = words["alike", "input", "best"] == words["alike", "input", "last"] == {"higher"}
    stopped = words["alike", "recurrent", "best"] == {"higher"} and words["alike", "recurrent", "last"] == {"lower"}
    apart = words["apart", "recurrent", "best"] == words["apart", "recurrent", "last"] == {"lower"}
    return Measured(small.holds and alike and stopped and apart, f"{text}; {small.text}")


def little_data_and_longer_training(evidence: Evidence) -> Measured:
    """What the ledger's small networks show with few rows and with all, beside what part a3's show with all."""
    small, effects = help_with_little_data(evidence), exploring.effects("a3", evidence.runs("a3"))
    mine = effects[effects["dataset"] == "japanese_vowels"].set_index("row")
    sites = {site: mine.loc[site] for site in ("input", "recurrent")}
    text = "; ".join(
        f"{site}: {nats(row['mean'])} [{nats(row['low'])}, {nats(row['high'])}], {row['n']} pairs"
        for site, row in sites.items()
    )
    both = all(row["high"] < 0 for row in sites.values())
    # In the small network recurrent dropout costs with all rows: the page on what to use says so, too.
    costs = ledger.difference(evidence.runs(ledger.PART), f"recurrent {plan.FIXED_RATE:g}")
    return Measured(
        small.holds and both and verdict(costs) == "higher",
        f"{small.text}; with all rows, recurrent: {in_nats(costs)}; with all rows, {plan.NETWORK['units']} units and "
        f"part a3's training: {text}",
    )


def little_data(evidence: Evidence) -> Measured:
    """Whether dropout helps more with fewer rows: JapaneseVowels in the ledger's runs and a3's, MR and IMDB in d."""
    series, rows = little_data_and_longer_training(evidence), evidence.runs("d")
    (table,) = decomposition.grids("mr", decomposition.runs("d", rows, "mr"))
    (longer,) = decomposition.grids("imdb", decomposition.runs("d", rows, "imdb"))
    slopes, of_longer = decomposition.slopes(table), decomposition.slopes(longer)
    found = exploring.effects("d", rows)
    found = found[found["dataset"] == "mr"].set_index(["row", "series"])
    few, many = f"{table.levels[1]:,} rows", f"{table.levels[-1]:,} rows"
    none = table.values[table.placements.index("none")].mean(axis=1)
    text = "; ".join([
        f"JapaneseVowels: {series.text}. MR, `none`: test NLL {none[0]:.3f} with {table.levels[0]:,} rows and "
        f"{none[-1]:.3f} with {many}",
        *(f"{name}, a doubling of the rows: {nats(mean)} [{nats(low)}, {nats(high)}]"
          for name, (mean, low, high) in slopes.items()),
        *(f"{name}, {count}: {nats(found.loc[(name, count), 'mean'])} [{nats(found.loc[(name, count), 'low'])}, "
          f"{nats(found.loc[(name, count), 'high'])}]" for count in (few, many) for name in slopes),
        *(f"IMDB, {longer.levels[0]:,} to {longer.levels[-1]:,} rows, {name}, a doubling of the rows: {nats(mean)} "
          f"[{nats(low)}, {nats(high)}]" for name, (mean, low, high) in of_longer.items()),
    ])  # fmt: skip
    level = all(low <= 0 <= high for _, low, high in of_longer.values())
    falling = all(high < 0 for _, _, high in slopes.values())
    raised = all(found.loc[(name, few), "low"] > 0 for name in slopes)
    lowered = {name for name in slopes if found.loc[(name, many), "high"] < 0} == {"input", "variational"}
    return Measured(series.holds and falling and raised and lowered and level and none[0] > 0.6, text)


def schedules(evidence: Evidence) -> Measured:
    """Schedules against a constant rate of equal mean: in the ledger's networks, and in part g's, on two sets."""
    small, rows = small_schedules(evidence), evidence.runs("g")
    found = exploring.against_constant(rows)
    large = {key[1:]: each for key, each in found.items() if key[0] == "japanese_vowels"}
    text = "; ".join([
        f"{small.text}; {plan.NETWORK['units']} units, {grid_exploring.SCHEDULE_EPOCHS['japanese_vowels']} epochs",
        *(f"{TITLES[name]}, {site}, {schedule}: {in_nats(each)}" for (name, site, schedule), each in found.items()),
        *(f"rate of {schedule} until TREC's checkpoints: {acted:.2f} of the constant one"
          for schedule, (_, acted) in exploring.until_checkpoint(rows, "trec").items()),
    ])  # fmt: skip
    words = {schedule: {site: verdict(each) for (site, how), each in large.items() if how == schedule}
             for schedule in ("ramp", "decay")}  # fmt: skip
    ramp = set(words["ramp"].values()) == {"not told apart"}
    decay = words["decay"] == {
        "input": "higher", "recurrent": "not told apart", "output": "lower", "combined": "higher",
    }  # fmt: skip
    falling = {verdict(found["trec", site, "decay"]) for site in grid_exploring.SCHEDULED}
    early = exploring.until_checkpoint(rows, "trec")["ramp"][1] < 0.2
    least = max(abs(each.mean) for (_, how), each in large.items() if how == "decay") < 0.015
    return Measured(small.holds and ramp and decay and falling == {"not told apart"} and early and least, text)


def _tuned(evidence: Evidence, sites: tuple[str, ...]) -> tuple[dict[str, bool], str]:
    """Which sites are lower than none over the three sets, by the tests of the study; and that in words, by set too."""
    parts = {part: evidence.runs(part) for part in contrasts.FOLDS}
    family = contrasts.family(parts)
    raw = family[family["measure"] == "raw"].set_index("contrast")
    shares = pd.concat({name: contrasts.shares(parts, [name]) for name in plan.TUNED})
    each = shares[shares["measure"] == "raw"].reset_index(level=0, names="set").set_index(["contrast", "set"])
    text = []
    for site in sites:
        row = raw.loc[f"{site} - none"]
        of_set = {name: each.loc[(f"{site} - none", name), "mean"] for name in plan.TUNED}
        by_set = ", ".join(f"{TITLES[name]} {nats(mean)}" for name, mean in of_set.items())
        text.append(
            f"{site} − none, tuned, on average over three text sets: {nats(row['mean'])} [{nats(row['low'])}, "
            f"{nats(row['high'])}], p after Holm {row['p_holm']:.3g} ({by_set})"
        )
    rows = {site: raw.loc[f"{site} - none"] for site in sites}
    return {site: row["p_holm"] < ALPHA and row["mean"] < 0 for site, row in rows.items()}, "; ".join(text)


def sites_at_their_best(evidence: Evidence) -> Measured:
    """Tuned input, recurrent and output dropout against none, and where a network's parameters are."""
    apart, text = _tuned(evidence, ("input", "recurrent", "output"))
    units, width = plan.NETWORK["units"], plan.NETWORK["embedding_dim"]
    recurrent, dense = 2 * 4 * units * (width + units + 1), (2 * units + 1) * max(CLASSES.values())
    text += f"; parameters: {recurrent:,} in the BiLSTM, {dense:,} at most in the fully connected layer"
    return Measured(apart == {"input": True, "recurrent": True, "output": False} and dense < recurrent, text)


def spoilt_inputs(evidence: Evidence) -> Measured:
    """By how much more or less the NLL rises on spoilt inputs of JapaneseVowels with input and output dropout."""
    found, dataset = evidence.shift, "japanese_vowels"
    rises = {
        (site, way): found.against_none(dataset, way, site)
        for site in ("input", "output")
        for way in robustness.WAYS[dataset]
    }
    text = "rise of the test NLL of JapaneseVowels for a unit of the level, less that of `none`: " + "; ".join(
        f"{site}, {way}: {in_nats(each)}" for (site, way), each in rises.items()
    )
    words = {site: [verdict(each) for (one, _), each in rises.items() if one == site] for site in ("input", "output")}
    apart, tuned = _tuned(evidence, ("input", "output"))
    means = [found.frame(dataset, way).mean() for way in robustness.WAYS[dataset]]
    below = all((each["input"] < each["none"]).all() for each in means)
    inputs = words["input"][0] == "lower" and "higher" not in words["input"]  # missing features are the first way
    outputs = words["output"][0] == "not told apart" and {"lower", "higher"} <= set(words["output"])
    slopes = found.slopes(dataset, "missing features").mean()
    lowest = found.against_none(dataset, "missing features", slopes.idxmin())
    best = slopes.idxmin() == "variational" and verdict(lowest) == "lower"
    small = all(abs(each.mean) < 0.03 for (site, _), each in rises.items() if site == "output")
    holds = apart == {"input": True, "output": False} and inputs and outputs and small and best and below
    return Measured(holds, f"{text}; {tuned}")


def data_depth_and_tuning(evidence: Evidence) -> Measured:
    """Whether the best configuration depends on data, on a second layer, and on tuning: parts a1, a2, a3 and i."""
    confirmed, at_one_rate = evidence.runs("a2"), evidence.runs("a3")
    table = contrasts.values(confirmed).pivot(
        index=["fold", "seed"], columns=["dataset", "placement"], values="value"
    )  # fmt: skip
    by_data = {name: _paired(table[name, "recurrent"], table[name, "none"]) for name in plan.TUNED}
    by_layers = _second_layer(evidence.runs("i"), at_one_rate)
    costs = tuning.fixed(confirmed, at_one_rate)
    elsewhere = settings_from_elsewhere(evidence)
    text = "; ".join([
        *(f"recurrent − none, tuned, {TITLES[name]}: {in_nats(each)}" for name, each in by_data.items()),
        *(f"{site} − none on {TITLES[name]}, two layers less one: {in_nats(each)}"
          for (name, site), each in by_layers.items()),
        *(f"fixed less tuned setting, {TITLES[name]}, {placement}: {in_nats(each)}"
          for (name, placement), each in costs.items() if placement in ("none", tuning.ALL)),
        elsewhere.text,
    ])  # fmt: skip
    data = {verdict(each) for each in by_data.values()} >= {"lower", "higher"}
    layers = {verdict(each) for each in by_layers.values()} == {"not told apart"}
    words = {name: verdict(costs[name, tuning.ALL]) for name in plan.TUNED}
    paid = words == {"mr": "not told apart", "trec": "higher", "phrasebank": "not told apart"}
    without = verdict(costs["trec", "none"]) == "higher"
    return Measured(data and layers and paid and without and elsewhere.holds, text)


def _paired(a: pd.Series, b: pd.Series) -> Difference:
    return paired_difference(a.to_numpy(), b.to_numpy(), np.random.default_rng(0))


def _second_layer(two: pd.DataFrame, one: pd.DataFrame) -> dict[tuple[str, str], Difference]:
    """By data set and site: its difference from none in two layers less that in one, paired by fold and seed."""
    tables = [
        rows.assign(value=nll(rows), fold=rows["dataset_options"].map(fold_of)).pivot(
            index=["dataset", "fold", "seed"], columns="placement", values="value"
        )
        for rows in (two, one)
    ]
    sites = ("input", "recurrent", "output")
    differences = [table[[*sites]].sub(table["none"], axis=0) for table in tables]
    units = differences[0].index.intersection(differences[1].index)
    two, one = (each.loc[units] for each in differences)
    return {
        (name, site): _paired(two.loc[name, site], one.loc[name, site])
        for name in units.unique("dataset")
        for site in sites
    }

"""Measurements for the ledger on planted features, spoilt inputs and the confirmatory study: each takes Evidence.

Differences on planted features are in test NLL (nats), paired by seed; see planted_experiments.
"""

from __future__ import annotations

from . import contrasts, grid, shift
from . import planted_experiments as planted
from .book_tables import signed
from .claims import Evidence, Measured
from .claims_measures import help_with_little_data, in_nats
from .config import RunConfig
from .statistics import ALPHA, verdict


def noise_features(evidence: Evidence) -> Measured:
    """NLL of none with noise features beside one signal, with few rows and with many, where training ends."""
    rows = evidence.runs(planted.PART)
    means = planted.means_at_the_end(rows)
    more = {number: planted.more_over_training(rows, number) for number in planted.DISTRACTORS[1:]}
    counts = {"few": planted.FEW[0], "many": planted.MANY[0]}
    levels = "; ".join(
        f"test NLL of `none` after training on {counts[size]:,} rows, with "
        + ", ".join(f"{number}: {mean:.2f}" for number, mean in zip(planted.DISTRACTORS, each, strict=True))
        + " noise features"
        for size, each in means.items()
    )
    gaps = "; ".join(
        f"what few rows cost more than many, with {number} noise features against none: {in_nats(each)}"
        for number, each in more.items()
    )
    rising = all(each == sorted(each) for each in means.values())
    return Measured(rising and {verdict(each) for each in more.values()} == {"higher"}, f"{levels}; {gaps}")


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
        + "; ".join(f"{placement} {rate:g}: {in_nats(each)}" for (placement, rate), each in less.items())
        + "; harm with input dropout less that with recurrent: "
        + "; ".join(f"at {rate:g}: {in_nats(each)}" for rate, each in inputs.items())
    )
    told = {verdict(less[site, rate]) for site in ("recurrent", "recurrent-tied", "input") for rate in planted.RATES}
    return Measured(told == {"lower"} == {verdict(each) for each in inputs.values()} and left == 1, text)


def features_alike(evidence: Evidence) -> Measured:
    """Input and recurrent dropout with few rows of features that say the same, and JapaneseVowels with few rows."""
    rows, small = evidence.runs(planted.PART), help_with_little_data(evidence)
    found = {
        (name, placement, rate, when): planted.against_none(rows, task, placement, rate, when)
        for name, task in (("alike", planted.ALIKE), ("apart", planted.APART))
        for placement in planted.PLACED[planted.ALIKE]
        for rate in planted.RATES
        for when in ("best", "last")
    }
    ends = {"best": "the chosen checkpoint", "last": "the end of training"}
    text = "; ".join(
        f"{planted.FEW[0]} rows, noise {name}, {placement} {rate:g} against `none` at {ends[when]}: {in_nats(each)}"
        for (name, placement, rate, when), each in found.items()
    )
    costs = {verdict(found["alike", "input", rate, when]) for rate in planted.RATES for when in ends}
    helps = {verdict(found["alike", "recurrent", rate, "last"]) for rate in planted.RATES}
    return Measured(
        small.holds and costs == {"higher"} and helps == {"lower"}, f"{text}; JapaneseVowels: {small.text}"
    )


def sites_at_their_best(evidence: Evidence) -> Measured:
    """Tuned input, recurrent and output dropout against none, and where a network's parameters are."""
    parts = {part: evidence.runs(part) for part in contrasts.FOLDS}
    family = contrasts.family(parts)
    raw = family[family["measure"] == "raw"].set_index("contrast")
    sites = {site: raw.loc[f"{site} - none"] for site in ("input", "recurrent", "output")}
    apart = {site: row["p_holm"] < ALPHA and row["mean"] < 0 for site, row in sites.items()}
    tested = "; ".join(
        f"{site} − none, tuned, over three text sets: {signed(row['mean'])} "
        f"[{signed(row['low'])}, {signed(row['high'])}], p after Holm {row['p_holm']:.3g}"
        for site, row in sites.items()
    )
    units, width = grid.NETWORK["units"], RunConfig(dataset="mr", **grid.NETWORK).embedding_dim
    recurrent, dense = 2 * 4 * units * (width + units + 1), (2 * units + 1) * max(grid.CLASSES.values())
    text = f"{tested}; parameters: {recurrent:,} in the BiLSTM, {dense:,} at most in the fully connected layer"
    return Measured(apart == {"input": True, "recurrent": True, "output": False} and dense < recurrent, text)


def spoilt_inputs(evidence: Evidence) -> Measured:
    """By how much more or less the NLL rises on spoilt inputs of JapaneseVowels with input and output dropout."""
    found, dataset = evidence.shift, "japanese_vowels"
    rises = {
        (site, way): found.against_none(dataset, way, site)
        for site in ("input", "output")
        for way in shift.WAYS[dataset]
    }
    text = "rise of the test NLL of JapaneseVowels for a unit of the level, less that of `none`: " + "; ".join(
        f"{site}, {way}: {in_nats(each)}" for (site, way), each in rises.items()
    )
    words = {site: [verdict(each) for (one, _), each in rises.items() if one == site] for site in ("input", "output")}
    tuned = sites_at_their_best(evidence)
    inputs = words["input"][0] == "lower" and "higher" not in words["input"]  # missing features are the first way
    outputs = words["output"][0] == "not told apart" and {"lower", "higher"} <= set(words["output"])
    slopes = found.slopes(dataset, "missing features").mean()
    lowest = found.against_none(dataset, "missing features", slopes.idxmin())
    best = slopes.idxmin() == "variational" and verdict(lowest) == "lower"
    small = all(abs(each.mean) < 0.03 for (site, _), each in rises.items() if site == "output")
    return Measured(tuned.holds and inputs and outputs and small and best, f"{text}; {tuned.text}")

"""Measurements on the confirmatory study, schedules, spoilt inputs and tuning: each takes Evidence, like the others."""

from __future__ import annotations

import pandas as pd
import scipy

from ..datasets import CLASSES, TITLES
from ..experiments import ledger, robustness
from ..experiments.confirmatory import contrasts, plan, tuning
from ..experiments.exploratory import plan as grid_exploring
from ..results.rows import fold_of, nll
from ..runs.schedules import SCHEDULES, mean_until
from ..stats import ALPHA, Crossed, Estimate, crossed_of, estimate, heterogeneity, mean_of
from .claim import Evidence, Measured
from .comparisons import LOSS, POINTS, in_nats, in_points, line, over_folds, paired, word


def schedules(evidence: Evidence) -> Measured:
    """Schedules against a constant rate of equal mean: in small networks for a short time, and in larger for longer."""
    rows = evidence.runs(ledger.PART)
    small = {
        (site, schedule): paired(ledger.losses(rows, site, schedule=schedule), ledger.losses(rows, site))
        for site in ledger.SCHEDULED
        for schedule in ledger.SCHEDULES
    }
    large = _against_constant(evidence.runs("g"))
    lines = [line(f"JapaneseVowels, 32 units, 20 epochs, {site}, {schedule} less constant", each)
             for (site, schedule), each in small.items()]  # fmt: skip
    lines += [
        line(f"{TITLES[name]}, 64 units, {grid_exploring.SCHEDULE_EPOCHS[name]} epochs, {site}, {schedule} less "
             "constant", each)
        for (name, site, schedule), each in large.items()
    ]  # fmt: skip
    acted = _acted_until_checkpoint(evidence.runs("g"), "trec", "ramp")
    lines.append(
        f"TREC: until the checkpoint that validation chose, a rising rate had been {acted:.2f} of the constant"
    )
    left = scipy.stats.false_discovery_control([_p(each) for each in large.values()]) < 0.05
    lines.append(f"of {len(large)} intervals in the larger networks {left.sum()} survive Benjamini–Hochberg")
    ramps = {word(each) for (_, how), each in small.items() if how == "ramp"}
    decays = {word(each) for (_, how), each in small.items() if how == "decay"}
    mine = {key[1:]: each for key, each in large.items() if key[0] == "japanese_vowels"}
    ramps_of_large = {word(each) for (_, how), each in mine.items() if how == "ramp"}
    decays_of_large = {word(each) for (_, how), each in mine.items() if how == "decay"}
    most = max(abs(each.mean) for each in (*mine.values(), *small.values()))
    falling = {word(each) for (name, _, how), each in large.items() if (name, how) == ("trec", "decay")}
    undecided = ramps_of_large == falling == {"unclear"} and {"lower", "higher"} <= decays_of_large and acted < 0.2
    undecided = undecided and not left.any()
    data = {
        "ramp": in_nats(small["input", "ramp"]), "decay": in_nats(small["input", "decay"]),
        "larger": in_nats(mine["input", "ramp"]), "output": in_nats(mine["output", "decay"]),
        "input": in_nats(mine["input", "decay"]), "most": f"{most:.3f}", "acted": f"{acted:.2f}",
        "intervals": str(len(large)), "left": str(left.sum() or "none"),
    }  # fmt: skip
    return Measured(bool(ramps == {"lower"} and decays == {"higher"} and undecided), tuple(lines), data)


def _against_constant(rows: pd.DataFrame) -> dict[tuple[str, str, str], Estimate]:
    """Loss under a schedule less that under the constant rate of equal mean, by data set, place and schedule."""
    rows = rows[rows["placement"] != "none"]
    table = rows.assign(value=nll(rows)).pivot_table(
        index="seed", columns=["dataset", "placement", "schedule"], values="value"
    )  # the mean of TREC's two folds for each seed
    return {
        (name, site, schedule): paired(*(table[name, site, how].dropna() for how in (schedule, "constant")))
        for name in grid_exploring.SCHEDULE_EPOCHS
        for site in grid_exploring.SCHEDULED
        for schedule in SCHEDULES
        if schedule != "constant"
    }


def _acted_until_checkpoint(rows: pd.DataFrame, dataset: str, schedule: str) -> float:
    """The mean multiplier of a schedule's rate until the checkpoints that validation chose, the mean over runs."""
    mine = rows[(rows["dataset"] == dataset) & (rows["schedule"] == schedule) & (rows["placement"] != "none")]
    mine = mine[(mine["watch"] == "validation") & mine["epoch_best"].notna()]
    done = mine["epoch_best"].astype(float) / mine["epochs"]
    return float(done.map(lambda share: mean_until(schedule, share)).mean())


def _p(found: Estimate) -> float:
    """Two-sided p of a t interval that was made for 95 %."""
    error = (found.high - found.low) / 2 / scipy.stats.t.ppf(0.975, found.n - 1)
    return float(2 * scipy.stats.t.sf(abs(found.mean) / error, found.n - 1))


def _recipe(evidence: Evidence, a: str, b: str, part: str = "a2", measure: str = LOSS) -> tuple[Crossed, str]:
    """A placement less another on average over the three text sets, and the line that says so, by set too."""
    by_set = over_folds(evidence.runs(part), a, b, measure)
    mean = mean_of(by_set.values())
    of_set = ", ".join(f"{TITLES[name]} {(in_nats if measure == LOSS else in_points)(each)}"
                       for name, each in by_set.items())  # fmt: skip
    how = "tuned" if part == "a2" else "one fixed setting"
    said = line(f"{a} less {b}, {how}, three text sets", mean) if measure == LOSS else (
        f"{a} less {b}, {how}, accuracy on three text sets: {in_points(mean)}"
    )  # fmt: skip
    return mean, f"{said} ({of_set}; a test of one difference for all sets: p = {heterogeneity(by_set.values()):.1g})"


def sites_at_their_best(evidence: Evidence) -> Measured:
    """Tuned input, recurrent and output dropout, each other and none; and where a network's parameters are."""
    pairs = [("input", "none"), ("recurrent", "none"), ("output", "none"), ("input", "output")]
    losses = {pair: _recipe(evidence, *pair) for pair in pairs}
    points, of_points = _recipe(evidence, "input", "output", measure=POINTS)
    fixed, of_fixed = _recipe(evidence, "input", "output", "a3")
    family = contrasts.family({part: evidence.runs(part) for part in contrasts.FOLDS})
    planned = family[family["measure"] == "raw"].set_index("contrast")["p_holm"]
    units, width = plan.NETWORK["units"], plan.NETWORK["embedding_dim"]
    recurrent, dense = 2 * 4 * units * (width + units + 1), (2 * units + 1) * max(CLASSES.values())
    lines = (
        f"parameters: {recurrent:,} in the BiLSTM, {dense:,} at most in the fully connected layer",
        *(said for _, said in losses.values()), of_points, of_fixed,
        *(f"{site} less none, the planned test: p = {planned[f'{site} - none']:.2g} after Holm's correction"
          for site in ("input", "recurrent", "output")),
    )  # fmt: skip
    direct = losses["input", "output"][0]
    holds = dense < recurrent and word(direct) == word(losses["input", "none"][0]) == "lower"
    holds = holds and word(losses["output", "none"][0]) == word(fixed) == "unclear"
    tuned = {place: _recipe(evidence, place, "none")[0].mean for place in plan.PLACEMENTS if place != "none"}
    holds = holds and min(tuned, key=tuned.get) == "input"
    data = {"recurrent": f"{recurrent:,}", "dense": f"{dense:,}", "loss": in_nats(direct), "points": in_points(points),
            "fixed": in_nats(fixed), "tried": str(len(tuned))}  # fmt: skip
    return Measured(bool(holds), lines, data)


def spoilt_inputs(evidence: Evidence) -> Measured:
    """By how much the loss rises on spoilt inputs of two data sets with input and output dropout, less without."""
    found, dataset = evidence.shift, "japanese_vowels"
    slopes = {way: found.slopes(dataset, way) for way in robustness.WAYS[dataset]}
    rises = {(site, way): paired(each[site], each["none"]) for site in ("input", "output")
             for way, each in slopes.items()}  # fmt: skip
    lines = [line(f"JapaneseVowels, {way}: how much the loss rises with {site} less with none", each)
             for (site, way), each in rises.items()]  # fmt: skip
    words = {site: {way: word(each) for (one, way), each in rises.items() if one == site}
             for site in ("input", "output")}  # fmt: skip
    tuned = {site: _recipe(evidence, site, "none") for site in ("input", "output")}
    points, of_points = _recipe(evidence, "input", "none", measure=POINTS)
    means = [found.frame(dataset, way).mean() for way in robustness.WAYS[dataset]]
    below = all((each["input"] < each["none"]).all() for each in means)
    inputs = words["input"]["missing features"] == "lower" and "higher" not in words["input"].values()
    features = slopes["missing features"]
    best = (
        features.mean().idxmin() == "variational" and word(paired(features["variational"], features["none"])) == "lower"
    )
    questions = _rises_on_questions(found)
    small = all(abs(each.mean) < 0.03 for (site, _), each in rises.items() if site == "output")
    mixed = words["output"] == {
        "missing features": "unclear", "missing steps": "lower", "cut short": "unclear", "noise": "higher",
    }  # fmt: skip
    apart = word(tuned["input"][0]) == "lower" and word(tuned["output"][0]) == "unclear"
    holds = apart and inputs and mixed and small and best and below
    holds = holds and all(word(each) == "unclear" for each in questions.values())
    lines += [line(f"TREC, {way}: how much the loss rises with {site} less with none", each)
              for (site, way), each in questions.items()]  # fmt: skip
    data = {"loss": in_nats(tuned["input"][0]), "points": in_points(points), "output": in_nats(tuned["output"][0]),
            "steps": in_nats(rises["output", "missing steps"]), "noise": in_nats(rises["output", "noise"]),
            "questions": str(len(questions)), "tried": str(features.columns.drop("none").size)}  # fmt: skip
    return Measured(bool(holds), (*lines, *(said for _, said in tuned.values()), of_points), data)


def _rises_on_questions(found: robustness.Shift) -> dict[tuple[str, str], Estimate]:
    """By site and way, by how much more the loss of TREC's spoilt questions rises than without dropout."""
    rises = []
    for way in robustness.WAYS["trec"]:
        slopes = found.slopes("trec", way)
        less = slopes[["input", "output"]].sub(slopes["none"], axis=0).melt(
            var_name="site", value_name="rise", ignore_index=False)  # fmt: skip
        rises.append(less.reset_index().assign(dataset="trec", way=way))
    table = robustness.means(pd.concat(rises), ["site", "way"], ["rise"])
    return {(row.site, row.way): Estimate(row.rise, row.rise_low, row.rise_high, row.runs)
            for row in table.itertuples()}  # fmt: skip


def data_depth_and_tuning(evidence: Evidence) -> Measured:
    """Whether the best configuration depends on data, on a second layer, and on tuning."""
    confirmed, at_one_rate = evidence.runs("a2"), evidence.runs("a3")
    by_data = over_folds(confirmed, "recurrent", "none")
    differ = heterogeneity(by_data.values())
    by_layers = _second_layer(evidence.runs("i"), at_one_rate)
    costs, bare = _fixed(confirmed, at_one_rate)
    borrowed = tuning.borrowed_by_all(evidence.runs("a1"))
    pairs = {key: each["borrowed"] - each["own"] for key, each in borrowed.groupby(["tuned_on", "used_on"], sort=False)}
    same = [key for key, each in pairs.items() if not each.any()]
    lines = [
        *(line(f"recurrent less none, tuned, {TITLES[name]}", each) for name, each in by_data.items()),
        f"a test of one difference for all three sets: p = {differ:.1g}",
        *(line(f"{site} less none on {TITLES[name]}, two layers less one", each)
          for (name, site), each in by_layers.items()),
        *(line(f"fixed setting less the tuned one, {TITLES[name]}, mean over placements", each)
          for name, each in costs.items()),
        *(line(f"fixed setting less the tuned one, {TITLES[name]}, none", each) for name, each in bare.items()),
        *(line(f"one setting for all placements, best on {TITLES[there]} and used on {TITLES[here]}, less the best "
               "there", estimate(each.to_numpy()))
          for (there, here), each in pairs.items() if (there, here) not in same),
        f"in {len(same)} of {len(pairs)} such pairs both sets have one best setting, which says nothing of moving one",
    ]  # fmt: skip
    data = differ < ALPHA and {word(each) for each in by_data.values()} >= {"lower", "higher"}
    layers = {word(each) for each in by_layers.values()} == {"unclear"}
    words = {name: word(each) for name, each in costs.items()}
    paid = words == {"mr": "unclear", "trec": "higher", "phrasebank": "unclear"} and word(bare["trec"]) == "unclear"
    said = {"trec": in_nats(costs["trec"]), "lower": in_nats(by_data["trec"]), "higher": in_nats(by_data["mr"]),
            "same": str(len(same)), "pairs": str(len(pairs)), "differ": f"{differ:.2g}"}  # fmt: skip
    return Measured(bool(data and layers and paid and len(same) == 2), tuple(lines), said)


def _fixed(confirmed: pd.DataFrame, at_one_rate: pd.DataFrame) -> tuple[dict[str, Crossed], dict[str, Crossed]]:
    """By data set, the loss at the fixed setting less that at the tuned one: mean over placements, and of none."""
    columns = ["dataset", "placement", "fold", "seed"]
    both = pd.merge(*map(contrasts.values, (confirmed, at_one_rate)), on=columns, suffixes=("_tuned", "_fixed"))
    both = both[both["placement"].isin(plan.PLACEMENTS)]
    both["cost"] = both["value_fixed"] - both["value_tuned"]
    means, bare = {}, {}
    for name, each in both.groupby("dataset"):
        means[name] = crossed_of(each.groupby(["fold", "seed"], as_index=False)["cost"].mean(), "cost")
        bare[name] = crossed_of(each[each["placement"] == "none"], "cost")
    return means, bare


def _second_layer(two: pd.DataFrame, one: pd.DataFrame) -> dict[tuple[str, str], Estimate]:
    """By data set and site: its difference from none in two layers less that in one, over seeds; folds averaged."""
    index = ["dataset", "fold", "seed"]
    tables = [
        rows.assign(value=nll(rows), fold=rows["dataset_options"].map(fold_of)).pivot(
            index=index, columns="placement", values="value"
        )
        for rows in (two, one)
    ]
    sites = ["input", "recurrent", "output"]
    first, second = (table[sites].sub(table["none"], axis=0) for table in tables)
    both = first.index.intersection(second.index)
    more = (first.loc[both] - second.loc[both]).groupby(["dataset", "seed"]).mean()
    return {
        (name, site): estimate(more.loc[name, site].to_numpy())
        for name in more.index.unique("dataset")
        for site in sites
    }

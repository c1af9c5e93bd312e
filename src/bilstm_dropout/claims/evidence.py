"""Measurements that verdicts of the ledger rest on: each takes Evidence and says whether it carries the verdict.

Differences are in test NLL (nats) at the last epoch, paired by seed, on JapaneseVowels with BiLSTMs of 32 units unless
said otherwise. 'Told apart' is stats.paired.verdict: six pairs or more, sign-flip p < .05, an interval without 0.
With as many contrasts as the ledger has, one in twenty is told apart by chance; nothing here is corrected for that.
"""

from __future__ import annotations

import numpy as np

from ..datasets import TITLES
from ..dropout.placements import resolve
from ..experiments import ledger as experiments
from ..experiments import memory
from ..experiments.confirmatory import tuning
from ..stats.paired import Difference, interval_text, paired_difference, verdict
from ..wording import rate_text
from .claim import Evidence, Measured


def in_nats(found: Difference) -> str:
    """A difference with its interval, the pairs and the verdict: '−0.005 [−0.007, −0.003], 10 pairs, lower'."""
    return f"{interval_text(found)}, {found.n} pairs, {verdict(found)}"


def _contrasts(evidence: Evidence, **wanted: str) -> Measured:
    """Whether contrasts (underscores for spaces) have the wanted verdicts, and a list of what they are."""
    rows = evidence.runs(experiments.PART)
    found = {name.replace("_", " "): word.replace("_", " ") for name, word in wanted.items()}
    differences = {name: experiments.difference(rows, name) for name in found}
    text = "; ".join(f"{experiments.CONTRASTS[name][1]}: {in_nats(each)}" for name, each in differences.items())
    return Measured(all(verdict(differences[name]) == word for name, word in found.items()), text)


def _gains(evidence: Evidence) -> dict[str, Difference]:
    rows = evidence.runs(experiments.PART)
    return {site: experiments.gain_with_rows(rows, site) for site in experiments.SIZED}


def _list(differences: dict[str, Difference], said: str = "{}") -> str:
    return "; ".join(f"{said.format(name)}: {in_nats(each)}" for name, each in differences.items())


def position_of_the_signal(evidence: Evidence) -> Measured:
    """Accuracy of LSTM and BiLSTM on recall, by length and by where the signal lies.

    Six seeds a case; the case that these left open has seeds of its own, which alone count there.
    """
    frame = memory.measured("position", evidence.runs("position"))
    words, means, parts = {}, {}, []
    for (steps, signal), group in frame.groupby(["steps", "signal"], sort=False):
        fresh = group["seed"].isin(memory.CONFIRMING_SEEDS)
        group = group[fresh if (signal, steps) == memory.CONFIRMED_CASE else ~fresh]
        by = {network: rows.set_index("seed")["accuracy"].sort_index() for network, rows in group.groupby("network")}
        if len(by) < 2:
            continue
        seeds = by["BiLSTM"].index.intersection(by["LSTM"].index)
        one, two = (by[network][seeds].to_numpy() for network in ("LSTM", "BiLSTM"))
        found = paired_difference(two, one, np.random.default_rng(0))
        words[steps, signal], means[steps, signal] = verdict(found), (two.mean(), one.mean())
        parts.append(
            f"T = {steps}, signal {signal}: {two.mean():.2f} against {one.mean():.2f} "
            f"({words[steps, signal]}, {found.n} pairs)"
        )
    best = frame["best_accuracy"].max() if len(frame) else float("nan")
    text = "accuracy of a BiLSTM against an LSTM: " + "; ".join(parts) + f". The best possible is {best:.2f}"
    first, ends = (120, "first"), [(60, "both ends"), (120, "both ends")]
    holds = set(means) >= {first, *ends} and words.pop(first) == "higher" and set(words.values()) == {"not told apart"}
    if holds:
        bilstm, lstm = means[first]
        holds = max(means[ends[0]] + means[ends[1]]) < 0.35 and lstm < 0.8 < bilstm
    return Measured(bool(holds), text)


def help_with_little_data(evidence: Evidence) -> Measured:
    """Whether each site's difference from none is lower with few training rows than with all, at equal updates."""
    rows, gains = evidence.runs(experiments.PART), _gains(evidence)
    fewest = min(filter(None, experiments.ROWS))
    few = {site: experiments.difference(rows, f"{site} of {fewest}") for site in experiments.SIZED}
    text = (
        f"against `none` with {fewest} rows: {_list(few)}. The same minus the difference with all 270: {_list(gains)}"
    )
    holds = {verdict(each) for each in gains.values()} == {"lower"} and verdict(few["output"]) != "lower"
    return Measured(holds and verdict(few["input"]) == verdict(few["recurrent"]) == "lower", text)


def schedules(evidence: Evidence) -> Measured:
    """Decay, ramp and triangle against a constant rate of equal mean."""
    rows = evidence.runs(experiments.PART)
    differences = {
        f"{site}, {schedule}": experiments.difference(rows, f"{site} {schedule}")
        for site in experiments.SCHEDULED
        for schedule in experiments.SCHEDULES
    }
    ramps = {verdict(each) for name, each in differences.items() if name.endswith("ramp")}
    decays = {verdict(each) for name, each in differences.items() if name.endswith("decay")}
    return Measured(ramps == {"lower"} and decays == {"higher"}, "against a constant rate: " + _list(differences))


def one_place_or_two(evidence: Evidence) -> Measured:
    """The keep of two input masks that meet, and what two cost against one of the same keep."""
    from ..dropout.masks import Sizes, draw_masks
    sizes = Sizes(batch=400, steps=20, features=20, units=4, directions=1)
    first = np.asarray(draw_masks(resolve("input"), 0.25, sizes, (1, 0))["input"])
    second = np.asarray(draw_masks(resolve("lstm-dropout"), 0.5, sizes, (1, 1))["input"])
    kept = float((first * second > 0).mean())
    found = _contrasts(evidence, two_places="higher")
    text = f"of the inputs {kept:.3f} are kept by a mask of .25 on steps and one of .5 on sequences; {found.text}"
    return Measured(found.holds and abs(kept - 0.375) < 0.02, text)


def gradients_by_form(evidence: Evidence) -> Measured:
    """Gradient norms at the first step, with and without recurrent dropout; moments of scaled masks on the cell."""
    from ..experiments.mechanisms import explosion, gradients

    first = {}
    for form, rate in (("none", 0.0), ("recurrent", 0.5), ("recurrent", 0.75)):
        frame = gradients.by_step(form, rate, draws=50, seeds=(1, 2))
        first[form, rate] = frame[(frame["step"] == 0) & (frame["quantity"] == "loss")].iloc[0]
    medians = [float(row["median"]) for row in first.values()]
    held = explosion.held(rate=0.5, steps=8)
    last = held[held["steps"] == 8].set_index("form")["second"]
    scaled, plain = float(last["scaled, each step"]), float(last["0/1, each step"])
    norms = ", ".join(
        f"{form}{f' {rate_text(rate)}' if rate else ''} {row['median']:.1e} (95 %: {row['high']:.1e})"
        for (form, rate), row in first.items()
    )
    text = (
        f"gradient norm at the first of 50 steps, networks as they start, median: {norms}; second moment of a held "
        f"cell after 8 steps under masks of .5 at each step: scaled {scaled:.0f}, 0/1 {plain:.3f}"
    )
    return Measured(medians[0] < medians[1] < medians[2] < 1 and scaled > 50 > 1 > plain, text)


def what_survives(evidence: Evidence) -> Measured:
    """Units that hold a cue under each-step masks, beside (1 - p)^T; and what LSTMs recall that were trained so."""
    from ..experiments.mechanisms import survival

    forms = ("recurrent-stepwise", "cell-stepwise", "gates")
    frame = survival.by_step(forms, rate=0.25, steps=10)
    last = frame[frame["steps"] == 10].set_index("form")["share"]
    formula = 0.75**10
    near = all(abs(last[form] - formula) < 0.02 for form in ("cell-stepwise", "gates"))
    runs = memory.measured("memory", evidence.runs("memory"))
    runs = runs[(runs["task"] == "recall") & (runs["network"] == "LSTM") & (runs["steps"] == 60)]
    runs = runs[(runs["placement"] == "none") | np.isclose(runs["rate"], 0.25)]
    recalled = runs.groupby("placement")["accuracy"].agg(["mean", "min", "max", "count"])
    held = ", ".join(f"{form} {last[form]:.3f}" for form in forms)
    learned = ", ".join(
        f"{name} {row['mean']:.2f} ({row['min']:.2f} to {row['max']:.2f})"
        for name, row in recalled.loc[["none", "recurrent", "recurrent-tied", "candidate", *forms]].iterrows()
    )
    text = (
        f"units that still hold a cue after 10 steps at p = .25: {held}, and (1 − p)^10 is {formula:.3f}; accuracy of "
        f"LSTMs trained to recall a cue over 60 steps at p = .25 (least to most of the seeds): {learned}; "
        f"{int(recalled['count'].min())} seeds each"
    )
    kept = recalled.loc[["none", "recurrent-stepwise", "candidate"], "min"].min()
    lost = recalled.loc[["cell-stepwise", "gates"], "max"].max()
    stayed = (runs.loc[runs["placement"].isin(["recurrent", "recurrent-tied"]), "accuracy"] > 0.8).mean()
    holds = near and last["recurrent-stepwise"] > 0.99 and lost < 0.35 and kept > 0.8 and stayed < 0.5
    return Measured(bool(holds), text)


def settings_from_elsewhere(evidence: Evidence) -> Measured:
    """What one data set's best setting costs on another, over placements. One architecture: that half is open."""
    rows = evidence.runs("a1")
    found = {
        f"best on {TITLES[there]}, used on {TITLES[here]}": paired_difference(
            each["borrowed"].to_numpy(), each["own"].to_numpy(), np.random.default_rng(0)
        )
        for (there, here), each in tuning.borrowed_by_all(rows).groupby(["tuned_on", "used_on"], sort=False)
    }
    costs = tuning.borrowed(rows).groupby(["tuned_on", "used_on"])["cost"].mean()
    text = (
        f"test NLL with the setting that is best on average elsewhere, less that of the best on average there, over "
        f"placements: {_list(found)}. With each placement's own best from elsewhere the mean cost is "
        f"{costs.min():.3f} to {costs.max():.3f} nats"
    )
    alike = {verdict(each) for each in found.values()} == {"not told apart"}
    return Measured(alike and len(found) == 6 and rows["units"].nunique() == 1, text)

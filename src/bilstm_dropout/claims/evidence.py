"""Measurements on mechanisms and memory that verdicts rest on: each takes Evidence and says whether it carries one."""

from __future__ import annotations

import numpy as np

from ..dropout.placements import resolve
from ..experiments import ledger, memory
from ..wording import rate_text
from .claim import Evidence, Measured
from .comparisons import in_nats, line, paired, word

_RATES = (0.25, 0.5)


def position_of_the_signal(evidence: Evidence) -> Measured:
    """Accuracy of LSTM and BiLSTM on recall, by length and by where the signal lies.

    Six seeds a case; the case that these left open has seeds of its own, which alone count there.
    """
    frame = memory.measured("position", evidence.runs("position"))
    found, lines, seeds = {}, [], {}
    for (steps, signal), group in frame.groupby(["steps", "signal"], sort=False):
        fresh = group["seed"].isin(memory.CONFIRMING_SEEDS)
        group = group[fresh if (signal, steps) == memory.CONFIRMED_CASE else ~fresh]
        by = {network: rows.set_index("seed")["accuracy"] for network, rows in group.groupby("network")}
        if len(by) < 2:
            continue
        two, one = by["BiLSTM"], by["LSTM"]
        difference = paired(two, one)
        found[steps, signal], seeds[steps, signal] = (two.mean(), one.mean(), difference), difference.n
        lines.append(
            f"{steps} steps, signal {signal}: accuracy {two.mean():.2f} with a BiLSTM and {one.mean():.2f} with an "
            f"LSTM, {difference.n} seeds each"
        )
    first, ends = (120, "first"), [(60, "both ends"), (120, "both ends")]
    holds = set(found) >= {first, *ends}
    if not holds:
        return Measured(False, tuple(lines))
    two, one, difference = found[first]
    rest = max(abs(each[0] - each[1]) for case, each in found.items() if case != first)
    holds = word(difference) == "higher" and one < 0.8 < two and rest < 0.02
    holds = holds and max(value for case in ends for value in found[case][:2]) < 0.35
    data = {"bilstm": f"{two:.2f}", "lstm": f"{one:.2f}", "seeds": str(seeds[first])}
    return Measured(bool(holds), (*lines, f"The best possible is {frame['best_accuracy'].max():.2f}"), data)


def one_place_or_two(evidence: Evidence) -> Measured:
    """The keep of two input masks that meet, and what two cost against one of the same keep."""
    from ..dropout.masks import Sizes, draw_masks

    sizes = Sizes(batch=400, steps=20, features=20, units=4, directions=1)
    first = np.asarray(draw_masks(resolve("input"), 0.25, sizes, (1, 0))["input"])
    second = np.asarray(draw_masks(resolve("lstm-dropout"), 0.5, sizes, (1, 1))["input"])
    kept = float((first * second > 0).mean())
    rows = evidence.runs(ledger.PART)
    two, one, argument = (
        ledger.losses(rows, name, rate)
        for name, rate in (
            ("input+lstm-dropout", ledger.TWO_PLACES), ("input", ledger.ONE_PLACE), ("lstm-dropout", ledger.ONE_PLACE))
    )  # fmt: skip
    layer, alone = paired(two, one), paired(two, argument)
    lines = (
        f"of the inputs {kept:.3f} are kept by a mask of .25 on steps and one of .5 on sequences",
        line("JapaneseVowels, 32 units, two input masks less one `Dropout` of the same keep", layer),
        line("the same less one `dropout=` of the same keep", alone),
    )
    holds = word(layer) == "higher" and word(alone) == "lower" and abs(kept - 0.375) < 0.02
    return Measured(holds, lines, {"loss": in_nats(layer), "alone": in_nats(alone)})


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
    lines = [
        f"gradient norm at the first of 50 steps, networks as they start, {form}"
        f"{f' at {rate_text(rate)}' if rate else ''}: median {row['median']:.1e}, 95 % below {row['high']:.1e}"
        for (form, rate), row in first.items()
    ]
    lines.append(
        f"second moment of a held memory after 8 steps under masks of .5: scaled {scaled:.0f}, 0/1 {plain:.3f}"
    )
    data = {"none": f"{medians[0]:.0e}", "half": f"{medians[1]:.0e}"}
    return Measured(medians[0] < medians[1] < medians[2] < 1 and scaled > 50 > 1 > plain, tuple(lines), data)


def what_survives(evidence: Evidence) -> Measured:
    """Memories under masks drawn at each step, beside (1 - p)^T; and what LSTMs recall that were trained so."""
    from ..experiments.mechanisms import survival

    forms = ("recurrent-stepwise", "cell-stepwise", "gates")
    frame = survival.by_step(forms, rate=0.25, steps=10)
    last = frame[frame["steps"] == 10].set_index("form")["share"]
    formula = 0.75**10
    near = all(abs(last[form] - formula) < 0.02 for form in ("cell-stepwise", "gates"))
    runs = memory.measured("memory", evidence.runs("memory"))
    runs = runs[(runs["task"] == "recall") & (runs["network"] == "LSTM")]
    recalled = runs.groupby(["steps", "placement", "rate"])["accuracy"].agg(["mean", "min", "max", "count"])
    far = recalled.loc[60]
    lines = [f"memories left after 10 steps at p = .25, {form}: {last[form]:.3f}" for form in forms]
    lines.append(f"(1 − p)^10 at p = .25: {formula:.3f}")
    lines += [
        f"accuracy of LSTMs recalling over 60 steps, {name}{f' at {rate_text(rate)}' if rate else ''}: "
        f"{row['mean']:.2f} ({row['min']:.2f} to {row['max']:.2f}), {int(row['count'])} seeds"
        for (name, rate), row in far.iterrows()
        if name in ("none", "recurrent", "recurrent-tied", "candidate", "cell", *forms)
    ]
    stepwise, kept = far.loc["recurrent-stepwise"], far.loc[["recurrent", "recurrent-tied"]]
    lost, once = far.loc[["cell-stepwise", "gates"]]["max"].max(), far.loc["cell"]["mean"].max()
    longest = recalled.loc[180]["max"].max()
    lines.append(f"over 180 steps nothing learned, without dropout neither: accuracy {longest:.2f} at most")
    holds = near and last["recurrent-stepwise"] > 0.99 and lost < 0.35 and longest < 0.35
    holds = holds and far.loc["none"]["min"].min() > 0.8 and set(_RATES) <= set(stepwise.index)
    holds = holds and stepwise["min"].min() > 0.8 > max(kept["mean"].max(), once)
    holds = holds and once > lost
    data = {
        "none": f"{far.loc['none']['mean'].iloc[0]:.2f}", "stepwise": f"{stepwise['mean'].min():.2f}",
        "kept": f"{kept['mean'].min():.2f} to {kept['mean'].max():.2f}",
        "lost": f"{lost:.2f}", "once": f"{once:.2f}",
    }  # fmt: skip
    return Measured(bool(holds), tuple(lines), data)

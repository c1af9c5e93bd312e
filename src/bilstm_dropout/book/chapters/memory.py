"""What the cells of notebooks/memory.ipynb show: the memory experiments, as published and as the reader ran them.

Nothing is trained here. Every number is computed from the runs; a sentence that compares goes through
stats.paired.verdict.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...experiments import memory, parts
from ...figures import memory as figures_memory
from ...results import published
from ...stats import paired
from ...wording import count, minus, rate_text, signed
from .. import show
from .memory_settings import Request
from .runs import warn_of_few_seeds

COMMAND = "bilstm-dropout experiments"


@dataclass(frozen=True)
class Memory:
    """The runs of both parts, tidy (see memory.measured), by part; `wanted`: how many the experiment has."""

    request: Request
    published: dict[str, pd.DataFrame]
    own: dict[str, pd.DataFrame]
    wanted: dict[str, int]

    def shown(self, part: str) -> pd.DataFrame:
        """What tables and sentences rest on: the published runs, or the reader's own where none are published."""
        return self.published[part] if len(self.published[part]) else self.own[part]


def load(request: Request, store=None, folder=None) -> Memory:
    """The published runs and, where asked for, the reader's own. folder, store: the project's unless given."""
    tables, own = {}, {}
    for part in memory.PARTS:
        rows = published.read(part, folder)
        mine = parts.own_rows(part, store) if request.own else rows.iloc[:0]
        tables[part], own[part] = (_chosen(memory.measured(part, each), request) for each in (rows, mine))
    return Memory(request, tables, own, {part: len(memory.runs(part)) for part in memory.PARTS})


def _chosen(frame: pd.DataFrame, request: Request) -> pd.DataFrame:
    frame = frame[frame["placement"].isin(request.placements)]
    return frame[frame["steps"].isin(request.steps)] if request.steps else frame


def show_what_ran(found: Memory):
    """Say how many runs there are, published and own, how far both agree, and what to run where there are none."""
    for part in memory.PARTS:
        there, mine = found.published[part], found.own[part]
        lines = [
            f"`{part}`: {len(there)} published runs are shown, and {len(mine)} of the reader's own; the experiment has "
            f"{found.wanted[part]}"
        ]
        both = there.merge(mine, on=["task", "signal", "network", "steps", "placement", "rate", "seed"])
        if len(both):
            far = (both["accuracy_x"] - both["accuracy_y"]).abs().max()
            lines.append(f"in the {count(len(both), 'run')} that are in both, accuracy differs by at most {far:.3f}")
        if len(found.shown(part)):
            lines.append(f"{count(int(found.shown(part)['diverged'].sum()), 'run')} diverged")
        show.text(". ".join(line[0].upper() + line[1:] for line in lines) + ".")
    if any(found.shown(part).empty for part in memory.PARTS):
        show.note(
            "There are no results yet",
            f"Train them with: {COMMAND}. It takes its time, shows how long, and goes on where it was stopped. "
            "Then execute this notebook again.",
        )


def _groups(frame):
    return frame.groupby(["task", "network", "signal"], sort=False)


def _interval(values) -> str:
    """'0.871 (0.850 to 0.892)': a mean with its 95 % t interval over seeds."""
    mean, low, high = paired.mean_interval(values)
    if np.isnan(mean):
        return "–"
    return minus(f"{mean:.3f}" + ("" if np.isnan(low) else f" ({low:.3f} to {high:.3f})"))


def show_accuracy(found: Memory):
    """A figure a task: accuracy against the length for each form, and a folded table of means and intervals."""
    frame = found.shown("memory")
    names = [name for name in found.request.placements if name != "none"]
    for (task, network, signal), rows in _groups(frame):
        mine = _same(found.own["memory"], task, network, signal)
        theirs = _same(found.published["memory"], task, network, signal)
        there = [name for name in names if name in set(rows["placement"])]
        if not there:
            continue
        base = rows[rows["placement"] == "none"].groupby("steps")["accuracy"].mean()
        said = ", ".join(f"{value:.2f} at T = {steps}" for steps, value in base.items())
        show.figure(
            figures_memory.accuracy_by_steps(theirs, mine, there),
            alt=f"Test accuracy of a {network} on {task}, signal {signal}, against the sequence length, a panel a form "
            f"of dropout. none reaches {said or 'nothing yet'}.",
            caption=f"{task}, {network}, signal: {signal}. A title gives the rates p, lower first. Grey: none. Bars: "
            "95 % t intervals over seeds. Dotted lines: chance, and what the known class probabilities allow. Dotted "
            "curve: (1 − p)^distance between the two, where masks wipe the cell.",
        )
    if len(frame):
        caption = "Test accuracy over seeds, and against none on the same seeds."
        table = accuracy_table(frame)
        show.table(table, caption=caption, folded=True)
        show.text(told_apart(table))
        warn_of_few_seeds(int(frame.groupby(["placement", "steps"])["seed"].nunique().max()))


def _same(frame, task, network, signal):
    return frame[(frame["task"] == task) & (frame["network"] == network) & (frame["signal"] == signal)]


def accuracy_table(frame: pd.DataFrame) -> pd.DataFrame:
    """A row a task, length, form and rate: accuracy and NLL with intervals, against `none`, and how many learned."""
    keys = ["task", "network", "signal", "steps", "distance", "placement", "rate"]
    cases, rows = keys[:5], []
    none = frame[frame["placement"] == "none"].set_index([*cases, "seed"])["accuracy"]
    for values, group in frame.groupby(keys, sort=False):
        given = dict(zip(keys, values, strict=True))
        group = group.set_index([*cases, "seed"])
        against = paired.paired_difference(group["accuracy"], none.reindex(group.index), np.random.default_rng(0))
        rows.append(
            {
                "task": f"{given['task']}, {given['network']}, {given['signal']}",
                "T": given["steps"],
                "form": given["placement"],
                "p": rate_text(given["rate"]),
                "accuracy (95 % interval)": _interval(group["accuracy"]),
                "accuracy is": "" if given["placement"] == "none" else paired.verdict(against),
                "NLL, nats (95 % interval)": _interval(group["nll"]),
                "learned": f"{learned(group)} of {len(group)}",
            }
        )
    return pd.DataFrame(rows)


def told_apart(table: pd.DataFrame) -> str:
    """Which rows of accuracy_table differ from `none`, and which way, in words."""
    others = table[table["accuracy is"] != ""]
    told = others[others["accuracy is"].isin(["lower", "higher"])]
    lines = [f"Accuracy is told apart from `none` in {len(told)} of {len(others)} cells{':' if len(told) else '.'}"]
    for (task, steps), group in told.groupby(["task", "T"], sort=False):
        cells = [f"`{name}` at p = {p} {said}" for name, p, said in group[["form", "p", "accuracy is"]].to_numpy()]
        lines.append(f"- {task}, T = {steps}: {', '.join(cells)}.")
    return "\n".join([lines[0], "", *lines[1:]])


def learned(rows: pd.DataFrame) -> int:
    """How many runs have more than half of the accuracy above chance that can be had."""
    return int((rows["retained"] > 0.5).sum())


def show_survival(found: Memory):
    """Accuracy above chance as a share of what can be had, beside (1 - p)^distance, where masks wipe the cell."""
    frame = found.shown("memory")
    frame = frame[frame["placement"].isin(memory.WIPING)]
    if frame.empty:
        show.text("There are no runs of a form that wipes the cell, so there is nothing to set beside the formula.")
        return
    rows = []
    keys = ["placement", "rate", "task", "network", "signal", "steps", "distance"]
    for values, group in frame.groupby(keys, sort=False):
        name, rate, task, network, signal, steps, distance = values
        rows.append(
            {
                "form": name,
                "p": rate_text(rate),
                "task": f"{task}, {network}, {signal}",
                "T": steps,
                "distance": distance,
                "(1 − p)^distance": f"{group['survival'].iloc[0]:.2g}",
                "share of accuracy above chance (95 % interval)": _interval(group["retained"]),
            }
        )
    show.table(pd.DataFrame(rows), caption="What is left, measured and by the formula.")
    above = [
        paired.mean_interval(group["retained"])[1] > group["survival"].iloc[0]
        for _, group in frame.groupby(keys, sort=False)
    ]
    show.text(
        f"In {sum(above)} of these {len(above)} rows the whole interval lies above the formula. The formula is the "
        "chance that one unit's memory is never wiped. It is a bound on the accuracy only for a network that keeps the "
        "signal in one unit and writes it once."
    )


def show_position(found: Memory):
    """LSTM against BiLSTM by where the signal sits: a figure, and paired differences over the seeds."""
    frame = found.shown("position")
    if frame.empty:
        show.text("There are no runs of this experiment yet.")
        return
    means = frame.groupby(["steps", "signal", "network"], sort=False)["accuracy"].mean()
    said = "; ".join(
        f"T = {steps}, {where}, {network}: {value:.2f}" for (steps, where, network), value in means.items()
    )
    show.figure(
        figures_memory.accuracy_by_signal(found.published["position"], found.own["position"], list(memory.SIGNALS)),
        alt=f"Test accuracy of an LSTM and a BiLSTM by where the signal sits. {said}.",
        caption="No dropout. Dots are seeds, bars 95 % t intervals of their mean; dotted lines are chance and what the "
        "known class probabilities allow. Both ends: the class is the sum of two cues modulo four.",
    )
    rows = []
    for (steps, signal), group in frame.groupby(["steps", "signal"], sort=False):
        table = group.pivot_table(index="seed", columns="network", values="accuracy", dropna=False)
        if set(table.columns) != set(memory.NETWORKS.values()):
            continue
        found_ = paired.paired_difference(table["BiLSTM"], table["LSTM"], np.random.default_rng(0))
        rows.append(
            {
                "T": steps,
                "signal": signal,
                "BiLSTM − LSTM, accuracy": signed(found_.mean),
                "95 % interval": f"{signed(found_.low)} to {signed(found_.high)}",
                "pairs": found_.n,
                "BiLSTM is": paired.verdict(found_),
            }
        )
    signal, steps = memory.CONFIRMED_CASE
    more = ""
    if frame["seed"].isin(memory.CONFIRMING_SEEDS).any():
        more = (
            f" The signal {signal} at T = {steps} has {len(memory.CONFIRMING_SEEDS)} seeds more than the others, added "
            "because the first ones left it open; the ledger tests the added ones alone."
        )
    show.table(pd.DataFrame(rows), caption="BiLSTM minus LSTM, paired by seed." + more)
    warn_of_few_seeds(frame["seed"].nunique())


def show_not_carried(found: Memory):
    """What the data do not carry, as far as the runs themselves say it."""
    frame = pd.concat([found.shown(part) for part in memory.PARTS])
    base = frame[frame["placement"] == "none"]
    lines = []
    for (task, network, signal, steps), group in base.groupby(["task", "network", "signal", "steps"], sort=True):
        if learned(group) < len(group):
            lines.append(
                f"- {task}, {network}, signal {signal}, T = {steps}: without dropout {learned(group)} of {len(group)} "
                "runs learned the task, so a form of dropout cannot be blamed for not learning it."
            )
    if lines:
        show.text("\n".join(lines))
    elif len(base):
        show.text("Without dropout every run learned its task, at every length that is shown.")


def show_rerun():
    """The lines that train, publish and show these experiments."""
    show.text(
        "To train what is missing, to see how much that is, and to show only some of it:\n\n"
        "```bash\n"
        f"{COMMAND}\n"
        f"{COMMAND} --plan\n"
        '.venv/bin/papermill notebooks/memory.ipynb out.ipynb -p placements \'["recurrent", "gates"]\' '
        "-p steps '[60]'\n"
        "```\n\n"
        "A single run like these: `.venv/bin/bilstm-dropout run cell-stepwise --rate 0.1 "
        "--dataset recall --set bidirectional=false --set "
        '\'dataset_options={"recall": {"position": "first", "steps": 60}}\'`.'
    )

"""Figures of the memory experiments: accuracy against the sequence's length by form, and by where the signal sits.

They take the tidy frames of experiments/memory.py. Dots are seeds; marks and bars are means over seeds with their 95 %
t interval; open diamonds are means of the reader's own runs.
"""

import numpy as np

from ..stats.paired import mean_interval
from ..wording import rate_text
from .style import GREY, TEXT_COLOUR, legend_below, looks, new_figure, plain, style

_NETWORKS = ("LSTM", "BiLSTM")
_OWN = "own runs"


def _limits(axes, rows):
    """Chance and the best that can be had as dotted lines, under everything else."""
    for column in ("chance", "best_accuracy"):
        axes.axhline(rows[column].mean(), color=GREY, linewidth=1.0, linestyle=(0, (1.5, 1.5)), zorder=0)


def _means(axes, rows, look, label, shift=1.0, line=True):
    """Seeds as dots, and their mean with its interval at each number of steps."""
    colour, marker, dash = look
    groups = [(steps, group["accuracy"].dropna()) for steps, group in rows.groupby("steps")]
    axes.plot(rows["steps"] * shift, rows["accuracy"], ".", color=colour, markersize=4, alpha=0.5)
    x = np.array([steps * shift for steps, _ in groups])
    mean, low, high = np.array([mean_interval(values) for _, values in groups]).T
    edges = np.nan_to_num(np.stack([mean - low, high - mean]))
    axes.errorbar(
        x, mean, yerr=edges, color=colour, marker=marker, linestyle=dash if line else "none", linewidth=1.4,
        elinewidth=1.0, capsize=2, label=label,
    )  # fmt: skip


def _own(axes, x, values, colour):
    """Open diamonds, larger than every other mark, which they surround."""
    if len(values):
        axes.plot(x, values, "D", markersize=8, markerfacecolor="none", color=colour, label=_OWN)


def _legend(figure, grid):
    handles = {}
    for axes in grid.flat:
        handles |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    names = [*(name for name in handles if name != _OWN), *(name for name in handles if name == _OWN)]
    legend_below(figure, [handles[name] for name in names], names, columns=3)


def accuracy_by_steps(frame, own, placements):
    """A panel a form: test accuracy against the number of steps, with `none` in grey and (1 - p)^distance beside.

    Parameters: ``frame``, published rows of one task and network; ``own``, the reader's rows of the same, or an empty
    frame; ``placements``, the forms in order, without `none`. The curve is chance + (best - chance) (1 - p)^distance.
    """
    columns = 2
    rows = -(-len(placements) // columns)
    everything = frame if len(frame) else own
    lengths = sorted(everything["steps"].unique())
    with style():
        figure, grid = new_figure(0.9 + 1.55 * rows, rows=rows, columns=columns, sharex=True, sharey=True)
        for axes, name in zip(grid.flat, placements, strict=False):
            _limits(axes, everything)
            rates = sorted(everything.loc[everything["placement"] == name, "rate"].unique())
            look = looks(["low", "high"][: len(rates)])
            base = frame[frame["placement"] == "none"]
            if len(base):
                _means(axes, base, (GREY, "o", "-"), "none", shift=0.93)
            for number, (rate, each) in enumerate(zip(rates, look.values(), strict=True)):
                label = "lower p" if number == 0 else "higher p"
                chosen = frame[(frame["placement"] == name) & (frame["rate"] == rate)]
                if len(chosen):
                    _means(axes, chosen, each, label, shift=1 + 0.08 * number)
                mine = own[(own["placement"] == name) & (own["rate"] == rate)].groupby("steps")["accuracy"].mean()
                _own(axes, mine.index * (1 + 0.08 * number), mine, each[0])
                curve = everything[(everything["placement"] == name) & (everything["rate"] == rate)]
                curve = curve.groupby("steps")[["chance", "best_accuracy", "survival"]].mean().dropna()
                axes.plot(
                    curve.index, curve["chance"] + (curve["best_accuracy"] - curve["chance"]) * curve["survival"],
                    color=TEXT_COLOUR, linestyle=(0, (1, 1)), linewidth=1.2, label="(1 − p)^distance",
                )  # fmt: skip
            said = " / ".join(rate_text(rate) for rate in rates)
            axes.set(xscale="log", ylim=(0, 1))
            axes.set_title(f"{plain(name, 20)} {said}", weight="normal")
            axes.set_xticks(lengths, [str(steps) for steps in lengths])
            axes.minorticks_off()
        for axes in grid.flat[len(placements) :]:
            axes.set_visible(False)
        for axes in grid[-1]:
            axes.set_xlabel("length T (steps, log)")
        for axes in grid[:, 0]:
            axes.set_ylabel("accuracy (share)")
        _legend(figure, grid)
    return figure


def accuracy_by_signal(frame, own, signals):
    """A panel a sequence length: test accuracy of LSTM and BiLSTM against where the signal sits.

    Parameters: ``frame`` and ``own`` as above, of the position experiment; ``signals``, from left to right.
    """
    everything = frame if len(frame) else own
    lengths = sorted(everything["steps"].unique())
    with style():
        figure, grid = new_figure(3.2, columns=len(lengths), sharey=True)
        for axes, steps in zip(grid[0], lengths, strict=True):
            _limits(axes, everything)
            for shift, (network, look) in zip((-0.13, 0.13), looks(_NETWORKS).items(), strict=True):
                here = frame[(frame["steps"] == steps) & (frame["network"] == network)]
                # _means draws against `steps`: here that axis is the signal's place in the order.
                place = here["signal"].map({name: number for number, name in enumerate(signals)})
                if len(here):
                    _means(axes, here.assign(steps=place + shift), look, network, line=False)
                mine = own[(own["steps"] == steps) & (own["network"] == network)]
                mean = mine.groupby("signal")["accuracy"].mean()
                _own(axes, [signals.index(name) + shift for name in mean.index], mean, look[0])
            axes.set(title=f"T = {steps}", xlabel="where the signal sits", ylim=(0, 1), xlim=(-0.5, len(signals) - 0.5))
            axes.set_xticks(range(len(signals)), [name.replace(" ", "\n") for name in signals])
        grid[0, 0].set_ylabel("test accuracy (share)")
        _legend(figure, grid)
    return figure


__all__ = ["accuracy_by_signal", "accuracy_by_steps"]

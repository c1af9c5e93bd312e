"""Figures of the confirmatory study: what tuning tried, and the paired differences with their intervals."""

import numpy as np

from .style import GREY, MARKERS, PALETTE, TEXT_POINTS, legend_below, new_figure, style
from .svg import TEXT_COLOUR

# A colour and a marker for each third of the learning rates, slow to fast.
_SPEEDS = (
    ("learning rate below 0.0003", PALETTE[0], "o"),
    ("0.0003 to 0.001", PALETTE[1], "s"),
    ("above 0.001", PALETTE[3], "^"),
)
_EDGES = (0.0003, 0.001)


def tuning(runs, placements):
    """A panel a placement: the score of its sixteen random settings against the drop rate, by learning rate.

    runs: one data set's rows of tuning.first_stage. placements: the panels in order, without `none`, which has no rate;
    its lowest score is a line in every panel.
    """
    columns = 2
    rows = -(-len(placements) // columns)
    finite = runs.loc[np.isfinite(runs["score"]), "score"]
    with style():
        figure, axes = new_figure(1.35 * rows + 1.3, rows, columns, sharex=True, sharey=True)
        lowest = runs[runs["placement"] == "none"]["score"].min()
        for axis, placement in zip(axes.flat, placements, strict=False):
            mine = runs[runs["placement"] == placement]
            speed = np.searchsorted(_EDGES, mine["learning_rate"])
            for number, (label, colour, marker) in enumerate(_SPEEDS):
                chosen = speed == number
                axis.plot(mine["rate"][chosen], mine["score"][chosen], marker, color=colour, markersize=4, label=label)
            if np.isfinite(lowest):
                axis.axhline(lowest, color=GREY, linewidth=1.0, linestyle=(0, (4, 2)), label="lowest of none")
            axis.set_title(placement)
        for axis in axes.flat[len(placements) :]:
            axis.set_visible(False)
        pad = 0.06 * (finite.max() - finite.min() or 1) if len(finite) else 0
        if len(finite):
            axes[0, 0].set_ylim(finite.min() - pad, finite.max() + pad)
        for column in range(columns):  # the lowest panel of each column
            for axis in [axis for axis in axes[:, column] if axis.get_visible()][-1:]:
                axis.set_xlabel("drop rate p")
                axis.tick_params(labelbottom=True)
        figure.supylabel("test NLL on fold 1 (nats)", fontsize=TEXT_POINTS)
        legend_below(figure, *axes[0, 0].get_legend_handles_labels(), columns=2)
    return figure


_MEASURES = (("raw", PALETTE[0], "o"), ("after temperature", PALETTE[2], "s"), ("calibration", PALETTE[1], "^"))


def label(contrast):
    """A contrast's name with the signs of print: 'input − none', 'input × recurrent'."""
    return contrast.replace(" - ", " − ").replace(" x ", " × ")


def contrasts(found, margin):
    """A row a contrast with three marks: the raw difference, and the two that add up to it. Bars: 95 % BCa intervals.

    found: columns contrast, measure ('raw', 'after temperature' and 'calibration'), mean, low and high (nats).
    margin: of equivalence, shaded around 0.
    """
    names = list(dict.fromkeys(found["contrast"]))
    with style():
        figure, axes = new_figure(0.52 * len(names) + 1.5)
        axis = axes[0, 0]
        axis.axvspan(-margin, margin, color=GREY, alpha=0.15, linewidth=0, zorder=0)
        axis.axvline(0, color=GREY, linewidth=1.2, zorder=0)
        for row, name in enumerate(names):
            for place, (measure, colour, marker) in enumerate(_MEASURES):
                each = found[(found["contrast"] == name) & (found["measure"] == measure)].iloc[0]
                height = -row + 0.24 * (1 - place)
                axis.plot([each["low"], each["high"]], [height, height], color=colour, linewidth=1.8)
                axis.plot([each["mean"]], [height], marker, color=colour, markersize=5, label=measure)
        axis.set_yticks(-np.arange(len(names)), [label(name) for name in names])
        axis.set_ylim(-len(names) + 0.4, 0.6)
        axis.set_xlabel("difference in test NLL (nats)")
        axis.grid(axis="x")
        axis.grid(axis="y", visible=False)
        handles, labels = axis.get_legend_handles_labels()
        legend_below(figure, handles[:3], labels[:3], 3)
    return figure


DIFFERENCE = "difference in test NLL to the baseline (nats)"


def differences(found, title, label=DIFFERENCE):
    """A row a cell with its paired difference to the baseline; a mark a series. Bars: 95 % intervals.

    found: one panel's rows of effects.effects: row, series, mean, low, high (nats). title: what the series are.
    label: of the axis.
    """
    names, series = list(dict.fromkeys(found["row"])), list(dict.fromkeys(found["series"]))
    apart = 0.7 / max(len(series), 1)
    with style():
        figure, axes = new_figure(max(0.34, 0.13 * len(series) + 0.16) * len(names) + 1.3)
        axis = axes[0, 0]
        axis.axvline(0, color=GREY, linewidth=1.2, zorder=0)
        for number, each in enumerate(series):
            colour, marker = PALETTE[number % len(PALETTE)], MARKERS[number % len(MARKERS)]
            mine = found[found["series"] == each]
            heights = [-names.index(name) + apart * ((len(series) - 1) / 2 - number) for name in mine["row"]]
            axis.hlines(heights, mine["low"], mine["high"], color=colour, linewidth=1.5)
            axis.plot(mine["mean"], heights, marker, color=colour, markersize=4.5, label=each)
        axis.set_yticks(-np.arange(len(names)), names)
        axis.set_ylim(-len(names) + 0.4, 0.6)
        axis.locator_params(axis="x", nbins=6)
        axis.set_xlabel(label)
        axis.grid(axis="x")
        axis.grid(axis="y", visible=False)
        if title:
            handles, labels = axis.get_legend_handles_labels()
            legend_below(figure, handles, labels, 2 if max(map(len, labels)) > 15 else min(len(series), 3))
    return figure


_SHARES = (
    ("placement", "place", PALETTE[0], "o"), ("setting", "setting", PALETTE[1], "s"),
    ("rest", "rest", PALETTE[2], "^"), ("chance", "of rest, chance", PALETTE[3], "D"),
)  # fmt: skip


def decides(found, titles):
    """A row a data set with a mark a share of the variance. found: rows of tuning.decides. titles: of data sets."""
    with style():
        figure, axes = new_figure(0.62 * len(found) + 1.4)
        axis = axes[0, 0]
        for place, (name, label, colour, marker) in enumerate(_SHARES):
            heights = -np.arange(len(found)) + 0.18 * (1.5 - place)
            axis.hlines(heights, 0, found[name], color=colour, linewidth=2)
            axis.plot(found[name], heights, marker, color=colour, label=label)
        axis.set_yticks(-np.arange(len(found)), [titles[name] for name in found["dataset"]])
        axis.set_ylim(-len(found) + 0.4, 0.6)
        axis.set_xlim(left=0)
        axis.set_xlabel("share of the variance of test NLL")
        axis.grid(axis="x")
        axis.grid(axis="y", visible=False)
        legend_below(figure, *axis.get_legend_handles_labels(), 2)
    return figure


# Share of a decomposition to its label, colour and hatch, in the order of the bars.
SHARES = {
    "placement": "placement", "level": "rate or rows", "together": "placement × these", "unit": "unit", "rest": "rest"
}  # fmt: skip
_FILLS = ((PALETTE[0], ""), (PALETTE[1], "////"), (PALETTE[2], "xxx"), (PALETTE[3], "..."), (GREY, ""))


def decomposed(bars):
    """A bar a data set of a part, of shares of the sum of squares side by side in the order of SHARES.

    bars: pairs of a label and a decomposition.Decomposition.
    """
    names = [name.replace(", ", ",\n", 1) for name, _ in bars]
    with style():
        figure, axes = new_figure(0.44 * len(bars) + 1.5)
        axis, heights = axes[0, 0], -np.arange(len(bars))
        left = np.zeros(len(bars))
        for (share, label), (colour, hatch) in zip(SHARES.items(), _FILLS, strict=True):
            widths = np.array([getattr(found, share) for _, found in bars])
            look = dict(color=colour, hatch=hatch, edgecolor=TEXT_COLOUR, linewidth=0)
            axis.barh(heights, widths, 0.62, left, label=label, **look)
            left += widths
        axis.set_yticks(heights, names)
        axis.set_ylim(-len(bars) + 0.5, 0.5)
        axis.set_xlim(0, 1)
        axis.set_xlabel("share of the sum of squares of test NLL")
        axis.grid(axis="x")
        axis.grid(axis="y", visible=False)
        legend_below(figure, *axis.get_legend_handles_labels(), 2)
    return figure


def doses(curves):
    """Spread of the logits against the drop rate, a line a placement. curves: placement to its list of doses.Dose."""
    with style():
        figure, axes = new_figure(3.9)
        axis = axes[0, 0]
        for number, (name, curve) in enumerate(curves.items()):
            look = dict(color=PALETTE[number % len(PALETTE)], marker=MARKERS[number % len(MARKERS)])
            axis.plot([each.rate for each in curve], [each.spread for each in curve], label=name, **look)
        axis.set_yscale("log")
        axis.set_xlim(left=0)
        axis.set_xlabel("drop rate p")
        axis.set_ylabel("spread of the logits")
        legend_below(figure, *axis.get_legend_handles_labels(), 2)
    return figure


def growth(found, titles):
    """A panel for each size that grows: median seconds of a run, with a line in proportion to the size.

    found: rows of scaling.seconds. titles: of its axes.
    """
    panels = list(dict.fromkeys(found["axis"]))
    with style():
        figure, axes = new_figure(2.9, 1, len(panels), sharey=True)
        for number, (axis, name) in enumerate(zip(axes[0], panels, strict=True)):
            mine = found[found["axis"] == name]
            axis.plot(mine["value"], mine["seconds"], marker=MARKERS[number], color=PALETTE[number])
            middle = len(mine) // 2
            ratio = mine["value"] / mine["value"].iloc[middle]
            axis.plot(mine["value"], ratio * mine["seconds"].iloc[middle], color=GREY, linestyle=(0, (4, 2)), zorder=0)
            axis.set_xscale("log", base=2)
            axis.set_yscale("log")
            axis.set_xticks(mine["value"], [str(value) for value in mine["value"]], rotation=90)
            axis.set_xlabel(titles[name])
        axes[0, 0].set_ylabel("seconds a run")
    return figure

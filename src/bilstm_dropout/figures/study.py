"""Figures of the confirmatory study: paired differences with their intervals, and the growth of time."""

import numpy as np

from .style import GREY, MARKERS, PALETTE, legend_below, new_figure, style

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

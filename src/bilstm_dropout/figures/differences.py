"""Placements against none, a row each: what differs, by measure and by checkpoint, in the colours of their sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from .colours import COLOURS, CONTROL, NOWHERE, family_of
from .style import GREY, legend_below, new_figure, style

WIDTH = 7.0  # inches: the book's whole column
_ROW = 0.27  # inches a placement
_SHIFT = 0.3  # of a row, between its two marks


def differences(
    frame: pd.DataFrame,
    panels: Mapping[str, str],
    interval: Callable[[pd.Series], tuple[float, float]],
    order: Sequence[str],
    marks: Sequence[str],
    one_scale: bool = False,
):
    """Mean differences with intervals, drawn by seaborn's pointplot: a panel a measure, a row a placement.

    frame: a row a pair of runs: `placement`, `mark` (of `marks`), and a column for each panel: the difference to none.
    panels: column to the label of its axis, with the unit. interval: from the differences of a point to (low, high).
    order: placements from top to bottom. marks: one or two: the first is drawn hollow, the last one filled. one_scale:
    the same for all panels. Colours are those of the placements' sites; negative controls are grey squares. Returns a
    matplotlib Figure.
    """
    import seaborn
    from matplotlib.lines import Line2D

    with style():
        height = 1.3 + _ROW * len(order)
        figure, grid = new_figure(height, columns=len(panels), width=WIDTH, sharey=True, sharex=one_scale)
        rows = frame.assign(row=frame["placement"].map({name: row for row, name in enumerate(order)}))
        for axes, (column, label) in zip(grid[0], panels.items(), strict=True):
            axes.axvline(0, color=GREY, linewidth=1)
            for number, mark in enumerate(marks):
                fill = {"markerfacecolor": "none", "markeredgewidth": 1.5} if number < len(marks) - 1 else {}
                shift = _SHIFT * (number - (len(marks) - 1) / 2)  # two marks of a row side by side, not on each other
                mine = rows[rows["mark"] == mark].assign(row=lambda each, shift=shift: each["row"] + shift)
                for family, of_family in mine.groupby(mine["placement"].map(family_of), sort=False):
                    seaborn.pointplot(
                        of_family, x=column, y="row", orient="y", native_scale=True, color=COLOURS[family],
                        errorbar=interval, linestyle="none", marker="s" if family == CONTROL else "o", markersize=5.5,
                        ax=axes, err_kws={"linewidth": 1.4}, **fill,
                    )  # fmt: skip
            axes.set(xlabel=label, ylabel="", yticks=range(len(order)), yticklabels=order)
            axes.set_ylim(len(order) - 0.5, -0.5)
            axes.grid(axis="y", alpha=0.25)
        looks = [
            Line2D([], [], marker="o", linestyle="none", color=GREY, label=mark, markersize=6, markeredgewidth=1.5,
                   markerfacecolor="none" if number < len(marks) - 1 else GREY)
            for number, mark in enumerate(marks) if len(marks) > 1
        ]  # fmt: skip
        shown = {family_of(name) for name in order}
        looks += [
            Line2D([], [], marker="s" if family == CONTROL else "o", linestyle="none", color=colour, label=family)
            for family, colour in COLOURS.items() if family in shown and family != NOWHERE
        ]  # fmt: skip
        legend_below(figure, looks, [look.get_label() for look in looks], columns=4)
    return figure

"""Estimates with intervals that are computed already, a row each, in the colours of their sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from .colours import COLOURS, CONTROL, NOWHERE, family_of
from .style import COLUMN, GREY, legend_below, new_figure, style

_ROW = 0.3  # inches a row
_SHIFT = 0.3  # of a row, between its two marks
_STAR = (6, 2, 0)  # an asterisk, as matplotlib describes one


def ranges(
    table: pd.DataFrame,
    panels: Mapping[str, str],
    order: Sequence[str],
    marks: Sequence[str] = ("",),
    families: Mapping[str, str] | None = None,
    shaded: Mapping[str, float] | None = None,
    zero: bool = True,
    one_scale: bool = False,
):
    """A panel a measure, a row an estimate with its interval.

    table: columns `row`, `mark` (of `marks`; none needed with one), and of each panel its column with the ends of its
    interval: `loss`, `loss_low`, `loss_high`; NaN where there is none; and, if a star is to stand beside some of them,
    `loss_clear`, whether. panels: column to the label of its axis, with
    the unit. order: rows from top to bottom. marks: one, two or three; the last is filled, the one before hollow, a
    first of three a cross. families: row to a name of colours.COLOURS, placements by themselves. shaded: panel to a
    margin around zero. zero: whether zero is marked. one_scale: whether panels share it. Returns a matplotlib Figure.
    """
    from matplotlib.lines import Line2D
    from matplotlib.transforms import offset_copy

    faces = [("x", {}), ("o", {"markerfacecolor": "none"}), ("o", {})][-len(marks) :]
    family = {name: (families or {}).get(name) or family_of(name) for name in order}
    with style():
        figure, grid = new_figure(1.2 + _ROW * len(order), columns=len(panels), width=COLUMN, sharey=True,
                                  sharex=one_scale)  # fmt: skip
        for axes, (column, label) in zip(grid[0], panels.items(), strict=True):
            if zero:
                axes.axvline(0, color=GREY, linewidth=1)
            if margin := (shaded or {}).get(column):
                axes.axvspan(-margin, margin, color=GREY, alpha=0.15, linewidth=0, zorder=0)
            for number, (mark, (shape, face)) in enumerate(zip(marks, faces, strict=True)):
                mine = table[table["mark"] == mark] if len(marks) > 1 else table
                for each in mine[mine["row"].isin(order) & mine[column].notna()].itertuples():
                    height = order.index(each.row) + _SHIFT * (number - (len(marks) - 1) / 2)
                    colour = COLOURS[family[each.row]]
                    ends = getattr(each, f"{column}_low"), getattr(each, f"{column}_high")
                    axes.plot(ends, [height, height], color=colour, linewidth=1.4)
                    shape_here = "s" if family[each.row] == CONTROL and shape == "o" else shape
                    axes.plot(
                        [getattr(each, column)], [height], shape_here, color=colour, markersize=5.5,
                        markeredgewidth=1.5, **face,
                    )  # fmt: skip
                    if getattr(each, f"{column}_clear", False) == 1:  # not of a row that has none: NaN
                        axes.plot([ends[1]], [height], marker=_STAR, markersize=6, color=colour, clip_on=False,
                                  transform=offset_copy(axes.transData, figure, x=6, units="points"))
            axes.set(xlabel=label, ylabel="", yticks=range(len(order)), yticklabels=list(order))
            axes.set_ylim(len(order) - 0.5, -0.5)
            axes.grid(axis="y", alpha=0.25)
        looks = [
            Line2D([], [], marker=shape, linestyle="none", color=GREY, label=mark, markersize=6, markeredgewidth=1.5,
                   **face)
            for mark, (shape, face) in zip(marks, faces, strict=True) if len(marks) > 1
        ]  # fmt: skip
        looks += [
            Line2D([], [], marker="s" if name == CONTROL else "o", linestyle="none", color=colour, label=name)
            for name, colour in COLOURS.items() if name in set(family.values()) - {NOWHERE}
        ]  # fmt: skip
        legend_below(figure, looks, [look.get_label() for look in looks], columns=4)
    return figure

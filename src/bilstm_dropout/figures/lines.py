"""Differences to none against what a question varies: a line a placement, with its band, named at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from ..wording import minus
from .colours import colour_of
from .style import COLUMN, GREY, LINES, style

_LEFT, _ABOVE, _BELOW = 0.7, 0.3, 0.5  # inches around the panels; right of each are its lines' names
_BETWEEN = 0.2  # of a panel's height, below it
_NAMES, _LETTER, _LONGEST = 9, 0.073, 18  # points of a line's name, inches and most of its letters
_NAMED = 1.07  # where names begin, in widths of a panel
_MARKED = 6  # lines of a panel, at most, whose points are marked: marks of more hide each other
_APART = 0.145  # inches between two names, from the middle of one to that of the next


def lines(
    table: pd.DataFrame,
    x: str,
    label: str,
    *,
    height: float = 1.9,
    log: bool = False,
    ticks: Sequence[float] | Mapping[float, str],
    limits: Mapping[str, tuple[float, float]] | None = None,
    faint: pd.DataFrame | None = None,
):
    """A grid of panels in the colours of the sites. Returns a matplotlib Figure.

    table: a row a point: `placement`, x, `down` and `across` (the panel, by what its axis and its top say; panels stand
    in their order there), `mean`, and `low` and `high`, the ends of its band. label: of the axis of x, with the unit.
    ticks: of x, or what is written there; a panel has those up to its last point. height: inches of a panel. log:
    whether x is drawn in ratios. limits: by `across`, where the axis ends; a line that ends beyond has its value in its
    name. faint: more points, without bands, drawn thin and pale and not named. Lines of one colour in a panel have
    different dashes.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    downs, acrosses = (list(dict.fromkeys(table[name])) for name in ("down", "across"))
    said = ticks if isinstance(ticks, Mapping) else {tick: f"{tick:,g}" for tick in ticks}
    colours = {name: colour_of(name) for name in dict.fromkeys(table["placement"])}
    names = _LETTER * max(len(part) for name in colours for part in named(name).split("\n")) + 0.22  # inches
    panel = (COLUMN - _LEFT - names - (names + _LEFT) * (len(acrosses) - 1)) / len(acrosses)
    tall = height * len(downs) + _ABOVE + _BELOW
    with style():
        figure = Figure(figsize=(COLUMN, tall))
        grid = figure.subplots(
            len(downs), len(acrosses), squeeze=False, sharex="col",
            gridspec_kw={
                "left": _LEFT / COLUMN, "right": 1 - names / COLUMN, "wspace": (names + _LEFT) / panel,
                "top": 1 - _ABOVE / tall, "bottom": _BELOW / tall, "hspace": _BETWEEN,
            },
        )  # fmt: skip
        for (row, column), axes in np.ndenumerate(grid):
            down, across = downs[row], acrosses[column]
            mine, quiet = (_of_panel(points, down, across) for points in (table, faint))
            axes.axhline(0, color=GREY, linewidth=1, zorder=0)
            if mine.empty:
                axes.set_visible(False)
                continue
            if log:
                axes.set_xscale("log")
            few = mine["placement"].nunique() <= _MARKED
            taken = dict.fromkeys(colours.values(), 0)  # so far, of the dashes of a colour
            for placement, each in mine.groupby("placement", sort=False):
                colour, dashes = colours[placement], LINES[taken[colours[placement]] % len(LINES)]
                taken[colour] += 1
                at, low, mean, high = each.sort_values(x)[[x, "low", "mean", "high"]].to_numpy(dtype=float).T
                axes.fill([*at, *at[::-1]], [*low, *high[::-1]], color=colour, alpha=0.1, linewidth=0)
                marker = "o" if len(at) == 1 or few else ""
                axes.plot(at, mean, color=colour, linestyle=dashes, linewidth=1.4, marker=marker, markersize=4)
            for placement, each in quiet.groupby("placement", sort=False):
                at, mean = each.sort_values(x)[[x, "mean"]].to_numpy(dtype=float).T
                axes.plot(at, mean, color=colours[placement], linewidth=0.8, alpha=0.55)
            if limits and across in limits:
                axes.set_ylim(*limits[across])
            shown = {tick: name for tick, name in said.items() if tick <= mine[x].max()}
            axes.set_xticks(list(shown), list(shown.values()))
            axes.set_xticks([], minor=True)
            axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
            axes.set(xlabel=label if row == len(downs) - 1 else "", ylabel=down, title=across if row == 0 else "")
            _name_ends(axes, mine, x, height, colours)
        figure.align_ylabels(grid)
    return figure


def _of_panel(points: pd.DataFrame | None, down: str, across: str) -> pd.DataFrame:
    if points is None:
        return pd.DataFrame({"placement": []})
    return points[(points["down"] == down) & (points["across"] == across)]


def _name_ends(axes, points: pd.DataFrame, x: str, height: float, colours: Mapping[str, str]) -> None:
    """Write each line's name right of where it ends, moved up or down where names would lie on each other."""
    from matplotlib.collections import LineCollection

    last = points.sort_values(x).groupby("placement", sort=False).tail(1)
    where = (axes.transScale + axes.transLimits).transform(last[[x, "mean"]].to_numpy(dtype=float))
    ends = last.assign(right=where[:, 0], height=where[:, 1].clip(0, 1), beyond=abs(where[:, 1] - 0.5) > 0.5)
    ends = ends.sort_values("height")
    names = [
        named(row.placement) + (minus(f" {row.mean:+.2f}") if row.beyond else "") for row in ends.itertuples()
    ]  # fmt: skip
    one = _APART * (1 + _BETWEEN) / height
    places = spread(ends["height"].to_list(), [one * (1 + name.count("\n")) for name in names])
    look = {"transform": axes.transAxes, "clip_on": False}
    for row, name, place in zip(ends.itertuples(), names, places, strict=True):
        axes.text(
            _NAMED, place, name, va="center", fontsize=_NAMES, color=colours[row.placement], linespacing=0.9, **look
        )
    leads = [
        ((row.right, row.height), (_NAMED - 0.01, place)) for row, place in zip(ends.itertuples(), places, strict=True)
    ]
    axes.add_collection(LineCollection(leads, colors=ends["placement"].map(colours).to_list(), linewidths=0.5, **look))


def named(placement: str) -> str:
    """A placement's name as a line's end has it: on two lines, broken at a hyphen or a sign, where it is long."""
    if len(placement) <= _LONGEST:
        return placement
    at = max((n + 1 for n, letter in enumerate(placement[:_LONGEST]) if letter in "-+,"), default=len(placement))
    return f"{placement[:at]}\n{placement[at:]}".rstrip()


def spread(places: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Where names stand: as near to their ascending places in [0, 1] as lets no two lie on each other.

    sizes: how high each name is, in the same unit. Names that touch share a middle with their places; more than fit
    run over at the bottom.
    """
    ahead = [0.0]  # how far each stands above the first where all of them touch
    for below, above in pairwise(sizes):
        ahead.append(ahead[-1] + (below + above) / 2)
    groups: list[list[float]] = []  # what stands together: [sum of the places less `ahead`, how many]
    for place, each in zip(places, ahead, strict=False):
        groups.append([place - each, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, count = groups.pop()
            groups[-1] = [groups[-1][0] + total, groups[-1][1] + count]
    moved = [total / count for total, count in groups for _ in range(int(count))]
    found = [place + each for place, each in zip(moved, ahead, strict=False)]
    top = 1.0
    for number in range(len(found) - 1, -1, -1):
        found[number] = min(found[number], top)
        top = found[number] - (sizes[number] + sizes[number - 1]) / 2
    return found

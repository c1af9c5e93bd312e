"""Placements against data sets: a cell a mean difference to none, coloured where its interval leaves out zero."""

from __future__ import annotations

import math

import pandas as pd

from ..dropout.placements import TABLE
from ..wording import minus
from .colours import COLOURS, FAMILIES, NOWHERE, family_of
from .style import COLUMN, GREY, new_figure, plain, style

LOW, MIDDLE, HIGH = "#5fa8dd", "#f4f4f2", "#e8963c"  # pale enough for dark words, in the light page and in the dark one
UNCLEAR, WORDS = "#b9bec5", "#101214"
_ROW, _COLUMN, _FIT = 0.25, 0.75, 8  # inches of a row, and of a column beyond the eight that fit
_SHADES = 21  # as many as an eye tells apart; each is an element of the picture


def heat_map(table: pd.DataFrame, column: str, limit: float, digits: int, label: str):
    """A picture of differences, drawn by seaborn's heatmap: a row a placement, by site; a column a data set.

    table: `placement`, `dataset`, and column, with its interval's ends as stats.summary names them: `loss`, `loss_low`,
    `loss_high`. Data sets stand in their order there. limit: where the colours end; what is beyond has its number.
    A cell is grey where its interval has 0 or there is none, and has a dash where there is no difference. digits:
    decimals. label: what the colours say, with the unit. ValueError for a limit of 0 or less. Returns a Figure.
    """
    import seaborn
    from matplotlib.colors import LinearSegmentedColormap

    if not limit > 0:
        raise ValueError(f"a limit above 0 is needed, got {limit}")
    names = list(dict.fromkeys(table["dataset"]))
    rows = rows_by_site(table["placement"])
    by_name = table.set_index(["placement", "dataset"])
    means, clear, words = ([[value] * len(names) for _ in rows] for value in (math.nan, False, ""))
    for row, (_, placement) in enumerate(rows):
        for place, name in enumerate(names if placement else ()):
            mean, low, high = (
                by_name[f"{column}{end}"].get((placement, name), math.nan) for end in ("", "_low", "_high")
            )
            means[row][place], clear[row][place] = mean, bool(low > 0 or high < 0)
            words[row][place] = minus(f"{mean:+z.{digits}f}") if math.isfinite(mean) else "–"
    shown = pd.DataFrame(means, columns=range(len(names)))
    clear = pd.DataFrame(clear, columns=range(len(names)))
    with style():
        figure, grid = new_figure(1.5 + _ROW * len(rows), width=COLUMN + max(0, len(names) - _FIT) * _COLUMN)
        axes = grid[0, 0]
        axes.grid(False)
        cmap = LinearSegmentedColormap.from_list("differences", [LOW, MIDDLE, HIGH], N=_SHADES)
        drawn = shown.clip(-limit, limit).where(clear | shown.isna(), 2 * limit)
        seaborn.heatmap(
            drawn, cmap=cmap.with_extremes(over=UNCLEAR), vmin=-limit, vmax=limit, cbar=False, ax=axes, clip_on=False
        )
        for row, texts in enumerate(words):
            for place, text in enumerate(texts):
                colour = {} if text in ("", "–") else {"color": WORDS}
                weight = "bold" if clear.iloc[row, place] else "normal"
                axes.text(place + 0.5, row + 0.5, text, ha="center", va="center", fontsize=9, weight=weight, **colour)
        axes.set_yticks([row + 0.5 for row in range(len(rows))], [placement or site for site, placement in rows],
                        rotation=0)  # fmt: skip
        for tick, (site, placement) in zip(axes.get_yticklabels(), rows, strict=True):
            tick.set(color=COLOURS[site], weight="normal" if placement else "bold")
        axes.xaxis.tick_top()
        heads = [plain(name, 40).replace(" (", "\n(") for name in names]
        axes.set_xticks([place + 0.5 for place in range(len(names))], heads, rotation=40, ha="left",
                        rotation_mode="anchor")  # fmt: skip
        axes.tick_params(length=0)
        axes.set(xlabel="", ylabel="")
        ends = [-limit, -limit / 2, 0, limit / 2, limit]
        scale = figure.colorbar(axes.collections[-1], ax=axes, location="bottom", aspect=45, pad=0.01, ticks=ends)
        scale.set_ticklabels([minus(f"{end:g}") for end in ends])
        scale.set_label(f"{label}; grey: the interval has 0")
        scale.outline.set_edgecolor(GREY)
    return figure


def rows_by_site(placements) -> list[tuple[str, str]]:
    """(site, placement) from top to bottom, by colours.family_of and then as in the table; before each site (site, '').

    placements: names; `none`, which is no row, is left out. Those that are not in the table stand last in their site.
    """
    there = [name for name in dict.fromkeys(placements) if family_of(name) != NOWHERE]
    ordered = TABLE.in_order(there)
    rows = []
    for site in (*FAMILIES, *COLOURS):
        mine = [(site, name) for name in ordered if family_of(name) == site]
        if mine and (site, "") not in rows:
            rows += [(site, ""), *mine]
    return rows

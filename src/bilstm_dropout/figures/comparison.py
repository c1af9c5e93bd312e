"""Figures that set all placements side by side, each against its own ``none``: same seed, layers and
embedding.

They take the tidy DataFrame of results.tidy (columns dataset, placement, rate, seed, nll_difference,
accuracy_difference) and the placements in the order of the table.
"""

import numpy as np

from ..stats import metrics
from ..wording import rate_text
from .style import GREY, legend_below, looks, new_figure, plain, style

# Of those that placements are set side by side by: column, scale, what its axis says, and which way is better.
MEASURES = {
    name: (
        f"{name}_difference",
        measure.scale,
        f"test {measure.label} minus none's" + (f" ({measure.unit})" if measure.unit else ""),
        f"{measure.better} is better",
    )
    for name, measure in metrics.MEASURES.items()
}
# Beyond this many times the middle spread a value is drawn at the edge, so that one poor rate does not
# flatten the rest.
_FAR = 3.0


def _reach(values):
    """Limits that show the bulk of the values with 0: quartiles and _FAR times their distance, but no further
    than the data.
    """
    values = values[np.isfinite(values)]
    if not values.size:
        return -1.0, 1.0
    first, third = np.percentile(values, [25, 75])
    room = _FAR * max(third - first, 1e-9)
    low, high = min(0, max(values.min(), first - room)), max(0, min(values.max(), third + room))
    margin = 0.06 * (high - low or 1.0)
    return low - margin, high + margin


def _strip(axes, frame, order, measure, look):
    """One row a placement, a colour and marker a rate: small dots for seeds, a large mark for their mean."""
    column, scale, label, _ = MEASURES[measure]
    limits = _reach(scale * frame[column].to_numpy(dtype=float))
    offsets = np.linspace(0.27, -0.27, len(look)) if len(look) > 1 else [0.0]
    beyond = False
    axes.axvline(0, color=GREY, linewidth=1.2, zorder=0)
    for offset, (rate, (colour, marker, _)) in zip(offsets, look.items(), strict=True):
        means, heights = [], []
        for row, name in enumerate(order):
            rows = frame[(frame["placement"] == name) & (frame["rate"] == rate)]
            values = scale * rows[column].to_numpy(dtype=float)
            values = values[np.isfinite(values)]
            if not values.size:
                continue
            means.append(values.mean())
            heights.append(row - offset)
            inside = values[(values >= limits[0]) & (values <= limits[1])]
            axes.plot(
                inside,
                np.full(inside.size, row - offset),
                ".",
                color=colour,
                markersize=5,
                alpha=0.7,
                markeredgewidth=0,
            )
        means = np.asarray(means)
        out = (means < limits[0]) | (means > limits[1]) if means.size else np.zeros(0, dtype=bool)
        beyond = beyond or bool(out.any())
        heights = np.asarray(heights)
        axes.plot(
            means[~out],
            heights[~out],
            marker,
            color=colour,
            markersize=6,
            markeredgewidth=0,
            linestyle="none",
            label=f"p = {rate_text(rate)}",
        )
        for mean, height in zip(means[out], heights[out], strict=True):
            axes.plot(
                [limits[int(mean > limits[1])]],
                [height],
                "<" if mean < limits[0] else ">",
                color=colour,
                markersize=6,
                markeredgewidth=0,
                clip_on=False,
            )
    axes.set(xlim=limits, ylim=(len(order) - 0.4, -0.6), xlabel=label)
    axes.set_yticks(range(len(order)), [plain(name, 26) for name in order])
    axes.grid(True, axis="y")
    axes.locator_params(axis="x", nbins=4)
    return beyond


def _present(frame, order):
    there = set(frame["placement"])
    return [name for name in order if name in there]


def comparison(frame, order, measure="nll"):
    """All placements on one data set: the paired difference from ``none`` at each rate, seeds as dots, means
    as marks.

    Parameters: ``frame``, the rows of one data set; ``order``, placements from top to bottom (those without
    rows are left out); ``measure``, 'nll' or 'accuracy'. A mark at the edge, pointed outwards, lies beyond
    it.
    """
    frame = frame[frame["rate"] > 0]
    order = _present(frame, order)
    look = looks(sorted(frame["rate"].unique()))
    with style():
        figure, grid = new_figure(1.1 + 0.33 * max(len(order), 2))
        _strip(grid[0, 0], frame, order, measure, look)
        grid[0, 0].set_title(
            f"← {MEASURES[measure][3]}" if measure == "nll" else f"{MEASURES[measure][3]} →",
            loc="left",
            weight="normal",
        )
        legend_below(figure, *grid[0, 0].get_legend_handles_labels(), columns=4)
    return figure


__all__ = ["MEASURES", "comparison"]

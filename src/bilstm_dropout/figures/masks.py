"""Pictures of drawn masks: one figure a term, its tensor cut into small panels.

A filled square is kept, an empty one dropped. A mask is shown as it acts, spread over the axes that share a
draw, so sharing is what one sees: stripes along the step axis for one draw a sequence, equal panels for one
draw for all samples.
"""

import numpy as np

from ..dropout.terms import SITES
from ..wording import listed, rate_text
from .colours import COLOURS, family_of_site
from .style import COLUMN, GREY, WIDTH, style

SAMPLES_WITH_GATES, SAMPLES = 2, 3
_PLURAL = {
    "direction": "directions",
    "sample": "samples",
    "step": "steps",
    "gate": "gates",
    "row": "rows",
    "type": "word types",
    "feature": "features",
}
_DIRECTIONS = ("forward", "backward")
_GATES = {3: "ifo", 4: "ifgo"}
# Height for the line above the panels and the legend below them, and width for the words beside them.
_INCHES_AROUND, _LEFT = 1.0, 0.82


def sharing(term):
    """Which axes have a draw of their own and which share one, as a sentence."""
    axes = SITES[term.site].axes
    own = ["word type" if axis == "type" else axis for axis in axes if axis in term.axes]
    shared = [_PLURAL[axis] for axis in axes if axis not in term.axes]
    text = f"A draw of its own for each {listed(own)}"
    return f"{text}; one draw for all {listed(shared)}." if shared else f"{text}: no axis shares."


def values(term, rate):
    """What a filled and an empty square stand for, as two short texts."""
    p = rate * term.factor
    if term.operation == "keep":
        return "takes the new value", "keeps the last value"
    if term.scaling == "gaussian":
        return "at least 1", "below 1"
    if term.scaling == "inverted":
        return f"kept, times {1 / (1 - p):.3g}", "dropped"
    return "kept as it is", "dropped"


def _full(mask, site, sizes):
    """The mask spread over the axes that share a draw: every axis of the site at its full size."""
    return np.broadcast_to(np.asarray(mask), tuple(sizes[axis] for axis in SITES[site].axes))


def panels(term, mask, sizes):
    """Cut a mask into panels: a list of rows of (title by axis, the axis whose panels stand side by side, kept (height,
    width)), and the names of a panel's two axes.
    """
    axes = list(SITES[term.site].axes)
    kept = _full(mask, term.site, sizes)
    kept = kept >= 1 if term.scaling == "gaussian" else kept > 0
    if "step" in axes:
        across, upward = "step", "feature"
    elif "row" in axes:
        across, upward = "feature", "row"
    else:
        across, upward = axes[-1], "sample"
    order = [
        axis for axis in ("direction", "sample", "gate") if axis in axes and axis not in (across, upward)
    ]
    kept = np.transpose(kept, [axes.index(axis) for axis in (*order, upward, across)])
    # A panel for each index of the outer axes; where directions or gates share a draw, one panel stands for
    # all.
    counts = dict(zip(order, kept.shape, strict=False))
    for axis in ("direction", "gate"):
        if axis in counts and axis not in term.axes:
            counts[axis] = 1
    if "sample" in counts:
        counts["sample"] = min(counts["sample"], SAMPLES_WITH_GATES if counts.get("gate", 1) > 1 else SAMPLES)
    columns = "gate" if counts.get("gate", 1) > 1 or "sample" not in counts else "sample"
    rows = []
    for index in np.ndindex(*counts.values()):
        place = dict(zip(counts, index, strict=True))
        if place.get(columns, 0) == 0:
            rows.append([])
        title = {}
        if counts.get("direction", 1) > 1:
            title["direction"] = _DIRECTIONS[place["direction"]]
        if "sample" in counts:
            title["sample"] = f"sample {place['sample'] + 1}"
        if counts.get("gate", 1) > 1:
            title["gate"] = f"gate {_GATES[counts['gate']][place['gate']]}"
        rows[-1].append((title, columns, kept[index]))
    return rows, across, upward


def _squares(cells, side, left, bottom, inset):
    """The outlines of cells (rows, columns; True is drawn) of a panel: corners (5 N, 2) in inches. side: of a cell, or
    its width and height.
    """
    low, high = inset, 1 - inset
    corners = np.array([[low, low], [high, low], [high, high], [low, high], [low, low]])
    return (np.argwhere(cells)[:, None, ::-1] + corners).reshape(-1, 2) * side + (left, bottom)


def _patch(outlines, **options):
    """Squares as one path, so that the drawing stays small and sharp."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    vertices = np.concatenate(outlines)
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * (len(vertices) // 5)
    return PathPatch(Path(vertices, codes), **options)


def _canvas(width, height):
    """A figure with one pair of axes in inches, for all panels: a pair for each takes longer than all else drawn."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    return figure, axes


def _draw_squares(axes, filled, empty, colour, words, **legend):
    """Draw outlines of squares, as _squares gives them, that are filled and empty, with a legend of these words."""
    from matplotlib.patches import Patch

    looks = [dict(facecolor=colour, linewidth=0), dict(facecolor="none", edgecolor=GREY)]
    axes.add_patch(_patch(filled, **looks[0]))
    axes.add_patch(_patch(empty, **looks[1], linewidth=0.7))
    keys = [Patch(**look) for look in looks]
    axes.figure.legend(keys, words, loc="lower left", handlelength=1, handleheight=1, **legend)


def mask_picture(term, mask, sizes, rate):
    """Draw one term's mask.

    Parameters: ``term``, a terms.Term; ``mask``, its drawn tensor, of the shape ``term.shape(sizes)``;
    ``sizes``, the size of every axis of the term's site, by name (``masks.Sizes.axes``); ``rate``, the
    placement's drop rate. Returns a matplotlib Figure. Two samples are shown where gates have panels of their
    own, three otherwise.
    """
    rows, across, upward = panels(term, mask, sizes)
    height, width = rows[0][0][2].shape
    columns = len(rows[0])
    side = min(0.19, (WIDTH - _LEFT - 0.15 * columns) / (columns * width))
    colour = COLOURS[family_of_site(term.site)]
    with style():
        panel = (side * width, side * height)
        total = len(rows) * (panel[1] + 0.42) + _INCHES_AROUND
        figure, axes = _canvas(WIDTH, total)
        filled_squares, empty_squares = [], []
        for r, row in enumerate(rows):
            bottom = total - 0.18 - (r + 1) * (panel[1] + 0.42)
            for c, (title, column_axis, kept) in enumerate(row):
                left = _LEFT + c * (panel[0] + 0.15)
                filled_squares.append(_squares(kept, side, left, bottom, 0.06))
                empty_squares.append(_squares(~kept, side, left, bottom, 0.16))
                heading = title.pop(column_axis, "")
                if heading and columns > 1:
                    axes.text(left, bottom + panel[1] + 0.04, heading, va="bottom")
                if c == 0:
                    axes.text(left - 0.06, bottom + panel[1] / 2, "\n".join(title.values()), ha="right", va="center")
        figure.text(
            0.01, 1 - 0.16 / total, f"across: {_PLURAL[across]}; upward: {_PLURAL[upward]}", va="center"
        )
        filled, empty = values(term, rate)
        share = f"{empty} (probability {rate_text(rate * term.factor)})"
        _draw_squares(axes, filled_squares, empty_squares, colour, [filled, share], bbox_to_anchor=(0, 0), ncols=1)
    return figure


def mask_alt(term, rate):
    """The picture in words."""
    filled, empty = values(term, rate)
    return (
        f"The mask at the site {term.site} drawn at the rate {rate_text(rate * term.factor)}, as squares: "
        f"filled is '{filled}', empty is '{empty}'. {sharing(term)}"
    )


def mask_grid(masks, columns, labels, colour):
    """Draw several masks below each other, each cut into panels that stand side by side.

    Parameters: ``masks``, by name a Boolean array (panels, across, upward), all of one shape, True where it is kept;
    ``columns``, a heading for each panel; ``labels``, for each panel what stands below its columns; ``colour``, of
    what is kept. Returns a matplotlib Figure.
    """
    panels, across, upward = next(iter(masks.values())).shape
    left, gap, above, below = 1.45, 0.3, 0.3, 0.6
    side = ((COLUMN - left - gap * (panels - 1)) / (panels * across), 0.145)
    height = upward * side[1] + 0.2
    with style():
        total = above + len(masks) * height + below
        figure, axes = _canvas(COLUMN, total)
        starts = [left + panel * (across * side[0] + gap) for panel in range(panels)]
        filled, empty = [], []
        for row, (name, kept) in enumerate(masks.items()):
            bottom = total - above - (row + 1) * height + 0.2
            axes.text(left - 0.12, bottom + upward * side[1] / 2, name, ha="right", va="center")
            for start, panel in zip(starts, kept, strict=True):
                filled.append(_squares(panel.T, side, start, bottom, 0.06))
                empty.append(_squares(~panel.T, side, start, bottom, 0.16))
        for start, heading, names in zip(starts, columns, labels, strict=True):
            axes.text(start, total - 0.14, heading, va="center", weight="bold")
            for step, label in enumerate(names):
                axes.text(start + (step + 0.5) * side[0], bottom - 0.16, label, ha="center", va="center")
        _draw_squares(axes, filled, empty, colour, ["kept", "dropped"], ncols=2)
    return figure

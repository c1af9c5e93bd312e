"""Pictures of drawn masks: one figure a term, its tensor cut into small panels.

A filled square is kept, an empty one dropped. A mask is shown as it acts, spread over the axes that share a
draw, so sharing is what one sees: stripes along the step axis for one draw a sequence, equal panels for one
draw for all samples.
"""

import numpy as np

from ..dropout.terms import SITES
from ..wording import listed, rate_text
from .style import GREY, PALETTE, TEXT_POINTS, WIDTH, style

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
# Height for the line above the panels and the legend below them.
_INCHES_AROUND = 1.0


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


def _panels(term, mask, sizes):
    """Cut a mask into panels: a list of rows of (title, kept (height, width)), and the names of a panel's two
    axes.
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


def _squares(axes, kept):
    """Draw the kept squares as one path and the dropped ones as one: the drawing stays small and sharp."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    def squares(cells, inset):
        corners = np.array(
            [[inset, inset], [1 - inset, inset], [1 - inset, 1 - inset], [inset, 1 - inset], [inset, inset]]
        )
        vertices = (np.argwhere(cells)[:, None, ::-1] + corners).reshape(-1, 2)
        codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * int(cells.sum())
        return Path(vertices, codes) if len(vertices) else None

    for cells, options, inset in (
        (kept, {"facecolor": PALETTE[0], "linewidth": 0}, 0.06),
        (~kept, {"facecolor": "none", "edgecolor": GREY, "linewidth": 0.7}, 0.16),
    ):
        path = squares(cells, inset)
        if path is not None:
            axes.add_patch(PathPatch(path, **options))
    height, width = kept.shape
    axes.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[], aspect="equal")
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def mask_picture(term, mask, sizes, rate):
    """Draw one term's mask.

    Parameters: ``term``, a terms.Term; ``mask``, its drawn tensor, of the shape ``term.shape(sizes)``;
    ``sizes``, the size of every axis of the term's site, by name (``masks.Sizes.axes``); ``rate``, the
    placement's drop rate. Returns a matplotlib Figure. Two samples are shown where gates have panels of their
    own, three otherwise.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    rows, across, upward = _panels(term, mask, sizes)
    height, width = rows[0][0][2].shape
    columns = len(rows[0])
    side = min(0.19, (WIDTH - 0.75 - 0.15 * columns) / (columns * width))
    with style():
        panel = (side * width, side * height)
        figure = Figure(figsize=(WIDTH, len(rows) * (panel[1] + 0.42) + _INCHES_AROUND))
        total = figure.get_figheight()
        left = 0.75
        for r, row in enumerate(rows):
            for c, (title, column_axis, kept) in enumerate(row):
                bottom = total - 0.32 - (r + 1) * (panel[1] + 0.42) + 0.14
                axes = figure.add_axes(
                    (
                        (left + c * (panel[0] + 0.15)) / WIDTH,
                        bottom / total,
                        panel[0] / WIDTH,
                        panel[1] / total,
                    )
                )
                _squares(axes, kept)
                heading = title.pop(column_axis, "")
                if heading and columns > 1:
                    axes.set_title(heading, weight="normal", pad=3)
                if c == 0:
                    axes.set_ylabel(
                        "\n".join(title.values()), rotation=0, ha="right", va="center", labelpad=4
                    )
        figure.text(
            0.01, 1 - 0.16 / total, f"across: {_PLURAL[across]}; upward: {_PLURAL[upward]}", va="center"
        )
        filled, empty = values(term, rate)
        share = f"{empty} (probability {rate_text(rate * term.factor)})"
        figure.legend(
            [Patch(facecolor=PALETTE[0], linewidth=0), Patch(facecolor="none", edgecolor=GREY)],
            [filled, share],
            loc="lower left",
            bbox_to_anchor=(0, 0),
            ncols=1,
            handlelength=1,
            handleheight=1,
        )
    return figure


def mask_alt(term, rate):
    """The picture in words."""
    filled, empty = values(term, rate)
    return (
        f"The mask at the site {term.site} drawn at the rate {rate_text(rate * term.factor)}, as squares: "
        f"filled is '{filled}', empty is '{empty}'. {sharing(term)}"
    )


__all__ = ["TEXT_POINTS", "mask_alt", "mask_picture", "sharing", "values"]

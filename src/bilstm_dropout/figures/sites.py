"""A drawn BiLSTM with every site on it, and the sites of one placement marked.

Above, the network over three steps; below, the inside of one cell. A site that a placement masks is filled
and carries a number on each of its arrows: equal numbers share a draw, so the picture shows what the axes
step and direction mean.
"""

import itertools

from ..dropout.terms import SITES
from .colours import COLOURS, family_of_site
from .style import GREY, WIDTH, style
from .svg import ON_SITE, TEXT_COLOUR

# Where each site's name stands: (panel, x, y, alignment). A test holds this against terms.SITES.
NAMES = {
    "embedding": ("network", 0.05, 2.1, "left"),
    "input": ("network", 0.05, 2.95, "left"),
    "recurrent": ("network", 0.05, 4.2, "left"),
    "between": ("network", 0.05, 7.55, "left"),
    "output": ("network", 5.85, 9.25, "left"),
    "weights": ("cell", 2.25, 0.02, "center"),
    "candidate": ("cell", 6.6, 2.95, "left"),
    "gates": ("cell", 3.15, 2.75, "right"),
    "cell": ("cell", 6.75, 5.55, "center"),
    "hidden": ("cell", 8.75, 3.02, "left"),
}
_STEPS = (2.7, 5.5, 8.3)
# The same word at the first and the last step, so that a mask a word type can be told from a mask a step.
_WORDS = ("a", "b", "a")


class _Drawing:
    """Boxes, arrows and marks in one pair of axes; ``numbers`` gives a mark's number, by site.

    ``masked``: the axes with own draws of each site that is masked; None for a map of all sites in their colours.
    """

    def __init__(self, axes, masked):
        self.axes, self.masked, self.numbers = axes, masked or {}, {}
        self.coloured = masked is None

    def box(self, x, y, text, width=0.95, height=0.62, dashed=False):
        from matplotlib.patches import FancyBboxPatch

        self.axes.add_patch(
            FancyBboxPatch(
                (x - width / 2, y - height / 2),
                width,
                height,
                boxstyle="round,pad=0,rounding_size=0.12",
                linewidth=1,
                edgecolor=TEXT_COLOUR,
                facecolor=(0.5, 0.53, 0.56, 0.18),
                linestyle="--" if dashed else "-",
            )
        )
        self.axes.text(x, y, text, ha="center", va="center_baseline")

    def circle(self, x, y, text):
        self.axes.plot(
            [x],
            [y],
            "o",
            markersize=14,
            markerfacecolor="none",
            markeredgecolor=TEXT_COLOUR,
            markeredgewidth=1,
        )
        self.axes.text(x, y - 0.01, text, ha="center", va="center_baseline")

    def path(self, *points, dashed=False, head=True):
        """A line through the points, with an arrow head at its end."""
        x, y = zip(*points, strict=True)
        self.axes.plot(x, y, color=TEXT_COLOUR, linewidth=0.9, linestyle="--" if dashed else "-", zorder=0.5)
        if head:
            self.axes.annotate(
                "",
                points[-1],
                points[-2],
                zorder=0.6,
                arrowprops={
                    "arrowstyle": "-|>,head_width=0.17,head_length=0.32",
                    "color": TEXT_COLOUR,
                    "linewidth": 0,
                    "shrinkA": 0,
                    "shrinkB": 0,
                },
            )

    def mark(self, site, x, y, draw=None):
        """A site's mark on an arrow. ``draw`` says which draw reaches this arrow: equal ones get equal
        numbers.
        """
        if site not in self.masked:
            colour = COLOURS[family_of_site(site)] if self.coloured else GREY
            self.axes.plot([x], [y], "o", markersize=6.5, color=colour, markeredgewidth=0, zorder=3)
            return
        self.axes.plot([x], [y], "o", markersize=13, color=COLOURS[family_of_site(site)], markeredgewidth=0, zorder=3)
        if draw is not None:
            numbers = self.numbers.setdefault(site, {})
            number = numbers.setdefault(draw, len(numbers) + 1)
            self.axes.text(
                x,
                y - 0.01,
                str(number),
                ha="center",
                va="center_baseline",
                color=ON_SITE,
                weight="bold",
                zorder=4,
            )

    def names(self, panel):
        for site, (where, x, y, align) in NAMES.items():
            if where == panel:
                marked = site in self.masked
                colour = COLOURS[family_of_site(site)]
                look = {"boxstyle": "round,pad=0.22", "facecolor": colour, "alpha": 0.28, "linewidth": 0}
                box = look if marked else None
                self.axes.text(
                    x, y, site, ha=align, va="center", weight="bold" if marked else "normal", bbox=box
                )


def _masked_axes(placement):
    """Site to the axes on which at least one of the placement's masks draws anew."""
    axes = {}
    for term in placement.terms:
        axes.setdefault(term.site, set()).update(term.axes)
    return axes


def _draw_of(axes, direction, step):
    """Which draw an arrow of this direction and step gets, from the axes that have their own."""
    return (direction if "direction" in axes else 0, step if "step" in axes else 0)


def _network(axes, masked):
    drawing, masked = _Drawing(axes, masked), masked or {}
    for step, (x, word) in enumerate(zip(_STEPS, _WORDS, strict=True)):
        forward, backward = x - 0.6, x + 0.6
        axes.text(x, 0.28, f"word {word}", ha="center", va="center")
        drawing.path((x, 0.55), (x, 0.95))
        drawing.box(x, 1.27, f"E[{word}]", width=2.2)
        drawing.mark("embedding", x - 1.1, 1.27, word if "type" in masked.get("embedding", ()) else 0)
        axes.text(x, 1.95, f"x[{step + 1}]", ha="center", va="center")
        drawing.path((forward, 1.6), (forward, 3.55))
        drawing.path((backward, 1.6), (backward, 4.95))
        for direction, column in enumerate((forward, backward)):
            drawing.mark("input", column, 2.75, _draw_of(masked.get("input", ()), direction, step))
        drawing.box(forward, 3.88, "→")
        drawing.box(backward, 5.28, "←")
        drawing.path((forward, 4.2), (forward, 5.99))
        drawing.path((backward, 5.6), (backward, 5.99))
        drawing.box(x, 6.31, "[→ ; ←]", width=2.0)
        drawing.path((x, 6.62), (x, 7.95), dashed=True)
        drawing.mark("between", x, 7.25, step if "step" in masked.get("between", ()) else 0)
    for step, (left, right) in enumerate(itertools.pairwise(_STEPS)):
        drawing.path((left - 0.12, 3.88), (right - 1.09, 3.88))
        drawing.path((right + 0.12, 5.28), (left + 1.09, 5.28))
        axis = masked.get("recurrent", ())
        drawing.mark("recurrent", left + 1.25, 3.88, _draw_of(axis, 0, step + 1))
        drawing.mark("recurrent", left + 1.6, 5.28, _draw_of(axis, 1, step))
    drawing.box(5.5, 8.3, "a second layer, where there is one; then the last output", width=8.3, dashed=True)
    drawing.path((5.5, 8.62), (5.5, 9.95))
    drawing.mark("output", 5.5, 9.25, 0)
    drawing.box(5.5, 10.28, "dense layer → class probabilities", width=5.6)
    drawing.names("network")
    axes.set(xlim=(0, 10), ylim=(0, 10.7))


def _cell(axes, masked):
    drawing, masked = _Drawing(axes, masked), masked or {}
    axes.text(0.05, 5.75, "inside one cell", ha="left", va="center", weight="bold")
    for y, text in ((5.0, "c[t−1]"), (1.35, "x[t]"), (0.55, "h[t−1]")):
        axes.text(0.05, y, text, ha="left", va="center")
    # what the gates read
    drawing.path((0.85, 1.35), (3.0, 1.35), (3.0, 0.95), (8.5, 0.95), head=False)
    drawing.path((1.15, 0.55), (3.0, 0.55), (3.0, 0.95), head=False)
    drawing.mark("input", 1.7, 1.35)
    drawing.mark("recurrent", 1.55, 0.55)
    drawing.mark("weights", 2.25, 0.55)
    gates = {"f": 3.5, "i": 4.9, "g": 6.3, "o": 8.5}
    for gate, x in gates.items():
        drawing.path((x, 0.95), (x, 1.55))
        drawing.box(x, 1.87, gate, width=0.8)
    drawing.path((3.5, 2.18), (3.5, 4.78))
    drawing.path((4.9, 2.18), (4.9, 3.9), (5.36, 3.9))
    drawing.path((6.3, 2.18), (6.3, 3.9), (5.84, 3.9))
    drawing.path((8.5, 2.18), (8.5, 3.38))
    draws = masked.get("gates", ())
    for index, gate in enumerate("fio"):
        drawing.mark("gates", gates[gate], 2.75, index if "gate" in draws else 0)
    drawing.mark("candidate", 6.3, 2.95)
    # the cell's line and the output
    drawing.path((1.15, 5.0), (3.26, 5.0))
    drawing.circle(3.5, 5.0, "×")
    drawing.path((3.74, 5.0), (5.36, 5.0))
    drawing.circle(5.6, 3.9, "×")
    drawing.path((5.6, 4.12), (5.6, 4.76))
    drawing.circle(5.6, 5.0, "+")
    drawing.path((5.84, 5.0), (9.2, 5.0))
    drawing.mark("cell", 6.75, 5.0)
    axes.text(9.3, 5.0, "c[t]", ha="left", va="center")
    drawing.path((8.5, 5.0), (8.5, 3.86))
    axes.text(8.62, 4.4, "tanh", ha="left", va="center")
    drawing.circle(8.5, 3.62, "×")
    drawing.path((8.74, 3.62), (9.2, 3.62))
    drawing.mark("hidden", 8.95, 3.62)
    axes.text(9.3, 3.62, "h[t]", ha="left", va="center")
    drawing.names("cell")
    axes.set(xlim=(0, 10), ylim=(-0.25, 6.1))


def site_map(placement=None):
    """Draw the network with all sites.

    Parameters: ``placement``, a terms.Placement whose sites are filled and numbered, or None for all sites in the
    colours of their families. Returns a matplotlib Figure; ``site_map_alt`` describes it.
    """
    from matplotlib.figure import Figure

    masked = None if placement is None else _masked_axes(placement)
    with style():
        figure = Figure(figsize=(WIDTH, 7.6))
        upper = figure.add_axes((0, 0.39, 1, 0.61))
        lower = figure.add_axes((0, 0, 1, 0.37))
        for axes in (upper, lower):
            axes.axis("off")
        _network(upper, masked)
        _cell(lower, masked)
    return figure


def site_map_alt(placement=None):
    """The picture in words, for a reader who does not see it."""
    base = (
        "A BiLSTM drawn over three steps: words, embedding, a forward and a backward row of cells, their "
        "outputs joined, a second layer where there is one, the last output and a dense layer; below it one "
        "cell with its four gates."
    )
    if placement is None:
        return f"{base} Marked on it are the sites {', '.join(SITES)}."
    if not placement.terms:
        return f"{base} No site is marked, because nothing is dropped."
    sites = dict.fromkeys(term.site for term in placement.terms)
    return f"{base} Marked for {placement.name}: {', '.join(sites)}."

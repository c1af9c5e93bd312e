"""How every figure looks: one style, one palette, words from outside drawn as plain text.

Colours are mid-tones with a contrast of at least 3 : 1 on white and on a near-black page, told apart by the
colour-blind, and always doubled by a marker or a line style. Text and axes take the page's own text colour
(svg.TEXT_COLOUR).
"""

from contextlib import contextmanager

from ..wording import printable
from .svg import TEXT_COLOUR

# Blue, orange, green, purple, red, brown: after Okabe and Ito, moved to mid-tones.
PALETTE = ("#2b7fc4", "#c26f00", "#0e9273", "#a868c9", "#d9483b", "#8f7a4a")
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.2, 1.2, 1.2)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2)))
GREY = "#80868f"
# Inches. Five and a bit wide with no text below ten points stays readable, unscrolled, on a phone of 360
# pixels.
WIDTH = 5.2
COLUMN = 7.0  # the book's whole column
TEXT_POINTS = 10


def settings():
    """The style as matplotlib settings: seaborn's ticks theme in the page's colours, labels never read as
    mathematics.
    """
    import seaborn
    from cycler import cycler

    return {
        **seaborn.axes_style("ticks"),
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": TEXT_POINTS,
        "axes.titlesize": TEXT_POINTS,
        "axes.labelsize": TEXT_POINTS,
        "legend.fontsize": TEXT_POINTS,
        "xtick.labelsize": TEXT_POINTS,
        "ytick.labelsize": TEXT_POINTS,
        "figure.titlesize": TEXT_POINTS,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "text.color": TEXT_COLOUR,
        "axes.labelcolor": TEXT_COLOUR,
        "axes.edgecolor": TEXT_COLOUR,
        "xtick.color": TEXT_COLOUR,
        "ytick.color": TEXT_COLOUR,
        "xtick.labelcolor": TEXT_COLOUR,
        "ytick.labelcolor": TEXT_COLOUR,
        "axes.facecolor": "none",
        "figure.facecolor": "none",
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": GREY,
        "grid.alpha": 0.3,
        "grid.linewidth": 0.6,
        "lines.linewidth": 1.6,
        "lines.markersize": 5,
        "lines.solid_capstyle": "round",
        "axes.prop_cycle": cycler(color=PALETTE),
        # A class called '$x$' is a name, not a formula.
        "text.parse_math": False,
        "axes.formatter.use_mathtext": False,
        "axes.unicode_minus": True,
    }


@contextmanager
def style():
    """Everything drawn inside has the project's style; the user's own matplotlib settings come back
    afterwards.
    """
    import matplotlib

    with matplotlib.rc_context(settings()):
        yield


def new_figure(height, rows=1, columns=1, width=WIDTH, **options):
    """A figure and its axes, an array (rows, columns); sizes in inches. To be called inside ``style()``."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def plain(value, longest=40):
    """Text from outside, fit for a label: on one line, without control characters, shortened to the width of
    ``longest`` letters. A Chinese character is as wide as two, and marks above and below take no width.
    """
    from wcwidth import clip, width

    text = " ".join(printable(value).split())
    return text if width(text) <= longest else clip(text, 0, longest - 1).rstrip() + "…"


def legend_below(figure, handles, labels, columns):
    """One legend for the whole figure, below everything, never over the data."""
    figure.legend(
        handles,
        labels,
        loc="outside lower left",
        ncols=columns,
        handlelength=2.2,
        columnspacing=1.4,
        borderaxespad=0.2,
    )


def frame_of(picture):
    """The matplotlib Figure of what seaborn gives: of axes, of a grid, or itself; pyplot lets go of it."""
    from matplotlib import pyplot
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    found = picture if isinstance(picture, Figure) else picture.figure
    if isinstance(picture, Axes) and found.get_layout_engine() is None:
        found.set_layout_engine("constrained")  # grids lay themselves out
    pyplot.close(found)  # or a notebook would show it a second time
    return found

"""The book's face: the cover of the EPUB, and the picture that stands beside a link to the book elsewhere."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path

CARD, COVER = (1200, 630), (1200, 1800)  # pixels
_DPI = 100
_INK, _MUTED = "#14181e", "#48566b"
_MAP = "_static/site-map.png"  # where masks can sit; lies in the book's sources


def card(book: Path, title: str, subtitle: str) -> bytes:
    """A PNG of 1200 by 630 pixels: title and subtitle, the map of sites at their right. The same bytes every time.

    book: its sources, which have the map. title, subtitle: plain text; long ones are broken into lines.
    """
    return _drawn(book, CARD, (title, 17, 54, 0.06, 0.76), (subtitle, 30, 22, 0.06, 0.36), (0.56, 0.05, 0.4, 0.9))


def cover(book: Path, title: str, subtitle: str) -> bytes:
    """A PNG of 1200 by 1800 pixels, the map below the title; else as `card`."""
    return _drawn(book, COVER, (title, 14, 88, 0.08, 0.93), (subtitle, 40, 30, 0.08, 0.74), (0.08, 0.04, 0.84, 0.56))


def _drawn(book: Path, size: tuple[int, int], *parts) -> bytes:
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    figure = Figure(figsize=(size[0] / _DPI, size[1] / _DPI), dpi=_DPI, facecolor="white")
    *texts, place = parts
    for number, (text, most, points, left, top) in enumerate(texts):
        # No formulas: a title may hold a dollar sign.
        figure.text(left, top, textwrap.fill(text, most), fontsize=points * 72 / _DPI, va="top", parse_math=False,
                    fontweight="normal" if number else "bold", color=_MUTED if number else _INK,
                    fontfamily="DejaVu Sans", linespacing=1.25)  # fmt: skip
    axes = figure.add_axes(place)
    axes.imshow(imread(book / _MAP))
    axes.axis("off")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()

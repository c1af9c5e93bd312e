"""A sketch of a mask, some hundred bytes of SVG: what a definition that pops up has room for.

It is drawn here, not by the layer's function, which needs Keras. The shape is the term's own, and is what it shows.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np

from ..dropout.terms import Term
from .colours import family_of_site
from .masks import panels
from .svg import SITE_COLOURS

_SIZES = dict(direction=2, sample=2, step=8, gate=4, row=5, type=8, feature=5)
_DROPPED, _SIDE, _GAP, _MOST = 0.4, 5, 4, 4  # the share that is dropped; pixels of a square, between panels; panels


def mask_sketch(term: Term) -> str:
    """One `<svg>`, hidden from readers' voices: up to four panels, a filled square kept, a pale one dropped.

    Panels are samples, or gates where these have draws of their own; the others share what is drawn. Across are steps.
    """
    sizes = _SIZES | {"gate": 3 if term.site == "gates" else 4}
    kept = np.random.default_rng(crc32(term.text.encode())).random(term.shape(sizes)) >= _DROPPED
    if term.site == "gates":  # input and forget are never both closed
        kept[..., 1, :] |= ~kept[..., 0, :]
    rows, _, _ = panels(term, kept.astype(float), sizes)
    shown = [squares for _, _, squares in rows[0]][:_MOST]
    high, wide = shown[0].shape
    family = family_of_site(term.site)
    colour = f"var(--site-{family.replace(' ', '-')},{SITE_COLOURS[family]})"
    step = wide * _SIDE + _GAP
    boxes = "".join(f"M{place * step} 0h{wide * _SIDE}v{high * _SIDE}h-{wide * _SIDE}z" for place in range(len(shown)))
    width, height = len(shown) * step - _GAP, high * _SIDE
    filled = "".join(_path(squares, place * step) for place, squares in enumerate(shown))
    return (
        f'<svg aria-hidden="true" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<path d="{boxes}" fill="currentColor" opacity=".15"/><path d="{filled}" fill="{colour}"/></svg>'
    )


def _path(squares: np.ndarray, left: int) -> str:
    """Runs of kept squares of one panel (rows, columns), as a path; the first row is the lowest."""
    pieces = []
    for number, row in enumerate(squares[::-1]):
        edges = np.flatnonzero(np.diff(np.r_[0, row.astype(int), 0]))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            across = (end - start) * _SIDE
            pieces.append(f"M{left + start * _SIDE} {number * _SIDE}h{across}v{_SIDE - 1}h-{across}z")
    return "".join(pieces)

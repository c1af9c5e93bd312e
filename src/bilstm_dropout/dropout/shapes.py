"""Which masks a network reads and of which shape, without drawing any. Imports no Keras."""

from __future__ import annotations

import numpy as np

from .sizes import Sizes
from .terms import Placement, Term

# The site whose masks each of several stacked layers applies: `input` is what the first layer reads, `between` what
# a later one reads, `output` what the last one gives; the sites inside the recurrence exist in every layer.
_EVERY_LAYER = ("recurrent", "candidate", "gates", "cell", "hidden", "weights")


def mask_shapes(terms, sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """The shape of every mask that draw_masks gives, without drawing: axes in the order of the site's axes."""
    terms = terms.terms if isinstance(terms, Placement) else tuple(terms)
    shapes: dict[str, tuple[int, ...]] = {}
    for term in terms:
        shape = term.shape(sizes.axes(term.site))
        shapes[term.key] = np.broadcast_shapes(shapes.get(term.key, shape), shape)
    return shapes


def layer_terms(placement: Placement, layer: int, layers: int) -> tuple[Term, ...]:
    """The terms that one of several stacked layers applies (layer 0 is the first).

    What masks the sequence `between` two layers is, for the layer that reads it, a mask on its input.
    """
    chosen = []
    for term in placement.terms:
        if term.site in _EVERY_LAYER or (term.site == "input" and layer == 0):
            chosen.append(term)
        elif term.site == "between" and layer > 0:
            chosen.append(Term("input", term.axes, term.operation, term.scaling, term.factor))
        elif term.site == "output" and layer == layers - 1:
            chosen.append(term)
    return tuple(chosen)


def embedding_terms(placement: Placement) -> tuple[Term, ...]:
    """The terms that mask the embedding table."""
    return tuple(term for term in placement.terms if term.site == "embedding")

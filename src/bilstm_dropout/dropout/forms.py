"""Masks in common forms, so that placements share a compiled program. Imports no Keras.

XLA compiles a program for masks of certain keys and shapes, and on a small data set that takes longer than training.
Many placements ask for masks at the same few places, of other shapes; filled up to one form, with ones where a
placement has no mask, they run through one program, and every value stays what it was.

    a placement's masks ──► form (keys and shapes) ──► fill: broadcast, and ones ──► the program of that form
"""

from __future__ import annotations

from collections.abc import Mapping

from .shapes import layer_terms, mask_shapes
from .sizes import Sizes
from .terms import SITES, Placement

Shapes = dict[str, tuple[int, ...]]

# A form's masks: by key the axes along which they have one value for all; they are drawn out along the others. The
# smallest that a layer's masks fit into is taken. What they hold in common: a mask of ones costs next to nothing there,
# because it is applied outside the loop over the steps, or where the loop multiplies what the gates read anyway.
# Masks inside the cell, and those drawn anew at every step of the loop, would cost a read and a product a step.
FORMS: tuple[dict[str, tuple[str, ...]], ...] = (
    {"input": ("gate",), "output": ()},
    {"input": ("gate",), "recurrent": ("step", "gate"), "weights": (), "output": ()},
    {"input": ("step",), "recurrent": ("step",), "output": ()},
)


def form_of(shapes: Mapping[str, tuple[int, ...]], sizes: Sizes) -> Shapes:
    """The shapes by key that a layer's masks of these shapes are filled up to; their own where no form has room.

    A layer without any mask keeps its own program: what dropout is compared with has no product more.
    """
    for form in FORMS if shapes else ():
        full = {key: _drawn_out(key, shared, sizes) for key, shared in form.items()}
        if all(key in full and _has_room(shape, full[key]) for key, shape in shapes.items()):
            return full
    return dict(shapes)


def forms_of(placement: Placement, layers: int, sizes: Sizes) -> tuple[Shapes, ...]:
    """form_of for each layer of a network. sizes: of the first; later ones read what both directions give."""
    found = []
    for layer in range(layers):
        width = sizes.features if layer == 0 else sizes.directions * sizes.units
        own = Sizes(sizes.batch, sizes.steps, width, sizes.units, sizes.vocabulary, sizes.directions)
        found.append(form_of(mask_shapes(layer_terms(placement, layer, layers), own), own))
    return tuple(found)


def fill(masks: Mapping, form: Shapes) -> dict:
    """A layer's masks, tensors by key, filled up to a form that has room for them: broadcast, and ones where absent."""
    from keras import ops

    return {
        key: ops.broadcast_to(masks[key], shape) if key in masks else ops.ones(shape) for key, shape in form.items()
    }


def _drawn_out(key: str, shared: tuple[str, ...], sizes: Sizes) -> tuple[int, ...]:
    axes = sizes.axes(key)
    return tuple(1 if axis in shared else axes[axis] for axis in SITES[key].axes)


def _has_room(shape: tuple[int, ...], full: tuple[int, ...]) -> bool:
    return all(size in (1, whole) for size, whole in zip(shape, full, strict=True))

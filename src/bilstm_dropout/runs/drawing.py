"""Masks for batches of one shape, in the form that a compiled program takes."""

from __future__ import annotations

from ..dropout.classifier import Classifier
from ..dropout.forms import fill, forms_of
from ..dropout.sizes import Sizes


class Drawing:
    """Draws what a network's placement asks for, each layer's masks filled up to its form (dropout.forms).

    model: its placement is read now and at each draw, so it stays. shape: batch, steps and features, whole numbers.
    """

    def __init__(self, model: Classifier, shape: dict[str, int]):
        self.model, self.shape = model, shape
        self.sizes = Sizes(**shape, units=model.units, directions=model.recurrent[0].directions)
        self.forms = forms_of(model.placement, len(model.recurrent), self.sizes)

    def __call__(self, rate, seed) -> dict:
        """A batch's masks. rate: a number or a scalar tensor. seed: whole numbers (2,)."""
        masks = self.model.draw(rate, seed, **self.shape)
        return masks | {f"layer {n}": fill(masks[f"layer {n}"], form) for n, form in enumerate(self.forms)}

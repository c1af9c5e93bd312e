"""Where dropout goes: the table of placements, masks drawn from it, and the one recurrence they are applied in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loading import handed_on
from .placements import TABLE, resolve
from .terms import SITES, Placement, Term

if TYPE_CHECKING:
    from .classifier import Classifier, build_classifier, initial_weights
    from .lstm import DropoutLSTM
    from .masks import draw_masks, expected_masks, seed_of
    from .shapes import mask_shapes
    from .sizes import Sizes

__getattr__ = handed_on(__name__, __file__)

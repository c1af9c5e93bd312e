"""What is published of a run's predictions: by name what is selected, and which parts have it.

Averages over passes with masks (runs.monte_carlo) have names of their own: 'best_mean' is that of the test part at the
chosen checkpoint, 'best_information' the mutual information of its passes; 'best_output_0.25_mean' is the average with
masks at the output alone, at that rate.
"""

from __future__ import annotations

from typing import NamedTuple

from ..runs.config import OUTPUT_RATES
from .encoding import CODES, RATIOS, SHARES, Form


class Selected(NamedTuple):
    """name: among a record's probabilities. labels: the kind of labels of its rows. at: 'best' or 'last', the
    checkpoint. form: how its values are kept. passes: whether they are of passes with masks; own: with the masks that
    the run was trained with, so that without any they are those of a pass without masks.
    """

    name: str
    labels: str
    at: str
    form: Form = CODES
    passes: bool = False
    own: bool = False


SELECTED = {
    "best": Selected("test_best", "labels", "best"), "last": Selected("test_last", "labels", "last"),
    "validation_best": Selected("validation_best", "validation_labels", "best"),
}  # fmt: skip
EARLIER = tuple(SELECTED)  # files of parts that have these are as they were published
SELECTED |= {
    **{f"{at}_mean": Selected(f"test_{at}_mean", "labels", at, RATIOS, True, True) for at in ("best", "last")},
    **{
        f"{at}_information": Selected(f"test_{at}_information", "labels", at, SHARES, True, True)
        for at in ("best", "last")
    },
    "validation_best_mean": Selected("validation_best_mean", "validation_labels", "best", RATIOS, True, True),
    **{
        f"best_output_{rate}_{what}": Selected(f"test_best_output_{rate}_{what}", "labels", "best", form, True)
        for rate in OUTPUT_RATES for what, form in (("mean", RATIOS), ("information", SHARES))
    },
}  # fmt: skip
# What is published of a part's runs, as far as a run has it. To be added to, never changed.
PARTS_WITH_PREDICTIONS = {
    "a2": ("best",), "a3": ("best",), "q": EARLIER, "r": ("best", "last"), "u": EARLIER,
    "m": ("best", "last", *(name for name, each in SELECTED.items() if each.passes)),
}  # fmt: skip

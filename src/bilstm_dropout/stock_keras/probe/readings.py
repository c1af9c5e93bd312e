"""What masks that were read back say: along which axes they are shared, at which rate they drop, how they scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

# Masks come back through float32 activations; a real difference between mask entries is at least 1.
TOLERANCE = 1e-2
# A drop rate is told by its binomial bounds, so wide that a right one is missed once in two million probes.
DEVIATIONS = 5.0

MEANINGS = {
    "gates_share": "whether all gates read through one mask (true) or each through its own (false)",
    "steps_share": "whether one mask holds for all steps of a sequence",
    "samples_share": "whether all sequences of a batch share one mask",
    "features_share": "whether all features, or units, are dropped together",
    "directions_share": "whether the two directions of a Bidirectional layer draw the same masks",
    "calls_share": "whether a second call uses the masks of the first (true) or draws again (false)",
    "rate": "which argument's rate the masks drop at, within binomial bounds; 'nothing dropped' where they drop none",
    "scaling": "what a kept entry is multiplied by, p being the rate above",
    "inference_silent": "whether no entry is dropped or scaled in inference",
    "before_kernel": "whether the mask lies on what is read, before the kernel, and not on single products or gates",
    "state_masked": "whether the state that is carried on (c in an LSTM, h in a GRU) is itself multiplied by a mask",
    "reads": "what the recurrent kernel reads from the step before",
    "inference_moves_generator": "whether a call in inference changes the masks of the next call in training",
}


def shared(masks: np.ndarray, axis: int) -> bool:
    """Whether all slices along an axis are equal; entries that could not be read (NaN) equal nothing."""
    return bool(np.allclose(masks, np.take(masks, [0], axis=axis), rtol=0, atol=TOLERANCE))


def sharing(masks: np.ndarray, axes: Sequence[str]) -> dict[str, bool]:
    """`gates_share`, `steps_share`, …: one for each of the axes' names, in the order of the array's axes."""
    return {f"{name}s_share": shared(masks, axis) for axis, name in enumerate(axes)}


def _draws(masks: np.ndarray) -> np.ndarray:
    """The entries that were drawn apart: one of each axis along which all are equal."""
    for axis in range(masks.ndim):
        if shared(masks, axis):
            masks = np.take(masks, [0], axis=axis)
    return masks


def rate_and_scaling(masks: np.ndarray, rates: Mapping[str, float]) -> dict[str, str]:
    """Which of the rates, by the name of its argument, the masks drop at; and what they multiply the rest by."""
    dropped = np.isclose(masks, 0, atol=TOLERANCE)
    kept = masks[~dropped]
    draws = _draws(dropped)
    found = float(draws.mean())
    fitting = [
        name
        for name, rate in rates.items()
        if rate and abs(found - rate) <= DEVIATIONS * np.sqrt(rate * (1 - rate) / draws.size)
    ]
    if not dropped.any():
        name = "nothing dropped"
    elif len(fitting) == 1:
        name = fitting[0]
    else:
        name = f"another: {found:.2f}"
    if not kept.size:
        scaling = "nothing kept"
    elif np.allclose(kept, 1, atol=TOLERANCE):
        scaling = "1"
    elif name in rates and np.allclose(kept * (1 - rates[name]), 1, atol=TOLERANCE):
        scaling = "1/(1-p)"
    else:
        scaling = "another"
    return {"rate": name, "scaling": scaling}


def silent(masks: np.ndarray) -> bool:
    """Whether every entry is 1."""
    return bool(np.allclose(masks, 1, atol=TOLERANCE))


# Batch, steps and features. So many draws tell the two rates apart, and none is shared by chance alone.
SIZES = (32, 6, 16)

RATE, RECURRENT_RATE = 0.5, 0.25

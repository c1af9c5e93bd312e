"""Masks as data: a pure function draws them from placement, rate, sizes and seed.

A mask's shape says what shares a draw (terms.py). Masks of several terms at one site are multiplied. Every term has
a random stream of its own, made from the seed and the term's text, so adding a term leaves the others' draws alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from zlib import crc32

import keras
import numpy as np
from keras import ops

from ..errors import UserError, unknown
from .sizes import Sizes
from .terms import SITES, Placement, Term

# The keys (Term.key) of the masks that one layer reads.
LAYER_KEYS = ("input", "recurrent", "candidate", "gates", "cell", "cell:keep", "hidden", "hidden:keep", "weights",
              "output")  # fmt: skip


class _GivenSeed(keras.random.SeedGenerator):
    """Hands a given seed tensor to keras.random, which otherwise takes Python integers only."""

    def __init__(self, seed):
        self._given = seed

    def next(self, ordered=True):
        return self._given


_SEED_TYPE = keras.random.SeedGenerator(0).state.dtype


def seed_of(seed: int, stream: int = 0) -> int:
    """The first word of a mask seed, from a run's seed and the number of its dropout stream. 0 <= result < 2**30."""
    return crc32(f"{seed}/{stream}".encode()) >> 2


def _random(shape, seed, name: str, sample=keras.random.uniform):
    """Draws in float32, whatever the masks' type is: so a seed drops the same under every one."""
    first, second = ops.cast(seed[0], "int32"), ops.cast(seed[1], "int32")
    words = ops.stack([first + (crc32(name.encode()) >> 2), second])
    return sample(shape, dtype="float32", seed=_GivenSeed(ops.cast(words, _SEED_TYPE)))


def _exact(rate, dtype: str):
    """A rate in the type in which masks of a type are computed: half precision has too few digits for rates."""
    if isinstance(rate, int | float):
        rate = np.float64(rate)  # Keras reads a Python number in single precision
    return ops.cast(rate, "float64" if dtype == "float64" else "float32")


def _draw(term: Term, rate, shape: tuple[int, ...], seed, name: str):
    """One term's mask: 0 drops (or keeps the last value) with probability rate, else 1, or 1/(1-rate) if inverted.

    rate: a tensor, of the mask's type.

    With the scaling 'gaussian' a normal draw instead, of the mean and variance of an inverted mask.
    """
    dtype, threshold = rate.dtype, ops.cast(rate, "float32")
    if term.site == "gates":
        # One number decides on both i and f, from its two ends, so that they are never both off (hence rate <= .5).
        one_gate = (*shape[:3], 1, shape[4])
        decides = _random(one_gate, seed, name)
        kept = ops.concatenate(
            [decides >= threshold, decides < 1 - threshold, _random(one_gate, seed, name + "/o") >= threshold],
            axis=3,
        )
        mask = ops.cast(kept, dtype)
    elif term.scaling == "gaussian":
        mask = 1 + ops.sqrt(rate / (1 - rate)) * ops.cast(_random(shape, seed, name, keras.random.normal), dtype)
    else:
        mask = ops.cast(_random(shape, seed, name) >= threshold, dtype)
    if term.scaling == "inverted":
        mask = mask / (1 - rate)
    if "type" in term.axes:
        # Word 0 is padding, which is never dropped. Where words share a draw there is no padding's own to keep, and
        # padded steps copy the state, whatever is read there.
        mask = ops.concatenate([ops.ones_like(mask[:, :1]), mask[:, 1:]], axis=1)
    return mask


def _combine(keys, values, dtype: str) -> dict:
    combined: dict = {}
    for key, value in zip(keys, values, strict=True):
        combined[key] = combined[key] * value if key in combined else value
    return {key: ops.cast(value, dtype) for key, value in combined.items()}


def draw_masks(terms, rate, sizes: Sizes, seed, label: str = "", dtype: str | None = None) -> dict:
    """Draw the masks of one layer for training.

    terms: a Placement or a sequence of Terms. rate: number or scalar tensor, 0 <= rate < 1; each term's own rate is
    factor × rate. seed: two integers, or an integer tensor of shape (2,); equal seeds give equal masks. label:
    tells layers apart. dtype: the masks' type, by default Keras' floatx. Returns a tensor a key (Term.key), shaped as
    shapes.mask_shapes says; 0 drops or keeps the last.
    """
    terms = terms.terms if isinstance(terms, Placement) else tuple(terms)
    dtype = dtype or keras.config.floatx()
    rate = _exact(rate, dtype)
    seen: Counter = Counter()
    drawn = []
    for term in terms:
        name = f"{label}/{term.text}/{seen[term.text]}"
        seen[term.text] += 1
        drawn.append(_draw(term, rate * term.factor, term.shape(sizes.axes(term.site)), seed, name))
    return _combine([term.key for term in terms], drawn, dtype)


class UnusableCall(UserError):
    """What a layer was called with cannot be used, as masks under a key that nothing reads."""

    _keras_call_info_injected = True  # else Keras wraps it into many lines, with the values of all arguments


def check_keys(masks, allowed: Iterable[str], of: str) -> None:
    """Raise UserError, one line, for masks that are no dictionary or have a key that is not allowed.

    of: what takes the masks, for the message.
    """
    allowed = tuple(allowed)
    if not isinstance(masks, Mapping):
        raise UnusableCall(f"masks of {of} must be a dictionary from a key to its mask. Keys: {', '.join(allowed)}.")
    for key in masks:
        if key not in allowed:
            raise UnusableCall(str(unknown(f"key in the masks of {of}", key, allowed)))


def check_shapes(masks, sizes: Sizes, of: str) -> None:
    """Raise UserError, one line, for a mask that does not fit: along every axis it has the size of `sizes`, or 1.

    masks: by key, as LAYER_KEYS. sizes: None where one is not known yet, which leaves that axis unchecked. of: as in
    check_keys.
    """
    for key, mask in masks.items():
        site = key.split(":")[0]
        wanted = [(axis, sizes.axes(site)[axis]) for axis in SITES[site].axes]
        shape = getattr(mask, "shape", None)
        if shape is not None and len(shape) == len(wanted):
            known = [(given, size) for given, (_, size) in zip(shape, wanted, strict=True) if None not in (given, size)]
            if all(given in (1, size) for given, size in known):
                continue
        what = "is no array" if shape is None else f"has the shape {tuple(shape)}"
        allowed = ", ".join(f"{axis} {'any' if size is None else size}" for axis, size in wanted)
        raise UnusableCall(
            f"The mask {key} of {of} {what}. Allowed: an array with the axes {allowed}, each of this size, or of "
            "size 1 where one draw serves them all."
        )


def expected_masks(terms, rate, dtype: str | None = None) -> dict:
    """What stands for the masks in inference: their mean, in masks of which every axis has size 1.

    Inverted and Gaussian masks have mean 1 and are left out. A mask that keeps becomes the share 1-p that is new
    (zoneout); the scaling 'expectation' gives 1-p at the same site, 'expectation-on-hidden' at the hidden output.
    dtype: as in draw_masks.
    """
    terms = terms.terms if isinstance(terms, Placement) else tuple(terms)
    dtype = dtype or keras.config.floatx()
    rate = _exact(rate, dtype)
    keys, values = [], []
    for term in terms:
        if term.scaling in ("inverted", "gaussian"):
            continue
        key = "hidden" if term.scaling == "expectation-on-hidden" else term.key
        keys.append(key)
        values.append(ops.reshape(1 - rate * term.factor, (1,) * len(SITES[key.split(":")[0]].axes)))
    return _combine(keys, values, dtype)

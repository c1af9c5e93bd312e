"""What a DropoutLSTM is given, checked: the arguments of its constructor, and what it is called with."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import asdict, fields
from numbers import Integral, Real

import keras
from keras import ops

from ..errors import UserError, brief, not_allowed, unknown
from .masks import UnusableCall, check_keys, check_shapes
from .placements import TABLE, resolve
from .sizes import Sizes
from .terms import OUTSIDE, Placement, Term

_DEFAULT = "It has the equations, initial values and weights of a stock LSTM's defaults: leave it out"
_ONE_LOOP = "One loop runs it everywhere: leave it out"
_FROM_ZERO = "Every call starts from zeros and gives hidden outputs alone"
# Arguments of stock LSTM and Bidirectional that people bring along, and what to do instead.
_INSTEAD = {
    "dropout": "Write placement='lstm-dropout' and rate=",
    "recurrent_dropout": "Write placement='recurrent' and rate=, or 'lstm-dropout-gates+recurrent' for both arguments",
    "go_backwards": "It reads in both directions by itself; to reverse, give it keras.ops.flip(x, axis=1)",
    "layer": "It reads in both directions by itself",
    "backward_layer": "It reads in both directions by itself",
    "merge_mode": "Its two directions are concatenated: leave it out",
    "stateful": _FROM_ZERO,
    "return_state": _FROM_ZERO,
    "initial_state": _FROM_ZERO,
    **dict.fromkeys(("unroll", "implementation", "use_cudnn", "time_major"), _ONE_LOOP),
}
# Those that Keras' Layer takes besides what its signature shows.
_OF_SHAPES = ("input_shape", "input_dim", "batch_shape", "batch_size")


def check_names(given, allowed, of: str) -> None:
    """Raise UserError for a name that is not allowed: with what to do instead for an argument of stock Keras.

    given: names. allowed: names. of: what takes them, for the message.
    """
    allowed = list(allowed)
    stock = inspect.signature(keras.layers.LSTM.__init__).parameters
    for name in given:
        if name in allowed:
            continue
        if name in _INSTEAD or name in stock:
            raise UserError(
                f"{of} takes no {name}, which stock Keras has. {_INSTEAD.get(name, _DEFAULT)}. "
                f"Allowed: {', '.join(allowed)}."
            )
        raise unknown(f"argument of {of}", name, allowed)


def check_constructor(layer: type, given) -> None:
    """As check_names, for what a layer's constructor is given beyond its own arguments."""
    own, of_keras = (inspect.signature(each.__init__).parameters for each in (layer, keras.layers.Layer))
    names = [name for name in {**own, **of_keras} if name not in ("self", "kwargs")]
    check_names([name for name in given if name not in _OF_SHAPES], names, layer.__name__)


def check_numbers(units, rate, seed) -> None:
    """Raise UserError unless units is a whole number >= 1, rate a number, and seed a whole number or None."""
    if isinstance(units, bool) or not isinstance(units, Integral) or units < 1:
        raise UserError(f"units is {brief(units)!r}; give a whole number of at least 1.")
    if isinstance(rate, bool) or not isinstance(rate, Real):
        raise not_allowed("rate", rate, "a number, 0 <= rate < 1")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, Integral)):
        raise not_allowed("seed", seed, "a whole number, or None for a fresh one")


def placement_of(given) -> Placement:
    """The placement that a name, a Placement or what placement_config gives means; UserError for anything else."""
    if isinstance(given, Placement):
        return given
    if not isinstance(given, dict):
        return resolve(given)
    if not {"name", "terms"} <= given.keys() <= {each.name for each in fields(Placement)}:
        raise not_allowed("placement", given, "a name, a Placement, or what get_config of a layer gives")
    texts = {"equation": "", "sentence": "", "source": ""}
    try:
        terms = tuple(Term(**{**term, "axes": frozenset(term["axes"])}) for term in given["terms"])
        return Placement(**{**texts, **given, "terms": terms, "also_needs": frozenset(given.get("also_needs", ()))})
    except (KeyError, TypeError, AttributeError):
        raise not_allowed("placement", given, "a name, a Placement, or what get_config of a layer gives") from None


def placement_config(placement: Placement) -> str | dict:
    """What a saved layer keeps: the name, where that gives these terms back, else all of it as plain data."""
    try:
        if resolve(placement.name).terms == placement.terms:
            return placement.name
    except UserError:  # a name of the user's own
        pass
    data = asdict(placement)
    data["terms"] = [{**term, "axes": sorted(term["axes"])} for term in data["terms"]]
    return {**data, "also_needs": sorted(placement.also_needs)}


def terms_of_layer(placement: Placement) -> tuple[Term, ...]:
    """The terms that one layer applies.

    Raises UserError where the placement cannot do without a site outside the layer, and warns where it leaves one out.
    """
    outside = [term for term in placement.terms if term.site in OUTSIDE]
    kept = tuple(term for term in placement.terms if term.site not in OUTSIDE)
    needed = [term.site for term in outside if not term.optional]
    if needed:
        raise UserError(
            f"{placement.name} masks the site {needed[0]}, which lies outside one layer: use build_classifier."
        )
    if outside:
        rest = "+".join(TABLE.name_of((term,)) or term.text for term in kept)
        warnings.warn(
            f"{placement.name} also masks {outside[0].text} where a network has an embedding. That lies outside one "
            f"layer and is left out here: build_classifier has it; {rest!r} draws what is left, without this warning.",
            stacklevel=4,
        )
    return kept


def fitting_masks(masks, keys, sizes: Sizes, dtype: str, of: str) -> dict:
    """The masks that a call gives, as tensors of a type. Raises UserError for a key or a shape that is not allowed.

    keys: those allowed. sizes: of the call; None where a size is not known yet. of: what takes them, for the message.
    """
    check_keys(masks, keys, of)
    check_shapes(masks, sizes, of)
    return {key: ops.cast(ops.convert_to_tensor(mask), dtype) for key, mask in masks.items()}


def fitting_padding(padding, shape):
    """The padding that a call gives, as a boolean tensor. Raises UserError unless its shape is (B, T), here `shape`."""
    given = getattr(padding, "shape", None)
    if given is None or len(given) != 2 or any(a != b for a, b in zip(given, shape, strict=True) if None not in (a, b)):
        raise UnusableCall(
            f"The mask of padded steps has the shape {brief(given and tuple(given))}. Allowed: an array of the shape "
            f"{tuple(shape)}, samples and steps of the sequences, True where a step is real."
        )
    return ops.cast(ops.convert_to_tensor(padding), "bool")

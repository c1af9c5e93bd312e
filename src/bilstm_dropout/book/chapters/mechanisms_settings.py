"""What a reader can set in notebooks/mechanisms.ipynb, checked before TensorFlow is imported."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ...errors import UserError, unknown


@dataclass(frozen=True)
class Settings:
    """Sizes of the measurements. rate: p. high_rates: of the gradients, the first also of the cell and of scaling.

    steps: length of the sequences on which memory and gradients are followed. long_steps: for what changes slowly.
    trained_units: U of the trained networks. draws: mask draws of each network. seeds: of networks, masks and data;
    the first alone where one network is enough.
    """

    rate: float = 0.25
    high_rates: tuple[float, ...] = (0.5, 0.75)
    steps: int = 50
    long_steps: int = 200
    trained_units: int = 32
    draws: int = 50
    seeds: tuple[int, ...] = (1, 2, 3)


# Name to what is allowed: the least and the greatest value, and the words for it.
_WHOLE = {"steps": (10, 400), "long_steps": (10, 1000), "trained_units": (2, 256), "draws": (10, 1000)}
_ALLOWED = {
    "rate": "a number above 0, up to .5, the most that gates take",
    "high_rates": "different numbers above 0 and below 1",
    "seeds": "different whole numbers of at least 0",
} | {name: f"a whole number from {least} to {most}" for name, (least, most) in _WHOLE.items()}


def settings(given: dict) -> Settings:
    """The Settings that parameters by name make; None stands for the default, text is read as JSON.

    UserError for an unknown name and for a value that is not allowed, naming what is.
    """
    values = {}
    for name, value in given.items():
        if name not in _ALLOWED:
            raise unknown("parameter", name, _ALLOWED)
        value = _read(value)
        if value is None:
            continue
        if name in ("high_rates", "seeds"):
            value = tuple(value) if isinstance(value, list | tuple) else (value,)
        if not _fits(name, value):
            raise UserError(f"{name}: {str(given[name])[:80]!r} is not allowed. Allowed: {_ALLOWED[name]}.")
        values[name] = value
    return Settings(**values)


def _read(value):
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)  # papermill hands lists over as text
    except ValueError:
        return value


def _fits(name: str, value) -> bool:
    if name in _WHOLE:
        least, most = _WHOLE[name]
        return _whole(value) and least <= value <= most
    if name == "rate":
        return _number(value) and 0 < value <= 0.5
    different = len(value) == len(set(map(str, value))) > 0
    if name == "high_rates":
        return different and all(_number(each) and 0 < each < 1 for each in value)
    return different and all(_whole(each) and each >= 0 for each in value)


def _whole(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

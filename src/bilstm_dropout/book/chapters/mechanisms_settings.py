"""What a reader can set in notebooks/mechanisms.ipynb, checked before TensorFlow is imported."""

from __future__ import annotations

from pydantic import ValidationError

from ...errors import from_validation
from ...experiments.mechanisms.settings import Settings
from ..arguments import read_text

# Name to what is allowed, in words.
_ALLOWED = {
    "rate": "a number above 0, up to .5, the most that gates take",
    "high_rates": "different numbers above 0 and below 1",
    "seeds": "different whole numbers of at least 0",
    "steps": "a whole number from 10 to 400",
    "long_steps": "a whole number from 10 to 1000",
    "trained_units": "a whole number from 2 to 256",
    "draws": "a whole number from 10 to 1000",
}


def read_settings(**given: object) -> Settings:
    """The Settings that parameters by name make, for `book.parameters`; None is the default, text is read as JSON.

    UserError for an unknown name and for a value that is not allowed, naming what is.
    """
    values = {name: read_text(value) for name, value in given.items() if value is not None or name not in _ALLOWED}
    try:
        return Settings(**values)
    except ValidationError as error:
        raise from_validation(error, _ALLOWED, given=given) from None

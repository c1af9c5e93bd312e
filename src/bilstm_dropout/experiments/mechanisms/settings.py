"""The sizes of the measurements that notebooks/mechanisms.ipynb shows."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, ValidationError, field_validator

from ...errors import from_validation
from ...files.reading import read_value

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
_HighRate = Annotated[float, Field(strict=True, gt=0, lt=1, allow_inf_nan=False)]
_Seed = Annotated[int, Field(strict=True, ge=0)]


class Settings(BaseModel, frozen=True, extra="forbid"):
    """Sizes of the measurements. rate: p. high_rates: of the gradients, the first also of the cell and of scaling.

    steps: length of the sequences on which memory and gradients are followed. long_steps: for what changes slowly.
    trained_units: U of the trained networks. draws: mask draws of each network. seeds: of networks, masks and data;
    the first alone where one network is enough.
    """

    rate: Annotated[float, Field(strict=True, gt=0, le=0.5, allow_inf_nan=False)] = 0.25
    high_rates: Annotated[tuple[_HighRate, ...], Field(min_length=1)] = (0.5, 0.75)
    steps: Annotated[int, Field(strict=True, ge=10, le=400)] = 50
    long_steps: Annotated[int, Field(strict=True, ge=10, le=1000)] = 200
    trained_units: Annotated[int, Field(strict=True, ge=2, le=256)] = 32
    draws: Annotated[int, Field(strict=True, ge=10, le=1000)] = 50
    seeds: Annotated[tuple[_Seed, ...], Field(min_length=1)] = (1, 2, 3)

    @field_validator("high_rates", "seeds", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return value if isinstance(value, list | tuple) else (value,)

    @field_validator("high_rates", "seeds")
    @classmethod
    def _different(cls, values: tuple) -> tuple:
        if len(set(values)) < len(values):
            raise ValueError("each value may stand there once")
        return values

    @classmethod
    def parse(cls, **given: object) -> Settings:
        """The Settings that parameters by name make, for `book.parameters`: values, or JSON text of them.

        UserError for an unknown name and for a value that is not allowed, naming what is.
        """
        try:
            return cls(**{name: read_value(value) for name, value in given.items()})
        except ValidationError as error:
            raise from_validation(error, _ALLOWED, given=given) from None

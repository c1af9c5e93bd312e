"""What a reader can set in notebooks/memory.ipynb, checked before anything is read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ...errors import from_validation, unknown
from ...experiments import memory
from ..arguments import read_text
from .parameters import chosen_placements, table_order

LENGTHS = sorted({*memory.STEPS, *memory.POSITION_STEPS, memory.LONG_STEPS})
_ALLOWED = {
    "placements": f"all, or several of {', '.join(memory.FORMS)}",
    "steps": f"several of {', '.join(map(str, LENGTHS))}",
    "own": "true or false",
}


class Request(BaseModel):
    """What to show. placements: canonical names, `none` first. steps: lengths, or None for all. own: the reader's?"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    placements: Annotated[tuple[str, ...], Field(validate_default=True)] = "all"
    steps: tuple[int, ...] | None = None
    own: Annotated[bool, Field(strict=True)] = True

    @field_validator("placements", mode="before")
    @classmethod
    def _of_this_experiment(cls, given: object) -> tuple[str, ...]:
        names = list(memory.FORMS) if isinstance(given, str) and given == "all" else chosen_placements(given)
        for name in names:
            if name not in memory.FORMS:
                raise unknown("placement of this experiment", name, memory.FORMS)
        return tuple(table_order(["none", *names]))

    @field_validator("steps", mode="before")
    @classmethod
    def _lengths(cls, given: object) -> tuple[int, ...] | None:
        given = read_text(given)
        steps = given if isinstance(given, list | tuple) else () if given is None else (given,)
        for each in steps:
            if isinstance(each, bool) or each not in LENGTHS:
                raise unknown("number of steps in this experiment", each, [str(length) for length in LENGTHS])
        return tuple(steps) or None


def read_request(**given: object) -> Request:
    """The Request that parameters by name make, for `book.parameters`; None stands for the default.

    UserError for an unknown name and for a value that is not allowed, naming what is.
    """
    try:
        return Request(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise from_validation(error, _ALLOWED) from None

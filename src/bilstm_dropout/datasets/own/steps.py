"""The steps of series: numbers or dates that are put in order, compared exactly, however long they are."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from .alike import PLAIN_NUMBERS, exact, otherwise_written, shown
from .faults import ITEMS, Faults
from .limits import LEAST_STEPS, most

NUMBERS, DATES, DATES_OF_ZONES = "numbers", "dates", "dates with a time zone"
MOST_STEP = Decimal("1e100")
# Seconds have as many decimals as a file likes: datetime keeps six of them, and the rest would be cut in silence.
_DATE = re.compile(r"(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?)(?:[.,](\d{1,18}))?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def step_of(cell: str) -> tuple[str, int | Decimal] | None:
    """What a cell says of a step: NUMBERS, DATES or DATES_OF_ZONES, and what is compared; None where it is no step.

    Dates are those of ISO 8601, as 2024-03-01 or 2024-03-01T12:30:00.5Z; they are compared in seconds.
    """
    text = cell.strip()
    value = int(text) if len(text) < 100 and text.isascii() and text.isdigit() else exact(text)
    if value is not None:
        return (NUMBERS, value) if abs(value) <= MOST_STEP else None
    found = _DATE.fullmatch(text)
    if not found:
        return None
    try:
        date = datetime.fromisoformat(found[1] + (found[3] or ""))
    except ValueError:
        return None
    since = (date if date.tzinfo else date.replace(tzinfo=UTC)) - _EPOCH
    seconds = Decimal(since.days * 86_400 + since.seconds) + Decimal(f"0.{found[2] or 0}")
    return DATES_OF_ZONES if date.tzinfo else DATES, seconds


def _written(kind: str, step: int | Decimal) -> str:
    """A step as people read it."""
    if kind == NUMBERS:
        return str(step)
    whole = int(step // 1)
    fraction = f"{step % 1}"[1:].rstrip("0").rstrip(".")
    zone = "Z" if kind == DATES_OF_ZONES else ""
    return f"{(_EPOCH + timedelta(seconds=whole)).replace(tzinfo=None).isoformat()}{fraction}{zone}"


class Steps:
    """The steps of all series of a file, checked as they come. column: for messages."""

    def __init__(self, faults: Faults, column: str):
        self.faults, self.column = faults, shown(column)
        self._kinds: dict[str, str] = {}

    def add(self, cell: str, line: int) -> int | Decimal | None:
        """What a step is compared by; None, and a fault, where the cell holds no step."""
        found = step_of(cell)
        if found is None:
            plainly = f" {PLAIN_NUMBERS}" if otherwise_written(cell) else ""
            self.faults.unsound(
                f"a step is a number that rises, for instance seconds since the start, or a date (2024-03-01 or "
                f"2024-03-01T12:30:00); {self.column} holds no step on {ITEMS}.{plainly} Correct these cells, or "
                "take the series out.",
                f"line {line} ({shown(cell.strip(), 20)})",
            )
            return None
        self._kinds.setdefault(found[0], f"line {line} ({shown(cell.strip(), 30)})")
        return found[1]

    def check(self) -> None:
        """Note where some are of another kind than others, so that they have no order together."""
        if len(self._kinds) > 1:
            kinds = ", ".join(f"{kind} on {where}" for kind, where in self._kinds.items())
            self.faults.unsound(f"{self.column} holds {kinds}, which have no order together. Write all of them alike.")

    def ordered(self, name: str, steps: Sequence[int | Decimal | None], lines: Sequence[int]) -> list[int]:
        """The places of a series' rows by step, or as they stand where that cannot be told.

        Notes a series of too few or too many steps, and a step given twice. steps: from `add`. lines: where they stand.
        """
        if not LEAST_STEPS <= len(steps) <= most("steps"):
            self.faults.unsound(
                f"a series has {LEAST_STEPS} to {most('steps'):,} steps, and others have {ITEMS}. Take them out; of "
                "long ones, take every second step, or cut them.",
                f"{shown(name)} {len(steps):,} (line {lines[0]})",
            )
        if None in steps or len(self._kinds) > 1:
            return [*range(len(steps))]
        order = sorted(range(len(steps)), key=steps.__getitem__)
        for before, place in itertools.pairwise(order):
            if steps[before] == steps[place]:
                self.faults.unsound(
                    f"each step of a series needs a number of its own, and some stand there twice: {ITEMS}.",
                    f"{_written(*self._kinds, steps[place])} of {shown(name)} on line {lines[place]} (and on line "
                    f"{lines[before]})",
                )
        return order

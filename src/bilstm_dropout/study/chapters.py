"""Which placements have a chapter: those of which the study has published what a chapter shows."""

from __future__ import annotations

from functools import cache

from ..dropout.placements import TABLE
from ..experiments.exploratory import trained_again
from ..results import published
from .notebooks import published_hash


def with_chapter() -> tuple[str, ...]:
    """The placements of the table whose answers and learning curves are published, in its order.

    An entry that was added to the table has none until such runs of it are published.
    """
    return _published(published_hash())


@cache
def _published(_state: str) -> tuple[str, ...]:
    rows = published.listed()
    names = set(rows.loc[rows["part"] == trained_again.PART, "placement"])
    return tuple(name for name in TABLE.in_order(sorted(names)) if name in TABLE)

"""The part of the page on clusters that is made from published runs: how long a run takes."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd

from . import published
from .experiments import PARTS


def page_part(parts: Mapping[str, pd.DataFrame] | None = None) -> str:
    """A table of seconds a run, by part, data set and units.

    parts: published rows by part (published.read); by default all that data/published has of the known parts.
    """
    parts = {name: published.read(name) for name in PARTS} if parts is None else parts
    lines = [
        "| part | data set | units | runs | median, s | middle half, s | threads |",
        "|:--|:--|--:|--:|--:|--:|--:|",
    ]
    for name, rows in parts.items():
        for (dataset, units), group in rows.groupby(["dataset", "units"], sort=True):
            low, median, high = (f"{group['seconds'].quantile(share):.3g}" for share in (0.25, 0.5, 0.75))
            cells = [name, f"`{dataset}`", str(units), f"{len(group):,}", median, f"{low} to {high}", _threads(group)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) if len(lines) > 2 else "No run is published yet."


def _threads(rows: pd.DataFrame) -> str:
    """The threads that the runs' processes had, as their provenance says."""
    devices = (json.loads(text)["device"] for text in rows["provenance"].unique())
    return ", ".join(sorted({device["threads"] for device in devices}))

"""The parts of the page on clusters that are made from published runs: how long a run takes, and how that grows.

What more workers bring is measured apart (experiments/speed/scaling.py): a record does not say what ran beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd

from ...datasets import TITLES
from ...experiments.parts import PARTS
from ...experiments.speed import scaling
from ...experiments.speed.scaling import Workers
from ...figures.growth import growth
from ...figures.svg import figure_html
from ...results import published
from ...results.about import about
from ..markdown import html, table


def page_part(parts: Mapping[str, pd.DataFrame] | None = None) -> str:
    """A table of seconds a run, by part, data set and units.

    parts: published rows by part (published.read); by default all that data/published has of the known parts.
    """
    parts = {name: published.read(name) for name in PARTS} if parts is None else parts
    lines = []
    for name, rows in parts.items():
        for (dataset, units), group in rows.groupby(["dataset", "units"], sort=True):
            low, median, high = (f"{group['seconds'].quantile(share):.3g}" for share in (0.25, 0.5, 0.75))
            what = [about(name), TITLES.get(dataset, dataset), str(units)]
            lines.append([*what, f"{len(group):,}", median, f"{low} to {high}", _threads(group)])
    header = ["runs on", "data set", "LSTM units", "runs", "median, s", "middle half, s", "threads"]
    return table(header, lines, "llrrrrr") if lines else "No run is published yet."


def _threads(rows: pd.DataFrame) -> str:
    """The threads that the runs' processes had, as their provenance says."""
    devices = (json.loads(text)["device"] for text in rows["provenance"].unique())
    return ", ".join(sorted({device["threads"] for device in devices}))


def growth_part(rows: pd.DataFrame | None = None) -> str:
    """How seconds grow with steps, units and training rows: a figure and a table. rows: published rows of the part."""
    found = scaling.seconds(published.read(scaling.PART) if rows is None else rows)
    if found.empty:
        return "No run is published yet."
    lines, said = [], []
    for axis, each in found.groupby("axis", sort=False):
        sizes = ", ".join(f"{number:,}" for number in each["value"])
        seconds = ", ".join(f"{number:.2g}" for number in each["seconds"])
        exponent = scaling.exponent(each["value"], each["seconds"])
        lines.append([scaling.TITLES[axis], sizes, seconds, f"{exponent:.2f}"])
        said.append(f"{scaling.TITLES[axis]}: {seconds} s at {sizes}")
    alt = "Median seconds of a run against its size. " + "; ".join(said) + "."
    caption = "Both scales are logarithmic. Dashed: seconds in proportion to the size."
    picture = figure_html(growth(found, scaling.TITLES), alt=alt, caption=caption)
    header = ["what grows", "sizes", "median seconds a run", "exponent"]
    return f"{html(picture)}\n\n{table(header, lines, 'lllr')}"


def workers_part(measured: Workers | None = None) -> str:
    """What more workers bring on one machine: a table. measured: by default what is published."""
    measured = Workers.published() if measured is None else measured
    one = measured.counts[0].runs_an_hour
    lines = []
    for count in measured.counts:
        seconds = pd.Series(count.seconds)
        low, median, high = (f"{seconds.quantile(share):.3g}" for share in (0.25, 0.5, 0.75))
        rate = count.runs_an_hour
        lines.append([str(count.workers), median, f"{low} to {high}", f"{rate:,.0f}", f"{rate / one:.2f}"])
    counted = ", ".join(str(len(count.seconds)) for count in measured.counts)
    workers = f"workers at once, {measured.cores} cores"
    header = [workers, "median seconds a run", "middle half", "runs an hour", "ratio"]
    return f"{table(header, lines, 'rrrrr')}\n\nRuns that count, line by line: {counted}."

"""What spoilt inputs do to trained networks: the part of the page beyond the tests that is made from shift.json."""

from __future__ import annotations

import pandas as pd

from ...datasets import TITLES
from ...experiments import robustness
from ...figures import study
from ...figures.svg import figure_html
from ...stats.paired import LEAST_PAIRS, mean_interval, verdict
from ...wording import aloud, nats, rate_text
from .. import markdown

_LEVELS = {"noise": "deviation of the noise"}


def page(found: robustness.Shift | None = None) -> str:
    """The generated file. found: by default what is published."""
    found = robustness.Shift.published() if found is None else found
    titles = {
        (dataset, way): f"{TITLES[dataset]}: {_LEVELS.get(way, f'share of {way}')}"
        for dataset, ways in robustness.WAYS.items()
        for way in ways
    }
    frame = differences(found)
    worst = frame[frame["level"] == frame.groupby(["dataset", "way"])["level"].transform("max")]
    alt = "Mean differences in test NLL to no dropout, with 95 % intervals, at the highest level. " + "; ".join(
        f"{titles[row.dataset, row.way]} {rate_text(row.level)}, {row.placement}: {aloud(row)}"
        for row in worst.itertuples()
    )
    caption = "Below 0 the NLL is lower than without dropout. Left in each panel: the test part as it is."
    panels = {(dataset, way): (TITLES[dataset], _LEVELS.get(way, f"share of {way}")) for dataset, way in titles}
    picture = figure_html(study.shift(frame, panels), alt=alt + ".", caption=caption)
    return "\n\n".join([markdown.html(picture), _said(found, titles), _levels(found, titles), _slopes(found, titles)])


def differences(found: robustness.Shift) -> pd.DataFrame:
    """By data set, way, placement and level: the mean over seeds of the difference to `none`, a 95 % t interval."""
    rows = []
    for dataset, ways in robustness.WAYS.items():
        for way, levels in ways.items():
            table = found.frame(dataset, way)
            for placement in robustness.PLACEMENTS[1:]:
                for level in levels:
                    each = table[placement, level] - table["none", level]
                    rows.append((dataset, way, placement, level, *mean_interval(each.to_numpy())))
    return pd.DataFrame(rows, columns=["dataset", "way", "placement", "level", "mean", "low", "high"])


def _said(found: robustness.Shift, titles: dict) -> str:
    """For each placement, on how many of the ways its NLL rises less, or more, than without dropout."""
    said = []
    enough_pairs = [each for each in titles if len(found.frame(*each)) >= LEAST_PAIRS]
    for placement in robustness.PLACEMENTS[1:]:
        words = [verdict(found.against_none(*each, placement)) for each in enough_pairs]
        said.append(f"`{placement}` {words.count('lower')} and {words.count('higher')}")
    many, few = (
        " and ".join(
            TITLES[name] for name, (seeds, _) in robustness.SETS.items() if (len(seeds) >= LEAST_PAIRS) == enough
        )
        for enough in (True, False)
    )
    return (
        f"On how many of the ways on {many} the NLL rises less, and on how many more, than without dropout "
        f"({LEAST_PAIRS} pairs or more, sign flips, an interval without 0): {'; '.join(said)}. On {few} there are too "
        "few seeds to say so; the intervals are in the figure."
    )


def _levels(found: robustness.Shift, titles: dict) -> str:
    lines = []
    for (dataset, way), title in titles.items():
        levels = robustness.WAYS[dataset][way]
        means = found.frame(dataset, way)["none"].mean()
        lines.append([title, ", ".join(map(rate_text, levels)), ", ".join(f"{mean:.3f}" for mean in means)])
    table = markdown.table(["inputs", "levels", "test NLL"], lines)
    return "\n".join([":::{dropdown} Test NLL without dropout", table, ":::"])


def _slopes(found: robustness.Shift, titles: dict) -> str:
    lines = []
    for each, title in titles.items():
        for placement in robustness.PLACEMENTS[1:]:
            one = found.against_none(*each, placement)
            between = f"{nats(one.low)} to {nats(one.high)}"
            lines.append([title, f"`{placement}`", str(one.n), nats(one.mean), between])
    header = ["inputs", "placement", "pairs", "difference of the slopes, nats a unit", "95 % interval"]
    table = markdown.table(header, lines, "llrrr")
    return "\n".join([":::{dropdown} By how much the NLL rises, against no dropout", table, ":::"])

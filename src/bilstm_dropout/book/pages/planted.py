"""What runs on planted features show, for the page beyond the tests: controls, and a spurious relation."""

from __future__ import annotations

import pandas as pd

from ...experiments import planted
from ...figures import study
from ...figures.svg import figure_html
from ...stats.paired import Difference, verdict
from ...wording import aloud, listed, nats, rate_text
from ..markdown import html, table

_CONTROLS = {
    planted.ALONE: "alone",
    planted.REDUNDANT: f"shared by {dict(planted.REDUNDANT.options)['informative']}",
}


def page(rows: pd.DataFrame) -> str:
    """The generated file. rows: published rows of the part."""
    planned = len(planted.runs())
    if len(rows) < planned:
        return f"{len(rows):,} of the {planned:,} runs on planted features are published, so there is nothing to show."
    return "\n\n".join([_controls(rows), _spurious(rows), _dimensions(rows)])


def _frame(found: dict[tuple[str, str], Difference]) -> pd.DataFrame:
    """Differences by (row, series) as figures.study.differences takes them."""
    return pd.DataFrame(
        [(row, series, each.n, each.mean, each.low, each.high) for (row, series), each in found.items()],
        columns=["row", "series", "n", "mean", "low", "high"],
    )


def _picture(found: dict[tuple[str, str], Difference], what: str, caption: str, label: str) -> str:
    frame = _frame(found)
    alt = f"{what}, with 95 % intervals. " + "; ".join(
        f"{each.row}, {each.series}: {aloud(each)}" for each in frame.itertuples()
    )
    return html(figure_html(study.differences(frame, "series", label), alt=alt + ".", caption=caption))


def _table(found: dict[tuple[str, str], Difference], series: str) -> str:
    header = ["placement", series, "pairs", "difference, nats", "95 % interval", "verdict"]
    lines = [
        [f"`{row}`", name, str(each.n), nats(each.mean), f"{nats(each.low)} to {nats(each.high)}", verdict(each)]
        for (row, name), each in found.items()
    ]
    return "\n".join([":::{dropdown} The numbers", table(header, lines, "llrrrl"), ":::"])


def _at(rate: float) -> str:
    return f"p = {rate_text(rate)}"


def _controls(rows: pd.DataFrame) -> str:
    blocks = []
    for when, said in (("best", "at the checkpoint that validation chose"), ("last", "at the end of training")):
        found = {
            (site, f"{name}, {_at(rate)}"): planted.against_none(rows, task, site, rate, when)
            for site in planted.SITES
            for task, name in _CONTROLS.items()
            for rate in planted.RATES
        }
        caption = (
            f"Planted features, {planted.MANY[0]:,} training rows, {said}. Alone: one feature knows all; shared: many "
            "do together. Left of 0 the NLL is lower than without dropout."
        )
        alone, shared = (
            listed([*dict.fromkeys(verdict(found["input", f"{name}, {_at(rate)}"]) for rate in planted.RATES)])
            for name in _CONTROLS.values()
        )
        blocks += [
            _picture(found, f"Paired differences in test NLL to no dropout, {said}", caption, study.DIFFERENCE),
            f"Input dropout at {listed([*map(rate_text, planted.RATES)])} against none, {said}. Where one "
            f"feature knows all: {alone}. Where many share it: {shared}. A verdict needs p below .05 by sign flips as "
            "well as an interval without 0.",
            _table(found, "planted"),
        ]
    return "\n\n".join(blocks)


def _spurious(rows: pd.DataFrame) -> str:
    found = {
        (site, _at(rate)): planted.less_harm(rows, site, rate) for site in planted.STATE for rate in planted.RATES
    }
    harm = planted.harm(rows)
    lower = [f"`{site}` at {series}" for (site, series), each in found.items() if verdict(each) == "lower"]
    said = (
        f"Without dropout the relation costs {harm.mean():.2f} nats of test NLL ({harm.min():.2f} to {harm.max():.2f} "
        f"over {len(harm)} seeds). It does less harm with " + (", ".join(lower) if lower else "no placement") + "."
    )
    caption = "How the harm of a spurious relation differs from that without dropout. Left of 0 it does less harm."
    what = "Differences of the harm that a spurious relation of neighbouring steps does"
    return "\n\n".join([
        _picture(found, what, caption, "difference of the harm (nats)"), said, _table(found, "drop rate"),
    ])  # fmt: skip


def _dimensions(rows: pd.DataFrame) -> str:
    lines = []
    for name, (count, _) in (("few", planted.FEW), ("many", planted.MANY)):
        for when, where in (("best", "chosen"), ("last", "end")):
            means = planted.means(rows, when)[name]
            lines.append([f"{count:,}", where, *(f"{mean:.2f}" for mean in means)])
    header = ["training rows", "where", *(f"{number:,} features" for number in planted.DISTRACTORS)]
    return "\n".join([
        "Test NLL without dropout at the chosen checkpoint and at the end of training, with so many features of noise "
        "beside the one that knows all:", "", table(header, lines, "rl" + "r" * len(planted.DISTRACTORS)),
    ])  # fmt: skip

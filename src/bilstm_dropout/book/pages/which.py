"""Which dropout should I use? What runs on each kind of data say of each placement, and how the placements stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...datasets import TITLES
from ...experiments import parts as experiments
from ...experiments.confirmatory import contrasts, plan, tuning
from ...experiments.exploratory import effects as exploring
from ...stats.paired import interval_text, paired_difference
from ...wording import nats, rate_text, signed
from .. import markdown
from ..markdown import link

# What the data are, training rows and the median length of these, as parts a2, a3 and c take them.
KINDS = {
    "mr": ("sentences of reviews", 8530, 21), "trec": ("questions", 4362, 10),
    "phrasebank": ("sentences of news", 3877, 22), "subj": ("sentences on films", 8000, 23),
    "imdb": ("last 100 tokens of reviews", 22393, 100), "japanese_vowels": ("spoken vowels as series", 270, 15),
}  # fmt: skip
_TUNED, _FIXED = "a2", "a3"
_BUDGETS = {
    _TUNED: f"Tuned: the best of {plan.CONFIGURATIONS} settings (part a2)",
    _FIXED: f"One setting for all: p = {rate_text(plan.FIXED_RATE)} (part a3)",
    "d": f"Fewer training rows, p = {rate_text(plan.FIXED_RATE)} (part d)",
    "c": f"Longer texts, p = {rate_text(plan.FIXED_RATE)} (part c)",
}


@dataclass(frozen=True)
class Line:
    """Data and a budget, with the cells that were compared with `none` there: placement to a row of mean, low, high."""

    part: str
    dataset: str
    size: str
    cells: dict[str, object]

    @property
    def name(self) -> str:
        """The data in words."""
        return f"{TITLES[self.dataset]}{f', {self.size}' if self.size else ''}"

    @property
    def rows(self) -> int:
        """Training rows."""
        return int(self.size.split()[0].replace(",", "")) if self.size else KINDS[self.dataset][1]


def page(rows: Mapping[str, pd.DataFrame], documents: Mapping[str, str]) -> str:
    """The generated file. rows: published rows by part. documents: placement to its chapter, for links."""
    if not experiments.complete(rows, (_TUNED, _FIXED)):
        return "**There is no table yet**, because some runs of a2 or a3 are missing ({doc}`answer`)."
    lines = _lines(rows)
    tables = (_table(part, lines, documents) for part in _BUDGETS)
    shown = [_decisions(lines), _counts(lines, documents), *tables, _numbers(lines)]
    spread = tuning.spreads(rows["a1"]) if len(rows["a1"]) else ()
    if len(spread):
        shown.append(
            "What tuning is worth, at most: on the fold that they were chosen by, the median of sixteen random "
            f"settings lies {spread['within'].min():.3f} to {spread['within'].max():.3f} nats above the best, which is "
            "partly luck."
        )
    return "\n\n".join(each for each in shown if each)


def _lines(rows: Mapping[str, pd.DataFrame]) -> list[Line]:
    found, values = [], contrasts.values(rows[_TUNED])
    for dataset in plan.TUNED:
        mine = values[values["dataset"] == dataset]
        table = mine.pivot(index=["fold", "seed"], columns="placement", values="value")
        cells = {
            name: paired_difference(table[name], table["none"], np.random.default_rng(0))
            for name in plan.PLACEMENTS
            if name != "none"
        }
        found.append(Line(_TUNED, dataset, "", cells))
    for part in (_FIXED, "d", "c"):
        effects = exploring.effects(part, rows[part])
        # One rate for all, so that a placement stands in a line once.
        effects = effects[effects["series"].isin(["", f"p = {rate_text(plan.FIXED_RATE)}"]) | (part == "d")]
        for dataset in KINDS:
            mine = effects[effects["dataset"] == dataset]
            for series, each in mine.groupby("series", sort=False):
                cells = {row.row: row for row in each.itertuples()}
                found.append(Line(part, dataset, series if part == "d" else "", cells))
    return found


def _decisions(lines: list[Line]) -> str:
    """By kind of data, its size and how much was tried: what lies below no dropout and what above, lowest first."""
    rows = []
    order = sorted(lines, key=lambda line: (list(KINDS).index(line.dataset), line.rows, line.part == _TUNED))
    for line in order:
        what, _, length = KINDS[line.dataset]
        cells = sorted(line.cells.items(), key=lambda item: item[1].mean)
        below = "<br>".join(f"`{name}` {interval_text(cell)}" for name, cell in cells if cell.high < 0)
        above = "<br>".join(f"`{name}` {interval_text(cell)}" for name, cell in cells if cell.low > 0)
        tried = plan.CONFIGURATIONS if line.part == _TUNED else 1
        about = [f"{TITLES[line.dataset]}, {what}", f"{line.rows:,}", str(length), str(tried)]
        rows.append([*about, below or "nothing", above or "nothing"])
    without = sum(all(cell.high >= 0 for cell in line.cells.values()) for line in order)
    said = (
        f"In {without} of these {len(order)} lines nothing lies below no dropout. Lower and higher: the interval lies "
        "below 0 or above it; with it stands the difference. The first of several is partly first by luck. Rows are "
        "those of training, length is their median in tokens or steps; one setting is "
        f"p = {rate_text(plan.FIXED_RATE)} at a learning rate of {plan.FIXED_LEARNING_RATE:g}."
    )
    return "\n".join([
        ":::{table} What lowers the NLL and what raises it, by data and by the settings that were tried",
        ":class: verdicts decisions", "",
        markdown.table(["data", "rows", "length", "settings", "lower", "higher"], rows, "lrrrll"), ":::", "", said,
    ])  # fmt: skip


def _counts(lines: list[Line], documents: Mapping[str, str]) -> str:
    """For each budget, on how many of its lines a placement's interval lies below 0, and on how many above."""
    names = [name for name in (*plan.PLACEMENTS, plan.CELL) if any(name in line.cells for line in lines)]
    parts = [part for part in _BUDGETS if any(line.part == part for line in lines)]
    rows, only_lower = [], []
    for name in names:
        mine = [line for line in lines if name in line.cells]
        cells = {part: [line.cells[name] for line in mine if line.part == part] for part in parts}
        below = {part: sum(cell.high < 0 for cell in each) for part, each in cells.items()}
        above = {part: sum(cell.low > 0 for cell in each) for part, each in cells.items()}
        shown = [
            f"{below[part]} below, {above[part]} above, of {len(each)}" if each else "" for part, each in cells.items()
        ]
        rows.append([link(name, documents), *shown])
        if sum(below.values()) and not sum(above.values()):
            only_lower.append(f"{link(name, documents)} ({sum(below.values())} of {len(mine)} lines)")
    said = "An interval below 0 somewhere and above 0 nowhere: " + (", ".join(only_lower) or "no placement") + "."
    header = ["placement", *(f"part {part}" for part in parts)]
    return "\n".join([
        said, "", ":::{table} On how many lines of the tables that follow the interval lies below 0, on how many above",
        ":class: verdicts", "", markdown.table(header, rows, "l" + "r" * len(parts), empty=""), ":::",
    ])  # fmt: skip


def _table(part: str, lines: list[Line], documents: Mapping[str, str]) -> str:
    """The lines of a part, a column a placement; '' without any."""
    mine = [line for line in lines if line.part == part]
    names = [name for name in (*plan.PLACEMENTS, plan.CELL) if any(name in line.cells for line in mine)]
    if not mine:
        return ""
    # Several sites have no chapter to link to, and their name can break at the sign.
    titles = [link(name, documents) if name in documents else f"`{name.replace('+', '` + `')}`" for name in names]
    rows = [[line.name, *(_cell(line.cells[name]) if name in line.cells else "" for name in names)] for line in mine]
    table = markdown.table(["data", *titles], rows, "l" + "r" * len(names), empty="")
    return "\n".join([f":::{{table}} {_BUDGETS[part]}", ":class: verdicts", "", table, ":::"])


def _cell(found) -> str:
    """A difference, marked where its interval does not contain 0."""
    text = signed(found.mean)
    if found.high < 0:
        return f"[**{text}**]{{.lower}}"
    return f"[**{text}**]{{.higher}}" if found.low > 0 else text


def _numbers(lines: list[Line]) -> str:
    rows = [
        [line.part, line.name, f"`{name}`", nats(cell.mean), f"{nats(cell.low)} to {nats(cell.high)}", str(cell.n)]
        for line in lines
        for name, cell in line.cells.items()
    ]
    header = ["budget", "data", "placement", "difference, nats", "95 % interval", "pairs"]
    return "\n".join([
        ":::{dropdown} Every difference with its interval", markdown.table(header, rows, "lllrrr"), ":::",
    ])  # fmt: skip

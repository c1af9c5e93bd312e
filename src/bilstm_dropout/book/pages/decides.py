"""What decides a run's NLL, as the page of the exploring parts has it: a picture of all shares, and tables a part."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ...datasets import TITLES
from ...experiments.exploratory import decomposition, plan
from ...experiments.exploratory.decomposition import Decomposition, Grid
from ...figures import study
from ...figures.svg import figure_html
from ...wording import nats, rate_text
from .. import markdown

_Shown = list[tuple[Grid, Decomposition]]


def pages(rows: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """The generated files, by name. rows: published rows by part, as answer.pages reads them."""
    runs = {
        part: {dataset: decomposition.runs(part, rows[part], dataset) for dataset in sets}
        for part, sets in decomposition.SETS.items()
    }
    whole = {
        part: {dataset: found for dataset, found in of_sets.items() if found.notna().all()}
        for part, of_sets in runs.items()
    }
    shown = {part: _shown(part, of_sets) for part, of_sets in whole.items()}
    tables = {"a2": _folds(whole["a2"]), "b": _rates(shown["b"]), "d": _sizes(shown["d"])}
    return {"exploring-decides.md": _picture(shown)} | {
        f"exploring-decides-{part}.md": "\n\n".join([*tables[part], *_missing(part, runs[part])]) for part in tables
    }


def _shown(part: str, whole: Mapping[str, pd.Series]) -> _Shown:
    """Every table of a part with what it shows; in b also without its highest rate, and without the control, too."""
    tables = [table for dataset, found in whole.items() for table in decomposition.grids(dataset, found)]
    if part == "b":
        tables = [each for table in tables for each in _variants(table)]
    return [(table, decomposition.decomposed(table)) for table in tables]


def _variants(table: Grid) -> list[Grid]:
    lower = table.without_last_level()
    return [table, lower, *([lower.without_control()] if decomposition.CONTROL in table.placements else [])]


def _missing(part: str, runs: Mapping[str, pd.Series]) -> list[str]:
    lacking = {dataset: (int(found.isna().sum()), len(found)) for dataset, found in runs.items()}
    return [
        f"Not shown: {TITLES[dataset]}, of which {missing:,} of the {planned:,} runs of part {part} are missing."
        for dataset, (missing, planned) in lacking.items()
        if missing
    ]


def _picture(shown: Mapping[str, _Shown]) -> str:
    bars = [(f"{part}: {_name(part, table)}", found) for part, each in shown.items() for table, found in each]
    if not bars:
        return "No data set has all runs of a part yet, so there is nothing to show."
    shares = study.SHARES.items()
    alt = "Shares of the sum of squares of test NLL. " + "; ".join(
        f"{name}: " + ", ".join(f"{label} {_percent(getattr(found, share))}" for share, label in shares)
        for name, found in bars
    )
    caption = (
        "Each bar is all runs of a part on a data set, and its parts stand in the order of the legend. In part a2 each "
        "placement has one tuned setting; in part b, p ≤ says which drop rates are in. Unit: a seed, with its test "
        "fold on texts."
    )
    return markdown.html(figure_html(study.decomposed(bars), alt=alt + ".", caption=caption))


def _name(part: str, table: Grid) -> str:
    words = [TITLES[table.dataset]] + (["two layers"] if table.layers == 2 else [])
    if part == "b":
        words.append(f"p ≤ {rate_text(table.levels[-1])}")
        if table.layers == 1 and decomposition.CONTROL not in table.placements:
            words.append("no control")
    return ", ".join(words)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _with_chance(share: float, chance: float) -> str:
    return f"{_percent(share)} ({_percent(chance)})"


_CHANCE = "In brackets: what chance is expected to give to so many cells, if only the rest makes them differ."


def _folds(whole: Mapping[str, pd.Series]) -> list[str]:
    if not whole:
        return []
    lines = []
    for dataset, runs in whole.items():
        found = decomposition.of_folds(runs)
        cells = [_percent(found[name]) for name in ("placement", "fold", "seed")]
        cells += [_with_chance(found["together"], found["chance"]), _percent(found["rest"])]
        lines.append([TITLES[dataset], *cells])
    return [
        markdown.table(["data set", "placement", "fold", "seed", "placement × fold", "rest"], lines, "lrrrrr"),
        "Shares of the sum of squares of raw test NLL over all runs of a2 on a data set. Each placement has the "
        "setting tuned for it. What is left over after placement, fold, seed and how placements differ between folds "
        f"is the rest: seeds within a placement and fold. {_CHANCE}",
    ]


def _blocks(part: str, shown: _Shown, level: str) -> list[str]:
    """Both tables that b and d have: shares, and standard deviations. level: what is crossed with the placement."""
    shares, deviations, many = [], [], "rates" if part == "b" else "sizes"
    for table, found in shown:
        name, size = _name(part, table), "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}".join(map(str, table.values.shape))
        cells = [_percent(found.placement), _percent(found.level), _with_chance(found.together, found.chance)]
        shares.append([name, *cells, _percent(found.unit), _percent(found.rest)])
        spread = [f"{mean:.4f} ({low:.4f} to {high:.4f})" for mean, low, high in (found.between, found.within)]
        deviations.append([name, size, *spread])
    return [
        markdown.table(["runs", "placement", level, f"placement × {level}", "unit", "rest"], shares, "lrrrrr"),
        f"Shares of the sum of squares. {_CHANCE}",
        markdown.table(["runs", "size", "between units, nats", "rest, nats"], deviations, "llrr"),
        f"Standard deviations of the mixed model, with 95 % intervals. Size: placements × {many} × units.",
    ]  # fmt: skip


def _extreme(part: str, table: Grid, found: Decomposition) -> str:
    def at(level):
        return f"p = {rate_text(level)}" if part == "b" else f"{int(level):,} rows"

    (level, of_level), (placement, within, of_cell) = found.levels, found.cells
    places, levels, _ = table.values.shape
    return (
        f"- {_name(part, table)}: {_percent(of_level)} of the sum of squares is that of runs at {at(level)}, which are "
        f"{_percent(1 / levels)} of the runs; {_percent(of_cell)} is that of `{placement}` at {at(within)} alone, "
        f"{_percent(1 / (places * levels))} of the runs."
    )


def _rates(shown: _Shown) -> list[str]:
    if not shown:
        return []
    who = []
    for table, _ in shown:
        names = [f"`{name}`" for name in table.left_out if name != "none"]
        if names and table.levels == plan.DOSES[table.dataset]:
            who.append(f"{TITLES[table.dataset]}: without what does not allow every rate ({', '.join(names)}).")
    return [*_blocks("b", shown, "rate"), "\n".join(_extreme("b", *each) for each in shown), *who]


def _sizes(shown: _Shown) -> list[str]:
    if not shown:
        return []
    lines, counts = [], []
    for table, _ in shown:
        found = decomposition.slopes(table)
        for name, (mean, low, high) in found.items():
            units = str(table.values.shape[2])
            lines.append([TITLES[table.dataset], f"`{name}`", nats(mean), f"{nats(low)} to {nats(high)}", units])
        above = sum(low > 0 for _, low, _ in found.values())
        below = sum(high < 0 for _, _, high in found.values())
        counts.append(
            f"Of {len(found)} placements on {TITLES[table.dataset]}, {above} have a slope whose interval lies above 0 "
            f"and {below} one whose interval lies below 0."
        )
    header = ["data set", "placement", "slope, nats a doubling", "95 % interval", "units"]
    return [
        *_blocks("d", shown, "rows"), "\n".join(_extreme("d", *each) for each in shown),
        markdown.table(header, lines, "llrrr"), " ".join(counts),
    ]  # fmt: skip

"""The page of the exploring parts, made from published runs: a section a part, and where the spread of runs is from."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from . import book_decides, doses, experiments, exploring, figures_study, grid_exploring
from .book_tables import TITLES, html, signed
from .display import figure_html
from .figures_style import rate_text


def pages(rows: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """The generated files, by name. rows: published rows by part, as book_study.pages reads them."""
    found = {f"exploring-{part}.md": _section(part, rows[part]) for part in grid_exploring.PARTS}
    return found | book_decides.pages(rows) | {"exploring-doses.md": _doses(doses.published_doses())}


def _section(part: str, rows: pd.DataFrame) -> str:
    planned = sum(experiments.PARTS[part].planned().values())
    done = f"{len(rows):,} of the {planned:,} runs of part {part} are published."
    effects = exploring.effects(part, rows)
    if effects.empty:
        return done + " No cell has all of its units yet, so there is nothing to show."
    text = [done + ("" if len(rows) == planned else " Cells that lack a unit are not shown."), ""]
    for (dataset, layers, panel), each in effects.groupby(["dataset", "layers", "panel"], sort=False):
        where = TITLES[dataset] + (", two layers" if layers == 2 else "") + (f", {panel}" if panel else "")
        text += [_picture(part, each, where), "", _count(each, where), "", _table(part, each), ""]
    return "\n".join(text)


def _picture(part: str, found: pd.DataFrame, where: str) -> str:
    title = exploring.VIEWS[part].title
    alt = f"Paired differences in test NLL to the baseline on {where}, with 95 % intervals. " + "; ".join(
        f"{_name(row)}: {row.mean:+.3f} ({row.low:+.3f} to {row.high:+.3f})" for row in found.itertuples()
    )
    caption = f"{where}. Left of 0 the NLL is lower than the baseline's." + (f" Marks: {title}." if title else "")
    return html(figure_html(figures_study.differences(found, title), alt=alt + ".", caption=caption))


def _name(row) -> str:
    return f"{row.row}, {row.series}" if row.series else row.row


def _count(found: pd.DataFrame, where: str) -> str:
    below, above = int((found["high"] < 0).sum()), int((found["low"] > 0).sum())
    least = found.loc[found["mean"].idxmin()]
    have = "has" if below == 1 else "have"
    return (
        f"Of {len(found)} cells on {where}, {below} {have} an interval that lies below 0 and {above} one above it. The "
        f"lowest estimate is {signed(least['mean'])} nats ({_name(least)}; {signed(least['low'])} to "
        f"{signed(least['high'])}), and the lowest of many is partly luck."
    )


def _table(part: str, found: pd.DataFrame) -> str:
    title = exploring.VIEWS[part].title
    head = ["cell", *([title] if title else []), "units", "difference, nats", "95 % interval"]
    lines = [":::{dropdown} The numbers", f"| {' | '.join(head)} |", "|" + ":--|" * (len(head) - 3) + "--:|--:|--:|"]
    for row in found.itertuples():
        cells = [f"`{row.row}`", *([row.series] if title else []), str(row.n), signed(row.mean)]
        lines.append(f"| {' | '.join([*cells, f'{signed(row.low)} to {signed(row.high)}'])} |")
    return "\n".join([*lines, ":::"])


def _doses(found: doses.Doses) -> str:
    """What the masks do to a trained network: the curves of placements with one rate, and all numbers."""
    curves = {name: [each for each in found.doses if each.placement == name] for name in doses.MATCHED}
    alt = "Spread of the logits against the drop rate, for networks trained without dropout. " + "; ".join(
        f"{name}: " + ", ".join(f"{each.spread:.3f} at p = {rate_text(each.rate)}" for each in curve)
        for name, curve in curves.items()
    )
    caption = (
        f"Networks trained without dropout on {TITLES[doses.DATASET]}; mean of {len(doses.SEEDS)}. Their logits "
        f"themselves have a root mean square of {found.logits:.2f}. The scale of the spread is logarithmic."
    )
    at = sorted({each.rate for each in found.doses})
    lines = [f"| placement | {' | '.join(f'p = {rate_text(rate)}' for rate in at)} |", "|:--|" + "--:|" * len(at)]
    for name in dict.fromkeys(each.placement for each in found.doses):
        spreads = {each.rate: f"{each.spread:.3f}" for each in found.doses if each.placement == name}
        lines.append(f"| `{name}` | {' | '.join(spreads.get(rate, '–') for rate in at)} |")
    same = ["| placement | rate | spread | wanted: that of | at |", "|:--|--:|--:|:--|--:|"]
    for each in found.matched:
        cells = [f"`{each.placement}`", f"{each.rate:g}", f"{each.spread:.3f}", f"`{doses.REFERENCE}`"]
        same.append(f"| {' | '.join([*cells, rate_text(each.reference)])} |")
    rate = doses.REFERENCE_RATES[0]
    spreads = {each.placement: each.spread for each in found.doses if each.rate == rate}
    least, most = (choose(spreads, key=spreads.get) for choose in (min, max))

    def times(name, other):
        return f"{spreads[name] / spreads[other]:.2f} times"

    said = (
        f"At p = {rate_text(rate)} the spread goes from {spreads[least]:.3f} (`{least}`) to {spreads[most]:.3f} "
        f"(`{most}`). One mask a sequence on the input (`input-spatial`) moves the logits "
        f"{times('input-spatial', 'input')} as far as one at each step (`input`); on the state (`recurrent-tied` and "
        f"`recurrent-stepwise`) it is {times('recurrent-tied', 'recurrent-stepwise')}. Dropping whole words "
        f"(`input-words`) moves them {times('input-words', 'input')} as far as `input`, and dropping word types "
        f"(`embedding-types`) {times('embedding-types', 'input')}."
    )
    return "\n".join([
        html(figure_html(figures_study.doses(curves), alt=alt + ".", caption=caption)), "",
        said, "", ":::{dropdown} Every placement", *lines, ":::", "", ":::{dropdown} Rates of equal dose", *same, ":::",
    ])  # fmt: skip

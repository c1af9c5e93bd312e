"""The page of the exploring parts, made from published runs: a section a part, and where the spread of runs is from."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ...datasets import TITLES
from ...experiments import parts
from ...experiments.confirmatory import plan
from ...experiments.exploratory import doses
from ...experiments.exploratory import effects as exploring
from ...experiments.exploratory import plan as grid_exploring
from ...figures import study
from ...figures.svg import figure_html
from ...stats.paired import Difference, interval_text
from ...wording import aloud, nats, rate_text
from ..markdown import html, table
from . import decides


def pages(rows: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """The generated files, by name. rows: published rows by part, as answer.pages reads them."""
    found = {f"exploring-{part}.md": _section(part, rows[part]) for part in grid_exploring.PARTS}
    found["exploring-schedules.md"] = _schedules(rows["g"])
    found["exploring-controls.md"] = _controls(rows["j"], rows["b"])
    return found | decides.pages(rows) | {"exploring-doses.md": _doses(doses.Doses.published())}


def _section(part: str, rows: pd.DataFrame) -> str:
    planned = sum(parts.PARTS[part].planned().values())
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
        f"{_name(row)}: {aloud(row)}" for row in found.itertuples()
    )
    caption = f"{where}. Left of 0 the NLL is lower than the baseline's." + (f" Marks: {title}." if title else "")
    return html(figure_html(study.differences(found, title), alt=alt + ".", caption=caption))


def _name(row) -> str:
    return f"{row.row}, {row.series}" if row.series else row.row


def _count(found: pd.DataFrame, where: str) -> str:
    below, above = int((found["high"] < 0).sum()), int((found["low"] > 0).sum())
    least = found.loc[found["mean"].idxmin()]
    have = "has" if below == 1 else "have"
    return (
        f"Of {len(found)} cells on {where}, {below} {have} an interval that lies below 0 and {above} one above it. The "
        f"lowest estimate is {nats(least['mean'])} nats ({_name(least)}; {nats(least['low'])} to "
        f"{nats(least['high'])}), and the lowest of many is partly luck."
    )


def _table(part: str, found: pd.DataFrame) -> str:
    title = exploring.VIEWS[part].title
    head = ["cell", *([title] if title else []), "units", "difference, nats", "95 % interval"]
    lines = [
        [f"`{row.row}`", *([row.series] if title else []), str(row.n), nats(row.mean),
         f"{nats(row.low)} to {nats(row.high)}"]
        for row in found.itertuples()
    ]  # fmt: skip
    return "\n".join([":::{dropdown} The numbers", table(head, lines, "l" * (len(head) - 3) + "rrr"), ":::"])


def _schedules(rows: pd.DataFrame) -> str:
    """Part g once more: each schedule against the constant rate, on the same site."""
    found = exploring.against_constant(rows)
    if not found:
        return "No schedule has all of its units beside a constant rate yet."
    last = exploring.against_constant(rows, last=True)
    names = {key: f"{TITLES[key[0]]}, {key[1]}, {key[2]}" for key in found}
    below = [names[key] for key, each in found.items() if each.high < 0]
    above = [names[key] for key, each in found.items() if each.low > 0]
    header = ["data", "placement", "schedule", "less the constant rate, nats", "at the last epoch"]
    lines = [
        [TITLES[key[0]], f"`{key[1]}`", key[2], interval_text(each), interval_text(last[key])]
        for key, each in found.items()
    ]
    return "\n".join([
        f"Against the constant rate of equal mean, on the same site, the interval of {len(below)} of {len(found)} "
        f"schedules lies below 0{_listed(below)}, of {len(above)} above it{_listed(above)}.",
        *("\n" + _acted(rows, dataset, last) for dataset in dict.fromkeys(dataset for dataset, *_ in found)),
        "", ":::{dropdown} The numbers", table(header, lines), ":::",
    ])  # fmt: skip


def _acted(rows: pd.DataFrame, dataset: str, last: Mapping[tuple[str, str, str], Difference]) -> str:
    """How much of the schedules had acted where validation chose the checkpoint, and what they do by the end."""
    acted = exploring.until_checkpoint(rows, dataset)
    if not acted:
        return ""
    shares = [share for share, _ in acted.values()]
    rates = ", ".join(f"{name} {multiplier:.2f}" for name, (_, multiplier) in acted.items())
    ends = {key: each for key, each in last.items() if key[0] == dataset}
    below, above = (
        [f"{place}, {how}" for (_, place, how), each in ends.items() if side(each)]
        for side in (lambda each: each.high < 0, lambda each: each.low > 0)
    )
    return (
        f"On {TITLES[dataset]} validation chose checkpoints from early in training: after a share of {min(shares):.2f} "
        f"to {max(shares):.2f} of it, means by schedule. Mean rates until then, as multiples of the constant one: "
        f"{rates}. So its schedules are compared at unequal doses there. At the last epoch, which was looked at "
        f"afterwards, the interval lies below 0 for {len(below)} of {len(ends)}{_listed(below)}, and above it for "
        f"{len(above)}{_listed(above)}."
    )


def _listed(names: list[str]) -> str:
    return f" ({'; '.join(names)})" if names else ""


def _controls(rows: pd.DataFrame, doses_rows: pd.DataFrame) -> str:
    """What came out of part j's controls, in words. doses_rows: of part b, which has the first masks on its units."""
    effects, first = exploring.effects("j", rows), exploring.effects("b", doses_rows)
    first = first[first["series"] == f"p = {rate_text(plan.FIXED_RATE)}"].set_index(["dataset", "row"])
    said = []
    for dataset, cells in effects.groupby("dataset", sort=False):
        of = cells[cells["panel"] == ""].set_index("row")
        zero = of[of.index.str.endswith("p = 0")]
        lines = []
        if len(zero):
            most = zero["mean"].abs().max()
            lines.append(f"a rate of 0 changes the NLL by {most:.1g} nats at most, over {len(zero)} placements")
        for site in ("input", "recurrent"):
            if f"{site}, other masks" in of.index and (dataset, site) in first.index:
                other, one = of.loc[f"{site}, other masks"], first.loc[(dataset, site)]
                lines.append(f"other masks on `{site}` give {_estimate(other)}, the first ones {_estimate(one)}")
        for name, label in (("input-samples", "whole samples dropped"), ("32 units", "half the units")):
            if name in of.index:
                lines.append(f"{label} give {_estimate(of.loc[name])}")
        below = [f"`{row.row}`" for row in cells[cells["panel"] != ""].itertuples() if row.high < 0]
        asked = int((cells["panel"] != "").sum())
        if asked:
            named = f" ({', '.join(below)})" if below else ""
            lines.append(f"with permuted labels {len(below)} of {asked} sites lie below none{named}")
        said.append(f"- {TITLES[dataset]}: {'; '.join(lines)}.")
    return "\n".join(said) or "No control has all of its units yet."


def _estimate(row) -> str:
    return f"{nats(row['mean'])} ({nats(row['low'])} to {nats(row['high'])})"


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
    lines = []
    for name in dict.fromkeys(each.placement for each in found.doses):
        spreads = {each.rate: f"{each.spread:.3f}" for each in found.doses if each.placement == name}
        lines.append([f"`{name}`", *(spreads.get(rate, "–") for rate in at)])
    every = table(["placement", *(f"p = {rate_text(rate)}" for rate in at)], lines, "l" + "r" * len(at))
    same = [
        [f"`{each.placement}`", rate_text(each.rate), f"{each.spread:.3f}", f"`{doses.REFERENCE}`",
         rate_text(each.reference)]
        for each in found.matched
    ]  # fmt: skip
    matched = table(["placement", "rate", "spread", "wanted: that of", "at"], same, "lrrlr")
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
        html(figure_html(study.doses(curves), alt=alt + ".", caption=caption)), "", said, "",
        ":::{dropdown} Every placement", every, ":::", "", ":::{dropdown} Rates of equal dose", matched, ":::",
    ])  # fmt: skip

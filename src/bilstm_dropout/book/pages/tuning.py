"""The page of the tuning arm, made from published runs: what was chosen, its cost elsewhere, what it depends on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...datasets import TITLES
from ...experiments.confirmatory import plan, tuning
from ...figures import study
from ...figures.svg import figure_html
from ...stats.paired import interval_text, verdict
from ...wording import rate_text
from ..markdown import html, link, table


def page(rows: pd.DataFrame, documents: Mapping[str, str]) -> str:
    """The generated part of the page. rows: published rows of a1. documents: placement to its chapter, for links."""
    chosen = tuning.best(rows)
    if chosen.empty:
        return "No placement has all of its sixteen runs yet, so there is nothing to show."
    text, every = [_sentences(rows)], tuning.first_stage(rows)
    for dataset, found in chosen.groupby("dataset", sort=False):
        stage = every[every["dataset"] == dataset]
        names = [name for name in found["placement"] if name != "none"]
        text += [f"## {TITLES[dataset]}", "", _chosen(found, documents), ""]
        if names:
            alt = (
                f"Test NLL on fold 1 of {TITLES[dataset]} against the drop rate, sixteen settings a placement. Lowest: "
            )
            alt += "; ".join(f"{row.placement} {_score(row.score)}" for row in found.itertuples()) + "."
            line = " The dashed line is the lowest NLL without dropout." if "none" in set(found["placement"]) else ""
            picture = figure_html(
                study.tuning(stage, names), alt=alt, caption=f"{TITLES[dataset]}: sixteen random settings a "
                "placement, one run each." + line
            )  # fmt: skip
            text += [html(picture), ""]
    return "\n".join([*text, _borrowed(rows)])


def _chosen(found: pd.DataFrame, documents: Mapping[str, str]) -> str:
    header = ["placement", "learning rate", "drop rate", "NLL, nats", "seeds", "median of 16"]
    lines = [
        [link(row.placement, documents), f"{row.learning_rate:.2g}", rate_text(row.rate) if row.rate else "–",
         _score(row.score), str(row.seeds), _score(row.median)]
        for row in found.itertuples()
    ]  # fmt: skip
    final = (found["seeds"] > 1).all()
    return table(header, lines, "lrrrrr") + (
        ""
        if final
        else "\n\nWhere the column of seeds says 1, the setting is the best of one run each, and not yet chosen."
    )


def _sentences(rows: pd.DataFrame) -> str:
    found = [
        f"- On {TITLES[row.dataset]}, {row.placements} placements have all sixteen. At the best of their single "
        f"runs these lie within {row.between:.3f} nats of each other. Within a placement, the median setting is "
        f"{row.within:.3f} nats above the best on average."
        for row in tuning.spreads(rows).itertuples()
    ]
    return "\n".join(found) + "\n"


def _borrowed(rows: pd.DataFrame) -> str:
    found = tuning.borrowed(rows)
    if found.empty:
        return ""
    header = ["best on", "used on", "placements", "mean cost, nats", "highest", "one setting for all"]
    lines = []
    for_all = tuning.borrowed_by_all(rows)
    for_all = for_all.assign(cost=for_all["borrowed"] - for_all["own"]).groupby(["tuned_on", "used_on"])["cost"].mean()
    for (there, here), each in found.groupby(["tuned_on", "used_on"], sort=False):
        worst = each.loc[each["cost"].idxmax()]
        alike = f"{for_all[there, here]:.3f}" if (there, here) in for_all else "–"
        highest = f"{worst['cost']:.3f} ({worst['placement']})"
        lines.append([TITLES[there], TITLES[here], str(len(each)), f"{each['cost'].mean():.3f}", highest, alike])
    return "\n\n".join([
        "## What a setting from elsewhere costs", table(header, lines, "llrrrr"),
        "The cost is the NLL there with the setting that was best elsewhere, less the lowest of the sixteen. It is "
        "never below 0 and is above 0 by chance too, because the lowest of sixteen single runs is partly luck. *One "
        "setting for all* has less of that luck: the setting that is best there on average over all placements with a "
        "rate, against the one that is best here on average.",
    ])  # fmt: skip


def decides(rows: pd.DataFrame) -> str:
    """What the score depends on: the other generated part of the page. rows: published rows of a1."""
    found = tuning.decides(rows)
    if found.empty:
        return "This needs every run of a1, and some are missing."
    header = ["data set", "place", "setting", "rest", "learning rate", "drop rate", "chance"]
    lines = []
    for row in found.itertuples():
        shares = (row.placement, row.setting, row.rest, row.learning_rate, row.rate, row.chance)
        lines.append([TITLES[row.dataset], *(f"{100 * share:.0f} %" for share in shares)])
    alt = "Shares of the variance of test NLL in tuning. " + "; ".join(
        f"{TITLES[row.dataset]}: place {row.placement:.2f}, setting {row.setting:.2f}, rest {row.rest:.2f}, of which "
        f"chance {row.chance:.2f}"
        for row in found.itertuples()
    )
    caption = "Place, setting and rest add up to 1. Chance is a part of rest."
    picture = html(figure_html(study.decides(found, TITLES), alt=alt + ".", caption=caption))
    return f"{picture}\n\n{table(header, lines, 'lrrrrrr')}"


def fixed(confirmed: pd.DataFrame, at_one_rate: pd.DataFrame, documents: Mapping[str, str]) -> str:
    """What it costs not to tune: a generated part of the page. Published rows of a2 and a3."""
    if confirmed.empty or at_one_rate.empty:
        return "This needs runs of a2 and a3, and there are none yet."
    found = tuning.fixed(confirmed, at_one_rate)
    sets = [name for name in plan.TUNED if any(dataset == name for dataset, _ in found)]
    if not sets:
        return "This needs every run of a placement in a2 and a3, and some are missing."
    shown = {place: interval_text(each) for place, each in found.items()}
    said = [
        f"{TITLES[dataset]} {shown[dataset, placement]}, {verdict(each)}"
        for (dataset, placement), each in found.items()
        if placement == tuning.ALL
    ]
    lines = []
    for placement in (*plan.PLACEMENTS, tuning.ALL):
        name = "mean over placements" if placement == tuning.ALL else link(placement, documents)
        lines.append([name, *(shown.get((dataset, placement), "–") for dataset in sets)])
    return "\n".join([
        *([f"On average over placements: {'; '.join(said)}.", ""] if said else []),
        ":::{table} Test NLL at the fixed setting less that at the tuned one, nats", ":class: verdicts", "",
        table(["placement", *(TITLES[name] for name in sets)], lines, "l" + "r" * len(sets)), ":::",
    ])  # fmt: skip


def _score(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "no checkpoint"

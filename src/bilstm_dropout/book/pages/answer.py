"""The pages of the confirmatory study, made from published runs: how far it is, and the answer.

Every sentence that compares comes from a test or an estimate here; while a part is not complete, the pages say so.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...datasets import TITLES
from ...experiments import parts as experiments
from ...experiments.confirmatory import contrasts, plan
from ...figures import study
from ...figures.svg import figure_html
from ...isolated import output_of
from ...paths import published_folder
from ...results import predictions, published
from ...results.manifest import MANIFEST
from ...stats import power
from ...stats.paired import ALPHA
from ...wording import aloud, nats, rate_text, signed
from ..markdown import html, link, table

# The parts that the pages speak of. Later parts, which explore beside the study, have pages of their own.
_ASKS = {
    "a1": "tuning", "a2": "confirmation", "a3": "one fixed rate", "b": "dose and response", "c": "longer texts",
    "d": "how much data", "e": "several sites at once", "f": "what shares a mask", "f2": "equal doses",
    "g": "schedules of the rate", "i": "two layers", "j": "controls", "k": "TREC's own test part",
}  # fmt: skip


Intervals = Mapping[str, Mapping[str, tuple[float, float, float]]]  # (mean, low, high) by contrast and measure


def pages(
    documents: Mapping[str, str], rows: Mapping[str, pd.DataFrame] | None = None, crossed: Intervals | None = None
) -> dict[str, str]:
    """The generated files of the study, by name. documents: placement to its chapter, for links.

    rows: published rows by part (published.read); by default all that data/published has of the study. crossed: the
    intervals over seeds and examples of contrasts that have one; by default those of the published predictions.
    """
    if rows is None:
        rows = {part: published.read(part) for part in _ASKS}
        if crossed is None and not any(contrasts.lacking(rows).values()):
            crossed = _crossed()
    answer, short = _answer(rows, documents, crossed or {})
    return {
        "study-progress.md": _progress({part: rows[part] for part in _ASKS}),
        "study-answer.md": answer,
        "study-short.md": short,
    }


def _crossed() -> Intervals:
    """The crossed intervals, in a process of its own, kept: they take about a minute."""
    folder = published_folder()
    manifests = [folder / MANIFEST, folder / predictions.FOLDER / MANIFEST]
    files = [path for path in manifests if path.is_file()]
    return output_of("bilstm_dropout.experiments.confirmatory.crossed", files=files)


# ---- how far it is ----
def _progress(rows: Mapping[str, pd.DataFrame]) -> str:
    lines = []
    for part, done in rows.items():
        planned = sum(experiments.PARTS[part].planned().values())
        hours = f"{done['seconds'].sum() / 3600:.1f}" if len(done) else "–"
        lines.append([part, _ASKS[part], *(f"{runs:,}" for runs in (planned, len(done), planned - len(done))), hours])
    every = pd.concat([each[["key", "diverged"]] for each in rows.values()]).drop_duplicates("key")
    diverged = int(every["diverged"].sum())
    header = ["part", "about", "runs planned", "done", "left", "hours on one core"]
    return table(header, lines, "llrrrr") + (
        f"\n\nIn all {len(every):,} different runs of the study are published, and {diverged:,} of them diverged. "
        "A run that parts share is planned in each of them, and trained once. Hours are those of the runs themselves, "
        "training and evaluation."
    )


# ---- the answer ----
def _answer(
    rows: Mapping[str, pd.DataFrame], documents: Mapping[str, str], crossed: Intervals
) -> tuple[str, str]:
    """All of it, and the table that the home page has too."""
    lacking = contrasts.lacking(rows)
    if any(lacking.values()):
        text = (
            f"**There is no answer yet.** {lacking['a2']:,} runs of a2 and {lacking['a3']:,} of a3 that a test takes "
            "are missing, and a missing run stops the analysis: what the first of them say is not looked at before all "
            "are there."
        )
        return text, text
    others = sum(experiments.PARTS["a3"].planned().values()) - len(rows["a3"])
    parts = {part: rows[part] for part in ("a2", "a3")}
    family, every = contrasts.family(parts), contrasts.shares(parts)
    text = [
        *([f"Every run that a test takes is there. Of a3, {others:,} runs that none takes are still missing.", ""]
          if others else []),
        "## Together", "", short := _short(family), "", _forest(every, "the three data sets with equal weights"), "",
        *[_sentence(row) for row in family.itertuples()], "", _overview(family, crossed), "", "## One by one", "",
        "These are estimates: nothing is tested on one data set.", "",
    ]  # fmt: skip
    for dataset in plan.TUNED:
        shown = contrasts.shares(parts, [dataset])
        text += [f"### {TITLES[dataset]}", "", _forest(shown, TITLES[dataset]), ""]
        text += [_levels(rows["a2"], dataset, documents), ""]
    return "\n".join(text), short


def _short(family: pd.DataFrame) -> str:
    """A row a contrast: the verdict on each measure, with its estimate."""
    lines = []
    for contrast, rows in family.groupby("contrast", sort=False):
        cells = [
            f"{contrasts.verdict(row)} ({nats(row.mean)}){' †' * contrasts.doubtful(row)}"
            + f", within ±{contrasts.MARGIN:g}" * (row.p_equivalent < ALPHA)
            for row in rows.itertuples()
        ]
        where = ", at a fixed rate" * (contrasts.CONTRASTS[contrast][0] == "a3")
        lines.append([study.label(contrast) + where, *cells])
    doubtful = sum(contrasts.doubtful(row) for row in family.itertuples())
    told = sum(contrasts.verdict(row) != "not told apart" for row in family.itertuples())
    return f"{_in_words(family)}\n\n{table(['contrast', *contrasts.MEASURES], lines)}" + (
        f"\n\nDifferences in test NLL in nats, below 0 where the first side has the lower NLL, means over "
        f"{', '.join(TITLES[dataset] for dataset in plan.TUNED)}. Of the {len(family)} tests {told} tell their two "
        f"sides apart; of these, {doubtful} (†) have an interval that contains 0 once it allows for folds whose "
        f"training parts overlap. Within ±{contrasts.MARGIN:g}: a test of equivalence shows that the mean over the "
        "sets differs by less than that, which one that is told apart can too; on one set it can be more."
    )


def _in_words(family: pd.DataFrame) -> str:
    """The tests that tell their sides apart, by measure, in a sentence."""
    said = []
    for measure, rows in family.groupby("measure", sort=False):
        told = [
            f"{study.label(row.contrast)} ({contrasts.verdict(row)})"
            for row in rows.itertuples()
            if contrasts.verdict(row) != "not told apart"
        ]
        said.append(f"{measure}, {', '.join(told) or 'none'}")
    equal = int((family["p_equivalent"] < ALPHA).sum())
    return (
        f"Told apart are: {'; '.join(said)}. {equal} of the {len(family)} differences are shown to be smaller than "
        f"{contrasts.MARGIN:g} nats, on the mean over the text sets."
    )


def _forest(found: pd.DataFrame, where: str) -> str:
    alt = f"Paired differences in test NLL over {where}, with 95 % intervals. " + "; ".join(
        f"{row.contrast}, {row.measure}: {aloud(row)}" for row in found.itertuples()
    )
    caption = (
        f"{where[0].upper()}{where[1:]}. Left of 0 the first side has the lower NLL. Raw is the sum of the other two. "
        f"Shaded: the margin of equivalence, ±{contrasts.MARGIN:g} nats. Bars: 95 % BCa intervals."
    )
    return html(figure_html(study.contrasts(found, contrasts.MARGIN), alt=alt + ".", caption=caption))


def _sentence(row) -> str:
    """What a test says, with its interval, its power and what speaks against it."""
    word = contrasts.verdict(row)
    said = {"lower": "lower by", "higher": "higher by", "not told apart": "not told apart, estimate"}[word]
    size = f"{abs(row.mean):.4f}" if word != "not told apart" else nats(row.mean)
    name = study.label(row.contrast)
    text = (
        f"- **{name}**, {row.measure}: {said} {size} nats (95 % interval {nats(row.low)} to {nats(row.high)}; "
        f"{_p(row.p_holm)} after Holm, {row.n} units)."
    )
    if row.p_equivalent < ALPHA:
        text += f" Equivalent within ±{contrasts.MARGIN:g} nats ({_p(row.p_equivalent)})."
    if contrasts.doubtful(row):
        text += (
            f" The interval corrected for overlapping training parts, {nats(row.corrected_low)} to "
            f"{nats(row.corrected_high)}, contains 0."
        )
    return text + (
        f" With this spread a true difference of {row.visible:.4f} nats is found with a power of "
        f"{power.POWER:g} at Holm's first step."
    )


def _overview(family: pd.DataFrame, crossed: Intervals) -> str:
    header = [
        "contrast", "measure", "P(A > B)", "effect size", "corrected interval", "seeds × examples", "correlation",
    ]  # fmt: skip
    lines = []
    for row in family.itertuples():
        both = crossed.get(row.contrast, {}).get(row.measure)
        lines.append([
            study.label(row.contrast), row.measure, f"{row.above:.2f}",
            signed(row.effect, 2), f"{nats(row.corrected_low)} to {nats(row.corrected_high)}",
            f"{nats(both[1])} to {nats(both[2])}" if both else "–", f"{row.correlation:.2f}",
        ])  # fmt: skip
    return table(header, lines, "llrrrrr") + (
        "\n\nIntervals in nats. The corrected one allows for folds whose training parts overlap. The one over seeds "
        "and examples draws both as samples; with five seeds it is too narrow where mostly seeds differ. Correlation: "
        "between the two sides over units, which is what pairing bought."
    )


def _levels(rows: pd.DataFrame, dataset: str, documents: Mapping[str, str]) -> str:
    """The means behind the differences: a row a placement."""
    header = [
        "placement", "NLL", "NLL after temperature", "accuracy", "best epoch", "diverged", "learning rate", "drop rate",
    ]  # fmt: skip
    lines = []
    mine = rows[rows["dataset"] == dataset]
    for placement in plan.PLACEMENTS:
        runs = mine[mine["placement"] == placement]
        means = [contrasts.values(runs, measure)["value"].mean() for measure in contrasts.MEASURES]
        means.append(np.nanmean(runs["accuracy_best"].to_numpy(dtype=float)))
        cells = [link(placement, documents), *(f"{mean:.3f}" for mean in means)]
        cells += [f"{np.nanmean(runs['epoch_best'].to_numpy(dtype=float)):.1f}", f"{int(runs['diverged'].sum())}"]
        settings = runs[["learning_rate", "rate"]].drop_duplicates().itertuples(index=False)
        learning_rates, rates = zip(*settings, strict=True)
        cells += [", ".join(f"{each:.2g}" for each in learning_rates)]
        cells += [", ".join(rate_text(each) if each else "–" for each in rates)]
        lines.append(cells)
    return "\n".join([
        ":::{table} Means over units, at the setting tuned for each placement", ":class: verdicts", "",
        table(header, lines, "lrrrrrrr"), ":::", "",
        f"{len(runs)} units of each placement; means of accuracy and epoch are over those that have a checkpoint.",
    ])  # fmt: skip


def _p(value: float) -> str:
    return f"p = {value:.2g}" if value >= 0.001 else "p below .001"

"""Parts of the page on re-running: where the project is to be had, and what the check in PyTorch found (in words and as
a table, for the command, too).
"""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import pandas as pd

from ... import stats
from ...datasets import TITLES
from ...errors import UserError
from ...experiments.confirmatory import plan
from ...experiments.replication.pytorch import PARTS, PLACEMENTS, Reimplementation, rows_by_run
from ...wording import listed, signed
from .. import markdown
from ..reading.foot import foot

TEXTS = "three text sets"
_AGAIN = "Put there what `bilstm-dropout check pytorch --json` prints."


def compared(found: Reimplementation) -> pd.DataFrame:
    """A row a run: dataset, placement, fold (-1: none), seed, study and again: test NLL at the checkpoint
    that validation chose, or at the last epoch where nothing chooses.

    UserError for a run that is not published or has no such checkpoint, and where a fold and seed lack a placement.
    """
    by_key = {row["key"]: (place, row) for place, row in rows_by_run().items()}
    rows = []
    for run in found.runs:
        if run.key not in by_key:
            raise UserError(
                f"{Reimplementation.FILE} has the run {run.key}, which is not published. Restore data/published from a "
                "release."
            )
        (dataset, placement, fold, seed), row = by_key[run.key]
        checkpoint = "best" if row["watch"] == "validation" else "last"
        values = row[f"nll_{checkpoint}"], getattr(run, f"nll_{checkpoint}")
        if None in values:
            raise UserError(
                f"{Reimplementation.FILE}: {run.key} lacks its test NLL at the {checkpoint} checkpoint. {_AGAIN}"
            )
        rows.append((dataset, placement, -1 if fold is None else fold, seed, *values))
    frame = pd.DataFrame(rows, columns=["dataset", "placement", "fold", "seed", "study", "again"])
    if (frame.groupby(["dataset", "fold", "seed"])["placement"].nunique() < len(PLACEMENTS)).any():
        raise UserError(f"{Reimplementation.FILE} lacks a placement's run. {_AGAIN}")
    return frame


def differences(frame: pd.DataFrame) -> pd.DataFrame:
    """A row a data set and placement, then the means over the three text sets: differences in test NLL from `none`.

    frame: from `compared`. Columns: data (title), placement, then in nats study (over all published pairs of runs, by
    the study's one rule) and again (over those trained again, with a t interval), each with _low and _high; pairs: of
    again; found: whether the study's interval leaves out 0; same: whether both means have one sign.
    """
    study = pd.DataFrame(
        [
            (dataset, placement, -1 if fold is None else fold, seed, row["nll_last" if fold is None else "nll_best"])
            for (dataset, placement, fold, seed), row in rows_by_run().items()
        ],
        columns=["dataset", "placement", "fold", "seed", "study"],
    )
    sets = [name for name in PARTS if name in set(frame["dataset"])]
    means = {TITLES[name]: [name] for name in sets} | ({TEXTS: [*plan.TUNED]} if {*plan.TUNED} <= {*sets} else {})
    found = []
    for (title, names), placement in product(means.items(), PLACEMENTS[1:]):
        each = [stats.mean_of_runs(_pairs(study, name, placement, "study"), "study") for name in names]
        ours = stats.mean_of(each).estimate()
        pairs = [_pairs(frame, name, placement, "again").set_index(["fold", "seed"])["again"] for name in names]
        theirs = stats.estimate(pd.concat(pairs, axis=1).mean(axis=1))
        clear, same = ours.low > 0 or ours.high < 0, ours.mean * theirs.mean > 0
        found.append((title, placement, *ours[:3], *theirs, clear, same))
    ends = [f"{program}{end}" for program in ("study", "again") for end in ("", "_low", "_high")]
    return pd.DataFrame(found, columns=["data", "placement", *ends, "pairs", "found", "same"])


def _pairs(frame: pd.DataFrame, dataset: str, placement: str, value: str) -> pd.DataFrame:
    """A placement's differences from `none` on a data set: fold, seed and the difference, a row a pair."""
    mine = frame[frame["dataset"] == dataset].pivot(index=["fold", "seed"], columns="placement", values=value)
    return (mine[placement] - mine["none"]).dropna().rename(value).reset_index()


def sentences(found: Reimplementation, frame: pd.DataFrame) -> list[str]:
    """How many were trained, whether signs agree, and how near both come where nothing is drawn."""
    each, pairs = differences(frame), frame[frame["placement"] == "none"]["dataset"].value_counts()
    numbers = [f"{pairs[name]} on {TITLES[name]}" for name in PARTS if name in pairs]
    text = [
        f"{len(frame)} published runs were trained again in PyTorch {found.torch.split('+')[0]}; of each placement "
        f"{listed(numbers)}."
    ]
    for whose, means in (("means over the three text sets", True), ("differences on single sets", False)):
        mine = each[(each["data"] == TEXTS) == means]
        clear = mine[mine["found"]]
        if len(clear):
            there = (clear["again_low"] > 0) | (clear["again_high"] < 0)
            text.append(
                f"In the study {len(clear)} of {len(mine)} {whose} leave out zero; in PyTorch {clear['same'].sum()} of "
                f"these have the same sign, and {there.sum()} leave out zero, too."
            )
    bare = frame[frame["placement"] == "none"]
    apart = (bare["again"] - bare["study"]).abs().groupby(bare["dataset"], sort=False)
    said = {
        name: f"{values.median():.1g} nats in the median and {values.max():.1g} at most on {TITLES[name]}"
        for name, values in apart
    }
    series, texts = (
        "; ".join(said[name] for name in PARTS if name in said and (name in plan.TUNED) == tuned)
        for tuned in (False, True)
    )
    if series:
        text.append(
            "Without dropout nothing is drawn. On a series both then do the same sums in another order, and the test "
            f"NLL differs by {series}."
        )
    if texts:
        text.append(
            "On text PyTorch's Adam adds up the gradients of a word that a batch has twice before it squares them, and "
            f"Keras' squares each; without dropout the test NLL differs by {texts}."
        )
    return text


def get_part(root: Path | None = None) -> str:
    """How to get the project, in Markdown: by its address where CITATION.cff has one. root: the project."""
    address = foot(root)["address"]
    if not address:
        return "The project has no public address yet: these pages take it that you have a copy of the repository."
    folder = Path(address).name.removesuffix(".git")
    return f"```console\n$ git clone {address}\n$ cd {folder}\n```"


def page_part(found: Reimplementation | None = None) -> str:
    """Sentences, and a line for each data set and placement. found: by default what is published, if anything is."""
    if found is None:
        if not Reimplementation.file().exists():
            return "No published run was trained again in PyTorch yet."
        found = Reimplementation.published()
    frame = compared(found)
    lines = [
        [row["data"], f"`{row['placement']}`", *(_interval(row, each) for each in ("study", "again")),
         *("yes" if row[name] else "no" for name in ("found", "same"))]
        for row in differences(frame).to_dict("records")
    ]  # fmt: skip
    header = ["data", "placement", "study", "PyTorch", "difference found", "same sign"]
    return "\n".join([
        *(f"- {sentence}" for sentence in sentences(found, frame)), "",
        ":::{table} Differences from `none` in test loss, nats, as published and in PyTorch", ":class: verdicts",
        "", markdown.table(header, lines, "llrrll"), ":::",
    ])  # fmt: skip


def _interval(row: dict, program: str) -> str:
    """'−0.005 (−0.007 to −0.003)'; without the interval where there is none."""
    mean, low, high = (row[f"{program}{end}"] for end in ("", "_low", "_high"))
    return f"{signed(mean)} ({signed(low)} to {signed(high)})" if math.isfinite(low) else signed(mean)

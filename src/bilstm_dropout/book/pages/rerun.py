"""What the check in PyTorch found, in words and as a table: for the page on running it again, and for the command."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...datasets import TITLES
from ...errors import UserError
from ...experiments.confirmatory import contrasts, plan
from ...experiments.replication.pytorch import PARTS, PLACEMENTS, Reimplementation, rows_by_run
from ...results import published
from ...stats.paired import ALPHA, Difference, interval_text, paired_difference, verdict
from .. import markdown

TEXTS = "three text sets"
_AGAIN = "Put there what `bilstm-dropout check pytorch --json` prints."


@dataclass(frozen=True)
class Contrast:
    """A placement's difference in test NLL from `none`, nats, on one data set or, unit by unit, the mean of three.

    study: over all of the study's units. same: over the units that were trained again. again: these in PyTorch.
    apart: whether the study tells it apart; on the three text sets by the confirmatory test, after Holm.
    """

    data: str
    placement: str
    study: Difference
    same: Difference
    again: Difference
    apart: bool

    @property
    def agree(self) -> bool:
        """Whether the means of the study, over all units, and of PyTorch have the same sign."""
        return bool(np.sign(self.study.mean) == np.sign(self.again.mean))


def compared(found: Reimplementation) -> pd.DataFrame:
    """A row a run: dataset, placement, fold (-1: none), seed, study and again: test NLL at the checkpoint
    that validation chose, or at the last epoch where nothing chooses.

    UserError for a run that is not published or has no such checkpoint, and where a unit lacks a placement.
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
        raise UserError(f"{Reimplementation.FILE} lacks a placement's run of a unit. {_AGAIN}")
    return frame


def _units(frame: pd.DataFrame, placement: str, value: str) -> pd.DataFrame:
    """Differences from none: a row a unit, a column a data set; units that lack a run are left out."""
    table = frame.pivot(index=["fold", "seed"], columns=["placement", "dataset"], values=value)
    return (table[placement] - table["none"]).dropna()


def _difference(each: pd.Series) -> Difference:
    return paired_difference(each.to_numpy(), np.zeros(len(each)), np.random.default_rng(0))


def contrasts_of(frame: pd.DataFrame) -> list[Contrast]:
    """Every contrast that `compared` gives a pair for: data set by data set, then the mean over the three text sets."""
    study = pd.DataFrame(
        [
            (dataset, placement, -1 if fold is None else fold, seed, row[f"nll_{'best' if fold else 'last'}"])
            for (dataset, placement, fold, seed), row in rows_by_run().items()
        ],
        columns=["dataset", "placement", "fold", "seed", "study"],
    )
    parts = {part: published.read(part) for part in contrasts.FOLDS}
    family = contrasts.family(parts)
    confirmed = family[family["measure"] == "raw"].set_index("contrast")["p_holm"] < ALPHA
    there = [name for name in PARTS if name in set(frame["dataset"])]
    of_sets = {TITLES[name]: [name] for name in there}
    if set(plan.TUNED) <= set(there):
        of_sets[TEXTS] = [*plan.TUNED]
    found = []
    for title, sets in of_sets.items():
        for placement in PLACEMENTS[1:]:
            every = _units(study[study["dataset"].isin(sets)], placement, "study").mean(axis=1)
            mine = frame[frame["dataset"].isin(sets)]
            same, again = (_units(mine, placement, value).mean(axis=1) for value in ("study", "again"))
            if len(same):
                whole = _difference(every)
                told = confirmed[f"{placement} - none"] if title == TEXTS else verdict(whole) != "not told apart"
                found.append(Contrast(title, placement, whole, _difference(same), _difference(again), bool(told)))
    return found


def sentences(found: Reimplementation, frame: pd.DataFrame, each: list[Contrast]) -> list[str]:
    """How many were trained, whether signs agree, and how near both come where nothing is drawn."""
    units = frame.groupby("dataset")["seed"].size() // len(PLACEMENTS)
    text = [
        f"{len(frame)} published runs were trained again in PyTorch {found.torch.split('+')[0]}: "
        f"{', '.join(f'{units[name]} units of {TITLES[name]}' for name in PARTS if name in units)}, each under "
        f"{len(PLACEMENTS)} placements.",
    ]
    kinds = {True: "primary contrasts, means over the three text sets,", False: "single sets' differences"}
    for primary, whose in kinds.items():
        apart = [contrast for contrast in each if contrast.apart and (contrast.data == TEXTS) == primary]
        agree = sum(contrast.agree for contrast in apart)
        if apart:
            clear = sum(contrast.again.low > 0 or contrast.again.high < 0 for contrast in apart)
            text.append(
                f"Of the {len(apart)} {whose} that the study tells apart, {agree} came out with the same sign, and "
                f"{clear} with an interval in PyTorch that leaves out 0."
            )
    plain = frame[frame["placement"] == "none"]
    apart_by = (plain["again"] - plain["study"]).abs().groupby(plain["dataset"], sort=False)
    said = {
        name: f"{values.median():.1g} nats in the median and {values.max():.1g} at most on {TITLES[name]}"
        for name, values in apart_by
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


def page_part(found: Reimplementation | None = None) -> str:
    """Sentences, and a line for each contrast. found: by default what is published, if anything is."""
    if found is None:
        if not Reimplementation.file().exists():
            return "No published run was trained again in PyTorch yet."
        found = Reimplementation.published()
    frame = compared(found)
    each = contrasts_of(frame)
    lines = []
    for contrast in each:
        numbers = [interval_text(one) for one in (contrast.study, contrast.again)]
        words = ["yes" if said else "no" for said in (contrast.apart, contrast.agree)]
        lines.append([contrast.data, f"`{contrast.placement}`", *numbers, *words])
    said = "\n".join(f"- {sentence}" for sentence in sentences(found, frame, each))
    return "\n".join([
        said, "",
        ":::{table} Differences from `none` in test NLL, nats, as published and in PyTorch", ":class: verdicts", "",
        markdown.table(["data", "placement", "study", "PyTorch", "told apart", "same sign"], lines, "llrrll"), ":::",
    ])  # fmt: skip

"""A profile of four published runs, and records like theirs: for tests of what runs are beside their twins."""

from __future__ import annotations

import json
from pathlib import Path

from bilstm_dropout.results import published
from bilstm_dropout.results.rows import MEASURES, config_of, rows_of
from bilstm_dropout.runs.store import Record, Store
from bilstm_dropout.study.profile_files import load_profile
from bilstm_dropout.study.profiles import Profile

TEXT = "sample: true\nplacements: [recurrent]\ndatasets: [japanese_vowels]\nrates: [0.25]\nseeds: [1, 2]\n"
ELSEWHERE = {"device": {"system": "elsewhere <b>"}, "kernel": "1"}


def small_profile(folder: Path, text: str = TEXT) -> Profile:
    """`none` and `recurrent` with two seeds, written to a folder as mine.yaml."""
    (folder / "mine.yaml").write_text(text, "utf-8")
    return load_profile(folder / "mine.yaml")


def keep_records(placement: str | None = None, **tampered: float) -> None:
    """Keep the published runs of the small profile as if they had been trained here, on the machine of the twins.

    placement: those whose measures at the last epoch are changed, by adding `tampered` to them; all were then made on
    another kind of machine.
    """
    rows = [
        row for row in rows_of(published.read("b"))
        if (row["dataset"], row["layers"]) == ("japanese_vowels", 1) and row["seed"] in (1, 2)
        and (row["placement"], row["rate"]) in (("none", 0.0), ("recurrent", 0.25))
    ]  # fmt: skip
    for row in rows:
        measures = {name: row[f"{name}_last"] for name in MEASURES}
        if row["placement"] == placement and row["seed"] == 1:
            measures |= {name: measures[name] + change for name, change in tampered.items()}
        made = ELSEWHERE if tampered else json.loads(row["provenance"])
        Store().save(Record(
            key=row["key"], config=config_of(row), fingerprint=row["fingerprint"], results_version=1,
            metrics={"last": measures}, curves=[], watch=row["watch"], diverged=False, seconds=1.5, provenance=made,
            probabilities={},
        ))  # fmt: skip

"""A profile that is a sample of the published study: each run has a twin, and what has none is refused or said."""

import json
from dataclasses import replace

import pytest

from bilstm_dropout import datasets
from bilstm_dropout.dropout import placements
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.twins import Twins
from bilstm_dropout.paths import project_root, published_folder
from bilstm_dropout.results import published
from bilstm_dropout.runs.config import CONTROLS
from bilstm_dropout.runs.store import RESULTS_VERSION
from bilstm_dropout.runs.train import wanted
from bilstm_dropout.study.profile_files import load_profile

QUICK = (project_root() / "notebooks" / "profiles" / "quick.yaml").read_text("utf-8")
SEEDS = "seeds: [1, 2]"


@pytest.fixture
def copy(tmp_path):
    """Writes a changed copy of the quick profile; each change is a text and what stands there instead."""

    def write(*changes: tuple[str, str], more: str = ""):
        text = QUICK
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        path = tmp_path / "mine.yaml"
        path.write_text(f"{text}\n{more}", "utf-8")
        return path

    return write


def test_a_profile_is_read_once_as_long_as_what_it_rests_on_stays(monkeypatch, tmp_path):
    first = load_profile("quick")
    assert load_profile("quick") is first
    monkeypatch.setenv("BILSTM_DROPOUT_DATA", str(tmp_path))  # files of data sets that are elsewhere
    monkeypatch.setattr(datasets, "missing_files", lambda name: name == "japanese_vowels")
    assert load_profile("quick") is not first
    monkeypatch.undo()
    assert load_profile("quick") is first
    entries = dict(placements.TABLE._entries)
    changed = replace(entries["zoneout"], keras="another line")
    monkeypatch.setattr(placements.TABLE, "_entries", entries | {"zoneout": changed})
    assert load_profile("quick") is not first


def test_every_run_of_the_quick_profile_has_a_published_twin():
    profile, twins = load_profile("quick"), Twins()
    assert profile.sample and profile.unpublished == () and profile.said() == []
    runs = [run for name in profile.placements for run in wanted(profile.sweep(name))]
    for run in runs:
        fingerprint = datasets.load(run.dataset, **run.dataset_options).fingerprint
        row = {**CONTROLS, **run.model_dump(), "dataset_options": json.dumps(run.dataset_options)}
        assert twins.of({**row, "fingerprint": fingerprint, "results_version": RESULTS_VERSION}), run
    assert {(run.dataset, run.rate) for run in runs if run.placement == "gates"} == {
        ("japanese_vowels", 0.25), ("japanese_vowels", 0.5), ("recall", 0.25),
    }  # fmt: skip
    assert {(run.dataset, run.layers) for run in runs if run.placement == "none"} == {
        (dataset, layers) for dataset in ("japanese_vowels", "recall") for layers in (1, 2)
    }


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ((SEEDS, "seeds: [1, 2, 77]"), "none, seed 77 on japanese_vowels"),
        (("recall: [0.25]}", "recall: [0.25, 0.3]}"), "input at p = 0.3, seed 1 on recall"),
        (("epochs: {recall: 20}", "epochs: {recall: 21}"), "none, seed 1 on recall"),
        (("0.5], recall", "0.5, 0.7], recall"), "input at p = 0.7, seed 1 on japanese_vowels"),
        ((SEEDS, "seeds: [1, 2, 7]"), "none, seed 7 on recall"),  # published on japanese_vowels alone
    ],
)
def test_a_run_without_a_twin_is_refused_by_name_in_one_line(copy, change, named):
    with pytest.raises(UserError, match=named) as caught:
        load_profile(copy(change))
    assert "\n" not in str(caught.value)


def test_without_the_line_a_profile_may_have_any_run(copy):
    path = copy((SEEDS, "seeds: [77]"), ("sample: true\n", ""), ("added:", "# added:"))
    assert load_profile(path).sweep("input").seeds == [77]


def test_a_placement_of_which_nothing_is_published_has_more_seeds_and_rates(copy):
    profile = load_profile(copy(more="placements: [input, input+cell, gates+weights]"))
    assert profile.unpublished == ("gates+weights", "input+cell")
    assert profile.said()[1] == (
        "input+cell: nothing of it is published, so seeds 1, 2, 3, 4, 5, 6 at p = 0.1, 0.25, 0.5 are trained"
    )
    for execution in profile.executions():
        if execution.sweep and execution.sweep.placement == "input+cell":
            assert (execution.parameters["seeds"], execution.parameters["rates"]) == (
                [1, 2, 3, 4, 5, 6], [0.1, 0.25, 0.5],
            )  # fmt: skip
            assert len(execution.sweep.runs()) == 36 and len(execution.sweep.baselines()) == 12
    assert profile.sweep("input").seeds == [1, 2]
    with pytest.raises(UserError, match=r"input\+cell at p = 0.25, seed 1"):
        load_profile(copy(("added:", "# added:"), more="placements: [input+cell]"))


def test_a_new_entry_of_the_table_is_trained_so_too(monkeypatch):
    entry = placements.TABLE["output"]
    term = placements.resolve("output:sample").terms
    made_up = replace(entry, name="made-up", terms=term)
    monkeypatch.setitem(placements.TABLE._entries, "made-up", made_up)
    profile = load_profile("quick")
    assert profile.unpublished == ("made-up",) and profile.sweep("made-up").seeds == [1, 2, 3, 4, 5, 6]
    assert [line.partition(":")[0] for line in profile.said()] == ["made-up"]


def test_what_is_listed_as_published_is_what_is_read(tmp_path):
    listed = published.listed()
    for part in ("b", "memory"):
        assert set(listed.loc[listed["part"] == part, "key"]) == set(published.read(part)["key"])
    assert published.listed(tmp_path).empty
    for file in ("manifest.json", "memory.001.parquet", "memory.002.parquet"):
        (tmp_path / file).write_bytes((published_folder() / file).read_bytes())
    with pytest.raises(UserError, match="the manifest lists it, and it is not there"):
        published.listed(tmp_path)

"""A profile's runs beside their twins: counted, said in one line, and loud where anything drifted."""

import json

import pytest
from support.twins import TEXT, keep_records, small_profile
from typer.testing import CliRunner

from bilstm_dropout.cli import app
from bilstm_dropout.experiments.twins import ALONE, DRIFTED, SAME, WITHIN, Verdict
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import run_sweep
from bilstm_dropout.study.verdicts import Verdicts, verdicts_of


def test_the_same_runs_are_the_same_bits(tmp_path):
    profile = small_profile(tmp_path)
    assert verdicts_of(profile).line() == "None of four runs is done."
    assert Verdicts((), 0).line() == "This profile trains nothing."
    keep_records()
    found = verdicts_of(profile)
    assert found.counts == {SAME: 4, WITHIN: 0, "beyond it": 0, DRIFTED: 0, ALONE: 0} and not found.drifted
    assert found.line() == "4 of 4 runs have a twin: 4 same bits"
    assert len(found.of("recurrent").runs) == found.of("recurrent").total == 2
    lost = found.of("none").runs[0].record.key
    (Store().folder / f"{lost}.json").unlink()
    assert verdicts_of(profile).line() == "3 of 3 runs have a twin: 3 same bits (1 more are not done)"


@pytest.mark.parametrize(("change", "word"), [(0.5, DRIFTED), (-0.5, DRIFTED), (1e-9, WITHIN)])
def test_a_record_with_another_loss_has_drifted_only_where_it_is_far(tmp_path, change, word):
    keep_records("recurrent", nll=change)
    found = verdicts_of(small_profile(tmp_path))
    assert {each: number for each, number in found.counts.items() if number} == {SAME: 3, word: 1}
    assert found.drifted == (word == DRIFTED)
    assert found.line().startswith("DRIFTED: 1 of 4 runs" if found.drifted else "4 of 4 runs have a twin")


def test_runs_that_all_lie_to_one_side_have_drifted_though_none_has(tmp_path):
    keep_records()
    runs = verdicts_of(small_profile(tmp_path)).runs
    aside = [Verdict(run.record.key, "b", WITHIN, {"last": 1.9}) for run in runs] * 3
    found = Verdicts(tuple(type(run)(run.record, verdict) for run, verdict in zip(runs * 3, aside, strict=True)), 12)
    assert found.together and found.drifted and not found.counts[DRIFTED]
    assert found.line().startswith("DRIFTED: 0 of 12 runs, and the profile as a whole; see the page Status of your run")


def test_data_of_which_nothing_is_published_have_no_twins(tmp_path):
    settings = "datasets: [digits]\nseeds: [1]\nplacements: [none]\nepochs: 1\nunits: 2\n"
    profile = small_profile(tmp_path, settings)
    run_sweep(profile.sweep("none"), say=lambda _: None)
    assert verdicts_of(profile).line().startswith("one run done; no published run") and not verdicts_of(profile).drifted


def test_status_has_every_run_and_fails_strictly_where_one_drifted(tmp_path):
    small_profile(tmp_path)

    def status(*options):
        return CliRunner().invoke(app, ["status", "--profile", str(tmp_path / "mine.yaml"), *options])

    keep_records()
    sound = status("--strict")
    assert sound.exit_code == 0 and sound.stdout.splitlines()[-1] == "4 of 4 runs have a twin: 4 same bits"
    keep_records("recurrent", nll=0.5)
    shown = status()
    assert shown.exit_code == 0 and shown.stdout.splitlines()[-1].startswith("DRIFTED: 1 of 4 runs")
    done = status("--json", "--strict")
    found = json.loads(done.stdout)
    assert done.exit_code == 1 and found["drifted"] is True and found["verdicts"][DRIFTED] == 1
    assert {"00-none", "comparison"} <= {row["name"] for row in found["notebooks"]}
    (run,) = (run for run in found["runs"] if run["verdict"] == DRIFTED)
    assert (run["placement"], run["rate"], run["seed"], run["dataset"]) == ("recurrent", 0.25, 1, "japanese_vowels")
    assert run["twin"] == "a3" and run["distances"]["last"] > 6 and "standard deviations" in run["reason"]
    assert run["seconds"] == 1.5 and run["device"] == {"system": "elsewhere <b>"}
    named = {name: run[name] for name in ("placement", "rate", "seed", "dataset")}
    assert RunConfig(**named, **run["parameters"]).units == 64


def test_the_last_line_of_a_book_says_it_and_the_book_is_built(tmp_path, monkeypatch):
    small_profile(tmp_path)
    monkeypatch.setattr("bilstm_dropout.cli.studying.build", lambda name: "index.html")
    monkeypatch.setattr("bilstm_dropout.study.pace.executions_folder", lambda: tmp_path)
    monkeypatch.setattr("bilstm_dropout.study.run.keep_profile", lambda profile: None)
    for tampered, said in (({}, "4 of 4 runs have a twin: 4 same bits"), ({"nll": 0.5}, "DRIFTED: 1 of 4 runs")):
        keep_records("recurrent", **tampered)
        done = CliRunner().invoke(app, ["book", "--profile", str(tmp_path / "mine.yaml")])
        first, last = done.stdout.splitlines()
        assert done.exit_code == 0 and first == "The book: index.html" and last.startswith(said)


def test_what_has_no_twins_is_said_by_status(tmp_path):
    small_profile(tmp_path, f"{TEXT.replace('[recurrent]', '[input+cell]')}added: {{seeds: [1], rates: [0.1]}}")
    done = CliRunner().invoke(app, ["status", "--profile", str(tmp_path / "mine.yaml")])
    assert "input+cell: nothing of it is published, so seeds 1 at p = 0.1 are trained" in done.stdout

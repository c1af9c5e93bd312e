"""What a chapter is asked for, and a profile's runs that it lays over."""

import pytest

from bilstm_dropout.dropout import table, uses
from bilstm_dropout.errors import UserError
from bilstm_dropout.results.rows import SCHEMA
from bilstm_dropout.study.runs_here import requested


def test_without_a_profile_there_are_no_runs():
    request = requested("recurrent")
    assert request.place.name == "recurrent" and request.runs().empty
    assert list(request.runs().columns) == SCHEMA.names


def test_a_placement_without_published_runs_and_an_unknown_profile_are_refused():
    with pytest.raises(UserError, match="placement with published runs"):
        requested("output:sample,feature")
    with pytest.raises(UserError, match="profile"):
        requested("recurrent", "quik")


def test_runs_of_the_placement_and_of_none_beside_it_are_laid_over(tmp_path, monkeypatch):
    from bilstm_dropout.runs.train import run_sweep
    from bilstm_dropout.study.profile_files import load_profile

    monkeypatch.setenv("BILSTM_DROPOUT_RUNS", str(tmp_path))
    profile = tmp_path / "tiny.yaml"
    small = "rates: [0.5]\nseeds: [1]\nepochs: 1\nunits: 4\n"
    profile.write_text(f"datasets: [recall]\nplacements: [input, output]\n{small}")
    request = requested("input", str(profile))
    assert request.runs().empty
    for name in ("input", "output"):
        run_sweep(load_profile(profile).sweep(name))
    assert sorted(request.runs()["placement"]) == ["input", "none"] and set(request.runs()["part"]) == {"here"}


def test_a_chapter_goes_through_no_table_for_the_runs_of_a_profile(monkeypatch):
    monkeypatch.setattr(uses, "_noted", {})
    requested("recurrent", "quick").runs()
    assert "recurrent" in uses._noted and uses.EVERY not in uses._noted
    len(table.Table([]))
    assert uses.EVERY in uses._noted

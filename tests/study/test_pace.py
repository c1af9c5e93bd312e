"""A plan learns from what was done here, and believes nothing that cannot be."""

import json
import math

import pytest

from bilstm_dropout.study import pace
from bilstm_dropout.study.pace import DEFAULTS, PROGRAM, SITE, Pace


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "executions_folder", lambda: tmp_path)
    return tmp_path / "pace.json"


def test_before_anything_was_executed_defaults_stand():
    assert Pace().seconds("placement") == DEFAULTS["placement"] and Pace().seconds("keras/traps") == DEFAULTS["keras"]
    assert Pace().seconds("study/tuning") == DEFAULTS["notebook"] and Pace().seconds(SITE) == DEFAULTS[SITE]
    assert Pace().seconds(PROGRAM) == DEFAULTS[PROGRAM]


def test_what_was_seen_counts_and_the_last_most():
    learned = Pace()
    learned.learn("study/tuning", 10)
    assert learned.seconds("study/tuning") == 10
    learned.learn("study/tuning", 20)
    assert learned.seconds("study/tuning") == 15 and learned.seconds("study/use_it") == DEFAULTS["notebook"]
    for wrong in (math.nan, math.inf, 0, -1):
        learned.learn("study/tuning", wrong)
    assert learned.seconds("study/tuning") == 15


def test_it_is_kept_and_whatever_lies_there_is_borne(kept):
    Pace({"chapter": 4.0}).keep()
    assert pace.pace().seconds("chapter") == 4
    for text in ("", "[]", "{", json.dumps({"chapter": "x", "study/a": -3, "keras/b": 1e999, SITE: True}), "[" * 10**5):
        kept.write_text(text)
        assert pace.pace().seconds("chapter") == DEFAULTS["notebook"] and pace.pace().seconds("keras/b") > 0


def test_a_notebook_s_place_and_seconds(tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "project_root", lambda: tmp_path)
    assert pace.place_of(tmp_path / "notebooks" / "keras" / "traps.ipynb") == "keras/traps"
    assert pace.place_of(tmp_path / "elsewhere.ipynb") == "elsewhere"
    executed = tmp_path / "x.ipynb"
    executed.write_text(json.dumps({"metadata": {"papermill": {"duration": 3.5}}}))
    assert pace.took(executed) == 3.5
    for text in ("{}", "[]", "", '{"metadata": {"papermill": {"duration": null}}}'):
        executed.write_text(text)
        assert math.isnan(pace.took(executed))
    assert math.isnan(pace.took(tmp_path / "none.ipynb"))

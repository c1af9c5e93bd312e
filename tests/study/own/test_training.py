"""The first trials of a study of one's own data are not begun where they take longer than there are minutes."""

import re

import numpy as np
import pytest
from support.own_study import Outcome

from bilstm_dropout import datasets
from bilstm_dropout.errors import UserError
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import record_of
from bilstm_dropout.study import cost
from bilstm_dropout.study.own import design, training


@pytest.fixture
def study(own_texts, monkeypatch, tmp_path):
    monkeypatch.setenv("BILSTM_DROPOUT_RUNS", str(tmp_path / "runs"))
    return design.make(own_texts, ["input", "output"], [0.25])


@pytest.fixture
def trained(monkeypatch):
    """Runs that were 'trained', each in the seconds that the first entry says."""
    asked = [1.0]

    def leave_records(todo, *_, **__):
        asked.extend(todo)
        for config in todo:
            data = datasets.load(config.dataset, **config.dataset_options)
            parts = (("test", data.test), ("validation", data.validation))
            p = {f"{name}_{stop}": np.full((len(part), 2), 0.5, np.float32)
                 for name, part in parts for stop in ("best", "last")}  # fmt: skip
            outcome = Outcome(p)
            outcome.seconds = asked[0]
            Store().save(record_of(config, data, outcome))

    monkeypatch.setattr(training, "train_in_processes", leave_records)
    return asked


def guess(monkeypatch, seconds):
    monkeypatch.setattr(cost.Known, "seconds", lambda *_: (seconds, "cost model"))


def test_trials_that_cannot_fit_are_refused_after_one_run_with_ways_on(study, trained, monkeypatch, tmp_path):
    guess(monkeypatch, 40.0)
    trained[0] = 60.0  # a run; six are the first trials, of which one is trained then
    with pytest.raises(UserError, match="That run is kept") as error:
        training.train(study, tmp_path, 2, workers=1, say=lambda _: None)
    assert len(trained) == 2 and trained[1].placement == "none"
    assert "take about 5 min" in str(error.value) and "PLACEMENTS=input RATES=0.25" in str(error.value)
    more = int(re.search(r"MINUTES=(\d+)", str(error.value)).group(1))
    assert training.train(study, tmp_path, more, workers=1, say=lambda _: None).trials == design.PILOT
    assert len(trained) == 1 + 6  # the run that was kept is not trained again


@pytest.mark.parametrize(("guessed", "taken"), [(1.0, 60.0), (40.0, 10.0)])
def test_where_a_guess_or_the_run_says_that_they_fit_they_are_trained(
    study, trained, monkeypatch, tmp_path, guessed, taken
):
    guess(monkeypatch, guessed)
    trained[0] = taken
    assert training.train(study, tmp_path, 2, workers=1, say=lambda _: None).trials >= design.PILOT

"""How long runs may take: which records an estimate rests on, how it is scaled, and what stands in without any."""

import math
from types import SimpleNamespace

import pytest

from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.study import cost
from bilstm_dropout.study.cost import Known, by_dataset, known_runs, modelled_seconds

SMALL = {"steps": 10, "train": 100, "validation": 20, "test": 20}


def config(**given):
    return RunConfig(**{"dataset": "recall", "dataset_options": SMALL, "units": 8, "epochs": 10, **given})


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project that has published nothing."""
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(tmp_path))
    return tmp_path


def store(*runs):
    return SimpleNamespace(records=lambda: [SimpleNamespace(config=one, seconds=seconds) for one, seconds in runs])


def test_runs_alike_give_their_median_whatever_rate_and_seed():
    known = Known([(config(placement="output", rate=0.1, seed=seed), seconds) for seed, seconds in
                   enumerate((2.0, 50.0, 3.0))])
    assert known.seconds(config(placement="output", rate=0.5, seed=9)) == (3.0, "records")


def test_an_estimate_is_scaled_by_epochs_and_rows():
    known = Known([(config(), 2.0)])
    assert known.seconds(config(epochs=30)) == (pytest.approx(6.0), "records")
    assert known.seconds(config(train_rows=50)) == (pytest.approx(1.0), "records")
    known = Known([(config(train_rows=50, epochs=5), 1.0)])
    assert known.seconds(config())[0] == pytest.approx(4.0)


def test_the_closest_runs_count():
    runs = [(config(), 1.0), (config(placement="candidate", rate=0.1), 4.0), (config(train_rows=25), 0.9)]
    known = Known(runs)
    assert known.seconds(config(placement="candidate", rate=0.5))[0] == 4.0  # its own family
    assert known.seconds(config(train_rows=25))[0] == pytest.approx(0.9)  # as many rows
    # A family that never ran goes by all the others: 1 and 4 seconds, and 0.9 on a quarter of the rows.
    assert known.seconds(config(placement="cell", rate=0.1))[0] == pytest.approx(3.6)
    # Masks drawn anew at every step are another family than those drawn once.
    stepwise = [(config(placement="recurrent-stepwise", rate=0.1), 7.0), (config(placement="recurrent", rate=0.1), 2.0)]
    assert Known(stepwise).seconds(config(placement="recurrent-tied", rate=0.5))[0] == 2.0


@pytest.mark.parametrize(
    "other",
    [{"units": 16}, {"bidirectional": False}, {"dataset_options": {**SMALL, "steps": 20}}, {"dataset": "order"}],
)
def test_another_network_or_other_data_tell_nothing(other):
    assert Known([(config(**other), 1.0)]).seconds(config())[1] == "cost model"


def test_what_is_no_time_is_left_out():
    runs = [(config(seed=seed), seconds) for seed, seconds in enumerate((math.nan, 0.0, -1.0, math.inf))]
    assert Known(runs).seconds(config())[1] == "cost model"
    assert Known([*runs, (config(seed=9), 2.0)]).seconds(config()) == (2.0, "records")


def test_the_model_grows_with_what_a_run_does():
    seconds = modelled_seconds(config())
    assert 0 < seconds < 60
    assert modelled_seconds(config(epochs=20)) == pytest.approx(2 * seconds)
    for more in ({"units": 16}, {"layers": 2}, {"evaluations_per_epoch": 5}, {"embedding_dim": 64},
                 {"dataset_options": {**SMALL, "steps": 40}}, {"dataset_options": {**SMALL, "train": 200}}):
        assert modelled_seconds(config(**more)) > seconds, more
    assert modelled_seconds(config(bidirectional=False)) < seconds
    assert modelled_seconds(config(train_rows=50)) < seconds


def test_data_sets_are_counted_apart(project):
    known = known_runs(store((config(), 3.0)))
    runs = [config(seed=seed) for seed in range(4)] + [RunConfig(dataset="japanese_vowels", seed=1)]
    recall, vowels = by_dataset(runs, known)
    assert recall == {"dataset": "recall", "runs": 4, "seconds_a_run": 3.0, "minutes": 0.2, "source": "records"}
    assert (vowels["dataset"], vowels["runs"], vowels["source"]) == ("japanese_vowels", 1, "cost model")
    (both,) = by_dataset([config(), config(units=16)], known)
    assert both["source"] == "records and cost model" and both["runs"] == 2


def test_published_runs_count_where_the_store_has_none(project, monkeypatch):
    published = [{"config": config(), "seconds": 5.0}, {"config": config(seed=2), "seconds": 9.0}]
    (project / "data" / "published").mkdir(parents=True)
    (project / "data" / "published" / "memory.001.parquet").write_bytes(b"")
    monkeypatch.setattr(cost.published, "read", lambda part: {"memory": published}[part])
    monkeypatch.setattr(cost, "rows_of", list)
    monkeypatch.setattr(cost, "config_of", lambda row: row["config"])
    assert known_runs(store()).seconds(config()) == (pytest.approx(7.0), "records")
    assert known_runs(store((config(), 1.0))).seconds(config())[0] == pytest.approx(5.0)  # 1 and 9: none counts twice


def test_published_files_that_are_damaged_leave_an_estimate(project):
    (project / "data" / "published").mkdir(parents=True)
    (project / "data" / "published" / "memory.001.parquet").write_bytes(b"none")
    assert known_runs(store((config(), 3.0))).seconds(config()) == (3.0, "records")

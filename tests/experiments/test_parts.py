"""Parts of experiments: what is planned, stages that follow from finished runs, and training in processes."""

import math

import numpy as np
import pytest
from support.text_sets import stand_in
from typer.testing import CliRunner

from bilstm_dropout import cli
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import parts, training
from bilstm_dropout.experiments.confirmatory import plan as grid
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of, record_of


class Outcome:
    """What a training gives, made up: probabilities that depend on the run alone."""

    curves, last_epoch, diverged, seconds = [], 8.0, False, 36.0

    def __init__(self, config, dataset, best=True):
        rng = np.random.default_rng([config.seed, int(1e6 * config.learning_rate), int(1000 * config.rate)])
        self.probabilities = {}
        for selected in ("best", "last") if best and dataset.validation is not None else ("last",):
            for split in ("test", "validation"):
                rows = len(getattr(dataset, split).labels) if getattr(dataset, split) is not None else 0
                if rows:
                    p = rng.dirichlet(np.ones(len(dataset.classes)), rows)
                    self.probabilities[f"{split}_{selected}"] = p.astype(np.float32)
        self.best_epoch = 3.0 if "test_best" in self.probabilities else None


def trained(todo, store, best=True):
    """Records of runs that nobody trained."""
    from bilstm_dropout import datasets

    for config in todo:
        dataset = datasets.load(config.dataset, **config.dataset_options)
        store.save(record_of(config, dataset, Outcome(config, dataset, best)))


@pytest.fixture
def small(monkeypatch):
    """The study on one text set with two placements and three configurations, two of them finalists; no training."""
    stand_in(monkeypatch)
    monkeypatch.setattr(grid, "TUNED", ("mr",))
    monkeypatch.setattr(grid, "PLACEMENTS", ("none", "input"))
    monkeypatch.setattr(grid, "CONFIGURATIONS", 3)
    monkeypatch.setattr(grid, "FINALISTS", 2)
    nothing = parts.published.SCHEMA.empty_table().to_pandas()
    monkeypatch.setattr(parts.published, "read", lambda part: nothing)
    stages = []

    def train(todo, store, workers, label, scheduler):
        stages.append((label, len(todo), workers))
        trained(todo, store)

    monkeypatch.setattr(training, "train_in_processes", train)
    return stages


def test_tuning_trains_in_two_stages_and_then_nothing(small):
    store = Store()
    assert training.plan("a1", store).planned == 2 * (3 + 2 * 2) == training.plan("a1", store).left
    training.train("a1", store, workers=2)
    assert small == [("a1", 6, 2), ("a1", 8, 2)]
    assert training.plan("a1", store).left == 0
    training.train("a1", store, workers=2)
    assert len(small) == 2


def test_an_interrupted_stage_is_taken_up_where_it_stopped(small):
    store = Store()
    trained(list(parts.runs("a1", store).values())[:4], store)
    assert (training.plan("a1", store).done, training.plan("a1", store).left) == (4, 10)
    training.train("a1", store)
    # The finalists of `none` are known already, those of input after its two other runs.
    assert [count for _, count, _ in small] == [2 + 4, 4]
    assert training.plan("a1", store).left == 0


def test_a_damaged_record_is_trained_again(small):
    store = Store()
    training.train("a1", store)
    key = next(iter(parts.runs("a1", store)))
    (store.folder / f"{key}.json").write_text("{}")
    assert training.plan("a1", store).left > 0
    training.train("a1", store)
    assert small[2][1] == 1 and training.plan("a1", store).left == 0


def test_confirmation_waits_for_the_whole_of_tuning_and_takes_what_it_chose(small):
    store = Store()
    with pytest.raises(UserError, match=r"14 runs of a1 are not done.*experiments a1"):
        training.train("a2", store)
    training.train("a1", store)
    assert training.plan("a2", store).left == 80
    scores = {record.key: record.metrics["best"]["nll"] for record in parts.records("a1", store)}
    by_hand = min(
        grid.settings("input"),
        key=lambda each: np.mean(
            [scores.get(key_of(grid.run_of("mr", "input", each, seed, 1)), math.inf) for seed in (101, 102, 103)]
        ),
    )
    confirmed = [config for config in parts.runs("a2", store).values() if config.placement == "input"]
    assert len(confirmed) == 40 and {(each.learning_rate, each.rate) for each in confirmed} == {by_hand}
    training.train("a2", store)
    assert small[-1][:2] == ("a2", 80) and training.plan("a2", store).left == 0


def test_what_is_published_of_tuning_decides_and_need_not_be_trained_again(small, monkeypatch):
    store, other = Store(), Store(Store().folder.parent / "other")
    training.train("a1", store)
    rows = parts.own_rows("a1", store)
    monkeypatch.setattr(parts.published, "read", lambda part: rows if part == "a1" else rows.iloc[:0])
    # Nothing is trained here, and the settings are those that the published scores choose.
    assert (training.plan("a1", other).done, parts.records("a1", other)) == (14, [])
    training.train("a1", other)
    assert len(small) == 2
    assert [*parts.runs("a2", other)] == [*parts.runs("a2", store)]
    before = _chosen(parts.runs("a2", store))
    finalists = set(rows.loc[(rows["placement"] == "input") & (rows["seed"] == grid.MORE_SEEDS[0]), "rate"])
    rows.loc[(rows["placement"] == "input") & rows["rate"].isin(finalists - {before}), "nll_best"] = 0.0
    assert _chosen(parts.runs("a2", store)) == _chosen(parts.runs("a2", other)) != before
    training.train("a2", other)
    assert small[-1][:2] == ("a2", 80)


def test_runs_that_are_published_are_not_trained_again_and_their_times_count(small, monkeypatch):
    store, other = Store(), Store(Store().folder.parent / "other")
    training.train("a1", store)
    rows = parts.own_rows("a1", store)
    some = rows.iloc[:9].assign(seconds=72.0)
    monkeypatch.setattr(parts.published, "read", lambda part: some if part == "a1" else rows.iloc[:0])
    plan = training.plan("a1", other)
    assert (plan.done, plan.left, plan.unmeasured) == (9, 5, ()) and plan.hours == pytest.approx(5 * 72 / 3600)
    trained(list(parts.runs("a1", other).values())[:1], other)  # one of this machine counts alone
    assert training.plan("a1", other).hours == pytest.approx(training.plan("a1", other).left * 36 / 3600)
    training.train("a1", other)
    assert {record.key for record in parts.records("a1", other)} >= {*rows["key"]} - {*some["key"]}
    assert sum(count for _, count, _ in small[2:]) <= 5 and training.plan("a1", other).left == 0


def _chosen(runs):
    (rate,) = {config.rate for config in runs.values() if config.placement == "input"}
    return rate


def test_a_run_without_a_chosen_checkpoint_scores_infinity(small):
    store, first = Store(), grid.run_of("mr", "input", grid.settings("input")[0], 101, 1)
    trained([first], store, best=False)
    assert parts._score_of(store)(first) == math.inf
    training.train("a1", store)
    assert first.learning_rate not in {
        each.learning_rate for each in grid.finalists("mr", "input", parts._score_of(store))
    }


def test_hours_follow_from_measured_seconds(small):
    store = Store()
    plan = training.plan("a1", store, workers=2)
    assert plan.hours == 0 and plan.unmeasured == ("mr",)
    assert plan.sentence() == "a1: 14 runs planned, 0 done, 14 left; no run on mr was timed yet"
    trained(list(parts.runs("a1", store).values())[:4], store)
    plan = training.plan("a1", store, workers=2)
    assert plan.hours == pytest.approx(10 * 36 / 3600 / 2) and plan.unmeasured == ()
    assert plan.sentence() == "a1: 14 runs planned, 4 done, 10 left; about 0.05 h on 2 processes"
    assert training.plan("a2", store, workers=2).hours == pytest.approx(80 * 36 / 3600 / 2)


def test_the_command_says_what_is_planned_and_trains_nothing(small):
    found = CliRunner().invoke(cli.app, ["experiments", "a1", "a2", "--plan", "--workers", "2"])
    assert found.exit_code == 0 and small == []
    assert "a1: 14 runs planned, 0 done, 14 left" in found.output
    assert "a2: 80 runs planned" in found.output and "computed once a1 is complete" in found.output


@pytest.mark.parametrize(("arguments", "message"), [(["a4"], "Unknown experiment"), (["--workers", "0"], "at least 1")])
def test_the_command_refuses_what_it_cannot_do(arguments, message):
    found = CliRunner().invoke(cli.app, ["experiments", "--plan", *arguments])
    assert isinstance(found.exception, UserError) and message in str(found.exception)


def test_rows_of_the_study_have_the_loss_after_temperature(small):
    from bilstm_dropout import datasets
    from bilstm_dropout.stats.calibration import split_nll

    store = Store()
    training.train("a1", store)
    rows, found = parts.own_rows("a1", store), {each.key: each for each in parts.records("a1", store)}
    assert len(rows) == 14
    row = rows.iloc[5]
    p, data = found[row["key"]].probabilities, datasets.load("mr", fold=1)
    for selected in ("best", "last"):
        split = split_nll(p[f"test_{selected}"], data.test.labels, p[f"validation_{selected}"], data.validation.labels)
        assert row[f"nll_scaled_{selected}"] == split.refinement != row[f"nll_{selected}"]
        assert row[f"temperature_{selected}"] == split.temperature
    assert split.raw == pytest.approx(row["nll_last"])


def test_the_parts_of_old_are_as_they_were():
    assert [len(parts.runs(part)) for part in ("claims", "memory", "position")] == [500, 642, 168]
    assert list(parts.PARTS)[:8] == ["claims", "memory", "position", "growth", "planted", "a1", "a2", "a3"]

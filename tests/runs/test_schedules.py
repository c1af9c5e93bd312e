"""Rates over training: their mean, their limits, and that training follows them."""

import numpy as np
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.errors import UserError
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.schedules import SCHEDULES, WINDOWS, mean_until, multiplier, peak
from bilstm_dropout.runs.sweep import Sweep


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_has_mean_one_and_never_a_negative_rate(schedule):
    values = multiplier(schedule, np.linspace(0, 1, 100_001))
    assert values.mean() == pytest.approx(1, abs=1e-3) and values.min() >= 0
    assert values.max() == pytest.approx(peak(schedule))


def test_the_forms_are_those_of_their_names():
    assert multiplier("decay", [0, 0.5, 1]).tolist() == [2, 1, 0]
    assert multiplier("triangle", [0.1, 0.2, 0.5, 1]).tolist() == [0, 0, 2.5, 0]


def test_a_rate_that_a_schedule_takes_too_high_is_refused():
    with pytest.raises(UserError, match=r"decay takes the rate 0\.6 up to 1\.2"):
        RunConfig(placement="recurrent", rate=0.6, schedule="decay")
    with pytest.raises(UserError, match="gates does not allow"):
        Sweep(placement="gates", rates=[0.25], schedule="triangle", datasets=["recall"])
    with pytest.raises(UserError, match="constant, decay, ramp, triangle"):
        Sweep.parse(placement="recurrent", schedule="cosine")
    for placement in ("recurrent", "gates"):
        for schedule in ("decay", "ramp", "triangle"):
            with pytest.raises(UserError, match="Give a rate of at most") as caught:
                RunConfig(placement=placement, rate=0.5, schedule=schedule)
            rate = float(str(caught.value).rstrip(".").split()[-1])
            assert RunConfig(placement=placement, rate=rate, schedule=schedule).rate == rate > 0.1  # as it says
    assert RunConfig(placement="none", schedule="decay") == RunConfig(placement="none")


def _watch_draws(trainer, look):
    """Have look(rates, masks) called with all that the trainer draws."""
    program = trainer.program

    def watched(function, *rest, **options):
        compiled = program(function, *rest, **options)

        def drawn(rates, *more):
            masks = compiled(rates, *more)
            look(rates, masks)
            return masks

        return drawn if function.__name__ == "_draw" else compiled

    trainer.program = watched


def test_training_follows_the_schedule():
    from bilstm_dropout.runs.trainer import Trainer

    options = {"steps": 10, "train": 64, "validation": 20, "test": 20}
    settings = dict(dataset="recall", dataset_options=options, units=4, embedding_dim=4, epochs=4, rate=0.4)
    config = RunConfig(placement="recurrent", **settings)
    trainer = Trainer(datasets.load("recall", **options), config)
    seen = []
    _watch_draws(trainer, lambda rates, masks: seen.extend(rates.numpy()[:2]))
    trainer.run(config.model_copy(update={"schedule": "decay"}))
    assert trainer.batches == 2
    assert np.allclose(seen, 0.8 * (1 - np.arange(8) / 8))


def test_the_mean_until_a_share_of_training_is_the_area_so_far():
    for schedule in SCHEDULES:
        assert mean_until(schedule, 1) == pytest.approx(1, abs=1e-3)
    assert mean_until("decay", 0.5) == pytest.approx(1.5) and mean_until("ramp", 0.5) == pytest.approx(0.5)
    assert mean_until("triangle", 0.2) == 0 and mean_until("triangle", 0.5) == pytest.approx(0.75)
    assert mean_until("constant", 0.1) == pytest.approx(1)


def test_a_window_is_one_fifth_of_the_updates_and_nothing_else():
    for updates in (5, 10, 24, 2136):
        done = np.arange(updates) / updates
        first, last = multiplier("first-fifth", done), multiplier("last-fifth", done)
        assert {*first, *last} <= {0, 1} and not (first * last).any()
        assert first[0] == last[-1] == 1 and (np.diff(first) <= 0).all() and (np.diff(last) >= 0).all()
        assert abs(first.sum() - updates / 5) < 1 and abs(last.sum() - updates / 5) < 1
    assert [float(multiplier(name, 1)) for name in WINDOWS] == [0, 1] and {peak(name) for name in WINDOWS} == {1}
    # So it may have any rate, as a constant one may, and `none` has no window.
    assert RunConfig(placement="recurrent", rate=0.9, schedule="last-fifth").rate == 0.9
    assert RunConfig(placement="none", schedule="first-fifth") == RunConfig(placement="none")


@pytest.mark.parametrize(("window", "masked"), [("first-fifth", {0, 1}), ("last-fifth", {8, 9})])
def test_masks_are_drawn_in_the_window_alone(window, masked):
    from bilstm_dropout.runs.trainer import Trainer

    options = {"steps": 10, "train": 64, "validation": 20, "test": 20}
    settings = dict(dataset="recall", dataset_options=options, units=4, embedding_dim=4, epochs=5, rate=0.5)
    config = RunConfig(placement="recurrent", schedule=window, **settings)
    trainer = Trainer(datasets.load("recall", **options), config)
    step, drops = [], []

    def look(rates, masks):
        mask = masks["layer 0"]["recurrent"]
        step.extend(rates.numpy()[: trainer.batches])
        drops.extend((np.asarray(mask[: trainer.batches]) == 0).any(axis=tuple(range(1, mask.ndim))))

    _watch_draws(trainer, look)
    trainer.run(config)
    assert trainer.batches == 2 and trainer.ahead >= 2
    assert step == [0.5 if number in masked else 0 for number in range(10)]
    assert {number for number, some in enumerate(drops) if some} == masked

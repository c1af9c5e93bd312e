"""Runs on planted features: pairs, what is compared with what, and claims that follow the runs."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from bilstm_dropout.experiments import planted
from bilstm_dropout.results import published


def made_up(loss):
    """Rows of every run: loss(config) is the test NLL at the checkpoint and at the end, plus a seed's own."""
    rows = []
    for config in planted.runs():
        value = loss(config) + 0.01 * config.seed
        rows.append(
            {"placement": config.placement, "rate": config.rate, "seed": config.seed, "diverged": False,
             "dataset_options": json.dumps(config.dataset_options), "nll_best": value, "nll_last": value + 1}
        )  # fmt: skip
    return pd.DataFrame(rows)


def plain(config):
    """Dropout helps by its rate where features are many, and harms where there is one."""
    options = config.dataset_options
    noise = 1e-3 * np.random.default_rng([config.seed, int(100 * config.rate), len(config.placement)]).random()
    sign = -1 if options["informative"] > 1 else 1
    value = sign * config.rate + noise + 0.01 * options["distractors"] * 100 / options["train"]
    return value + (1 - config.rate) * (options["spurious"] > 0)


def test_every_run_is_listed_once_and_each_cell_has_its_baseline():
    runs = planted.runs()
    assert len({config.model_dump_json() for config in runs}) == len(runs) == 570
    tasks = {json.dumps(config.dataset_options) for config in runs}
    none = [json.dumps(config.dataset_options) for config in runs if config.placement == "none"]
    assert set(none) == tasks and len(none) == 10 * len(tasks)


def test_losses_are_by_seed_and_need_every_seed():
    rows = made_up(plain)
    found = planted.losses(rows, planted.ALONE, "input", 0.5) - planted.losses(rows, planted.ALONE)
    assert found.count() == 10 and found.mean() == pytest.approx(0.5, abs=2e-3)
    assert planted.losses(rows, planted.ALONE, when="last").iloc[0] > 1
    with pytest.raises(ValueError, match=r"input at 0\.5 .* not there once a seed"):
        planted.losses(rows.drop(rows.index[(rows["placement"] == "input") & (rows["rate"] == 0.5)][0]),
                       planted.ALONE, "input", 0.5)  # fmt: skip
    rows.loc[rows["seed"] == 3, "diverged"] = True
    assert planted.losses(rows, planted.ALONE).count() == 10  # the checkpoint chosen before stays
    assert planted.losses(rows, planted.ALONE, when="last").count() == 9
    rows.loc[rows["seed"] == 3, "nll_best"] = math.nan
    assert planted.losses(rows, planted.ALONE).count() == 9


def test_the_harm_of_a_relation_is_that_with_it_less_that_without():
    rows = made_up(plain)
    assert planted.harm(rows).mean() == pytest.approx(1, abs=2e-3)
    assert planted.harm(rows, "recurrent", 0.5).mean() == pytest.approx(0.5, abs=5e-3)


def test_rows_of_a_task_are_those_of_every_draw_and_of_no_other_task():
    rows = made_up(plain)
    other = rows.assign(
        dataset_options=[json.dumps(json.loads(each) | {"data_seed": 7}) for each in rows["dataset_options"]]
    )
    for task, cells in ((planted.ALONE, 9), (planted.SPURIOUS, 11), (planted.APART, 5)):
        mine = task.rows_of(pd.concat([rows, other]))
        assert len(mine) == 2 * 10 * cells
        informative = {json.loads(each)["informative"] for each in mine["dataset_options"]}
        assert informative == {dict(task.options)["informative"]}


def test_published_runs_are_those_that_are_listed():
    rows = published.read(planted.PART)
    assert len(rows) == len(planted.runs())

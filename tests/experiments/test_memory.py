"""The memory experiments: their tasks, what is trained, and how runs become numbers."""

import nbformat
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bilstm_dropout import cli, datasets
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import memory, parts
from bilstm_dropout.paths import project_root
from bilstm_dropout.results import published
from bilstm_dropout.results.rows import SCHEMA, row_of
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.store import Record, Store


# ---- the task with a cue at both ends
def both_ends(**options):
    return datasets.load("recall", position="both ends", **options)


def test_two_cues_decide_the_class_together():
    made = both_ends(steps=7, noise=0.0)
    for split in made.splits().values():
        first, last = split.inputs[:, 0] - 2, split.inputs[:, -1] - 2
        assert set(first) == set(last) == {0, 1, 2, 3}
        assert np.array_equal((first + last) % 4, split.labels)
        assert split.inputs[:, 1:-1].min() >= 6
        assert np.array_equal(split.posterior.argmax(axis=1), split.labels)


def test_neither_cue_alone_tells_the_class():
    from scipy.stats import chi2_contingency

    split = both_ends(test=20_000).test
    for place in (0, -1):
        table = pd.crosstab(split.inputs[:, place], split.labels)
        assert chi2_contingency(table).pvalue > 1e-4 and table.to_numpy().min() > 1000


def test_the_other_positions_are_what_they_were():
    """Their noise symbols and labels are also those of both ends."""
    last, both = datasets.load("recall", position="last").train, both_ends().train
    assert np.array_equal(last.labels, both.labels)
    assert np.array_equal(last.inputs[:, 1:-1], both.inputs[:, 1:-1])
    assert datasets.load("recall").fingerprint == "e97f6b7449c01232"


# ---- what is trained
@pytest.mark.parametrize(
    ("case", "distance"),
    [
        (("recall", "first", False, 20), 20),
        (("recall", "first", True, 20), 1),
        (("recall", "middle", True, 20), 10),
        (("recall", "middle", True, 21), 11),
        (("recall", "middle", False, 20), 10),
        (("recall", "last", False, 20), 1),
        (("recall", "both ends", True, 20), 20),
        (("order", "middle third", True, 60), 21),
    ],
)
def test_the_distance_counts_writes_to_the_cell_from_the_signal_on(case, distance):
    assert memory.Case(*case).distance == distance


def test_the_distance_of_order_is_the_least_that_a_row_asks_for():
    case = memory.Case("order", "middle third", True, 24)
    tokens = datasets.load("order", **case.options).train.inputs
    markers = [np.flatnonzero(row < 4) for row in tokens]
    # Forward, the later marker has the shorter way to the end; backward, the earlier one to the start.
    assert min(min(24 - places[-1], places[0] + 1) for places in markers) == case.distance


def test_a_part_has_every_form_rate_length_and_seed_once():
    found = [(config, case) for config, case in memory.runs("memory").values() if case.steps in memory.STEPS]
    rates = sum(len(rates) for rates in memory.FORMS.values())
    assert len(found) == (len(memory.STEPS) + 2 * len(memory.BOTH_STEPS)) * len(memory.SEEDS) * rates
    assert {config.placement for config, _ in found} == set(memory.FORMS)
    for config, case in memory.runs("memory").values():
        assert config.bidirectional == case.bidirectional and config.dataset_options["steps"] == case.steps
        assert config.dataset_options.get("position", "middle third") == case.signal and config.units == 32
        assert case.signal != "first" or not case.bidirectional, "a BiLSTM reads the first step last"
    networks = {(case.signal, case.network, case.steps) for _, case in memory.runs("position").values()}
    assert len(networks) == len(memory.SIGNALS) * 2 * len(memory.POSITION_STEPS)
    with pytest.raises(UserError, match="memory, position"):
        memory.runs("depth")


def test_forms_of_a_case_share_everything_but_the_masks():
    by_case = {}
    for config, case in memory.runs("memory").values():
        rest = config.model_copy(update={"placement": "none", "rate": 0.0, "seed": 1})
        by_case.setdefault(case, set()).add(rest.model_dump_json())
    assert all(len(each) == 1 for each in by_case.values())


# ---- from runs to numbers
def record(key, config, accuracy, version=1, diverged=False):
    """A made-up record with the key that the store would give it."""
    data = datasets.load(config.dataset, **config.dataset_options)
    measures = dict.fromkeys(("accuracy", "nll", "brier", "macro_f1"), float(accuracy)) | {"epoch": 4.0}
    return Record(
        key=key, config=config, fingerprint=data.fingerprint, results_version=version,
        metrics={"last": measures, "best": measures}, curves=[], watch="validation", diverged=diverged, seconds=1.0,
        provenance={"device": {}}, probabilities={"test_last": np.full((2, 2), 0.5, np.float32)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    """Made-up rows of both parts: none is perfect up to 60 steps, the others forget with the formula."""
    made = {}
    for part in memory.PARTS:
        rng, found = np.random.default_rng(0), []
        for key, (config, case) in memory.runs(part).items():
            chance, best, _ = memory.limits(config.dataset, tuple(config.dataset_options.items()))
            kept = float(case.steps <= 60) if config.placement == "none" else (1 - config.rate) ** case.distance
            accuracy = chance + kept * (best - chance) + 0.001 * rng.random()
            found.append(row_of(part, record(key, config, accuracy, diverged=False)))
        made[part] = pd.DataFrame(found, columns=SCHEMA.names)
    return made


def test_measured_sets_accuracy_beside_the_formula(rows):
    frame = memory.measured("memory", rows["memory"])
    assert list(frame.columns) == list(memory.COLUMNS) and len(frame) == len(memory.runs("memory"))
    wiping = frame[frame["placement"].isin(memory.WIPING)]
    assert np.allclose(wiping["survival"], (1 - wiping["rate"]) ** wiping["distance"])
    assert np.allclose(wiping["retained"], wiping["survival"], atol=0.005)
    assert (frame.loc[frame["placement"] == "none", "survival"] == 1).all()
    others = frame[~frame["placement"].isin((*memory.WIPING, "none"))]
    assert others["survival"].isna().all(), "the formula says nothing of forms that leave the cell alone"
    assert np.allclose(frame["best_accuracy"], 0.9, atol=0.03) and set(frame["chance"]) == {0.25, 0.5}


def test_a_diverged_run_has_no_numbers_and_other_runs_are_left_out(rows):
    some = rows["memory"].head(3).copy()
    some.loc[some.index[0], "diverged"] = True
    some.loc[some.index[1], "fingerprint"] = "0" * 16
    frame = memory.measured("memory", some)
    assert len(frame) == 2 and frame["diverged"].tolist() == [True, False]
    assert np.isnan(frame.loc[0, ["accuracy", "nll", "retained", "epoch"]].astype(float)).all()


def test_the_newest_results_version_counts():
    from bilstm_dropout.runs.store import run_key

    config, _ = next(iter(memory.runs("memory").values()))
    data = datasets.load(config.dataset, **config.dataset_options)
    given = [
        row_of("memory", record(run_key(config, data.fingerprint, version), config, accuracy, version))
        for version, accuracy in ((7, 0.7), (9, 0.9), (8, 0.8))
    ]
    frame = memory.measured("memory", pd.DataFrame(given))
    assert frame["accuracy"].tolist() == [0.9]


# ---- the command
@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """The experiment at a size that trains in seconds, with a store of its own."""
    monkeypatch.setattr(memory, "FORMS", {"none": [0.25], "cell-stepwise": [0.25]})
    for name, value in {
        "SEEDS": [1],
        "STEPS": [9],
        "LONG_FORMS": {},
        "ROWS": {"test": 50},
        "TRAINING_ROWS": {"recall": 64},
    }.items():
        monkeypatch.setattr(memory, name, value)
    monkeypatch.setattr(memory, "TRAINING", {"units": 4, "learning_rate": 3e-3})
    monkeypatch.setattr(memory, "epochs", lambda case: 1)
    monkeypatch.setattr(memory, "cases", lambda part, lengths: [memory.Case("recall", "first", False, 9)])
    monkeypatch.setenv("BILSTM_DROPOUT_RUNS", str(tmp_path / "runs"))
    return tmp_path


def test_the_command_plans_trains_what_is_missing_and_publishes(tiny, monkeypatch):
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tiny / "published"))

    def command(*arguments):
        return CliRunner().invoke(cli.app, ["experiments", "memory", *arguments])

    assert "memory: 2 runs planned, 0 done" in command("--plan").output and not Store().keys()
    command()
    assert len(Store().keys()) == 2 and "memory: 2 runs planned, 2 done" in command("--plan").output
    times = {key: Store()._json(key).stat().st_mtime_ns for key in Store().keys()}  # noqa: SIM118
    command()
    assert times == {key: Store()._json(key).stat().st_mtime_ns for key in Store().keys()}  # noqa: SIM118
    command("--publish")
    there, own = published.read("memory"), parts.own_rows("memory")
    assert set(there["key"]) == set(own["key"]) == set(memory.runs("memory"))
    both = [memory.measured("memory", each) for each in (there, own)]
    pd.testing.assert_frame_equal(*both)


# ---- the notebook
def show_with(parameters: str) -> dict:
    """The names that the notebook's cells leave, run with other parameters."""
    cells = nbformat.read(project_root() / "notebooks" / "memory.ipynb", as_version=4).cells
    found: dict = {}
    for cell in (cell for cell in cells if cell.cell_type == "code"):
        exec(cell.source, found)
        if cell.id == "parameters":
            exec(parameters, found)
    return found


@pytest.mark.parametrize(
    ("parameters", "placements", "steps"),
    [
        ("placements, steps = 'gates', '[10]'", {"none", "gates"}, {10}),
        ("placements, steps = ['input', 'recurrent'], [20, 60]", {"none", "input", "recurrent"}, {20, 60}),
    ],
)
def test_the_notebook_shows_what_its_parameters_ask_for(parameters, placements, steps, shown):
    found = show_with(f"{parameters}\nown = False")
    assert set(found["summary"]["placement"]) == placements and set(found["summary"]["steps"]) == steps
    assert shown().count("<svg") == 5 and "your own" not in shown()


def test_the_notebook_sets_the_reader_s_own_runs_beside_the_published_ones(monkeypatch, shown):
    monkeypatch.setattr(parts, "own_rows", lambda part: published.read(part).head(5))
    found = show_with("own = True")
    both = found["both"]
    assert len(both) >= 5 and not both.duplicated(found["run"]).any()
    assert (both["accuracy"] == both["accuracy_own"]).all() and "and of your own" in shown()


def test_a_config_of_the_experiment_can_be_run_by_hand():
    """The line that the page gives means a run that exists."""
    RunConfig(placement="cell-stepwise", rate=0.1, dataset="recall", bidirectional=False,
              dataset_options={"position": "first", "steps": 60})  # fmt: skip

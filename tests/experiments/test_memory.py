"""The memory experiments: their tasks, what is trained, how runs become numbers, and what the pages say of them."""

import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bilstm_dropout import cli, datasets
from bilstm_dropout.book.chapters import memory as chapters_memory
from bilstm_dropout.book.chapters.memory_settings import read_request
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import memory, parts
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


# ---- what the pages say
def show_all(found):
    chapters_memory.show_what_ran(found)
    for cell in (chapters_memory.show_accuracy, chapters_memory.show_survival, chapters_memory.show_position,
                 chapters_memory.show_not_carried):  # fmt: skip
        cell(found)
    chapters_memory.show_rerun()


def memory_of(rows, own=None, **given):
    request = read_request(**given)
    empty = {part: memory.measured(part, each.iloc[:0]) for part, each in rows.items()}
    tidy = {part: chapters_memory._chosen(memory.measured(part, each), request) for part, each in rows.items()}
    return chapters_memory.Memory(request, tidy, own or empty, {part: len(each) for part, each in rows.items()})


def test_without_results_the_page_says_so_and_gives_the_command(shown, tmp_path):
    found = chapters_memory.load(read_request(), Store(tmp_path / "runs"), tmp_path / "published")
    show_all(found)
    assert "There are no results yet" in shown() and chapters_memory.COMMAND in shown()
    assert "<svg" not in shown()


def test_the_page_shows_both_experiments(rows, shown):
    show_all(memory_of(rows))
    page = shown()
    assert page.count("<svg") == 4 and "nan" not in re.sub(r"<[^>]*>", "", page)
    assert "decide nothing" not in page and f"0 of {len(memory.SEEDS)} runs learned" in page
    for name in memory.FORMS:
        assert name in page


def test_too_few_seeds_are_said_to_decide_nothing(rows, shown):
    few = {part: each[each["seed"] <= 3] for part, each in rows.items()}
    show_all(memory_of(few))
    assert "Three seeds decide nothing" in shown()


def test_the_table_compares_each_form_with_none_on_the_same_seeds(rows):
    frame = memory.measured("memory", rows["memory"])
    table = chapters_memory.accuracy_table(frame)
    said = table[table["T"] == 20].set_index(["task", "form"])["accuracy is"]
    assert (said.xs("none", level="form") == "").all() and (said.xs("cell", level="form") == "lower").all()
    told = chapters_memory.told_apart(table)
    assert "- recall, LSTM, first, T = 20: " in told and "`cell` at p = 0.25 lower" in told and "higher" not in told
    lower = (table["accuracy is"] == "lower").sum()
    assert f"in {lower} of {(table['accuracy is'] != '').sum()} cells:" in told
    mixed = frame.assign(accuracy=frame["accuracy"].where(frame["placement"] != "cell", other=np.nan))
    again = chapters_memory.accuracy_table(mixed).set_index(["task", "form"])["accuracy is"]
    assert (again.xs("cell", level="form") == "not told apart").all()


def test_own_runs_stand_beside_published_ones(rows, shown):
    tidy = {part: memory.measured(part, each) for part, each in rows.items()}
    found = memory_of(rows, own=tidy)
    chapters_memory.show_what_ran(found)
    chapters_memory.show_position(found)
    assert "accuracy differs by at most 0.000" in shown() and "own runs" in shown()


def test_own_runs_are_shown_where_none_are_published(rows, shown):
    tidy = {part: memory.measured(part, each) for part, each in rows.items()}
    request = read_request(placements=["gates"])
    own = {part: chapters_memory._chosen(each, request) for part, each in tidy.items()}
    show_all(chapters_memory.Memory(request, {part: each.iloc[:0] for part, each in own.items()}, own, {
        part: len(each) for part, each in rows.items()
    }))  # fmt: skip
    assert shown().count("<svg") == 4 and "no results yet" not in shown()


def test_position_is_told_apart_only_by_the_rule(rows, shown):
    changed = rows["position"].copy()
    lower = ~changed["bidirectional"]
    changed.loc[lower, "accuracy_best"] = changed.loc[lower, "accuracy_best"] - 0.3
    chapters_memory.show_position(memory_of({**rows, "position": changed}))
    assert shown().count(">higher<") == len(memory.POSITION_STEPS) * len(memory.SIGNALS)
    few = changed[changed["seed"] <= 5]
    chapters_memory.show_position(memory_of({**rows, "position": few}))
    assert shown().count(">higher<") == len(memory.POSITION_STEPS) * len(memory.SIGNALS) and "not told apart" in shown()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"form": "gates"}, "placements, steps, own"),
        ({"placements": "recurent"}, "recurrent"),
        ({"placements": "output"}, "cell-stepwise"),
        ({"steps": [61]}, "60"),
        ({"steps": "long"}, "60"),
        ({"own": "perhaps"}, "true or false"),
        ({"placements": "[" * 100_000}, "no JSON list"),
        ({"placements": 3}, "Unknown placement '3'"),
        ({"steps": "[" * 100_000}, "Allowed: 10"),
        ({"steps": [[60]]}, "Allowed: 10"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_parameters_are_refused_in_one_line(given, words):
    with pytest.raises(UserError, match=words) as caught:
        read_request(**given)
    assert "\n" not in str(caught.value)


def test_parameters_choose_what_is_shown(rows):
    found = memory_of(rows, placements='["gates"]', steps="[60]")
    assert set(found.published["memory"]["placement"]) == {"none", "gates"}
    assert set(found.published["memory"]["steps"]) == set(found.published["position"]["steps"]) == {60}


def test_a_config_of_the_experiment_can_be_run_by_hand():
    """The line that the page gives means a run that exists."""
    RunConfig(placement="cell-stepwise", rate=0.1, dataset="recall", bidirectional=False,
              dataset_options={"position": "first", "steps": 60})  # fmt: skip

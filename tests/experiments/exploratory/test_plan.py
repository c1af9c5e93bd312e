"""The exploring parts: stated counts, a baseline for every run, and no run that a3 has trained twice."""

import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from support import text_sets

from bilstm_dropout import datasets
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import parts, training
from bilstm_dropout.experiments.confirmatory import plan as grid
from bilstm_dropout.experiments.exploratory import doses
from bilstm_dropout.experiments.exploratory import plan as grid_exploring
from bilstm_dropout.paths import published_folder
from bilstm_dropout.runs.config import CONTROLS, RunConfig
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of, record_of

COUNTS = {
    "b": {"japanese_vowels": 890, "mr": 740},
    "c": {"imdb": 110},
    "d": {"mr": 500, "imdb": 120},
    "e": {"mr": 80, "trec": 80, "japanese_vowels": 100},
    "f": {"mr": 150},
    "f2": {"mr": 130},
    "g": {"trec": 170, "japanese_vowels": 170},
    "i": {"trec": 70, "japanese_vowels": 70},
    "j": {"japanese_vowels": 235, "mr": 185},
    "k": {"trec": 80},
}
TEXT_UNITS = [(seed, fold) for fold in (2, 3, 4, 5) for seed in (1, 2, 3, 4, 5)]


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    monkeypatch.setitem(text_sets.CLASSES, "imdb", 2)
    text_sets.stand_in(monkeypatch)


def changed(config, **fields):
    return RunConfig(**{**config.model_dump(), **fields})


def runs(part, **fields):
    """A part's runs with these values."""
    found = grid_exploring.PARTS[part]()
    return [config for config in found if all(getattr(config, name) == value for name, value in fields.items())]


def trained(configs, store, seconds=36.0):
    """Records of runs that nobody trained."""
    for config in configs:
        dataset = datasets.load(config.dataset, **config.dataset_options)
        rows, classes = len(dataset.test.labels), len(dataset.classes)
        p = np.full((rows, classes), 1 / classes, np.float32)
        outcome = SimpleNamespace(
            probabilities={"test_last": p}, curves=[], best_epoch=None, last_epoch=1.0, diverged=False, seconds=seconds
        )
        store.save(record_of(config, dataset, outcome))


def test_the_exploring_parts_are_those_of_the_study():
    assert [*grid_exploring.PARTS] == [*COUNTS]
    assert [*parts.PARTS][-22:] == ["a3", *COUNTS, "q", "u", "t", "s", "v", "l", "r", "m", "o", "n", "p"]
    assert {parts.PARTS[part].after for part in COUNTS} == {"a3"}
    assert sum(sum(counts.values()) for counts in COUNTS.values()) == 3880


@pytest.mark.parametrize("part", COUNTS)
def test_counts(part):
    """As many runs as stated, and none of them twice."""
    assert parts.PARTS[part].planned() == COUNTS[part]
    known = parts.runs(part, Store())
    assert Counter(config.dataset for config in known.values()) == COUNTS[part]
    assert len(known) == len(grid_exploring.PARTS[part]())


@pytest.mark.parametrize("part", COUNTS)
def test_every_run_has_its_baseline(part):
    """`none` of the same unit, and of the same network, training and data: everything but the dropout is equal."""
    known = parts.runs(part, Store())
    lacking = [config for config in known.values() if key_of(changed(config, placement="none", rate=0.0)) not in known]
    assert lacking == [] and any(config.placement != "none" for config in known.values())


@pytest.mark.parametrize("part", COUNTS)
def test_every_run_is_allowed_and_spelt_as_others_spell_it(part):
    for config in runs(part):
        assert RunConfig(**config.model_dump()) == config


def test_lists_are_made_of_runs_that_are_checked():
    plain, scheduled = (grid_exploring.runs_of("mr", 5, [("none", 0.0)], **each) for each in ({}, {"schedule": "ramp"}))
    assert plain == scheduled and len(plain) == 5  # `none` has no rate to change
    with pytest.raises(UserError, match=r"0\.75 is not allowed for gates"):
        grid_exploring.runs_of("mr", 5, [("gates", 0.75)])


def test_runs_that_a3_has_are_the_same_runs():
    fixed = {key_of(config): config for config in grid.fixed_rate()}
    shared = {}
    for part in COUNTS:
        known = parts.runs(part, Store())
        shared[part] = len(known.keys() & fixed.keys())
        # Equal in every field that a3's runs do not vary: then it has to be one of them, if a3 has its unit.
        alike = [
            config
            for config in known.values()
            if config.rate == (0 if config.placement == "none" else 0.25)
            and config.placement in (*grid.PLACEMENTS, *([grid.CELL] if config.dataset in grid.TUNED else []))
            and (config.layers, config.units, config.train_rows) == (1, 64, None)
            and (config.schedule, config.dropout_stream) == ("constant", 0)
            and config.epochs == grid.EPOCHS.get(config.dataset)
            and config.dataset_options.get("test") != "official"
            and not {*config.model_dump()} & {*CONTROLS}
            and config.seed <= 20  # of japanese_vowels; texts have no higher ones
        ]
        assert shared[part] == len(alike)
    assert shared == {"b": 160, "c": 0, "d": 0, "e": 60, "f": 30, "f2": 20, "g": 50, "i": 0, "j": 30, "k": 0}
    new = {key for part in COUNTS for key in parts.runs(part, Store())} - fixed.keys()
    assert len(new) == 3370


def test_units_are_folds_and_seeds_that_a3_has_first():
    def found(configs):
        return sorted({(config.seed, config.dataset_options.get("fold")) for config in configs})

    assert found(runs("d", dataset="mr")) == sorted(TEXT_UNITS) == found(runs("e", dataset="trec"))
    assert found(runs("e", dataset="japanese_vowels")) == [(seed, None) for seed in range(1, 21)]
    for part in ("b", "f", "f2", "g", "i", "k"):
        for dataset in COUNTS[part]:
            ten = [(seed, None) for seed in range(1, 11)] if dataset == "japanese_vowels" else sorted(TEXT_UNITS[:10])
            assert found(runs(part, dataset=dataset)) == ten
    assert {config.dataset_options["test"] for part in "egi" for config in runs(part, dataset="trec")} == {"fold"}
    assert found(runs("c")) == found(runs("d", dataset="imdb")) == [(seed, 0) for seed in range(1, 11)]


def test_no_placement_of_the_table_is_missing_in_the_dose_response():
    tokens = {"embedding-types", "embedding-and-arguments"}  # need an embedding
    for dataset, expected in (("mr", {*TABLE}), ("japanese_vowels", {*TABLE} - tokens)):
        assert {config.placement for config in runs("b", dataset=dataset)} == expected
        two = {config.placement for config in runs("b", dataset=dataset, layers=2)}
        assert two == {"none", "between", "between-spatial"}
        rates = Counter((config.placement, config.rate) for config in runs("b", dataset=dataset))
        allowed = (0.1, 0.25, 0.5, 0.75) if dataset == "japanese_vowels" else (0.1, 0.25, 0.5)
        stated = {(name, rate) for name in expected - {"none"} for rate in allowed} - {("gates", 0.75)}
        assert rates == {("none", 0.0): 20} | dict.fromkeys(stated, 10)


def test_a_placement_that_is_added_to_the_table_is_in_the_dose_response(monkeypatch):
    monkeypatch.setitem(TABLE._entries, "other", replace(TABLE["gates"], name="other"))
    found = Counter((config.dataset, config.rate) for config in runs("b", placement="other"))
    series = {("japanese_vowels", rate): 10 for rate in (0.1, 0.25, 0.5)}
    assert found == series | {("mr", rate): 10 for rate in (0.1, 0.25, 0.5)}


def test_reviews():
    found = runs("c")
    high = Counter(config.placement for config in found if config.rate == 0.5)
    assert high == {"input": 10, "recurrent": 10, "output": 10}
    assert {config.placement for config in found if config.rate in (0, 0.25)} == {*grid.PLACEMENTS}
    sizes = {(each.epochs, each.evaluations_per_epoch, each.embedding_dim, each.learning_rate) for each in found}
    assert sizes == {(4, 4, 100, 1e-3)}
    options = {"vocabulary": 8000, "max_tokens": 100, "keep": "last", "fold": 0}
    assert all(config.dataset_options == options for config in found)


@pytest.mark.parametrize(("dataset", "about"), [("mr", 1000), ("imdb", 1500)])
def test_every_size_has_about_as_many_updates(dataset, about):
    updates, evaluations = {}, {}
    for config in runs("d", dataset=dataset):
        batches = -(-config.train_rows // config.batch_size)
        assert config.evaluations_per_epoch <= batches  # else a stretch between two evaluations is empty
        updates.setdefault(config.train_rows, set()).add(batches * config.epochs)
        evaluations.setdefault(config.train_rows, set()).add(config.epochs * config.evaluations_per_epoch)
    sizes = {"mr": [250, 500, 1000, 2000, 4000], "imdb": [1000, 4000, 12000]}[dataset]
    assert sorted(updates) == sizes and all(len(each) == 1 for each in (*updates.values(), *evaluations.values()))
    numbers = [each for found in updates.values() for each in found]
    assert max(numbers) / min(numbers) <= 1.02 and max(abs(each - about) for each in numbers) <= 0.02 * about
    assert [*evaluations.values()] == {"mr": [{125}, {62}, {62}, {64}, {64}], "imdb": [{47}, {48}, {48}]}[dataset]


def test_sizes_have_their_placements():
    sized = {(config.dataset, config.train_rows, config.placement) for config in runs("d")}
    four = {"none", "input", "recurrent", "output"}
    assert {placement for dataset, _, placement in sized if dataset == "imdb"} == four
    assert {placement for dataset, _, placement in sized if dataset == "mr"} == four | {"variational"}
    assert len(sized) == 5 * 5 + 3 * 4


def test_the_factorial_and_a3_have_every_cell_once():
    eight = {"none", "input", "recurrent", "output", "input+recurrent", "input+output", "recurrent+output",
             "input+recurrent+output"}  # fmt: skip
    for dataset in ("mr", "trec", "japanese_vowels"):
        own = {config.placement for config in runs("e", dataset=dataset)} - {"none"}
        fixed = {config.placement for config in grid.fixed_rate() if config.dataset == dataset}
        assert own | fixed >= eight and not own & fixed
    assert {config.rate for config in runs("e") if config.placement != "none"} == {0.25}


def test_equal_doses_are_the_published_ones():
    found = Counter((config.placement, config.rate) for config in runs("f2"))
    matched = {(each.placement, each.rate): 10 for each in doses.Doses.published().matched}
    assert found == {("none", 0.0): 10} | matched and len(matched) == 12


def test_trec_s_own_test_part_is_in_one_part_alone():
    official = {
        part
        for part in ("a3", *COUNTS)
        for config in parts.runs(part, Store()).values()
        if config.dataset == "trec" and config.dataset_options["test"] == "official"
    }
    assert official == {"k"} and {config.dataset_options["test"] for config in runs("k")} == {"official"}
    assert {config.placement for config in runs("k")} == {*grid.PLACEMENTS}


def test_sharings_are_the_seven_masks_of_the_input():
    expected = {"input", "input-spatial", "input-steps", "input-features", "input-samples", "input-words",
                "input:step,feature"}  # fmt: skip
    counts = Counter((config.placement, config.rate) for config in runs("f"))
    assert counts == {("none", 0.0): 10} | {(each, rate): 10 for each in expected for rate in (0.25, 0.5)}


def test_schedules_have_one_mean_rate_and_one_baseline():
    for dataset, epochs in (("trec", 25), ("japanese_vowels", 40)):
        found = runs("g", dataset=dataset)
        counts = Counter((config.placement, config.schedule, config.rate) for config in found)
        four = ("input", "recurrent", "output", "combined")
        stated = {(each, schedule, 0.25): 10 for each in four for schedule in ("constant", "decay", "ramp", "triangle")}
        assert counts == {("none", "constant", 0.0): 10} | stated
        assert {config.epochs for config in found} == {epochs}


def test_two_layers():
    assert {config.layers for config in runs("i")} == {2}
    seven = ["none", "input", "between", "between-spatial", "recurrent", "output", "input+between+output"]
    for dataset in ("trec", "japanese_vowels"):
        assert Counter(config.placement for config in runs("i", dataset=dataset)) == dict.fromkeys(seven, 10)


def test_controls():
    for dataset, seeds in (("japanese_vowels", 60), ("mr", 10)):
        counts = Counter(
            (config.placement, config.rate, config.units, config.dropout_stream)
            for config in runs("j", dataset=dataset)
            if not {*config.model_dump()} & {*CONTROLS}
        )
        assert counts == {
            ("none", 0.0, 64, 0): seeds,
            ("none", 0.0, 32, 0): 10,
            **{(each, 0.0, 64, 0): 5 for each in grid.PLACEMENTS[1:]},
            ("input", 0.25, 64, 1): 10,
            ("recurrent", 0.25, 64, 1): 10,
            ("input-samples", 0.25, 64, 0): 10,
            ("input:sample,step,feature:gaussian", 0.25, 64, 0): 10,
            ("recurrent:direction,sample,gate,feature:gaussian", 0.25, 64, 0): 10,
            ("output:sample,feature:gaussian", 0.25, 64, 0): 10,
        }
        used = Counter(
            (config.placement, config.weight_decay, config.label_smoothing, config.permuted_labels)
            for config in runs("j", dataset=dataset)
            if {*config.model_dump()} & {*CONTROLS}
        )
        assert used == {
            ("none", 0.1, 0.0, False): 10,
            ("none", 1.0, 0.0, False): 10,
            ("none", 0.0, 0.1, False): 10,
            **{(each, 0.0, 0.0, True): 10 for each in ("none", "input", "recurrent", "output")},
        }
    assert {config.seed for config in runs("j", dataset="japanese_vowels")} == set(range(1, 61))
    # What other masks are compared with: the same runs with the first stream.
    fixed = {key_of(config) for config in grid.fixed_rate()}
    assert all(key_of(changed(config, dropout_stream=0)) in fixed for config in runs("j", dropout_stream=1))


@pytest.fixture
def two(monkeypatch, tmp_path):
    """a3 with two runs, nothing published, and no training: which parts would have been trained."""
    fixed = [config for config in grid.fixed_rate() if (config.dataset, config.placement) == ("mr", "none")][:2]
    monkeypatch.setattr(grid, "fixed_rate", lambda: fixed)
    # JapaneseVowels needs no download, so its published runs would count as done here.
    # The rates of f2 come from a published measurement, which no run is.
    shutil.copytree(published_folder() / "doses", tmp_path / "published" / "doses")
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path / "published"))
    # The sets that stand in have fewer rows than part d takes.
    monkeypatch.setattr("bilstm_dropout.runs.train.check_rows", lambda configs: None)
    asked = []

    def train(todo, store, workers, label, scheduler):
        asked.append((label, len(todo)))
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "train_in_processes", train)
    return fixed, asked


@pytest.mark.parametrize("part", COUNTS)
def test_parts_wait_for_the_whole_of_a3(two, part):
    (fixed, asked), store = two, Store()
    trained(fixed[:1], store)
    with pytest.raises(UserError, match=rf"{part} rests on a3, and 1 runs of a3 are not done.*experiments a3"):
        training.train(part, store)
    assert asked == []
    trained(fixed[1:], store)
    with pytest.raises(KeyboardInterrupt):
        training.train(part, store)
    shared = {key_of(config) for config in fixed} & parts.runs(part, store).keys()
    assert asked == [(part, sum(COUNTS[part].values()) - len(shared))]


def test_confirmatory_runs_time_exploring_ones_of_their_size(two):
    (fixed, _), store = two, Store()
    others = [changed(config, placement="combined", rate=0.25) for config in fixed]
    fixed.extend(others)
    trained(others, store, seconds=100.0)
    # The combined runs are not of part f, and of the same size: no run of f has to be finished for its hours.
    plan = training.plan("f", store)
    assert (plan.done, plan.unmeasured) == (0, ()) and plan.hours == pytest.approx(150 * 100 / 3600)
    # In b, which has the two itself, they stand for two layers too. All of d have fewer rows, all of i another layer.
    plan = training.plan("b", store)
    assert plan.unmeasured == ("japanese_vowels",) and plan.hours == pytest.approx(738 * 100 / 3600)
    assert training.plan("d", store).unmeasured == ("mr", "imdb")
    assert training.plan("i", store).unmeasured == ("trec", "japanese_vowels")


def test_runs_of_another_size_are_timed_apart_once_one_is_finished(two):
    (fixed, _), store = two, Store()
    fixed.clear()
    one, other = runs("b", dataset="mr", layers=1), runs("b", dataset="mr", layers=2)
    assert (len(one), len(other)) == (670, 70)
    trained(one[:3], store, seconds=10.0)
    plan = training.plan("b", store)
    assert plan.unmeasured == ("japanese_vowels",) and plan.hours == pytest.approx((667 + 70) * 10 / 3600)
    trained(other[:1], store, seconds=30.0)
    assert training.plan("b", store).hours == pytest.approx((667 * 10 + 69 * 30) / 3600)


def test_a_run_of_two_parts_is_timed_once(two):
    (fixed, _), store = two, Store()
    shared = runs("f", placement="none")[:1]
    own = runs("f", placement="input-words")[:2]
    fixed[:] = shared
    trained(shared, store, seconds=10.0)
    trained(own, store, seconds=30.0)
    # Counted in a3 too, the run of 10 seconds would bring the median down to 20.
    assert training.plan("f", store).hours == pytest.approx(147 * 30 / 3600)


def test_stating_the_parts_loads_no_data():
    code = (
        "from bilstm_dropout import datasets, experiments\n"
        f"for part in {[*COUNTS]!r}: experiments.PARTS[part].planned()\n"
        "print(datasets._make.cache_info().misses)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout == "0\n", done.stderr

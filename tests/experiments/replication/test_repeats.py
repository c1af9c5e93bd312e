"""Published runs trained again: the drawing, the comparison with what is published, the file and the page."""

import json
import math
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bilstm_dropout import cli
from bilstm_dropout.book.pages import repeats as book_repeats
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.replication import draw, repeats
from bilstm_dropout.experiments.replication.repeats import candidates, drawn, spreads
from bilstm_dropout.paths import project_root
from bilstm_dropout.results import published
from bilstm_dropout.runs.config import CONTROLS, RunConfig
from bilstm_dropout.runs.processes import train_in_processes
from bilstm_dropout.runs.store import Store, run_key
from bilstm_dropout.runs.train import key_of

PART = "memory"
CONFIGS = [
    RunConfig(
        placement="input", rate=0.25, seed=seed, dataset="recall", units=4, epochs=1,
        dataset_options={"steps": 6, "train": 40, "validation": 20, "test": 20},
    )
    for seed in (1, 2)
]  # fmt: skip


# ---- drawing ----
def rows(**counts):
    """Made-up rows: so many of each part, on two data sets in turn."""
    return [
        {"key": f"{part}{number:03d}", "part": part, "dataset": ("mr", "trec")[number % 2], "placement": "input"}
        for part, count in counts.items()
        for number in range(count)
    ]


def test_a_draw_follows_from_its_seed_and_takes_every_part_and_data_set_in_turn():
    many = rows(a1=40, a2=200, a3=6)
    found = drawn(many, 12, seed=3)
    assert found == drawn(many[::-1], 12, seed=3)
    assert found != drawn(many, 12, seed=4)
    places = [(row["part"], row["dataset"]) for row in found]
    assert sorted(places) == sorted(2 * [(part, name) for part in ("a1", "a2", "a3") for name in ("mr", "trec")])
    assert all(row in many for row in found) and len({row["key"] for row in found}) == 12


def test_of_fewer_rows_all_are_drawn():
    few = rows(a1=3)
    assert sorted(row["key"] for row in drawn(few, 30, seed=1)) == [row["key"] for row in few]
    assert drawn([], 30, seed=1) == []


def test_every_seed_can_draw_another_run():
    many = rows(a1=4)
    assert {drawn(many, 1, seed)[0]["key"] for seed in range(60)} == {row["key"] for row in many}


def test_candidates_are_published_runs_each_once():
    keys = [row["key"] for row in candidates(["a1", "a3"])]
    assert len(set(keys)) == len(keys)
    assert {*keys} == {*published.read("a1")["key"], *published.read("a3")["key"]}


def test_runs_of_another_results_version_are_no_candidates(monkeypatch):
    assert candidates(["a1"])
    monkeypatch.setattr(draw, "RESULTS_VERSION", 99)
    assert not candidates(["a1"])


def test_the_spread_is_of_seeds_within_folds():
    def row(seed, fold, value, rate=0.25):
        config = RunConfig(placement="input", rate=rate, seed=seed, dataset="mr", dataset_options={"fold": fold})
        values = {**CONTROLS, **config.model_dump()}
        return {**values, "dataset_options": json.dumps(config.dataset_options, sort_keys=True), "nll_best": value}

    cell = [row(1, 2, 1.0), row(2, 2, 1.2), row(1, 3, 5.0), row(2, 3, 5.4), row(3, 3, None), row(1, 4, 9.0)]
    alone = [row(1, 2, 1.0, rate=0.5), row(1, 3, 2.0, rate=0.5)]
    found = spreads(cell + alone, "nll_best")
    assert found[repeats.cell(cell[0])] == pytest.approx(math.sqrt((0.02 + 0.08) / 2))
    assert math.isnan(found[repeats.cell(alone[0])]) and len(found) == 2


# ---- training again ----
@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """Two seeds of a small run, trained as published runs are."""
    store = Store(tmp_path_factory.mktemp("made"))
    train_in_processes(CONFIGS, store, 1, "made")
    return [store.load(key_of(config)) for config in CONFIGS]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of published runs and a cache of the test's own: publish(records) fills it."""
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path / "published"))
    monkeypatch.setattr(repeats, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(published, "cache_folder", lambda: tmp_path / "cache")
    return lambda records: published.publish(PART, records)


@pytest.fixture
def untrained(monkeypatch, records):
    """Instead of a training, the records that one gave. Gives the seeds of every call."""
    calls = []

    def train(todo, store, workers, label):
        calls.append([config.seed for config in todo])
        for record in records:
            if record.config in todo:
                store.save(record)

    monkeypatch.setattr(repeats, "train_in_processes", train)
    return calls


def changed(record, amount):
    """A record whose NLL at the chosen checkpoint is another."""
    best = {**record.metrics["best"], "nll": record.metrics["best"]["nll"] + amount}
    return record.model_copy(update={"metrics": {**record.metrics, "best": best}})


def test_a_run_that_is_trained_again_is_the_same_to_the_last_bit(own, records, tmp_path):
    own(records)
    found = repeats.measure(5, seed=1, parts=[PART], workers=1)
    assert sorted(run.key for run in found.runs) == sorted(record.key for record in records)
    for run in found.runs:
        assert run.identical and run.same_device and run.same_source
        assert run.chosen.difference == run.last.difference == 0
        assert run.chosen.within and run.chosen.spread > 0 and (run.part, run.dataset) == (PART, "recall")
    assert found.provenance["device"]["threads"] == "1" and found.provenance["device"]["xla_flags"]
    assert not list((tmp_path / "cache" / "repeats").iterdir())  # nothing stays that could pass for trained again


def test_a_published_number_that_does_not_repeat_is_seen(own, records, untrained):
    own([changed(records[0], 5.0), records[1]])
    found = {run.key: run for run in repeats.measure(parts=[PART], workers=1).runs}
    odd, even = (found[record.key] for record in records)
    assert not odd.identical and odd.chosen.difference == pytest.approx(-5.0) and odd.last.difference == 0
    assert even.identical and even.chosen.within
    # Its own cell's spread has grown with it: two numbers 5 apart have a deviation of about 5 / √2.
    assert odd.chosen.within is False
    assert [sorted(call) for call in untrained] == [[1, 2]]


def test_a_small_change_is_no_longer_identical_and_within_the_spread(own, records, untrained):
    own([changed(records[0], 1e-12), records[1]])
    run = next(each for each in repeats.measure(parts=[PART], workers=1).runs if each.key == records[0].key)
    assert not run.identical and run.chosen.within and run.chosen.difference != 0


def test_another_device_and_other_code_are_told(own, records, untrained):
    made = records[0].provenance
    device = {**made["device"], "processor": "another"}
    other = [record.model_copy(update={"provenance": {**made, "device": device}}) for record in records[:1]]
    own([*other, records[1].model_copy(update={"provenance": {**made, "source": "another"}})])
    found = {run.key: run for run in repeats.measure(parts=[PART], workers=1).runs}
    same = [(found[record.key].same_device, found[record.key].same_source) for record in records]
    assert same == [(False, True), (True, False)]


def test_an_interrupted_call_goes_on_where_it_stopped(own, records, monkeypatch):
    own(records)
    calls = []

    def one(todo, store, workers, label):
        calls.append([config.seed for config in todo])
        store.save(next(record for record in records if record.config == todo[0]))
        if len(calls) == 1:
            raise UserError("ended early")

    monkeypatch.setattr(repeats, "train_in_processes", one)
    with pytest.raises(UserError, match="ended early"):
        repeats.measure(parts=[PART], workers=1)
    assert all(run.identical for run in repeats.measure(parts=[PART], workers=1).runs)
    assert len(calls[0]) == 2 and calls[1] == calls[0][1:]


def test_data_that_are_not_here_are_left_out_and_named(own, records, untrained, monkeypatch):
    own(records)
    monkeypatch.setattr(repeats.datasets, "missing_files", lambda name: ("a file",))
    said = []
    with pytest.raises(UserError, match="Nothing to repeat"):
        repeats.measure(parts=[PART], say=said.append)
    assert len(said) == 1 and said[0].startswith("recall is left out") and not untrained


def test_other_data_than_the_published_are_refused(own, records, untrained):
    other = "f" * 16
    config = records[0].config
    own([records[0].model_copy(update={"fingerprint": other, "key": run_key(config, other)})])
    with pytest.raises(UserError, match="recall is not what it was trained on"):
        repeats.measure(parts=[PART])
    assert not untrained


# ---- the command ----
@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--runs", "0"], "whole number of at least 1"),
        (["--seed", "-1"], "whole number of at least 0"),
        (["--workers", "0"], "whole number of at least 1"),
        (["--part", "a9"], "Allowed: claims, memory"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_what_is(arguments, allowed):
    with pytest.raises(UserError, match=allowed) as refused:
        CliRunner().invoke(cli.app, ["check", "repeats", *arguments], catch_exceptions=False)
    assert "\n" not in str(refused.value)


def test_a_bad_value_is_one_line_and_exit_code_2():
    code = "from bilstm_dropout.cli import main; main()"
    command = [sys.executable, "-c", code, "check", "repeats", "--runs", "0"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=project_root())
    assert ran.returncode == 2 and not ran.stdout
    assert ran.stderr.startswith("bilstm-dropout: ") and ran.stderr.count("\n") == 1 and "at least 1" in ran.stderr


def compared(again=0.5, spread=0.1):
    return {"published": 0.5, "again": again, "spread": spread}


def told(**changes):
    """What a file holds: a run that repeated and one that did not."""
    one = {
        "key": "0" * 20, "part": "a1", "dataset": "mr", "placement": "input", "chosen": compared(), "last": compared(),
        "identical": True, "same_device": True, "same_source": True,
    }  # fmt: skip
    two = {**one, "key": "1" * 20, "part": "a3", "identical": False, "same_source": False, **changes}
    return {"seed": 7, "runs": [one, two], "left_out": [], "provenance": {}}


def test_the_command_prints_a_table_or_what_is_published(monkeypatch):
    found = repeats.Repeats.model_validate(told(chosen=compared(0.8125, None)))
    asked = []
    monkeypatch.setattr(repeats, "measure", lambda *given: asked.append(given) or found)
    options = ["--json", "--runs", "2", "--seed", "7", "--part", "a1", "--part", "a3", "--workers", "3"]
    printed = CliRunner().invoke(cli.app, ["check", "repeats", *options], catch_exceptions=False).output
    assert repeats.Repeats.model_validate_json(printed) == found
    printed = CliRunner().invoke(cli.app, ["check", "repeats"], catch_exceptions=False).output
    assert "0.8125" in printed and "–" in printed and "1 gave the same numbers, bit for bit." in printed
    assert asked == [(2, 7, ["a1", "a3"], 3), (repeats.RUNS, repeats.SEED, [], None)]


# ---- the file and the page ----
@pytest.mark.parametrize(
    "change",
    [
        lambda file: file["runs"].clear(),
        lambda file: file["runs"].append(file["runs"][0]),
        lambda file: file["runs"][0].update(part="a9"),
        lambda file: file["runs"][0].update(dataset="<script>"),
        lambda file: file["runs"][0].update(placement="<script>"),
        lambda file: file["runs"][0].update(script="<script>"),
        lambda file: file["runs"][0].update(chosen=compared(0.6)),  # and yet called identical
        lambda file: file["runs"][0].update(last=compared(math.nan)),
        lambda file: file["runs"][0].update(last=compared(spread=-1.0)),
        lambda file: file.update(left_out=["<script>"]),
        lambda file: file.pop("seed"),
    ],
)
def test_a_damaged_file_is_refused_and_says_what_to_do(tmp_path, monkeypatch, change):
    other = tmp_path / "repeats.json"
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    content = told()
    other.write_text(json.dumps(content))
    assert repeats.Repeats.published().seed == 7
    change(content)
    other.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"cannot be used.*Restore them from a release"):
        repeats.Repeats.published()
    other.write_bytes(b"\xff{")
    with pytest.raises(UserError, match="Restore them from a release"):
        repeats.Repeats.published()
    other.unlink()
    with pytest.raises(UserError, match="Restore them from a release"):
        repeats.Repeats.published()


def page(**changes):
    return book_repeats.page_part(repeats.Repeats.model_validate(told(**changes)))


def test_the_page_says_what_the_file_says():
    lines = page(chosen=compared(0.5625), last=compared(0.75)).splitlines()
    assert lines[-2:] == [
        "| tuning | MR | 1 | 1 | 1 | 0 (1/1) | 0 (1/1) |",
        "| one setting for all | MR | 1 | 0 | 0 | 0.062 (1/1) | 0.25 (0/1) |",
    ]
    assert "Of 2 published runs, drawn at random (seed 7), 1 gave the same numbers, bit for bit." in lines[0]
    assert "On the same kind of machine with the same code: 1 of 1." in lines[0]
    assert "On the same kind of machine with other code: 0 of 1." in lines[0]
    assert "at the last epoch moved by 0.25 nats in the median and by 0.25 at most" in lines[0]


def test_the_page_says_how_near_a_run_comes_on_another_kind_of_machine():
    far = {"same_device": False, "dataset": "trec", "chosen": compared(0.5003, None), "last": compared(0.75)}
    first = page(**far).splitlines()[0]
    assert "to 3 decimals where validation stopped" in first
    assert "moved by up to 0.25 nats, on TREC by more than the spread of seeds." in first
    assert "to 2 decimals" in page(**far | {"chosen": compared(0.504)}) and "TREC by" not in page(
        **far | {"last": compared(0.55)})
    assert "another kind of processor" not in page()


def test_where_the_spread_of_seeds_is_not_known_the_table_has_no_share():
    line = page(chosen=compared(0.5625, None), last=compared(0.75)).splitlines()[-1]
    assert line == "| one setting for all | MR | 1 | 0 | 0 | 0.062 | 0.25 (0/1) |"


def test_the_page_changes_with_every_number_of_the_file():
    before = page()
    for change in (
        {"chosen": compared(0.55)}, {"chosen": compared(0.65)}, {"chosen": compared(spread=None)},
        {"last": compared(0.55)}, {"last": compared(None)}, {"identical": True}, {"same_device": False},
        {"same_source": True}, {"part": "a2"}, {"dataset": "trec"},
    ):  # fmt: skip
        assert page(**change) != before, change
    wider = page(chosen=compared(0.65, spread=0.2))
    assert wider != page(chosen=compared(0.65))


def test_the_book_shows_the_page_part():
    text = (project_root() / "book" / "rerun.md").read_text()
    assert "```{include} generated/repeats.md" in text and "bilstm-dropout check repeats" in text


def test_without_a_file_the_page_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    assert book_repeats.page_part() == "No published run was trained again yet."


def test_what_is_published_is_sound():
    if repeats.Repeats.file().exists():
        found = repeats.Repeats.published()
        rows = {row["key"]: row for row in candidates({run.part for run in found.runs})}
        for run in found.runs:
            column = "nll_best" if rows[run.key]["watch"] == "validation" else "nll_last"
            assert (run.chosen.published, run.last.published) == (rows[run.key][column], rows[run.key]["nll_last"])

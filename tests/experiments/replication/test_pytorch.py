"""The check in PyTorch: which runs it takes, what the other program is given, and a page that follows what it found."""

import json
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from bilstm_dropout import cli, datasets
from bilstm_dropout.book.pages.rerun import TEXTS, compared, differences, page_part
from bilstm_dropout.dropout.classifier import build_classifier, initial_weights
from bilstm_dropout.dropout.placements import resolve
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.replication import interpreter
from bilstm_dropout.experiments.replication import pytorch as reimplementation
from bilstm_dropout.experiments.replication.pytorch import PLACEMENTS, Reimplementation, chosen, drawn_units, measure
from bilstm_dropout.paths import project_root

SERIES = "japanese_vowels"


def made_up(change=lambda row: 0.0, units=6, sets=tuple(reimplementation.PARTS)):
    """A check in which every run gives its published numbers, moved by what `change` says for its row."""

    def moved(row, name):
        return None if row[name] is None else row[name] + change(row)

    runs = [
        {"key": row["key"], "nll_best": moved(row, "nll_best"), "nll_last": moved(row, "nll_last")}
        for row in chosen(units, [*sets])
    ]
    return Reimplementation(program="0" * 16, torch="9.9.9+cpu", runs=runs)


# ---- which runs ----
def test_units_are_drawn_once_and_alike_for_the_sets_of_a_part():
    assert drawn_units("mr") == drawn_units("trec") and len({*drawn_units("mr")}) == 40
    assert sorted(seed for _, seed in drawn_units(SERIES)) == [*range(1, 21)]
    assert drawn_units(SERIES) != sorted(drawn_units(SERIES))


def test_every_beginning_has_all_placements_of_whole_units():
    rows = chosen(3, ["mr", SERIES])
    assert rows[: 2 * len(PLACEMENTS)] == chosen(1, ["mr", SERIES])
    for number in range(0, len(rows), len(PLACEMENTS)):
        unit = rows[number : number + len(PLACEMENTS)]
        assert [row["placement"] for row in unit] == [*PLACEMENTS]
        assert len({(row["dataset"], row["dataset_options"], row["seed"]) for row in unit}) == 1


def test_runs_that_are_not_published_are_asked_for(monkeypatch):
    rows = reimplementation.rows_by_run()
    rows.pop((SERIES, "input", *drawn_units(SERIES)[0]))
    monkeypatch.setattr(reimplementation, "rows_by_run", lambda: rows)
    with pytest.raises(UserError, match="1 runs to train again are not published"):
        chosen(1, [SERIES])


# ---- what the other program is given ----
@pytest.mark.parametrize("name, options", [(SERIES, {}), ("recall", {"steps": 6})])
def test_weights_start_as_the_studys_do(name, options):
    dataset = datasets.load(name, **options)
    model = build_classifier(resolve("none"), dataset, 5, embedding_dim=3)
    values = {variable.path.split("/", 1)[1]: value for variable, value in
              zip(model.trainable_variables, initial_weights(model, 7), strict=True)}  # fmt: skip
    found = reimplementation.start(dataset, 5, 3, seed=7)
    layer = next(path.split("/")[0] for path in values if "forward" in path)
    for direction, side in enumerate(("forward", "backward")):
        assert np.array_equal(found["kernel"][direction], values[f"{layer}/{side}_kernel"])
        assert np.array_equal(found["recurrent"][direction], values[f"{layer}/{side}_recurrent_kernel"])
        assert np.array_equal(found["bias"][direction], values[f"{layer}/{side}_bias"])
    assert found["head"].shape == (10, len(dataset.classes)) and found["head"].any() and not found["head_bias"].any()
    assert ("embedding" in found) == bool(dataset.vocabulary)
    assert sum(value.size for value in found.values()) == model.count_params()


def test_a_file_holds_the_settings_and_the_data(tmp_path):
    row = chosen(1, [SERIES])[1]
    reimplementation.prepare(row, tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz", allow_pickle=False) as arrays:
        settings = json.loads(str(arrays["settings"]))
        assert (settings["placement"], settings["rate"], settings["seed"]) == ("input", row["rate"], row["seed"])
        data = datasets.load(SERIES)
        assert np.array_equal(arrays["train/inputs"], data.train.inputs)
        assert np.array_equal(arrays["test/labels"], data.test.labels) and "validation/labels" not in arrays
    with pytest.raises(UserError, match="is not what it was trained on"):
        reimplementation.prepare({**row, "fingerprint": "0" * 64}, tmp_path / "other.npz")


PROGRAM = """
import json, os, sys, numpy, torch
if os.path.exists({stop!r}):
    sys.exit("it broke off")
settings = json.loads(str(numpy.load(sys.argv[1])["settings"]))
open({log!r}, "a").write(settings["placement"] + "\\n")
print(json.dumps(dict(nll_best=None, nll_last=0.5, seconds=1.0, torch="9.9.9")))
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program of the test's own for PyTorch's, and an empty torch. Gives a log of runs, and what stops it."""
    (tmp_path / "torch.py").write_text("")
    log, stop = tmp_path / "log", tmp_path / "stop"
    (tmp_path / "program.py").write_text(PROGRAM.format(log=str(log), stop=str(stop)))
    monkeypatch.setattr(reimplementation, "_PROGRAM", tmp_path / "program.py")
    monkeypatch.setattr(reimplementation, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTORCH_PYTHON", sys.executable)
    return log, stop


def test_what_is_finished_is_not_trained_again(program):
    log, stop = program
    found = measure(1, [SERIES], workers=1)
    assert [run.key for run in found.runs] == [row["key"] for row in chosen(1, [SERIES])]
    assert {run.nll_last for run in found.runs} == {0.5} and found.torch == "9.9.9"
    assert found.program == reimplementation.program() and log.read_text().split() == [*PLACEMENTS]
    stop.touch()
    assert measure(1, [SERIES], workers=1) == found
    with pytest.raises(UserError, match=r"PyTorch did not train a run: it broke off.*kept") as caught:
        measure(2, [SERIES], workers=1)
    assert "\n" not in str(caught.value)
    stop.unlink()
    assert len(measure(2, [SERIES], workers=2).runs) == 8 and len(log.read_text().split()) == 8
    records = reimplementation.cache_folder() / "pytorch" / reimplementation.program()
    for damaged in ("{", '{"nll_last": -1}'):
        (records / f"{found.runs[0].key}.json").write_text(damaged)
        assert measure(1, [SERIES], workers=1) == found
    assert len(log.read_text().split()) == 10


def test_without_pytorch_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(interpreter, "installed", lambda: False)
    with pytest.raises(UserError, match="Set PYTORCH_PYTHON"):
        measure(1, [SERIES])


def test_a_set_whose_files_are_not_here_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(interpreter, "installed", lambda: True)
    monkeypatch.setenv("BILSTM_DROPOUT_DATA", str(tmp_path))
    monkeypatch.setattr(datasets.files, "cache_folder", lambda: tmp_path)
    with pytest.raises(UserError, match=r"rt-polarity\.all, which is not here"):
        measure(1, ["mr"])


@pytest.mark.parametrize("arguments", [["--units", "0"], ["--units", "21"], ["--dataset", "subj"], ["--workers", "0"]])
def test_options_that_are_not_allowed_are_refused(arguments):
    with pytest.raises(UserError, match="llowed") as refused:
        CliRunner().invoke(cli.app, ["check", "pytorch", *arguments], catch_exceptions=False)
    assert arguments[1] in str(refused.value) and "\n" not in str(refused.value)


# ---- what the page says ----
def of(found):
    """The differences of a check, by data set and placement."""
    return differences(compared(found)).set_index(["data", "placement"])


def single(each):
    return each.drop(TEXTS, level="data")


def test_the_published_numbers_agree_with_themselves():
    each = of(made_up())
    assert len(each) == 15 and (each["pairs"] == 6).all()
    rows = reimplementation.rows_by_run()
    wanted = [rows["trec", "input", *unit]["nll_best"] - rows["trec", "none", *unit]["nll_best"]
              for unit in drawn_units("trec")]  # fmt: skip
    assert each.loc[("TREC", "input"), "study"] == pytest.approx(np.mean(wanted))
    assert each.loc[("TREC", "input"), "again"] == pytest.approx(np.mean(wanted[:6]))
    assert each.loc[TEXTS].loc[["input", "recurrent"], "found"].all()
    text = page_part(made_up())
    assert "96 published runs were trained again in PyTorch 9.9.9; of each placement 6 on MR, 6 on TREC" in text
    assert "0 nats in the median and 0 at most on MR" in text


def test_the_mean_of_three_sets_is_taken_pair_by_pair():
    each = of(made_up())
    for placement in PLACEMENTS[1:]:
        for program in ("study", "again"):
            of_sets = [each.loc[(title, placement), program] for title in ("MR", "TREC", "PhraseBank")]
            assert each.loc[(TEXTS, placement), program] == pytest.approx(np.mean(of_sets))


def test_another_sign_is_said():
    def change(row):
        return 0.2 if row["dataset"] == SERIES and row["placement"] == "recurrent" else 0.0

    each, text = of(made_up(change)), page_part(made_up(change))
    assert each.loc[("JapaneseVowels", "recurrent"), ["found", "same"]].to_list() == [True, False]
    clear = single(each)[single(each)["found"]]
    assert f"{len(clear)} of 12 differences on single sets leave out zero" in text
    assert f"in PyTorch {clear['same'].sum()} of these have the same sign" in text
    line = next(line for line in text.splitlines() if line.startswith("| JapaneseVowels | `recurrent`"))
    assert line.endswith("| yes | no |") and "+0.18" in line


def test_intervals_that_leave_out_0_are_counted():
    changed = made_up(lambda row: 5.0 if row["placement"] == "none" else 0.0)
    found = single(of(changed))["found"].sum()
    text = page_part(changed)
    assert f"In the study {found} of 12 " in text and f", and {found} leave out zero, too" in text


def test_how_near_both_come_is_said_of_runs_without_masks_alone():
    text = page_part(made_up(lambda row: 0.003 if row["placement"] == "none" else 9.0, sets=[SERIES]))
    assert "0.003 nats in the median and 0.003 at most on JapaneseVowels" in text and "On text" not in text
    text = page_part(made_up(lambda row: 0.02 if row["seed"] == drawn_units("mr")[0][1] else 0.0, sets=["mr"]))
    assert "0.02 at most on MR" in text and "On a series" not in text


def test_a_check_that_lacks_something_is_refused():
    found = made_up(sets=[SERIES])
    with pytest.raises(UserError, match="lacks a placement's run"):
        page_part(found.model_copy(update={"runs": found.runs[1:]}))
    strange = found.runs[0].model_copy(update={"key": "0" * 20})
    with pytest.raises(UserError, match="which is not published"):
        page_part(found.model_copy(update={"runs": (strange, *found.runs[1:])}))
    texts = made_up(sets=["mr"], units=1)
    unchosen = texts.runs[0].model_copy(update={"nll_best": None})
    with pytest.raises(UserError, match="lacks its test NLL at the best checkpoint"):
        page_part(texts.model_copy(update={"runs": (unchosen, *texts.runs[1:])}))


# ---- what is published ----
def test_the_published_check_is_of_this_program_and_its_signs_are_the_studys():
    found = reimplementation.Reimplementation.published()
    assert found.program == reimplementation.program(), "pytorch_runs.py changed: measure again"
    frame = compared(found)
    assert set(frame["dataset"]) == set(reimplementation.PARTS)
    plain = frame[(frame["placement"] == "none") & (frame["dataset"] == SERIES)]
    assert (plain["again"] - plain["study"]).abs().max() < 1e-3
    assert page_part() == page_part(found)


@pytest.mark.parametrize("text", ["{", "{}", '{"runs": [], "torch": "1", "program": "0000000000000000"}', "[]"])
def test_a_file_that_is_no_check_is_refused(text, monkeypatch, tmp_path):
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    assert "yet" in page_part()
    (tmp_path / "pytorch.json").write_text(text)
    with pytest.raises(UserError, match=r"cannot be used.*check pytorch --json"):
        page_part()


def test_the_other_program_shares_no_code_with_the_package():
    text = (project_root() / "src/bilstm_dropout/experiments/replication/torch_program.py").read_text("utf-8")
    assert "bilstm_dropout" not in text and "import tensorflow" not in text and "import keras" not in text

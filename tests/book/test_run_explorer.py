"""The run explorer's data: every published run, its baseline, and its measures, as small as the page may be."""

import base64
import json

import numpy as np
import pandas as pd
import pytest

from bilstm_dropout import results
from bilstm_dropout.book import run_explorer
from bilstm_dropout.paths import book_folder
from bilstm_dropout.results.about import ABOUT, about

MOST_BYTES = 400_000


@pytest.fixture(scope="module")
def runs():
    return run_explorer.every_run()


@pytest.fixture(scope="module")
def data():
    text = run_explorer.script()
    assert len(text.encode()) <= MOST_BYTES
    assert text.startswith("window.publishedRuns = {") and text.endswith("};") and "<" not in text
    return json.loads(text.removeprefix("window.publishedRuns = ").removesuffix(";"))


def column(data, name):
    return np.frombuffer(base64.b64decode(data["columns"][name]), "<u2")


def test_every_published_run_is_there_with_its_measures(runs, data):
    assert len(runs) == sum(len(results.read(part)) for part in ABOUT) == len(column(data, "cell"))
    names = [name for name, _ in data["placements"]]
    assert [names[number] for number in column(data, "placement")] == list(runs["placement"])
    cells = pd.DataFrame([data["cells"][number] for number in column(data, "cell")])
    assert list(cells[0]) == list(runs["part"]) and list(cells[1]) == list(runs["dataset"])
    for name in ("nll_best", "nll_last", "accuracy_best", "accuracy_last"):
        stored, exact = column(data, name), runs[name].to_numpy(float)
        missing = stored == data["nothing"]
        assert (missing == ~np.isfinite(exact)).all()
        low = ~missing & (exact < 6.5)
        assert np.abs(stored[low] / data["scale"] - exact[low]).max() <= 0.5 / data["scale"] + 1e-12


@pytest.mark.parametrize("part", ["a2", "a3", "u", "d"])
def test_a_run_is_set_beside_none_with_the_same_data_fold_and_seed(runs, part):
    rows = results.read(part)
    none = rows[rows["placement"] == "none"]
    apart = [] if part == "a2" else ["learning_rate"]
    shared = ["dataset", "dataset_options", "seed", "layers", "train_rows", "epochs", *apart]
    both = rows[rows["placement"] != "none"].merge(none, on=shared, suffixes=("", "_none"))
    expected = dict(zip(both["key"], both["key_none"], strict=True))
    mine = runs[(runs["part"] == about(part)) & (runs["placement"] != "none")]
    found = dict(zip(mine["key"], runs["key"].to_numpy()[mine["none"]], strict=True))
    assert len(expected) > 100 and {key: found[key] for key in expected} == expected
    assert (mine["none"] >= 0).all()


def test_none_and_trials_of_tuning_are_compared_with_nothing(runs):
    plain = runs[(runs["placement"] == "none") & (runs["part"] == about("a3"))]
    assert (plain["none"] == -1).all() and (runs.loc[runs["part"] == about("a1"), "none"] == -1).all()


def test_the_page_takes_the_scripts_that_there_are_and_has_a_table_without_them():
    page = (book_folder() / "runs.md").read_text("utf-8")
    configured = (book_folder() / "_config.yml").read_text("utf-8")
    for name in (f"generated/{run_explorer.DATA}", "assets/runs.js"):
        assert name in configured and f'src="{name.rpartition("/")[2]}"' in page
    assert (book_folder() / "assets/runs.js").is_file() and "generated/runs-static.md" in page
    table = run_explorer.static_part()
    lines = table.splitlines()
    assert len(lines) == 2 + 8 * 3 + 7 * 2 and "| TREC | `input`" in table


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="more different values"):
        run_explorer._text(np.array([0, 70_000]), np.uint16)
    with pytest.raises(ValueError, match="tell the keys"):
        run_explorer.packed(pd.DataFrame({"key": ["0" * 20, "0" * 19 + "1"]}))

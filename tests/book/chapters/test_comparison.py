"""notebooks/comparison.ipynb: its numbers are those of the published files, and a reader's own runs stand beside."""

import base64
import io
import json
import re
from collections import defaultdict
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy import stats
from support.executed import executed_pages

from bilstm_dropout import datasets
from bilstm_dropout.book.chapters import comparison
from bilstm_dropout.book.findings import findings_of
from bilstm_dropout.paths import project_root, published_folder
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import record_of
from bilstm_dropout.study.execute import execute

OWN = {"placements": ["input"], "datasets": ["recall", "digits"], "rates": [0.25], "seeds": [1, 2, 3], "epochs": 1}


def page_of(file):
    cells = nbformat.read(file, as_version=4).cells
    return "\n".join(
        each for cell in cells for output in cell.get("outputs", ())
        for kind, each in output.get("data", {}).items() if kind in ("text/html", "text/markdown")
    )  # fmt: skip


def csv_of(page, name):
    (found,) = re.findall(rf'download="{name}\.csv" href="data:text/csv;charset=utf-8;base64,([^"]*)"', page)
    return pd.read_csv(io.BytesIO(base64.b64decode(found))).set_index(["placement", "dataset"])


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return page_of(executed_pages(tmp_path_factory, only=["comparison"])["comparison"])


def independent(dataset, placement, parts, column, steps=None):
    """Mean and 95 % t interval over seeds of the difference to none, from the Parquet files alone."""
    runs = {}
    for part in parts:
        for file in published_folder().glob(f"{part}.*.parquet"):
            for row in pq.read_table(file).to_pylist():
                options = json.loads(row["dataset_options"])
                kept = (dataset, 1, True, steps)
                found = (row["dataset"], row["layers"], row["bidirectional"], options.get("steps"))
                if found == kept and row["rate"] in (0, 0.25):
                    runs[row["placement"], row["dataset_options"], row["seed"]] = row[column]
    of_seed = defaultdict(list)
    for (name, options, seed), value in runs.items():
        if name == placement:
            of_seed[seed].append(value - runs["none", options, seed])
    means = [np.mean(values) for values in of_seed.values()]
    half = stats.t.ppf(0.975, len(means) - 1) * np.std(means, ddof=1) / np.sqrt(len(means))
    return np.mean(means), np.mean(means) - half, np.mean(means) + half


@pytest.mark.parametrize(
    ("cell", "picture", "measure", "scale", "expected"),
    [
        (("input", "MR"), "loss-stopped-early", "loss", 1, ("mr", "input", ["a3", "b"], "nll_best")),
        (("gates", "MR"), "loss-last-epoch", "late_loss", 1, ("mr", "gates", ["b"], "nll_last")),
        (("recurrent", "JapaneseVowels"), "accuracy-stopped-early", "points", 100,
         ("japanese_vowels", "recurrent", ["a3", "b"], "accuracy_last")),
        (("cell-stepwise", "recall"), "loss-stopped-early", "loss", 1,
         ("recall", "cell-stepwise", ["memory", "q"], "nll_best", 20)),
    ],
)  # fmt: skip
def test_the_picture_s_numbers_are_those_of_the_published_files(page, cell, picture, measure, scale, expected):
    found = csv_of(page, picture).loc[cell, [measure, f"{measure}_low", f"{measure}_high"]]
    assert found.to_numpy(float) == pytest.approx(scale * np.array(independent(*expected)), abs=6e-5)


def test_with_an_empty_store_the_page_is_the_picture_and_its_table(page):
    assert page.count("<svg") == 4 and page.count("<table") == 1 and "your runs" not in page
    missing = re.findall("Not in the store: .*", page)
    assert len(missing) == 1 and "`make study` trains them" in missing[0]
    assert len(page) < 400_000


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The page of a reader who has runs on a data set of the study and on another one, but for one run."""
    store, rng = Store(), np.random.default_rng(0)
    configs = {}
    for sweep in comparison.check(**OWN):
        configs |= {each.model_dump_json(): each for each in (*sweep.baselines(), *sweep.runs())}
    *kept, _ = configs.values()
    for config in kept:
        data = datasets.load(config.dataset, **config.dataset_options)
        parts = {"test": data.test, **({"validation": data.validation} if data.validation else {})}
        probabilities = {
            f"{part}_{epoch}": rng.dirichlet(np.ones(len(data.classes)), len(split.labels)).astype("float32")
            for part, split in parts.items() for epoch in ("best", "last")
        }  # fmt: skip
        outcome = SimpleNamespace(probabilities=probabilities, best_epoch=1.0, last_epoch=1.0, curves=[],
                                  diverged=False, seconds=1.0)  # fmt: skip
        store.save(record_of(config, data, outcome))
    output = tmp_path / "own.ipynb"
    source = str(project_root() / "notebooks" / "comparison.ipynb")
    assert not execute(source, str(output), OWN, {"BILSTM_DROPOUT_ROOT": str(project_root())})
    return output


def test_own_runs_are_further_columns(own):
    page = page_of(own)
    table = csv_of(page, "loss-stopped-early")
    assert {name for _, name in table.index if "your runs" in name} == {"recall (your runs)", "digits (your runs)"}
    assert np.isfinite(table.loc[("input", "recall (your runs)")]).all()
    assert "Not in the store: one run of yours on" in page
    assert page.count("<svg") == 4
    published = [each for each in findings_of(nbformat.read(own, as_version=4)) if each["holds"]]
    assert len(published) == 2  # they are of the published runs, whatever stands beside them


def test_own_runs_at_other_rates_say_theirs(monkeypatch):
    rates = {"a": (0, 0.25, 0.5), "b": (0, 0.1, 0.3, 0.5)}
    records = [{"dataset": name, "rate": rate} for name in rates for rate in rates[name]]
    monkeypatch.setattr(comparison, "row_of", lambda part, record: record)
    found = comparison.own_rows(SimpleNamespace(records=records), 0.25)
    assert set(zip(found["dataset"], found["rate"], strict=True)) == {
        ("a (your runs)", 0), ("a (your runs)", 0.25), ("b (your runs, p = 0.3)", 0), ("b (your runs, p = 0.3)", 0.3),
    }  # fmt: skip
    assert comparison.own_rows(SimpleNamespace(records=[]), 0.25).empty

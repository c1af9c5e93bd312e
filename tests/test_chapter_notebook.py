"""notebooks/chapter.ipynb: its numbers are those of the published files, and every placement has one that runs."""

import base64
import io
import re

import nbformat
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from bilstm_dropout.paths import project_root, published_folder
from bilstm_dropout.study.execute import execute

PLACEMENT = "input-spatial"


def executed(folder, placement):
    notebook, output = project_root() / "notebooks" / "chapter.ipynb", folder / f"{placement}.ipynb"
    environment = {"BILSTM_DROPOUT_ROOT": str(project_root()), "BILSTM_DROPOUT_RUNS": str(folder / "runs")}
    assert not execute(str(notebook), str(output), {"placement": placement}, environment)
    cells = nbformat.read(output, as_version=4).cells
    return "\n".join(
        output["data"].get("text/html", "") for cell in cells for output in cell.get("outputs", ()) if "data" in output
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return executed(tmp_path_factory.mktemp("chapter"), PLACEMENT)


def csv_of(page, name):
    (found,) = re.findall(rf'download="{name}\.csv" href="data:text/csv;charset=utf-8;base64,([^"]*)"', page)
    return pd.read_csv(io.BytesIO(base64.b64decode(found)))


def rows_of(part, folder=""):
    """Published rows, from the Parquet files alone."""
    files = sorted((published_folder() / folder).glob(f"{part}.*.parquet"))
    return pd.concat([pq.read_table(file).to_pandas() for file in files], ignore_index=True)


def difference(rows, dataset, rate, column):
    """The mean difference to none: over seeds, of means over folds."""
    rows = rows[(rows["dataset"] == dataset) & (rows["layers"] == 1)]
    pair = ["dataset_options", "seed"]
    mine = rows[(rows["placement"] == PLACEMENT) & (rows["rate"] == rate)].set_index(pair)[column]
    none = rows[rows["placement"] == "none"].set_index(pair)[column]
    return (mine - none).dropna().groupby("seed").mean().mean()


@pytest.mark.parametrize(
    ("panel", "dataset", "rate", "measure", "column"),
    [
        ("MR, stopped early", "mr", 0.25, "loss", "nll_best"),
        ("MR, stopped early", "mr", 0.5, "points", "accuracy_best"),
        ("MR, last epoch", "mr", 0.1, "loss", "nll_last"), ("MR, last epoch", "mr", 0.5, "points", "accuracy_last"),
        ("JapaneseVowels", "japanese_vowels", 0.75, "loss", "nll_last"),
        ("JapaneseVowels", "japanese_vowels", 0.25, "points", "accuracy_last"),
    ],
)  # fmt: skip
def test_differences_at_each_rate_are_those_of_the_files(page, panel, dataset, rate, measure, column):
    shown = csv_of(page, "rates").set_index(["panel", "rate"])
    expected = difference(rows_of("b"), dataset, rate, column) * (100 if measure == "points" else 1)
    assert shown.at[(panel, rate), measure] == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize(("name", "placement", "epoch"), [("MR", PLACEMENT, 8.0), ("JapaneseVowels", "none", 3.0)])
def test_curves_are_means_of_the_published_points(page, name, placement, epoch):
    shown = csv_of(page, "curves").set_index(["data", "part", "placement", "epoch"])["loss (nats)"]
    runs = rows_of("u")
    dataset = {"MR": "mr", "JapaneseVowels": "japanese_vowels"}[name]
    runs = runs[(runs["dataset"] == dataset) & (runs["placement"] == placement) & (runs["layers"] == 1)]
    points = rows_of("u", "curves")
    points = points[points["key"].isin(runs["key"]) & (points["epoch"] == epoch)]
    assert len(points) == 10
    assert shown[name, "not trained on", placement, epoch] == pytest.approx(points["watch_nll"].mean(), abs=6e-5)


def test_a_tuned_difference_is_the_mean_over_forty_pairs(page):
    rows = rows_of("a2")
    rows = rows[rows["dataset"] == "trec"].set_index(["placement", "dataset_options", "seed"])["nll_best"]
    pairs = (rows[PLACEMENT] - rows["none"]).dropna()
    (line,) = re.findall(r"<tr><th[^>]*>TREC</th>(.*?)</tr>", page)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", line)
    assert len(pairs) == 40 and cells[1].startswith(f"{pairs.mean():+.3f} (".replace("-", "−"))


def test_without_dropout_the_chapter_has_levels_and_no_rates(tmp_path):
    page = executed(tmp_path, "none")
    assert 'download="rates.csv"' not in page and 'download="curves.csv"' in page
    level = rows_of("b")
    level = level[(level["dataset"] == "mr") & (level["placement"] == "none") & (level["layers"] == 1)]["nll_best"]
    assert f"{level.mean():.3f} (" in page and not np.isnan(level.mean())

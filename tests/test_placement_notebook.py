"""notebooks/placement.ipynb: its cells run for every kind of placement and say the same as the package does."""

import re
from shlex import quote
from types import SimpleNamespace

import keras
import nbformat
import numpy as np
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.book.chapters import runs
from bilstm_dropout.book.chapters.placement import describe
from bilstm_dropout.dropout.placements import TABLE, resolve
from bilstm_dropout.paths import project_root
from bilstm_dropout.results import tidy
from bilstm_dropout.runs import provenance
from bilstm_dropout.stats import metrics

NOTEBOOK = nbformat.read(project_root() / "notebooks" / "placement.ipynb", as_version=4)
CONCLUDING = r"\b(lowers?|raises?|better than|worse than|helps?|hurts?|no difference|equivalent)\b"


def cells(until=None):
    """The notebook's code cells, up to and with the one of this id."""
    code = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
    return code if until is None else code[: [cell.id for cell in code].index(until) + 1]


def execute(until=None, **parameters):
    """Execute the cells in one namespace, as a kernel does, and give it. parameters: what papermill would inject."""
    found = {"__name__": "__main__"}
    for cell in cells(until):
        exec(compile(cell.source, cell.id, "exec"), found)
        if cell.id == "parameters":
            found.update(parameters)
    return found


def record(config, diverged):
    """A made-up record: the shape of a real one, with probabilities drawn at random."""
    labels = runs.test_labels(config)
    draw, classes = np.random.default_rng([config.seed, int(100 * config.rate)]), labels.max() + 1
    p = draw.dirichlet(np.ones(classes), size=len(labels)) + np.eye(classes)[labels] * draw.random()
    p /= p.sum(axis=1, keepdims=True)
    nan = np.nan if diverged else 1.0
    chosen = ("last",) if diverged or datasets.load(config.dataset).validation is None else ("best", "last")
    return SimpleNamespace(
        config=config,
        provenance={"device": provenance.device_class()},
        watch="test" if datasets.load(config.dataset).validation is None else "validation",
        diverged=diverged,
        curves=[{"epoch": epoch, "train_nll": nan * 2 / epoch, "watch_nll": nan * 2.2 / epoch} for epoch in (1.0, 2.0)],
        metrics={name: {**metrics.measures(p, labels), "epoch": 2.0} for name in chosen},
        probabilities={f"test_{name}": nan * p for name in chosen},
    )


@pytest.fixture
def untrained(monkeypatch):
    """Made-up records in place of training; `diverged` of them is true of the configurations that it names."""
    state = SimpleNamespace(diverged=lambda config: False)

    def train(sweep):
        configs = {config.model_dump_json(): config for config in (*sweep.baselines(), *sweep.runs())}
        records = [record(config, state.diverged(config)) for config in configs.values()]
        frame = tidy.tidy(records, runs.test_labels)
        return runs.Results(sweep, tuple(sweep.datasets), runs.left_out(sweep), records, frame)

    monkeypatch.setattr(runs, "train", train)
    return state


def test_cells_are_short_and_shown_and_the_prose_concludes_nothing():
    for cell in NOTEBOOK.cells:
        if cell.cell_type == "code" and cell.id != "parameters":
            assert len([line for line in cell.source.splitlines() if line.strip()]) <= 18, cell.id
            assert "hide-input" not in cell.metadata.get("tags", ()) or cell.id == "commands"
        elif cell.cell_type == "markdown":
            statements = re.sub(r"[^.:?]*\?", "", cell.source)
            assert not re.search(CONCLUDING, statements) and not re.search(r"\d+\.\d+", cell.source), cell.id
            assert "{" not in cell.source


KINDS = [
    ("none", "japanese_vowels"), ("recurrent", "japanese_vowels"), ("input+recurrent", "digits"), ("gates", "recall"),
    ("zoneout", "recall"), ("between", "recall"), ("embedding-types", "recall"), ("combined@own", "recall"),
    ("recurrent:feature:gaussian", "recall"), ("weights", "order"), ("input-features", "japanese_vowels"),
]  # fmt: skip


@pytest.mark.parametrize(("placement", "dataset"), KINDS)
def test_it_runs_for_every_kind_of_placement_and_data(placement, dataset, untrained, shown):
    found = execute(placement=placement, dataset=dataset, rates=[0.1, 0.5], seeds=[1, 2], units=5, epochs=2)
    page = shown()
    texts = re.sub(r"data:[^\"]*|<[^>]*>", "", page)
    assert not re.search(r"\bnan\b", texts) and "Two seeds decide nothing" in texts and "No run diverged" in texts
    assert f"-p placement {quote(placement)}" in page and page.count("Figure ") >= 3
    if dataset == "japanese_vowels":
        assert "One of 12 channels" in page
    # What is written out gives what the package gives.
    assert np.abs(found["by_stock"] - found["by_model"]).max() < 1e-5
    assert found["compared"]["difference"].abs().max() < 1e-5
    assert len(found["compared"]) == (1 if found["why_not"] else 2)
    assert np.allclose(found["measures"]["by hand"], found["measures"]["in the row"], rtol=1e-12)
    assert np.allclose(*found["both"].iloc[:, 1:].to_numpy(float), equal_nan=True)
    assert len(found["summary"]) == len({run.rate for run in found["sweep"].runs() if run.placement != "none"})
    means = {term.scaling for term in found["place"].terms} <= {"inverted", "gaussian"}
    assert not means or all(abs(mask.mean() - 1) < 0.3 for *_, mask in found["drawn"] if mask.size > 500)


@pytest.mark.parametrize("seeds", [[3], list(range(12))])
def test_the_interval_by_hand_is_that_of_the_package_for_any_number_of_seeds(seeds, untrained, shown):
    found = execute(dataset="recall", rates=[0.5], seeds=seeds, units=4, epochs=2)
    mean, low, high = found["both"].iloc[0, 1:]
    assert np.allclose(found["both"].iloc[1, 1:].astype(float), [mean, low, high], equal_nan=True)
    assert np.isfinite(low) == (len(seeds) > 1) and (">verdict</th>" in shown()) == (len(seeds) > 5)


@pytest.mark.parametrize("all_of_them", [True, False])
def test_runs_that_diverged_are_counted_and_left_out(all_of_them, untrained, shown):
    untrained.diverged = lambda config: all_of_them or (config.rate > 0 and config.seed == 2)
    found = execute(placement="input", dataset="recall", rates=[0.5], seeds=[1, 2], units=4, epochs=2)
    assert ("Four runs diverged" if all_of_them else "One run diverged") in shown()
    assert found["summary"]["n"].tolist() == ([0] if all_of_them else [1])
    assert len(found["flips"]) == 0 or not all_of_them


def test_several_data_sets_stand_side_by_side(untrained, shown):
    found = execute(placement="output", rates=[0.25], seeds=[1, 2, 3], units=4, epochs=2)
    assert list(found["sets"]) == found["sweep"].datasets == ["japanese_vowels", "recall"]
    assert set(found["effects"]["dataset"]) == set(found["curves"]["dataset"]) == set(found["sets"])
    assert len(found["summary"]) == 2 and found["config"].dataset == "japanese_vowels"


@pytest.mark.parametrize("placement", ["input", "zoneout"])
def test_the_step_written_out_is_the_first_that_training_takes(placement, shown):
    one_batch = dict(train_rows=32, batch_size=32, epochs=1, evaluations_per_epoch=1)
    found = execute("train", placement=placement, dataset="recall", rates=[0.3], seeds=[5], units=6, **one_batch)
    (trained,) = [each for each in found["trained"].records if each.config.placement == placement]
    assert trained.curves[0]["train_nll"] == pytest.approx(float(found["loss"]), rel=1e-5)
    p = keras.ops.softmax(found["model"](found["data"].test.inputs, found["data"].test.lengths, rate=0.3))
    assert trained.probabilities["test_last"] == pytest.approx(np.asarray(p), abs=1e-5)


@pytest.mark.parametrize("name", TABLE)
def test_every_placement_is_described(name, shown, monkeypatch):
    monkeypatch.setattr("bilstm_dropout.book.chapters.placement.display", lambda *each, **options: None)
    describe(resolve(name))
    assert TABLE[name].sentence in shown() and ("```python" in shown()) == bool(TABLE[name].keras)

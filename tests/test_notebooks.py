"""The notebooks: stored clean, their parameters explained and checked early, their cells showing what they
promise.
"""

import ast
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.book.arguments import given_parameters
from bilstm_dropout.book.chapters import comparison, runs
from bilstm_dropout.book.chapters.parameters import ALIASES, sweep_of
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.errors import UserError
from bilstm_dropout.paths import project_root
from bilstm_dropout.results import tidy
from bilstm_dropout.runs import provenance
from bilstm_dropout.runs.sweep import PARAMETERS, Sweep
from bilstm_dropout.stats import metrics
from bilstm_dropout.study.execute import execute

FOLDER = project_root() / "notebooks"
NOTEBOOKS = sorted(
    path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
)
STUDY = [name for name in NOTEBOOKS if name.startswith("study/")]
PRELUDE = """import seaborn as sns

from bilstm_dropout import datasets, dropout, results, stats
from bilstm_dropout.book import begin, figure, finding, one_of, parameters, table

begin()"""
# Notebooks of experiments have parameters of their own and none of a run's.
EXPERIMENTS = {
    "mechanisms.ipynb": {"rate", "high_rates", "steps", "long_steps", "trained_units", "draws", "seeds"},
    "memory.ipynb": {"placements", "steps", "own"},
    "study/early_stopping.ipynb": {"rate"},
    "study/gallery.ipynb": {"rate"},
    "study/short_answer.ipynb": {"seed"},
}
# These may differ from the package's defaults: None stands for them.
DECIDED_BY_THE_PACKAGE = {"datasets", "dataset", "layers", "embedding_dim", "epochs", "evaluations_per_epoch"}
# Their cells still call one function each instead of showing what they do. The list only gets shorter.
STILL_HIDDEN = ["comparison.ipynb", "mechanisms.ipynb", "memory.ipynb"]
MOST_LINES = 30  # of a code cell
CONCLUDING = r"lowers|raises|better than|worse than|helps|hurts|no difference|equivalent"


def read(name):
    return nbformat.read(FOLDER / name, as_version=4)


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", ())]


def prose(name):
    return [cell.source for cell in read(name).cells if cell.cell_type == "markdown"]


# ---- how they are stored
# -----------------------------------------------------------------------------------------
def test_the_notebooks_of_the_study_are_there():
    assert {"placement.ipynb", "comparison.ipynb"} <= set(NOTEBOOKS) and len(STUDY) >= 3


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_stored_without_outputs(name):
    notebook = read(name)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None
        assert set(cell.metadata) <= {"tags"}
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[a-z][a-z-]+", each) for each in ids)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_one_title_then_the_same_prelude_then_parameters_and_their_check(name):
    cells = read(name).cells
    assert cells[0].cell_type == "markdown" and cells[0].source.startswith("# ")
    assert [cell.id for cell in cells[1:4]] == ["prelude", "parameters", "check"]
    assert cells[1].source == PRELUDE and tagged(read(name), "parameters") == [cells[2]]
    assert "parameters(globals(), " in cells[3].source
    assert sum(text.startswith("# ") for text in prose(name)) == 1


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_prose_has_no_typed_result_and_concludes_nothing(name):
    for text in prose(name):
        assert not re.search(r"\d+\.\d+", text), "numbers in prose come from runs"
        statements = [each for each in re.split(r"(?<=[.?!])\s", text) if not each.rstrip().endswith("?")]
        assert not re.search(rf"\b({CONCLUDING})\b", " ".join(statements)), "a conclusion is a finding"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_roles_of_the_book_stand_in_the_last_cell_alone(name):
    # JupyterLab shows them as they are written.
    texts = [cell.source for cell in read(name).cells[:-1] if cell.cell_type == "markdown"]
    assert not [text for text in texts if re.search(r"\{\w+(:\w+)?\}`", text)]


def shows(name):
    """Whether a notebook's cells show what they do: none is hidden, none is longer than one reads."""
    cells = [cell for cell in read(name).cells if cell.cell_type == "code"]
    hidden = [cell for cell in cells if {"hide-input", "polish"} & set(cell.metadata.get("tags", ())) == {"hide-input"}]
    return not hidden and all(len(cell.source.splitlines()) <= MOST_LINES for cell in cells if cell.id != "parameters")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_cells_show_the_science(name):
    assert shows(name) == (name not in STILL_HIDDEN)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_cells_use_public_names_of_the_package(name):
    for cell in read(name).cells:
        for node in ast.walk(ast.parse(cell.source)) if cell.cell_type == "code" else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bilstm_dropout"):
                assert not [each.name for each in node.names if each.name.startswith("_")]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_papermill_explains_every_parameter(name):
    import papermill

    found = papermill.inspect_notebook(str(FOLDER / name))
    own = {"placement.ipynb": set(), "comparison.ipynb": {"placements"}}.get(name, set())
    expected = set(PARAMETERS) | set(ALIASES) | own
    if name == "comparison.ipynb":
        expected -= {"placement"}
    assert set(found) == EXPERIMENTS.get(name, expected)
    for parameter in found.values():
        assert len(parameter["help"]) > 5 and parameter["inferred_type_name"] not in ("None", "", None)
        assert "|" not in parameter["inferred_type_name"]
    namespace = {}
    exec(tagged(read(name), "parameters")[0].source, namespace)
    if name not in EXPERIMENTS:
        for each in set(found) & set(PARAMETERS) - DECIDED_BY_THE_PACKAGE:
            assert namespace[each] == PARAMETERS[each][0]
        assert all(namespace[each] is None for each in DECIDED_BY_THE_PACKAGE & set(found))


# ---- the check of the parameters
# ---------------------------------------------------------------------------------
def run_first_cells(name, injected, again=""):
    """Run the first cells in an IPython shell of their own process, with what papermill would inject.

    again: a later cell, after which the check runs once more.
    """
    _, prelude, parameters, check = read(name).cells[:4]
    cells = [prelude.source, parameters.source, f"# Parameters\n{injected}", check.source]
    cells += [again, check.source] if again else []
    code = (
        "import json, sys\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "failure = None\n"
        f"for cell in json.loads({json.dumps(json.dumps(cells))}):\n"
        "    result = shell.run_cell(cell, store_history=True)\n"
        "    failure = failure or result.error_before_exec or result.error_in_exec\n"
        "print()\nslow = {'tensorflow', 'keras', 'sklearn'} & set(sys.modules)\n"
        "print('ANSWER', json.dumps([type(failure).__name__, str(failure), sorted(slow)]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=project_root()
    )
    return json.loads(done.stdout.rpartition("ANSWER ")[2])


@pytest.mark.parametrize(
    ("name", "injected", "kind", "words"),
    [
        ("placement.ipynb", "rates = '[0.3]'\nseeds = '[1,2]'\ndataset = 'recall'", "NoneType", []),
        ("placement.ipynb", "rate = 0.3", "UserError", ["'rate'", "rates", "seeds", "epochs"]),
        ("placement.ipynb", "rates = [1.0]", "UserError", ["rates", "Allowed: numbers from 0"]),
        ("comparison.ipynb", "placements = 'recurent'", "UserError", ["recurrent"]),
        ("comparison.ipynb", "placement = 'input'", "UserError", ["'placement'", "placements"]),
        ("mechanisms.ipynb", "high_rates = '[0.5]'\nseeds = 4", "NoneType", []),
        ("mechanisms.ipynb", "steps = 5", "UserError", ["steps", "10 to 400"]),
        ("memory.ipynb", "steps = '[20, 60]'", "NoneType", []),
        ("memory.ipynb", "rate = 0.3", "UserError", ["'rate'", "placements", "steps"]),
        ("placement.ipynb", "rates = '[' * 100_000", "UserError", ["rates", "Allowed: numbers from 0"]),
        ("study/early_stopping.ipynb", "rate = 0.5", "NoneType", []),
        ("study/early_stopping.ipynb", "rate = 0.3", "UserError", ["rate", "0.3", "0.1, 0.25, 0.5"]),
        ("study/gallery.ipynb", "rat = 0.5", "UserError", ["'rat'", "Did you mean rate"]),
        ("study/short_answer.ipynb", "seed = 1000", "UserError", ["seed", "0 to 999"]),
    ],
)
def test_the_check_cell_decides_before_anything_slow_is_imported(name, injected, kind, words):
    found_kind, message, slow = run_first_cells(name, injected)
    assert found_kind == kind and not slow and "\n" not in message
    assert all(word in message for word in words)


def test_the_check_can_be_run_again_after_later_cells():
    # Names that later cells have set are no parameters.
    assert run_first_cells("study/gallery.ipynb", "rate = 0.1", again="mean = 0.3\nseeds = [1]")[0] == "NoneType"


@pytest.mark.parametrize("name", STUDY)
def test_notebooks_that_train_nothing_load_neither_tensorflow_nor_scikit_learn(name, tmp_path):
    notebook = read(name)
    last = "import sys\n\nprint('LOADED', sorted({'tensorflow', 'keras', 'sklearn'} & set(sys.modules)))"
    notebook.cells.append(nbformat.v4.new_code_cell(last))
    copy, output = tmp_path / "copy.ipynb", tmp_path / "out.ipynb"
    nbformat.write(notebook, copy)
    assert not execute(str(copy), str(output), {}, {"BILSTM_DROPOUT_ROOT": str(project_root())})
    (said,) = nbformat.read(output, as_version=4).cells[-1].outputs
    assert said["text"].strip() == "LOADED []"


@pytest.mark.parametrize(
    "bad",
    [
        {"rate": 0.3},
        {"epoch": 3},
        {"placement": "recurent"},
        {"datasets": ["vowels"]},
        {"rates": [1.0]},
        {"rates": "high"},
        {"rates": [float("nan")]},
        {"rates": [-0.1]},
        {"seeds": []},
        {"units": 0},
        {"epochs": -1},
        {"batch_size": 0},
        {"placement": "gates", "rates": [0.6]},
        {"placement": "embedding-types", "dataset": "japanese_vowels"},
        {"dataset": "recall", "datasets": ["recall"]},
        {"_rate": 0.3},
    ],
)
def test_bad_values_are_refused_in_one_line(bad):
    with pytest.raises(UserError) as caught:
        sweep_of(**bad)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"rates": 0.3}, [0.3]),
        ({"rates": "0.3"}, [0.3]),
        ({"rates": "[0.1, 0.2]"}, [0.1, 0.2]),
        ({"rates": [0.1]}, [0.1]),
        ({"rates": None}, PARAMETERS["rates"][0]),
        ({}, PARAMETERS["rates"][0]),
    ],
)
def test_lists_scalars_and_json_text_are_accepted(given, expected):
    assert sweep_of(**given).rates == expected


def test_what_ipython_and_modules_put_there_is_no_parameter():
    namespace = {
        "In": [""],
        "Out": {},
        "_": "",
        "__": "",
        "_i": "x",
        "_ii": "x",
        "_i12": "x",
        "_3": 4,
        "_dh": [],
        "_oh": {},
        "__name__": "__main__",
        "__vsc_file__": "x",
        "exit": object(),
        "json": json,
        "rates": [0.2],
    }
    assert given_parameters(namespace) == {"rates": [0.2]}


def test_comparison_takes_all_and_leaves_out_what_does_not_apply():
    sweeps = {sweep.placement: sweep for sweep in comparison.check(rates=[0.25, 0.75])}
    assert list(sweeps) == list(TABLE)
    assert sweeps["gates"].rates == [0.25] and sweeps["input"].rates == [0.25, 0.75]
    assert "japanese_vowels" not in sweeps["embedding-types"].datasets and sweeps["between"].layers == 2
    assert [
        sweep.placement for sweep in comparison.check(placements='["output", "input"]')
    ] == ["input", "output"]
    for bad in (
        {"placements": []},
        {"placements": "[1"},
        {"placement": "input"},
        {"placements": "embedding-types", "dataset": "digits"},
    ):
        with pytest.raises(UserError):
            comparison.check(**bad)


# ---- what the cells show
# -----------------------------------------------------------------------------------------
def record(config, seed_of_noise=0, diverged=False):
    """A made-up record: the shape of a real one, with probabilities drawn at random."""
    labels = runs.test_labels(config)
    rng = np.random.default_rng([config.seed, int(100 * config.rate), seed_of_noise])
    p = (
        rng.dirichlet(np.ones(9), size=len(labels))[:, : labels.max() + 1]
        + 4 * np.eye(labels.max() + 1)[labels] * rng.random()
    )
    p /= p.sum(axis=1, keepdims=True)
    watch = "test" if datasets.load(config.dataset).validation is None else "validation"
    names = ("last",) if watch == "test" else ("best", "last")
    curves = [
        {"epoch": float(epoch), "train_nll": 2 / epoch, "watch_nll": 2.2 / epoch, "watch_accuracy": 0.5}
        for epoch in (1, 2, 3)
    ]
    return SimpleNamespace(
        config=config,
        provenance={"device": provenance.device_class()},
        watch=watch,
        diverged=diverged,
        curves=curves,
        metrics={name: metrics.measures(p, labels) for name in names},
        probabilities={f"test_{name}": p for name in names},
    )


def made_up(placement, diverged=(), **parameters):
    sweep = Sweep.parse(placement=placement, **parameters)
    configs = {config.model_dump_json(): config for config in (*sweep.baselines(), *sweep.runs())}
    records = [record(config, diverged=(config.rate, config.seed) in diverged) for config in configs.values()]
    frame = tidy.tidy(records, runs.test_labels)
    return runs.Results(sweep, tuple(sweep.datasets), runs.left_out(sweep), records, frame)


def test_runs_of_another_device_class_are_said(shown):
    chapter = made_up("input")
    runs.show_what_ran(chapter)
    assert "device class" not in shown()
    chapter.records[0].provenance["device"] = {"system": "another"}
    runs.show_what_ran(chapter)
    assert "One run from another device class" in shown()


def test_enough_seeds_are_not_warned_of(shown):
    runs.show_what_ran(made_up("input", seeds=list(range(6)), rates=[0.5], dataset_options={}))
    assert "decide nothing" not in shown()


def test_comparison_shows_all_placements(shown):
    chapters_of = [made_up(name) for name in ("input", "between")]
    records = list(
        {each.config.model_dump_json(): each for chapter in chapters_of for each in chapter.records}.values()
    )
    frame = tidy.tidy(records, runs.test_labels)
    chapter = runs.Results(chapters_of[0].sweep, ("japanese_vowels", "recall"), {}, records, frame, 0)
    comparison.show_baselines(chapter)
    for measure in ("nll", "accuracy"):
        comparison.show_comparison(chapter, measure)
    comparison.show_verdicts(chapter)
    page = shown()
    assert page.count("<svg") == 4 and page.count("<table") == 2
    assert "0 are told apart" in page


def test_tidy_pairs_each_run_with_its_own_baseline():
    frame = made_up("between", rates=[0.5], seeds=[1, 2]).frame
    dropped = frame[frame["placement"] == "between"]
    for row in dropped.itertuples():
        base = frame[
            (frame["placement"] == "none") & (frame["seed"] == row.seed) & (frame["dataset"] == row.dataset)
        ].iloc[0]
        assert row.nll_difference == pytest.approx(row.nll - base.nll)
        assert base.layers == row.layers == 2
    assert set(frame[frame["dataset"] == "japanese_vowels"]["selected"]) == {"last"}
    assert set(frame[frame["dataset"] == "recall"]["selected"]) == {"best"}

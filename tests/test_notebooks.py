"""The notebooks: stored clean, their parameters explained and checked early, their cells showing what they
promise.
"""

import ast
import json
import re
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import yaml
from support.executed import concluding, executed_pages, loaded_by, moved_results
from support.forked import run_cells

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

FOLDER = project_root() / "notebooks"
NOTEBOOKS = sorted(
    path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
)
PUBLISHED = ("study/", "predictions/", "understand/", "mechanisms.ipynb", "memory.ipynb", "numbers.ipynb")
UNTRAINED = [name for name in NOTEBOOKS if name.startswith((*PUBLISHED, "comparison.ipynb"))]  # nothing in the store
CONCLUDING = {page.name for page in concluding()}
# These train next to nothing, but show what Keras does, and so load it and may take longer than the others.
ON_KERAS = [name for name in NOTEBOOKS if name.startswith("keras/")]
PRELUDE = """import seaborn as sns

from bilstm_dropout import datasets, dropout, results, stats
from bilstm_dropout.book import begin, figure, finding, one_of, parameters, table

begin()"""
# Notebooks of experiments have parameters of their own and none of a run's.
EXPERIMENTS = {
    "chapter.ipynb": {"placement", "profile"},
    "keras/arguments.ipynb": {"seed"},
    "keras/layer.ipynb": {"seed"},
    "keras/traps.ipynb": {"seed"},
    "mechanisms.ipynb": {"rate", "high_rates", "steps", "long_steps", "trained_units", "draws", "seeds"},
    "memory.ipynb": {"placements", "steps", "own"},
    "numbers.ipynb": {"dataset"},
    "own.ipynb": {"dataset", "placements", "rates", "trials", "minutes", "draws"},
    "study/conditions.ipynb": {"false_discoveries"},
    "study/early_stopping.ipynb": {"rate"},
    "study/gallery.ipynb": {"rate"},
    "study/papers.ipynb": {"rate"},
    "study/performance.ipynb": {"margin"},
    "study/recipe.ipynb": {"checkpoint"},
    "study/robustness.ipynb": {"rate"},
    "study/rows_and_length.ipynb": {"margin"},
    "study/tuning.ipynb": {"nearly_none"},
    "study/twins.ipynb": {"checkpoint"},
    "study/use_it.ipynb": {"high"},
    "predictions/confidence.ipynb": {"bins"},
    "predictions/selective.ipynb": {"coverage"},
    "predictions/ensembles.ipynb": {"networks"},
    "predictions/helped.ipynb": {"parts"},
    "predictions/passes.ipynb": {"checkpoint"},
    "predictions/shift.ipynb": {"level"},
    "predictions/stability.ipynb": {"false_discoveries"},
    "understand/bilstm.ipynb": {"rate", "seed"},
}
# These may differ from the package's defaults: None stands for them.
DECIDED_BY_THE_PACKAGE = {"datasets", "dataset", "layers", "embedding_dim", "epochs", "evaluations_per_epoch"}
MOST_LINES = 15  # of a code cell; those that have more are listed, and this list, too, only gets shorter
STILL_LONG = {
    "placement.ipynb": {"by-hand", "curves-figure", "effects-figure"},
    "study/early_stopping.ipynb": {
        "watched", "curves-figure", "all", "temperatures", "vowels-figure", "tuned-picture",
    },
    "study/gallery.ipynb": {"estimates", "conditions"},
}  # fmt: skip
CONCLUDING = r"lowers|raises|better than|worse than|helps|hurts|no difference|equivalent"


def read(name):
    return nbformat.read(FOLDER / name, as_version=4)


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", ())]


def prose(name):
    return [cell.source for cell in read(name).cells if cell.cell_type == "markdown"]


def concluding(text):
    """Whether a text concludes, outside the questions that it asks."""
    statements = [each for each in re.split(r"(?<=[.?!])\s", text) if not each.rstrip().endswith("?")]
    return bool(re.search(rf"\b({CONCLUDING})\b", " ".join(statements)))


# ---- how they are stored
# -----------------------------------------------------------------------------------------
def test_the_notebooks_of_the_study_are_there():
    assert {"placement.ipynb", "comparison.ipynb"} <= set(NOTEBOOKS) and len(UNTRAINED) >= 9


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_stored_without_outputs(name):
    notebook = read(name)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None
        assert set(cell.metadata) <= {"tags", "mystnb"}
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
        words = re.sub(r"```.*?```", "", text, flags=re.DOTALL)  # lines of code have rates
        assert not re.search(r"\d+\.\d+", words), "numbers in prose come from runs"
        assert not concluding(text), "a conclusion is a finding"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_roles_of_the_book_stand_in_the_last_cell_alone(name):
    # JupyterLab shows them as they are written.
    texts = [cell.source for cell in read(name).cells[:-1] if cell.cell_type == "markdown"]
    assert not [text for text in texts if re.search(r"\{\w+(:\w+)?\}`", text)]


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def hidden_cells(notebook):
    """Cells that a reader of the book does not see, but for what is only polish."""
    tags = {cell.id: set(cell.metadata.get("tags", ())) for cell in code_cells(notebook)}
    return {each for each in tags if "hide-input" in tags[each] and "polish" not in tags[each]}


def long_cells(notebook):
    cells = [cell for cell in code_cells(notebook) if cell.id != "parameters"]
    return {cell.id for cell in cells if len(cell.source.splitlines()) > MOST_LINES}


def imports(cell):
    """What a cell imports from the package, and under which names it imports anything."""
    nodes = list(ast.walk(ast.parse(cell.source)))
    plain = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    picked = [(node.module or "", alias) for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names]
    package = [alias.name for alias in plain] + [f"{module}.{alias.name}" for module, alias in picked]
    bound = [alias.asname or alias.name.split(".")[0] for alias in (*plain, *(alias for _, alias in picked))]
    return [each for each in package if each.split(".")[0] == "bilstm_dropout"], bound


def private_imports(notebook):
    return [
        name for cell in code_cells(notebook) for name in imports(cell)[0]
        if any(part.startswith("_") for part in name.split("."))
    ]  # fmt: skip


def unused_imports(notebook):
    """Names that cells import and none uses; those of the prelude are there for all."""
    cells = code_cells(notebook)
    bound = {name for cell in cells if cell.id != "prelude" for name in imports(cell)[1]}
    used = {node.id for cell in cells for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)}
    return bound - used


def conclusions_outside_findings(notebook):
    """Texts of code cells, such as titles, that say what a finding alone may say."""

    def texts(node):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "finding":
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        for child in ast.iter_child_nodes(node):
            yield from texts(child)

    return [text for cell in code_cells(notebook) for text in texts(ast.parse(cell.source)) if concluding(text)]


def parameters_set_again(notebook):
    """Parameters that a later cell gives another meaning, so that the check could not run a second time."""

    def names(node):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                yield child.name
            elif not isinstance(child, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
                if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                    yield child.id
                yield from names(child)

    cells = code_cells(notebook)
    (cell,) = (each for each in cells if each.id == "parameters")
    later = cells[cells.index(cell) + 1 :]
    known = {line.target.id for line in ast.parse(cell.source).body if isinstance(line, ast.AnnAssign)}
    return known & {name for each in later for name in (*names(ast.parse(each.source)), *imports(each)[1])}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_cells_show_the_science(name):
    assert not hidden_cells(read(name))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_cells_are_no_longer_than_one_reads(name):
    assert long_cells(read(name)) == STILL_LONG.get(name, set())


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_cells_import_public_names_and_what_they_use(name):
    assert not private_imports(read(name)) and not unused_imports(read(name))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_code_cells_conclude_is_a_finding(name):
    assert not conclusions_outside_findings(read(name))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_parameter_keeps_its_meaning(name):
    assert not parameters_set_again(read(name))


def exercises():
    """The notebooks of the part of the book that explains."""
    parts = yaml.safe_load((project_root() / "book" / "_toc.yml").read_text("utf-8"))["parts"]
    (part,) = [part for part in parts if part["caption"] == "Understand"]
    names = [chapter["file"].removeprefix("generated/") for chapter in part["chapters"]]
    return [name for name in names if (project_root() / "notebooks" / f"{name}.ipynb").is_file()]


@pytest.mark.parametrize("name", exercises())
def test_who_reads_to_understand_finds_something_to_try_and_its_picture_in_a_fold(name):
    cells = nbformat.read(project_root() / "notebooks" / f"{name}.ipynb", as_version=4).cells
    (place,) = [number for number, cell in enumerate(cells) if cell.id == "your-turn"]
    task, answer = cells[place : place + 2]
    assert re.match(r"##+ Your turn\n", task.source) and "open what comes out" in task.source
    assert answer.id == "your-turn-answer" and {"in-view", "hide-cell"} <= set(answer.metadata.tags)
    assert answer.metadata.mystnb.code_prompt_show == "Show what comes out"
    assert "figure(" in answer.source


def test_the_rules_see_what_breaks_them():
    new, long = nbformat.v4.new_code_cell, "\n".join(["x = 1"] * (MOST_LINES + 1))
    made_up = nbformat.v4.new_notebook(cells=[
        new("import seaborn as sns", id="prelude"),
        new(f"rate: float = 0.1\n{long}", id="parameters"),
        new("show()", id="hidden", metadata={"tags": ["hide-input"]}),
        new("show()", id="polish", metadata={"tags": ["hide-input", "polish"]}),
        new(long, id="long"),
        new("from bilstm_dropout.book.show import _cell\nimport bilstm_dropout._own\nimport numpy as np", id="imports"),
        new("_cell, bilstm_dropout", id="use"),
        new('finding("It helps.", name="it")\nfigure(picture, alt="It helps.", title="What helps?")', id="alt"),
        new("mean = [rate for rate in (1, 2)]\nfor rate in mean: pass", id="again"),
    ])  # fmt: skip
    assert hidden_cells(made_up) == {"hidden"} and long_cells(made_up) == {"long"}
    assert private_imports(made_up) == ["bilstm_dropout._own", "bilstm_dropout.book.show._cell"]
    assert unused_imports(made_up) == {"np"} and parameters_set_again(made_up) == {"rate"}
    assert conclusions_outside_findings(made_up) == ["It helps."]


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
# For each notebook: what papermill sets, and words of the refusal; None where nothing is refused.
CALLS = {
    "chapter.ipynb": [
        ("placement = 'between'", None),
        ("placement = 'recurent'", ["recurrent"]),
        ("placement = 'input+output'", ["input+output", "published"]),
        ("profile = 'quik'", ["quik", "quick"]),
        ("rate = 0.3", ["'rate'", "placement", "profile"]),
    ],
    "keras/arguments.ipynb": [("seed = 999", None), ("seed = 1000", ["seed", "0 to 999"])],
    "keras/layer.ipynb": [("seed = '3'", None), ("seed = -1", ["seed", "0 to 999"])],
    "keras/traps.ipynb": [("seed = '2'", None), ("sed = 2", ["'sed'", "Did you mean seed"])],
    "placement.ipynb": [
        ("rates = '[0.3]'\nseeds = '[1,2]'\ndataset = 'recall'", None),
        ("rate = 0.3", ["'rate'", "rates", "seeds", "epochs"]),
        ("rates = [1.0]", ["rates", "Allowed: numbers from 0"]),
        ("rates = '[' * 100_000", ["rates", "Allowed: numbers from 0"]),
        ("placement = 'recurent'", ["recurrent"]),
        ("dataset = 'recall'\ndatasets = ['recall']", ["dataset and datasets"]),
    ],
    "comparison.ipynb": [
        ("placements = '[\"input\", \"output\"]'\nrates = 0.25\nseeds = '[1]'", None),
        ("placements = 'recurent'", ["recurrent"]),
        ("placement = 'input'", ["'placement'", "placements"]),
        ("rates = [1.0]", ["rates", "Allowed: numbers from 0"]),
    ],
    "mechanisms.ipynb": [
        ("high_rates = '[0.5]'\nseeds = 4", None),
        ("steps = 5", ["steps", "10 to 400"]),
        ("units = 5", ["'units'", "trained_units"]),
    ],
    "memory.ipynb": [
        ("steps = '[20, 60]'\nplacements = 'gates'", None),
        ("placements = ['output']", ["output", "cell-stepwise"]),
        ("steps = 21", ["21", "20"]),
        ("rate = 0.3", ["'rate'", "placements", "steps"]),
    ],
    "numbers.ipynb": [("dataset = 'trec'", None), ("dataset = 'digits'", ["dataset", "digits", "japanese_vowels"])],
    "own.ipynb": [
        ("# nothing is given", ["Name a data set of your own"]),
        ("dataset = 'own-nothing'", ["own-nothing", "bilstm-dropout study --data FILE"]),
        ("dataset = 'own-nothing'\ntrials = -1", ["trials", "0 to 1000"]),
        ("dataset = 'own-nothing'\ndraws = 1", ["draws", "0, or a whole number from 2"]),
    ],
    "study/conditions.ipynb": [
        ("false_discoveries = '0.1'", None), ("false_discoveries = 1", ["false_discoveries", "0.01, 0.05, 0.1"]),
    ],
    "study/early_stopping.ipynb": [
        ("rate = '0.5'", None),
        ("rate = 0.3", ["rate", "0.3", "0.1, 0.25, 0.5"]),
    ],
    "study/gallery.ipynb": [("rate = 0.5", None), ("rat = 0.5", ["'rat'", "Did you mean rate"])],
    "study/performance.ipynb": [("margin = 0.05", None), ("margin = 0.03", ["margin", "0.01, 0.02, 0.05"])],
    "study/recipe.ipynb": [
        ('checkpoint = "last"', None), ('checkpoint = "lost"', ["checkpoint", "best, last"]),
    ],
    "study/papers.ipynb": [("rate = 0.1", None), ("rate = 0.5", ["rate", "0.1, 0.25"])],
    "study/use_it.ipynb": [("high = 0.25", None), ("hi = 0.5", ["'hi'", "high"])],
    "predictions/confidence.ipynb": [("bins = 20", None), ("bins = 0", ["bins", "5, 10, 20"])],
    "predictions/selective.ipynb": [("coverage = 0.5", None), ("coverage = 1", ["coverage", "0.5, 0.8, 0.9"])],
    "predictions/ensembles.ipynb": [("networks = 3", None), ("networks = 2", ["networks", "3, 4, 5"])],
    "predictions/passes.ipynb": [
        ('checkpoint = "last"', None), ('checkpoint = "first"', ["checkpoint", "best, last"]),
    ],
    "predictions/helped.ipynb": [("parts = 10", None), ("parts = 3", ["parts", "4, 5, 10"])],
    "predictions/shift.ipynb": [("level = 0.25", None), ("level = 0.1", ["level", "0.25, 0.5"])],
    "predictions/stability.ipynb": [
        ("false_discoveries = '0.1'", None), ("false_discoveries = 1", ["false_discoveries", "0.01, 0.05, 0.1"]),
    ],
    "study/rows_and_length.ipynb": [("margin = 0.05", None), ("margin = 0.03", ["margin", "0.01, 0.02, 0.05"])],
    "study/robustness.ipynb": [("rate = 0.25", None), ("rate = 0.1", ["rate", "0.1", "0.25, 0.5"])],
    "study/tuning.ipynb": [("nearly_none = 0.2", None), ("nearly_none = 0.5", ["nearly_none", "0.1, 0.2, 0.3"])],
    "study/twins.ipynb": [("checkpoint = 'best'", None), ("checkpoint = 'first'", ["checkpoint", "last, best"])],
    "understand/bilstm.ipynb": [
        ("rate = '0.5'\nseed = 999", None),
        ("rate = 0.3", ["rate", "0.3", "0.1, 0.25, 0.5"]),
        ("seed = 1000", ["seed", "0 to 999"]),
    ],
}


SLOW = {"tensorflow", "keras", "sklearn"}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_check_cell_decides_before_anything_slow_is_imported(name):
    """Each call in a process and an IPython shell of its own; what is accepted is accepted a second time, too."""
    _, prelude, parameters, check = (cell.source for cell in read(name).cells[:4])
    later = "mean, frame, note = 0.3, [1], 'text'"  # plain values, as parameters are
    for injected, words in CALLS[name]:
        again = [later, check] if words is None else []
        ran = run_cells([prelude, parameters, f"# Parameters\n{injected}", check, *again], {}, project_root())
        assert not SLOW & set(ran["loaded"])
        if words is None:
            assert ran["error"] is None, injected
        else:
            kind, message = ran["error"]
            assert len(ran["displayed"]) == 4, "it was not the check that refused"
            assert kind == "UserError" and "\n" not in message and all(word in message for word in words), injected


def test_every_notebook_trains_shows_keras_or_loads_nothing_slow():
    assert {*UNTRAINED, *ON_KERAS, "placement.ipynb", "chapter.ipynb", "own.ipynb"} == set(NOTEBOOKS)
    for name in ON_KERAS:
        assert any("import keras" in cell.source for cell in code_cells(read(name)))


@pytest.mark.parametrize("name", UNTRAINED)
def test_notebooks_that_train_nothing_load_neither_tensorflow_nor_scikit_learn(tmp_path_factory, name):
    page = name.removesuffix(".ipynb")
    if page in CONCLUDING:  # it runs on other results anyway (test_findings_hold.py), through the same cells
        results = moved_results(tmp_path_factory, "permuted")
        loaded = loaded_by(executed_pages(tmp_path_factory, "permuted", results, only=[page])[page])
    else:
        ran = run_cells([cell.source for cell in code_cells(read(name))], {}, project_root())
        assert ran["error"] is None
        loaded = set(ran["loaded"])
    assert "pandas" in loaded and not SLOW & loaded


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
        ({"rates": '{"recall": [0.1]}'}, {"recall": [0.1]}),
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
    apart = {sweep.placement: sweep for sweep in comparison.check(rates={"recall": [0.75], "japanese_vowels": [0.25]})}
    assert apart["gates"].datasets == ["japanese_vowels"] and apart["input"].rates_on("recall") == [0.75]
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

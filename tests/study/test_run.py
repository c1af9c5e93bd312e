"""The study: what it executes and reuses, what it says of failures, and that it refuses what it cannot use.

The notebooks here are made up and train nothing: they write records of a form that the store accepts.
"""

import json
import shutil
import socket
import types
from dataclasses import replace

import nbformat
import pytest

from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.errors import UserError
from bilstm_dropout.paths import project_root
from bilstm_dropout.results import published_sets
from bilstm_dropout.runs.cluster import remote_client
from bilstm_dropout.runs.provenance import device_class, foreign
from bilstm_dropout.runs.store import Store
from bilstm_dropout.study import executing, notebooks, profiles
from bilstm_dropout.study import run as study
from bilstm_dropout.study.execute import RUNNING
from bilstm_dropout.study.own.prepare import Columns, prepare
from bilstm_dropout.study.profile_files import load_profile
from bilstm_dropout.study.profiles import record_keys

CHAPTER = """
from pathlib import Path

import numpy as np
from bilstm_dropout import datasets
from bilstm_dropout.runs.sweep import Sweep
from bilstm_dropout.runs.provenance import provenance
from bilstm_dropout.runs.train import missing
from bilstm_dropout.runs.store import Record, Store, run_key

if placement == "output" and Path("fails").is_file():
    raise RuntimeError("made to fail")
sweep, store = Sweep.parse(placement=placement, datasets=datasets_, rates=rates, seeds=seeds), Store()
fingerprint = datasets.load("recall").fingerprint
for config in missing([*sweep.baselines(), *sweep.runs()], store):
    measures = dict(accuracy=0.25, nll=1.39, brier=0.75, macro_f1=0.1, epoch=3.0)
    store.save(Record(
        key=run_key(config, fingerprint), config=config, fingerprint=fingerprint, results_version=1,
        metrics={"last": measures}, curves=[], watch="validation", diverged=False, seconds=1.0,
        provenance=provenance(), probabilities={"test_last": np.full((10, 4), 0.25, np.float32)},
    ))
    print("trained", run_key(config, fingerprint))
""".replace("datasets_", "names")
PARAMETERS = 'placement: str = "none"\ndatasets: list = None\nrates: list = [0.1]\nseeds: list = [1]\n'
PROFILE = "placements: [none, output]\ndatasets: [recall]\nrates: [0.1]\nseeds: [1, 2]\n"


def notebook(path, parameters, code):
    cells = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(code)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with made-up notebooks and one profile, tiny."""
    root = tmp_path / "project"
    (root / "notebooks" / "profiles").mkdir(parents=True)
    (root / "book").mkdir()
    (root / "book" / "references.bib").write_text("")
    (root / "pyproject.toml").write_text("")
    (root / "notebooks" / "profiles" / "tiny.yaml").write_text(PROFILE)
    notebook(root / "notebooks" / "placement.ipynb", PARAMETERS, "names = datasets\n" + CHAPTER)
    also = 'placements: list = "all"\n'
    notebook(root / "notebooks" / "comparison.ipynb", also + PARAMETERS, "print(len(placements))")
    alone = 'placement: str = "none"\nprofile: str = "none"\n'
    notebook(root / "notebooks" / "chapter.ipynb", alone, "print(placement, profile)")
    monkeypatch.setattr(profiles, "with_chapter", lambda: ("none", "output"))
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(root))
    monkeypatch.setattr(study, "train_lacking", lambda *_: None)  # the notebook makes up its records
    return root


def states(rows):
    return {row.name: row.state for row in rows}


def test_a_study_executes_reports_and_reuses(project):
    said, folder, fails = [], load_profile("tiny").folder, project / "fails"
    fails.write_text("")
    rows = study.run("tiny", workers=1, say=said.append)
    assert states(rows) == {
        "00-none": "done", "21-output": "failed", "chapter-00-none": "done", "chapter-21-output": "done",
        "comparison": "done",
    }  # fmt: skip
    (failed,) = (row for row in rows if row.state == "failed")
    assert failed.reason == "RuntimeError: made to fail" and failed.reason in " ".join(said)
    assert (failed.runs_done, failed.runs_total) == (2, 4)  # its baselines are those of none
    assert (folder / "21-output.ipynb").is_file() and not list((folder / RUNNING).glob("*"))
    assert len(study.records("tiny")) == 2

    # What failed is tried again, what is done is not; a record that is there is not made again.
    fails.unlink()
    files = [folder / "00-none.ipynb", *Store().folder.glob("*.json")]
    before = [file.stat().st_mtime_ns for file in files]
    assert set(states(study.run("tiny", workers=1, say=said.append)).values()) == {"done"}
    assert [file.stat().st_mtime_ns for file in files] == before and len(study.records("tiny")) == 4
    study.run("tiny", workers=1, say=said.append)
    assert "up to date" in said[-1]

    # One record that is gone makes the notebooks that show it stale, a changed notebook all of its executions.
    (victim,) = [record.key for record in Store().records(placement="output", seed=2)]
    (Store().folder / f"{victim}.json").unlink()
    assert states(study.status(load_profile("tiny")))["00-none"] == "done"
    assert states(study.status(load_profile("tiny")))["21-output"] == "missing"
    template = project / "notebooks" / "placement.ipynb"
    template.write_text(template.read_text().replace("trained", "made"))
    assert set(states(study.status(load_profile("tiny"))).items()) >= {("00-none", "missing"), ("21-output", "missing")}


def test_the_answer_on_ones_own_data_comes_before_the_rest_of_the_book(project, monkeypatch):
    texts = [f"word{n} and thing{n % 5},{'ab'[n % 2]}" for n in range(40)]
    (project / "texts.csv").write_text("\n".join(["text,label", *texts]))
    notebook(project / "notebooks" / "own.ipynb", "trials: int = 1", "print(trials)")
    monkeypatch.setattr("bilstm_dropout.study.own.prepare.CHAPTERS", {})
    prepared, _ = prepare(project / "texts.csv", Columns("text", "label"), placements=["input"])
    seen = []
    rows = study.run(prepared.name, workers=1, say=seen.append, answered=lambda path: seen.append(
        (path.name, sorted(each.name for each in path.parent.glob("*.ipynb")))
    ))  # fmt: skip
    assert set(states(rows).values()) == {"done"} and len(rows) == 4
    assert seen == [("own.ipynb", ["own.ipynb"])]


def test_the_plan_counts_what_is_to_do(project):
    planned = study.plan(load_profile("tiny"), workers=2)
    assert (planned["executions_to_do"], planned["runs_to_do"], planned["runs"]) == (5, 4, 4)
    assert planned["minutes"] > 0 and not Store().keys()
    (recall,) = planned["datasets"]
    assert (recall["dataset"], recall["runs"], recall["source"]) == ("recall", 4, "cost model")


def test_running_is_seen_and_a_second_study_refused(project):
    profile = load_profile("tiny")
    (profile.folder / RUNNING).mkdir(parents=True)
    (profile.folder / RUNNING / "21-output.ipynb").write_text("{}")
    assert states(study.status(profile))["21-output"] == "missing"  # left over by a study that was killed
    with profile.lock.acquire():
        assert states(study.status(profile))["21-output"] == "running"
        with pytest.raises(UserError, match="Another study of the profile tiny is running"):
            study.run("tiny", workers=1)


def test_a_refused_study_or_book_leaves_the_running_ones_profile_alone(project, tmp_path):
    path, other = tmp_path / "mine.yaml", tmp_path / "other" / "mine.yaml"
    path.write_text(PROFILE)
    other.parent.mkdir()
    other.write_text(PROFILE.replace("output", "recurrent"))
    study.keep_profile(load_profile(path))
    kept = load_profile("mine").folder / "profile.yaml"
    with load_profile("mine").lock.acquire():
        for refused in (lambda: study.run(str(other), workers=1), lambda: study.keep_profile(load_profile(other))):
            with pytest.raises(UserError, match="Another study of the profile mine is running"):
                refused()
            assert kept.read_text() == PROFILE
        study.keep_profile(load_profile(path))  # the book of the study that runs
    study.keep_profile(load_profile(other))
    assert kept.read_text() == other.read_text()
    study.keep_profile(load_profile("tiny"))  # the project's own is found without a copy
    assert not (load_profile("tiny").folder / "profile.yaml").exists()


def test_a_chapter_whose_worker_is_killed_each_time_fails_with_a_reason_and_the_others_are_done(project):
    template = project / "notebooks" / "placement.ipynb"
    worker = 'int(os.environ["JPY_PARENT_PID"])'
    killer = f'import os, signal\nif placement == "output":\n    os.kill({worker}, signal.SIGKILL)\n'
    notebook(template, PARAMETERS, killer + "names = datasets\n" + CHAPTER)
    said = []
    rows = study.run("tiny", workers=1, say=said.append)
    assert states(rows) == {
        "00-none": "done", "21-output": "failed", "chapter-00-none": "done", "chapter-21-output": "done",
        "comparison": "done",
    }  # fmt: skip
    (failed,) = (row for row in rows if row.state == "failed")
    assert "worker process was killed" in failed.reason and "lack of memory is the usual cause" in failed.reason


def test_without_any_worker_a_study_ends_and_keeps_what_is_done(project, monkeypatch):
    def ends(client, futures, **options):
        found = results(client, futures, **options)
        yield next(found)
        client.cluster.scale(0)
        client.sync(client.cluster._correct_state)
        yield from found

    results = executing.results
    monkeypatch.setattr(executing, "results", ends)
    monkeypatch.setattr("bilstm_dropout.runs.cluster.PATIENCE", 2.0)
    notebook(project / "notebooks" / "placement.ipynb", PARAMETERS, "names = datasets\n" + CHAPTER + "\nimport time\n"
             'time.sleep(3 if placement == "output" else 0)')  # fmt: skip
    with pytest.raises(UserError, match="No worker is left"):
        study.run("tiny", workers=1, say=lambda _: None)
    assert states(study.status(load_profile("tiny")))["00-none"] == "done"
    monkeypatch.setattr(executing, "results", results)
    assert set(states(study.run("tiny", workers=1, say=lambda _: None)).values()) == {"done"}


def test_a_profile_by_its_path_is_found_by_its_name_afterwards(project, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(PROFILE)
    from bilstm_dropout.study.profile_files import remember

    with pytest.raises(UserError, match="Unknown profile 'mine'"):
        load_profile("mine")
    remember(load_profile(path))
    assert load_profile("mine") == load_profile(path)
    shutil.copy(path, tmp_path / "tiny.yaml")
    with pytest.raises(UserError, match="rename the file"):
        load_profile(tmp_path / "tiny.yaml")
    shutil.copy(path, tmp_path / "...yaml")  # its stem is the folder above
    for name in ("..", "x`<img src=x onerror=alert(1)>`", "-rf", "a b", "n" * 81):
        shutil.copy(path, tmp_path / f"{name.replace('/', '')}.yaml")
        with pytest.raises(UserError, match="rename the file") as caught:
            load_profile(tmp_path / f"{name}.yaml")
        assert "\n" not in str(caught.value)
    for name in (5, None, ["mine"]):
        with pytest.raises(UserError, match=r"profile: .* is not allowed"):
            load_profile(name)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rate: [0.1]", "Did you mean rates"), ("placement: input", "Unknown key"), ("units: 0", "at least 1"),
        ("placements: [recurent]", "Did you mean recurrent"), ("datasets: [recal]", "Did you mean recall"),
        ("rates: [1.0]", "Allowed"), ("seeds: []", "whole numbers"), ("a: [", "no YAML"), ("- a", "keys and values"),
        ("placements: input", "all, or a list"), ("1: 2", "Unknown key"), ("epochs: {recal: 3}", "recall"),
        ("epochs: 2020-13-45", "at least 1"), ("epochs: !!int abc", "no YAML"), ('layers: "2"', "Allowed: 1 or 2"),
        ('layers: {recall: "2"}', "Allowed: 1 or 2"), ("epochs: 1:30", "at least 1"), ("units: 1_000", "at least 1"),
        ("rates: [0.1]\nrates: [0.2]", "rates is given twice"), ("units: &a [1]\nseeds: *a", "alias"),
        ("epochs: &a [*a]", "alias"), ("[" * 3000, "too deeply"), (f"rates: '{'[' * 3000}'", "Allowed: numbers from 0"),
        ("epochs: 0x" + "f" * 5000, "at least 1"), ("seeds: " + "1" * 5000, "digits"),
        ("bidirectional: yes", "true or false"),
        ("rates: {recal: [0.1]}", "recall"), ("rates: {recall: [1.0]}", "numbers from 0"),
        ("rates: {recall: []}", "numbers from 0"), ("sample: 1", "true or false"),
        ("added: {seeds: 1}", "sample: true"), ("sample: true\nadded: 3", "seeds and rates"),
        ("sample: true\nadded: {seed: 3}", "Did you mean seeds"),
        ("sample: true\nadded: {rates: 2.0}", "numbers from 0"),
        ("placements: []\ndatasets: [mr]\ndataset_options: 5", "dataset_options"),
        ("placements: []\nunits: 0", "at least 1"),
        ("own: {dataset: own-x, placements: [], rates: [], trials: 0, minutes: 0}", "own"),
    ],
)
def test_a_bad_profile_is_refused_in_one_line(project, tmp_path, text, says):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=says) as caught:
        load_profile(path)
    assert "\n" not in str(caught.value)


def test_a_profile_that_is_no_text_or_has_no_possible_name_is_refused_in_one_line(project, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"rates: [\xe4]")
    long = "a" * 5000
    for name, says in ((path, "no YAML"), (long, "Unknown profile"), (f"{long}.yaml", "needs another name")):
        with pytest.raises(UserError, match=says) as caught:
            load_profile(name)
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_whole_numbers_of_a_profile_are_decimal(project, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("datasets: recall\nepochs: 010\nlayers: {recall: }")
    assert load_profile(path).settings["epochs"] == 10


def test_a_profile_offers_placements_where_they_apply(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "datasets: [japanese_vowels, recall]\nrates: [0.1, 0.7]\nplacements: [embedding-types, gates, between]"
    )
    sweeps = {each.sweep.placement: each.sweep for each in load_profile(path).executions() if each.sweep}
    assert list(sweeps) == ["none", "embedding-types", "gates", "between"]
    assert sweeps["embedding-types"].datasets == ["recall"] and sweeps["gates"].rates == [0.1]
    assert {run.layers for run in sweeps["between"].runs()} == {2}
    path.write_text(
        "datasets: [japanese_vowels, recall]\nplacements: [input, gates]\n"
        "rates: {japanese_vowels: [0.1, 0.7], recall: 0.6}"
    )
    sweeps = {each.sweep.placement: each.sweep for each in load_profile(path).executions() if each.sweep}
    assert [(run.dataset, run.rate) for run in sweeps["input"].runs() if run.seed == 1] == [
        ("japanese_vowels", 0.1), ("japanese_vowels", 0.7), ("recall", 0.6),
    ]  # fmt: skip
    assert {(run.dataset, run.rate) for run in sweeps["gates"].runs()} == {("japanese_vowels", 0.1)}
    path.write_text("datasets: recall\nseeds: 4\nrates:")
    (first, *_) = load_profile(path).executions()
    assert first.sweep.datasets == ["recall"] and first.sweep.seeds == [4]


def test_quick_is_what_the_book_says():
    profile = load_profile("quick")
    assert profile.settings["datasets"] == ["japanese_vowels", "recall"] and profile.settings["seeds"] == [1, 2]
    of_runs = [each.sweep.placement for each in profile.executions() if each.sweep is not None]
    others = [each.name for each in profile.executions() if each.sweep is None]
    assert of_runs == list(profile.placements) == list(TABLE)
    assert others[:2] == list(profile.notebooks) and others[-1] == "comparison"
    assert len(others) == 2 + len(TABLE) + 1
    runs = {key for execution in profile.executions() for key in record_keys(execution)}
    assert f"a sample of them, {len(runs)} runs:" in (project_root() / "README.md").read_text("utf-8")


def test_the_profile_that_is_read_trains_nothing():
    profile = load_profile("read")
    assert not any(each.configs() for each in profile.executions()) and profile.sweep("input") is not None
    names = [each.parameters["placement"] for each in profile.executions() if each.notebook.stem == "chapter"]
    assert names == list(TABLE)
    assert {each.parameters["profile"] for each in profile.executions() if each.notebook.stem == "chapter"} == {"none"}


def test_a_chapter_is_executed_anew_once_its_placement_has_other_runs(project):
    study.run("tiny", workers=1, say=lambda _: None)
    profile = load_profile("tiny")
    files = {name: profile.folder / f"{name}.ipynb" for name in ("chapter-00-none", "chapter-21-output")}
    before = {name: file.stat().st_mtime_ns for name, file in files.items()}
    for record in Store().records(placement="output", seed=2):
        (Store().folder / f"{record.key}.json").unlink()
    assert states(study.status(profile))["chapter-21-output"] == "missing"
    study.run("tiny", workers=1, say=lambda _: None)
    after = {name: file.stat().st_mtime_ns for name, file in files.items()}
    assert after["chapter-00-none"] == before["chapter-00-none"]
    assert after["chapter-21-output"] > before["chapter-21-output"]


def test_a_profile_has_the_experiments_that_it_names(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("placements: [none]\nnotebooks: memory")
    found = [each.name for each in load_profile(path).executions() if each.notebook.stem != "chapter"]
    assert found == ["00-none", "memory", "comparison"]
    path.write_text("notebooks: [memorie]")
    with pytest.raises(UserError, match="memory"):
        load_profile(path)


def test_a_notebook_is_executed_anew_once_a_published_file_that_it_reads_has_changed(project, monkeypatch):
    folder, names = project / "data" / "published", ("mechanisms", "memory")
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(folder))
    files = [folder / name for name in ("mechanisms.json", "memory.001.parquet", "curves/u.001.npz")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("as published")
    (project / "notebooks" / "profiles" / "tiny.yaml").write_text("placements: []\nnotebooks: [mechanisms, memory]\n")
    monkeypatch.setattr(profiles, "with_chapter", tuple)
    for name in names:
        notebook(project / "notebooks" / f"{name}.ipynb", "own: bool = True", "print(own)")
    study.run("tiny", workers=1, say=lambda _: None)
    profile = load_profile("tiny")
    for file in files:
        assert [states(study.status(profile))[name] for name in names] == ["done", "done"]
        file.write_text("measured again")
        assert [states(study.status(profile))[name] for name in names] == ["missing", "missing"], file
        file.write_text("as published")


def test_an_address_where_no_scheduler_answers_is_refused(monkeypatch):
    monkeypatch.setattr("bilstm_dropout.runs.cluster.ANSWER_SECONDS", 2)
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        for address in ("tcp://127.0.0.1:1", f"tcp://127.0.0.1:{busy.getsockname()[1]}", "nonsense", "foo://a:1"):
            with pytest.raises(UserError, match="No Dask scheduler answers") as caught, remote_client(address):
                pass
            assert "\n" not in str(caught.value)


def test_records_of_another_device_are_told_apart():
    here, there = (types.SimpleNamespace(provenance=json.loads(json.dumps({"device": device}))) for device in
                   (device_class(), {**device_class(), "system": "another"}))
    assert foreign([here, there]) == [there] and foreign([here]) == []
    flags = device_class({"XLA_FLAGS": "--made-up", "TF_NUM_INTRAOP_THREADS": "7"})
    assert (flags["xla_flags"], flags["threads"]) == ("--made-up", "7") and flags["processor"]


def test_a_data_set_that_cannot_be_had_is_left_out_and_said(tmp_path, monkeypatch):
    def load(name, **options):
        if name == "mr":
            raise UserError("The file of mr is not here. Put it there.")
        return real(name, **options)

    real = profiles.datasets.load
    monkeypatch.setattr(profiles.datasets, "missing_files", lambda name: (name,) if name == "mr" else ())
    monkeypatch.setattr(profiles.datasets, "load", load)
    path = tmp_path / "mine.yaml"
    path.write_text("datasets: [mr, recall]\nplacements: [none, output]\n")
    profile = load_profile(path)
    assert profile.absent == {"mr": "The file of mr is not here. Put it there."}
    others = [each for each in profile.executions() if each.notebook.stem != "chapter"]
    assert {tuple(each.parameters["datasets"]) for each in others} == {("recall",)}
    path.write_text("datasets: [mr]\nplacements: [none, output]\n")
    assert not any(each.configs() for each in load_profile(path).executions())


def test_a_placement_that_is_added_has_only_those_executed_again_that_go_through_the_table(project, monkeypatch):
    pages = project / "notebooks" / "pages"
    pages.mkdir()
    table = "from bilstm_dropout.dropout.placements import TABLE\n"
    notebook(pages / "lists.ipynb", "a = 1", f"{table}print(list(TABLE))")
    notebook(pages / "reads.ipynb", "a = 1", f"{table}print(TABLE['cell'].sentence)")
    notebook(pages / "neither.ipynb", "a = 1", "print(a)")
    assert all(row.state == "done" for row in study.run("tiny", workers=1, say=lambda _: None))

    def stale():
        return {row.name for row in study.status(load_profile("tiny")) if row.state != "done"}

    assert stale() == set()
    with monkeypatch.context() as added:
        added.setitem(TABLE._entries, "other", replace(TABLE["cell"], name="other"))
        assert stale() == {"pages/lists"}
    with monkeypatch.context() as changed:
        changed.setitem(TABLE._entries, "cell", replace(TABLE["cell"], sentence="Another."))
        assert stale() == {"pages/lists", "pages/reads"}
    assert stale() == set()


def test_numbers_are_a_page_for_each_data_set_with_published_runs():
    found = {page.name: page for page in notebooks.pages() if page.parameters}
    assert list(found) == [f"numbers/{name}" for name in published_sets()] and "numbers/mr" in found
    for name, page in found.items():
        assert page.parameters == {"dataset": name.partition("/")[2]} and page.is_page
        assert page.notebook.name == notebooks.source_of(name) == "numbers.ipynb"
    assert len({page.output for page in notebooks.pages()}) == len(notebooks.pages())
    assert notebooks.source_of("study/gallery") == "study/gallery.ipynb"

"""The page on one's own data, executed on planted results: what is there is told, and what is not there is not."""

import shutil

import nbformat
import pandas as pd
import pytest
import yaml
from support.html import Page
from support.own_study import keep, plant

from bilstm_dropout.book import build
from bilstm_dropout.book.compile import PREDICTIONS, Sources, compile_chapters
from bilstm_dropout.book.findings import findings_of
from bilstm_dropout.cli import studying
from bilstm_dropout.paths import project_root
from bilstm_dropout.study.execute import execute
from bilstm_dropout.study.own import design, prepare

HOSTILE = "<img src=x onerror=alert(1)> $x$ {{ 7*7 }}"


def answered(root, monkeypatch, sure, learned=True, trials=10):
    """The executed page of a study with these planted networks: its design, its file and its findings by name."""
    source, published = project_root(), project_root() / "data" / "published"
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(root))
    monkeypatch.setenv("BILSTM_DROPOUT_RUNS", str(root / "runs"))
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(published))
    name = keep(root, classes=(HOSTILE, "b"), word=f"{HOSTILE} word")
    study = plant(design.make(name, ["input", "output"], [0.25]).with_trials(trials), sure, learned)
    prepare.write(study)
    output = root / "own.ipynb"
    notebook = str(source / "notebooks" / "own.ipynb")
    environment = {"BILSTM_DROPOUT_ROOT": str(root), "BILSTM_DROPOUT_RUNS": str(root / "runs"),
                   "BILSTM_DROPOUT_PUBLISHED": str(published)}  # fmt: skip
    assert not execute(notebook, str(output), study.plain(), environment)
    found = {each["name"]: each for each in findings_of(nbformat.read(output, as_version=4))}
    assert all(each["holds"] and each["rests_on"] == "here" for each in found.values())
    return study, output, {name: each["sentence"] for name, each in found.items()}


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_a_planted_difference_is_told_with_what_to_do_and_the_book_begins_with_it(root, monkeypatch, capsys):
    book = root / "book"
    shutil.copytree(project_root() / "book", book, ignore=shutil.ignore_patterns("_build", "generated"))
    for name in ("CITATION.cff", "data/README.md"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(project_root() / name, root / name)
    study, output, said = answered(root, monkeypatch, {"input": 0.7})
    assert said["do"].startswith("Put input at a rate of 0.25 into the network, with the line below")
    assert "in 1 of 2 cases" in said["early"] and "input" in said["early"] and "nothing" not in said
    studying._say_answer(output)
    shown = (project_root() / "book" / "own-data.md").read_text("utf-8").split("```text\n- ")[1].split("\n```")[0]
    assert f"\n- {shown}\n- " in capsys.readouterr().out
    notebook = nbformat.read(output, as_version=4)
    lines = [each["text"] for cell in notebook.cells for each in cell.get("outputs", ()) if "text" in each]
    assert any("rate, units = 0.25, 64" in each and "keras.layers.Dropout(rate)" in each for each in lines)
    pages = "".join(each["data"].get("text/html", "") for cell in notebook.cells
                    for each in cell.get("outputs", ()) if "data" in each)  # fmt: skip
    assert not Page(pages).of("img") and "onerror=alert(1)" in Page(pages).text

    sources = Sources({}, {}, {"own": output})
    compile_chapters(study.dataset, book=book, sources=sources, results=pd.DataFrame({"dataset": []}), executed={})
    predicted = pd.read_csv(book / "generated" / PREDICTIONS)
    assert len(predicted) == 40 * 3 * 2 and set(predicted["row"]) == set(range(2, 42))
    home = (book / "generated" / "own.md").read_text("utf-8")
    assert home.startswith("## Your data") and "/generated/own.ipynb::do:s" in home
    contents = yaml.safe_load(build._contents(book).read_text("utf-8"))
    assert contents["parts"][0] == {"caption": "Your data", "chapters": [{"file": "generated/own"}]}
    assert contents["parts"][1:] == yaml.safe_load((book / "_toc.yml").read_text("utf-8"))["parts"]


def test_without_a_page_of_ones_own_the_contents_are_those_of_the_book(tmp_path):
    assert build._contents(tmp_path) == tmp_path / "_toc.yml"


def test_where_nothing_differs_nothing_is_claimed(root, monkeypatch):
    _, _, said = answered(root, monkeypatch, {})
    assert said["do"].startswith("In the network, choose no place of dropout by these runs")
    assert "no place of dropout clearly changes" in said["early"] and "can be excluded" in said["early"]
    assert "can be excluded" in said["accuracy"]


def test_where_dropout_raises_the_loss_it_is_advised_against(root, monkeypatch):
    _, _, said = answered(root, monkeypatch, {"input": 0.5, "output": 0.52})
    assert said["do"].startswith("In the network, leave dropout out: 2 of 2 cases clearly raise the test loss")
    assert "in 2 of 2 cases" in said["early"] and "more" not in said


def test_labels_by_lot_are_called_so_and_nothing_is_recommended(root, monkeypatch):
    _, _, said = answered(root, monkeypatch, {"input": 0.9}, learned=False)
    assert said["nothing-learned"].startswith("It is not clear that the networks learned anything")
    assert not {"do", "early-clear", "late", "more"} & set(said) and "no place" in said["early"]

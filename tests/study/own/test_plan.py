"""A plan and a look at the state change nothing on disk, and no file takes another's place unasked."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest
from support.own_files import series, texts, write

from bilstm_dropout import datasets
from bilstm_dropout.cli.entry import main
from bilstm_dropout.datasets import own
from bilstm_dropout.study.own.prepare import Columns, planned, prepare
from bilstm_dropout.study.profile_files import load_profile

TEXTS, SERIES = Columns("text", "label"), Columns(label="label", id="id", step="step")


@pytest.fixture
def command(monkeypatch, capsys):
    """Calls the command line in this process: (exit code, what it printed, what it said on the error stream)."""

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["bilstm-dropout", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capsys.readouterr()

    return call


def tree(folder):
    """Every file and folder below, with its content's hash and the time of its last change."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "", path.stat().st_mtime_ns
        )
        for path in sorted(folder.rglob("*"))
    }  # fmt: skip


def of_texts(file, *more):
    return ("study", "--data", file, "--text-column", "text", "--label-column", "label", *more)


OTHER = texts("good", "bad", count=20)


# ---- --plan and status write nothing ----
def test_a_plan_of_a_new_file_leaves_the_project_as_it_was(project, command):
    file = write(project / "a.csv", texts("good", "bad"))
    before = tree(project)
    code, said, _ = command(*of_texts(file, "--plan"))
    assert code == 0 and "own-a: sound; nothing is written with --plan" in said and "15 minutes on" in said
    assert re.search(r"own-a: (\d+) of \1 notebooks", said) and tree(project) == before
    assert not own.names()


def test_a_plan_over_other_content_says_so_and_replaces_nothing(project, command):
    file = write(project / "a.csv", texts("good", "bad"))
    prepare(file, TEXTS)
    fingerprint = datasets.load("own-a").fingerprint
    write(file, OTHER)
    before = tree(project)
    code, said, _ = command(*of_texts(file, "--plan"))
    assert code == 0 and "other content than before under this name: it would replace it" in said
    assert "40 texts of" in said and tree(project) == before
    assert datasets.load("own-a").fingerprint == fingerprint and own.kept("own-a").facts["examples"] == 24


def test_a_plan_says_what_the_import_then_does(project, capsys):
    file = write(project / "a.csv", series())
    with planned(file, SERIES) as (profile, imported):
        data = datasets.load("own-a", fold=3)
        assert imported.state == "new" and profile.own.dataset == "own-a"
    kept, after = prepare(file, SERIES)
    assert (kept, after) == (profile, imported) and datasets.load("own-a", fold=3).fingerprint == data.fingerprint
    with planned(file, SERIES) as (_, imported):
        assert imported.state == "unchanged"


@pytest.mark.parametrize("arguments", [("status", "--profile"), ("study", "--plan", "--profile")])
@pytest.mark.parametrize("profile", ["own-a", "quick"])
def test_looking_at_a_study_leaves_the_project_as_it_was(arguments, profile, project, command):
    prepare(write(project / "a.csv", texts("good", "bad")), TEXTS)
    before = tree(project)
    assert command(*arguments, profile)[0] == 0
    assert tree(project) == before


def test_a_plan_of_a_file_that_is_refused_leaves_the_project_as_it_was(project, command):
    prepare(write(project / "a.csv", texts("good", "bad")), TEXTS)
    write(project / "a.csv", texts("good", "Good"))
    before = tree(project)
    for plan in ((), ("--plan",)):
        code, _, said = command(*of_texts("a.csv", *plan))
        assert code == 2 and "spelling alone" in said and tree(project) == before


def test_a_placement_or_rate_that_is_refused_changes_nothing(project, command):
    file = write(project / "a.csv", texts("good", "bad"))
    prepare(file, TEXTS)
    write(file, OTHER)
    before = tree(project)
    for wrong in (("--placement", "outptu"), ("--rate", "1.5"), ("--rates", "0.1,x,y"), ("--minutes", "0")):
        assert command(*of_texts(file, *wrong))[0] == 2 and tree(project) == before, wrong


def test_nothing_is_downloaded_by_looking(project, command, monkeypatch):
    monkeypatch.delenv("BILSTM_DROPOUT_DATA", raising=False)
    (project / "mine.yaml").write_text("datasets: [mr, recall]\nplacements: [none]\nseeds: [1]\n")
    before = tree(project)
    code, _, said = command("study", "--plan", "--profile", "mine.yaml")
    assert code == 0 and "mr is left out." in said and "nothing is downloaded by looking" in said
    assert tree(project) == before


# ---- checked first, changed then ----
def test_a_feature_that_no_study_could_use_is_refused_before_anything_is_replaced(project, command):
    file = write(project / "keep.csv", texts("good", "bad"))
    prepare(file, TEXTS)
    write(file, series(["rare"], lambda s, k: [float((s, k) == (5, 3))]))
    before = tree(project)
    code, _, said = command("study", "--data", file, "--id-column", "id", "--step-column", "step", "--label-column",
                            "label")  # fmt: skip
    assert code == 2 and "'rare' (other values on line 35)" in said and "FEATURES=x" in said
    assert tree(project) == before and datasets.load("own-keep", fold=9).classes == ("bad", "good")


# ---- names ----
def test_another_file_of_the_same_name_is_refused_with_a_way_out(project, command):
    first, second = (write(project / folder / "reviews.csv", rows) for folder, rows in
                     (("a", texts("good", "bad")), ("b", OTHER)))  # fmt: skip
    prepare(first, TEXTS)
    before = tree(project)
    for plan in ((), ("--plan",)):
        code, _, said = command(*of_texts(second, *plan))
        assert code == 2 and tree(project) == before
        assert "own-reviews is the name of another file, 'a/reviews.csv'" in said
        assert "--name reviews-2 (with make: NAME=reviews-2)" in said
        assert "remove the folder data/own/own-reviews first" in said
    code, said, _ = command(*of_texts(second, "--plan", "--name", "reviews-2"))
    assert code == 0 and "own-reviews-2: sound" in said
    assert prepare(second, TEXTS, name="own-reviews-2")[1].state == "new"
    assert own.names() == ("own-reviews", "own-reviews-2")
    assert load_profile("own-reviews-2").own.dataset == "own-reviews-2"


def test_the_ways_out_without_a_name_work_too(project):
    first, second = (write(project / folder / "reviews.csv", rows) for folder, rows in
                     (("a", texts("good", "bad")), ("b", OTHER)))  # fmt: skip
    prepare(first, TEXTS)
    assert prepare(second.rename(second.with_name("others.csv")), TEXTS)[1].name == "own-others"
    shutil.rmtree(own.imported.folder("own-reviews"))
    assert prepare(write(second, OTHER), TEXTS)[1].state == "new"


def test_the_same_file_elsewhere_or_changed_is_no_other(project):
    file = write(project / "a" / "reviews.csv", texts("good", "bad"))
    prepare(file, TEXTS)
    moved = shutil.copy(file, project / "reviews.csv")
    assert prepare(moved, TEXTS)[1].state == "unchanged"
    assert prepare("a/../a/reviews.csv", TEXTS)[1].state == "unchanged"
    write(file, OTHER)
    assert prepare(file, TEXTS)[1].state == "replaced"


def test_names_whose_letters_are_lost_or_cut_do_not_meet(project):
    stems = ["评论", "отзывы", "κριτικές", "x" * 199 + "x", "x" * 199 + "y", "a评", "a论", "!", "?"]
    made = {prepare(write(project / f"{stem}.csv", texts("good", "bad")), TEXTS)[1].name for stem in stems}
    assert len(made) == len(stems) and all(len(name) <= 60 for name in made) and own.names() == tuple(sorted(made))
    spelt = {own.name_for(Path(f"{stem}.csv")) for stem in ("пере\u0301езд", "пере́езд")}
    assert len(spelt) == 1 and own.name_for(Path("Café.csv")) == own.name_for(Path("cafe\u0301.csv")) == "own-cafe"


@pytest.mark.parametrize("name", ["", None])
def test_no_name_is_the_files_own(name, project):
    assert own.name_for(Path("reviews.csv"), name) == "own-reviews"


@pytest.mark.parametrize("name", ["../x", "A", "a b", "a_b", "-a", "a--b", "a" * 60, "own-", "评论", "a/b", "a\nb"])
def test_a_name_that_can_be_none_is_refused(name, project, command):
    file = write(project / "a.csv", texts("good", "bad"))
    before = tree(project)
    code, _, said = command(*of_texts(file, "--name", name))
    assert code == 2 and "--name" in said and "small letters, digits and hyphens" in said and tree(project) == before


def test_a_book_of_a_file_goes_by_the_name_that_was_given(project, command):
    write(project / "a.csv", texts("good", "bad"))
    assert "Unknown profile 'own-mine'" in command("book", "--data", "a.csv", "--name", "mine")[2]


def test_a_name_goes_with_a_file(project, command):
    assert "go with --data FILE" in command("study", "--name", "x")[2]
    assert "goes with --data FILE" in command("book", "--name", "x")[2]


def test_all_rates_that_are_no_numbers_are_said(project, command):
    write(project / "a.csv", texts("good", "bad"))
    said = command(*of_texts("a.csv", "--rates", "0.1,x,0.2,half"))[2]
    assert "RATES: 'x', 'half' of '0.1,x,0.2,half' is not allowed" in said

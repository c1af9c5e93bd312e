"""A study of the reader's own data from the command line and from make: planned, refused, prepared; never run here."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from bilstm_dropout import datasets
from bilstm_dropout.cli import main
from bilstm_dropout.errors import UserError
from bilstm_dropout.study.own import design
from bilstm_dropout.study.own import prepare as own
from bilstm_dropout.study.profile_files import load_profile

ROOT = Path(__file__).parents[3]
TEXTS = own.Columns("the text", "class")
SERIES = own.Columns(label="class", id="id", step="t")


def write(name, rows):
    with Path(name).open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return name


@pytest.fixture
def reviews(project):
    rows = [[f"Number {n} is {label}.", label] for n in range(20) for label in ("good", "bad")]
    return write("it's (my) reviews.csv", [["the text", "class"], *rows])


@pytest.fixture
def series(project):
    rows = [[f"s{n}", step, "ab"[n % 2], n + step] for n in range(24) for step in range(3)]
    return write("series.csv", [["id", "t", "class", "x, y"], *rows])


@pytest.fixture
def command(monkeypatch, capsys):
    """Calls the command line in this process: (exit code, what it printed, what it said on the error stream)."""

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["bilstm-dropout", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capsys.readouterr()

    return call


# ---- the profile ----
def test_texts_get_a_profile_that_their_name_finds(reviews):
    prepared, imported = own.prepare(reviews, TEXTS)
    assert (imported.name, imported.state) == ("own-it-s-my-reviews", "new")
    found = load_profile("own-it-s-my-reviews")
    assert found == prepared and found.own == design.make("own-it-s-my-reviews") and not found.placements
    first, *others = found.executions()
    assert first.name == "own" and first.configs() == []  # nothing is trained yet
    assert not any(each.sweep for each in others)
    own.write(prepared.own.with_trials(2))
    first = load_profile("own-it-s-my-reviews").executions()[0]
    assert [config.model_dump() for config in first.configs()] == [
        config.model_dump() for config in prepared.own.with_trials(2).configs()
    ]
    assert first.parameters["trials"] == 2


def test_what_was_trained_stays_while_file_and_choice_do(reviews):
    prepared, _ = own.prepare(reviews, TEXTS)
    own.write(prepared.own.with_trials(20))
    assert own.prepare(reviews, TEXTS)[0].own.trials == 20
    assert own.prepare(reviews, TEXTS, placements=["output"])[0].own.trials == 0
    own.write(prepared.own.with_trials(20))
    write(reviews, [["the text", "class"], *([f"Other {n}", "ab"[n % 2]] for n in range(30))])
    assert own.prepare(reviews, TEXTS)[0].own.trials == 0


def test_series_have_no_placement_on_words(series):
    prepared, _ = own.prepare(series, SERIES)
    assert "input-words" not in prepared.own.placements and len(prepared.own.placements) == 5
    with pytest.raises(UserError, match="needs an embedding"):
        own.prepare(series, SERIES, placements=["embedding-types"])


def test_placements_and_rates_can_be_chosen(reviews):
    prepared, _ = own.prepare(reviews, TEXTS, placements=["output", "none"], rates=[0.4])
    assert prepared.own.placements == ("output",) and prepared.own.rates == (0.4,)
    with pytest.raises(UserError, match="Did you mean output"):
        own.prepare(reviews, TEXTS, placements=["outptu"])
    assert load_profile(prepared.name) == prepared  # what was there stays
    with pytest.raises(UserError, match="above 0 and below 1"):
        own.prepare(reviews, TEXTS, rates=[1.0])


def test_a_profile_holds_names_and_no_path(reviews):
    own.prepare(str(Path(reviews).resolve()), TEXTS)
    content = yaml.safe_load(load_profile("own-it-s-my-reviews").text)
    assert content["datasets"] == ["own-it-s-my-reviews"] and "project" not in str(content)


def test_content_is_not_changed_under_a_running_study(reviews):
    prepared, _ = own.prepare(reviews, TEXTS)
    before = datasets.load(prepared.name).fingerprint
    write(reviews, [["the text", "class"], *([f"Other {n}", "ab"[n % 2]] for n in range(30))])
    with (
        FileLock(prepared.folder / "study.lock"),
        pytest.raises(UserError, match=r"A study of own-it-s-my-reviews is running"),
    ):
        own.prepare(reviews, TEXTS)
    assert datasets.load(prepared.name).fingerprint == before
    assert own.prepare(reviews, TEXTS)[1].state == "replaced"


@pytest.mark.parametrize(
    "text, names", [("", ()), ("a,b", ("a", "b")), (' a , "b, c",', ("a", "b, c")), ("$(x) y", ("$(x) y",))]
)
def test_a_list_of_columns_may_hold_commas_in_quotes(text, names):
    assert own.listed(text) == names


@pytest.mark.parametrize("text", ["a\nb", "a,\r\nb", "a\rb\n"])
def test_a_list_of_columns_may_stand_in_lines(text):
    assert own.listed(text) == ("a", "b")


def test_what_is_no_list_of_columns_is_said():
    with pytest.raises(UserError, match="is no list of names"):
        own.listed("a" * 200_000)


# ---- the command ----
def test_a_plan_says_what_there_is_and_trains_nothing(reviews, command):
    code, said, _ = command(
        "study", "--data", reviews, "--text-column", "the text", "--label-column", "class", "--plan"
    )
    assert code == 0
    assert "own-it-s-my-reviews: sound; nothing is written with --plan" in said and "40 texts of" in said
    assert "Its columns: text “the text”; label “class”." in said
    assert "15 minutes on" in said and "none and 10 others" in said
    assert not list(Path(os.environ["BILSTM_DROPOUT_RUNS"]).rglob("*.json"))
    assert "own-it-s-my-reviews" not in command("datasets", "--json")[1]


def test_what_was_found_in_a_file_is_said_with_its_warnings(project, command):
    """Every finding on a line of its own; the features where none was named."""
    write("zero.csv", [["the text", "class"], *([str(100 + n), "ab"[n % 2]] for n in range(24))])
    columns = ["--text-column", "the text", "--label-column", "class", "--plan"]
    code, said, _ = command("study", "--data", "zero.csv", *columns)
    lines = said.splitlines()
    assert code == 0 and "0 of 24 texts (0%) hold no token, that is, no word, sign or character." in lines
    assert any(line.startswith("Warning: 3 of 3 tokens of the test part (100%) are unknown") for line in lines)

    def steps(first):
        of = [(n, step) for n in range(24) for step in range(3)]
        return [[first(n, step), f"s{n}", step, "ab"[n > 11], (n * n * 7 + step * 31) % 97] for n, step in of]

    columns = ["--label-column", "class", "--id-column", "id", "--step-column", "t", "--plan"]
    for name, first in (("Unnamed: 0", lambda n, step: 3 * n + step), ("\x1b[2Jlabel_id", lambda n, step: int(n > 11))):
        write("series.csv", [[name, "id", "t", "class", "x, y"], *steps(first)])
        code, said, _ = command("study", "--data", "series.csv", *columns)
        assert code == 0 and "all other columns of numbers are features: “x, y”." in said and "\x1b" not in said
        assert "Warning: Left out, because" in said and name.replace("\x1b", "") in said
        assert "with 1 features" in said
    code, said, _ = command("study", "--data", "series.csv", *columns, "--feature-column", "x, y")
    assert code == 0 and said.count("Warning: With all 24 series") == 1 and said.count("Warning") == 2
    assert "would be pointless as it is: with 24 examples no difference below 16 points shows" in said.split("\n")[-4]
    assert "are features" not in said


def test_columns_reach_the_command_through_the_environment(series, command, monkeypatch):
    columns = {"ID": "id", "STEP": "t", "LABEL": "class", "FEATURES": '"x, y"', "DATA": series, "TEXT": "",
               "MINUTES": "2", "PLACEMENTS": "input,output", "RATES": "0.4"}
    for name, value in columns.items():
        monkeypatch.setenv(f"BILSTM_DROPOUT_OWN_{name}", value)
    code, said, _ = command("study", "--plan")
    assert code == 0 and "2 minutes on" in said and "none and 2 others (input, output)" in said
    assert "own-series: sound" in said and "with 1 features" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["study", "--data", "nothing.csv", "--text-column", "a", "--label-column", "b"], "no file 'nothing.csv'"),
        (["study", "--data", "it's (my) reviews.csv"], "--text-column and --label-column"),
        (["study", "--text-column", "a"], "go with --data FILE"),
        (["study", "--minutes", "6"], "go with --data FILE"),
        (["study", "--data", "it's (my) reviews.csv", "--minutes", "0.5"], "a number from 1 to"),
        (["study", "--data", "it's (my) reviews.csv", "--rates", "0.2,x"], "numbers with commas"),
        (["study", "--data", "it's (my) reviews.csv", "--profile", "other"], "not both"),
        (["book", "--data", "nothing.csv"], "Unknown profile 'own-nothing'"),
        (["study", "--data", "it's (my) reviews.csv", "--text-column", "text", "--label-column", "class"],
         "Did you mean 'the text'?"),
    ],
)  # fmt: skip
def test_what_a_user_caused_is_one_line(arguments, says, reviews, command):
    code, printed, said = command(*arguments)
    assert code == 2 and not printed
    assert says in said and said.count("\n") == 1


# ---- make ----
@pytest.fixture
def made(tmp_path):
    """The Makefile beside a command that only says how it was called."""
    folder = tmp_path / "made"
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name in ("requirements.lock", "pyproject.toml", ".venv/.ready"):
        (folder / name).touch()
    shutil.copy(ROOT / "Makefile", folder)
    says = folder / ".venv" / "bin" / "bilstm-dropout"
    says.write_text('#!/bin/sh\necho "$@"\nenv | grep ^BILSTM_DROPOUT_\nexit ${RETURNS:-0}\n')
    says.chmod(0o755)
    return folder


def make(folder, *arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BILSTM_", "MAKE"))}
    return subprocess.run(
        ["make", *arguments], cwd=folder, capture_output=True, text=True, env={**kept, **environment}
    )


def test_make_hands_over_what_was_given_letter_by_letter(made):
    hostile = "$(shell touch one) `touch two` $(touch three) '\" ; touch four; # $$HOME \\ {{ 1/0 }}.csv"
    done = make(made, "book", f"DATA={hostile}", f"TEXT={hostile}", "LABEL=the class", 'FEATURES=a,"b c"')
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"BILSTM_DROPOUT_OWN_DATA={hostile}\n") == 2  # the study and the book
    assert f"BILSTM_DROPOUT_OWN_TEXT={hostile}\n" in done.stdout
    assert "BILSTM_DROPOUT_OWN_LABEL=the class\n" in done.stdout
    assert 'BILSTM_DROPOUT_OWN_FEATURES=a,"b c"\n' in done.stdout
    assert not {"one", "two", "three", "four"} & {file.name for file in made.iterdir()}


def test_a_variable_of_the_shell_is_no_data(made):
    done = make(made, "study", DATA="/somewhere", LABEL="x")
    assert "BILSTM_DROPOUT_OWN_DATA=\n" in done.stdout and "BILSTM_DROPOUT_OWN_LABEL=\n" in done.stdout


def test_make_builds_no_book_of_a_file_that_was_refused(made):
    assert "book --profile" not in make(made, "book", "DATA=a.csv", RETURNS="2").stdout
    assert "book --profile" in make(made, "book", "DATA=a.csv", RETURNS="1").stdout

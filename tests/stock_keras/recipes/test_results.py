"""What recipes gave is kept, checked and shown; where files are absent the rest still runs."""

import errno
import json
import os
import subprocess
import sys

import pytest

from bilstm_dropout import datasets
from bilstm_dropout.book.pages.recipes import page_part
from bilstm_dropout.errors import UserError
from bilstm_dropout.stock_keras.recipes import results as recipes_runs
from bilstm_dropout.stock_keras.recipes import tasks
from bilstm_dropout.stock_keras.recipes.results import Result, keep, kept, kept_results, run_recipes, train
from bilstm_dropout.stock_keras.recipes.table import RECIPES, recipes_named


def _result(**changes) -> Result:
    fields = dict(
        recipe="s1-before", seed=7, epochs=20, keras=recipes_runs.version("keras"),
        definition=RECIPES["s1-before"].definition(), train_loss=0.5, metric="mean squared error", value=0.25,
        trivial=0.1, seconds=1.0, provenance={},
    )  # fmt: skip
    return Result(**(fields | changes))


@pytest.fixture
def without_files(monkeypatch, tmp_path):
    """The text sets' files are neither here nor to be had."""

    def absent(name):
        raise UserError(f"The file of {name} is not here.")

    monkeypatch.setattr(tasks, "_text", absent)
    monkeypatch.setattr(datasets.files, "cache_folder", lambda: tmp_path)
    monkeypatch.setenv("BILSTM_DROPOUT_DATA", str(tmp_path))
    tasks._made.cache_clear()
    yield
    tasks._made.cache_clear()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path / "published"))
    recipes_runs.results_folder().mkdir(parents=True)
    return recipes_runs.results_folder()


def test_ones_own_result_counts_before_the_published_one(folder, tmp_path):
    keep(_result(value=0.5))
    keep(_result(seed=8, value=0.6))
    (tmp_path / "published" / "recipes").mkdir(parents=True)
    for file in list(folder.glob("*.json")):
        file.rename(tmp_path / "published" / "recipes" / file.name)
    keep(_result(value=0.25))
    assert [(result.seed, result.value) for result in kept_results()] == [(7, 0.25), (8, 0.6)]


def test_a_result_is_trained_once_and_read_afterwards(monkeypatch):
    recipe = RECIPES["s1-after"]
    trained = []
    monkeypatch.setattr(
        recipes_runs, "train", lambda recipe, seed, epochs: trained.append(seed) or _result(
            recipe=recipe.name, seed=seed, epochs=epochs, definition=recipe.definition(), value=seed / 4,
        ),
    )  # fmt: skip
    first = run_recipes([recipe], [1, 2], epochs=3)
    assert run_recipes([recipe], [2, 1, 3], epochs=3)[:2] == first[::-1] and trained == [1, 2, 3]
    assert [result.value for result in first] == [0.25, 0.5]
    assert len(run_recipes([recipe], [1])) == 1 and trained == [1, 2, 3, 1]  # the recipe's own epochs: another run


def test_what_lacks_its_files_is_left_out_and_said_once_and_the_rest_still_runs(without_files, folder, monkeypatch):
    trained, said = [], []

    def train(recipe, seed, epochs):
        trained.append(recipe.name)
        recipe.question.parts()
        return _result(recipe=recipe.name, seed=seed, epochs=epochs)

    monkeypatch.setattr(recipes_runs, "train", train)
    text = RECIPES["s3-imdb"]
    keep(_result(recipe=text.name, seed=2, epochs=1, definition=text.definition()))
    chosen = recipes_named(["s3-imdb", "s0-text", "s1-after"])
    found = run_recipes(chosen, [1, 2], 1, say=said.append)
    assert [(result.recipe, result.seed) for result in found] == [("s3-imdb", 2), ("s1-after", 1), ("s1-after", 2)]
    assert trained == ["s3-imdb", "s0-text-input", "s1-after", "s1-after"]
    assert said == [
        f"What needs the task {task} is left out. The file of {name} is not here."
        for task, name in (("film-reviews", "imdb"), ("film-sentences", "mr"))
    ]
    with pytest.raises(UserError, match=r"film-reviews is left out\. The file of imdb"):
        run_recipes([text], [3], 1, say=said.append)


def test_the_same_seed_starts_and_trains_alike():
    first, again, other = (train(RECIPES["s1-before"], seed, 1, rows=40) for seed in (1, 1, 2))
    assert first.train_loss == pytest.approx(again.train_loss, rel=1e-5) and first.train_loss != other.train_loss


def test_results_without_a_number_are_kept(folder):
    keep(_result(train_loss=None, value=None))
    assert kept(RECIPES["s1-before"], 7, 20).value is None


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text.replace("0.25", "0.24"),
        lambda text: text[:-5],
        lambda text: "[]",
        lambda text: "{}",
        lambda text: "[" * 30_000,
        lambda text: text + " " * 100_000,
        lambda text: text.replace("0.25", "NaN"),
        lambda text: "\x00",
    ],
)
def test_a_damaged_result_is_said_and_not_believed(folder, harm):
    keep(_result())
    (file,) = folder.glob("*.json")
    file.write_text(harm(file.read_text()))
    said = []
    assert kept(RECIPES["s1-before"], 7, 20, said.append) is None
    assert "damaged" in said[0] and str(file) in said[0] and list(kept_results()) == []


def test_a_result_has_the_umasks_mode_and_one_that_may_not_be_read_is_not_called_damaged(folder, monkeypatch):
    before = os.umask(0o022)
    try:
        keep(_result())
    finally:
        os.umask(before)
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o644

    def refused(file):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))

    monkeypatch.setattr(recipes_runs, "_read", refused)
    said = []
    with pytest.raises(UserError, match=rf"{file} cannot be read \(Permission denied\).*readable"):
        kept(RECIPES["s1-before"], 7, 20, said.append)
    assert not said


def test_a_result_under_another_name_or_of_another_recipe_is_not_used(folder):
    keep(_result())
    (file,) = folder.glob("*.json")
    (folder / file.name.replace("seed-7", "seed-8")).write_bytes(file.read_bytes())
    said = []
    assert kept(RECIPES["s1-before"], 8, 20, said.append) is None and "another run" in said[0]
    assert [result.seed for result in kept_results()] == [7]
    keep(_result(definition="0" * 16))
    assert kept(RECIPES["s1-before"], 7, 20) is None and list(kept_results()) == []


@pytest.mark.parametrize(
    "options", [{"seeds": [-1]}, {"seeds": [1, 1]}, {"seeds": []}, {"epochs": 0}, {"seeds": [2**32]}]
)
def test_seeds_and_epochs_that_are_not_allowed(options):
    with pytest.raises(UserError, match="Allowed: "):
        run_recipes([RECIPES["s1-before"]], **options)


# ---- the page ----
def test_the_page_has_every_recipe_with_its_code_and_its_results(without_files):
    results = [_result(seed=1, value=0.1), _result(seed=2, value=0.4), _result(recipe="s4-both", value=None)]
    text = page_part({"input": "generated/placement-01-input"}, results)
    for name, recipe in RECIPES.items():
        assert f"(recipe-{name})=\n### {name}\n" in text and f"```python\n{recipe.code}\n```" in text
        assert f"`.venv/bin/bilstm-dropout run --recipe {name}`" in text
    assert "mean squared error 0.25 (0.1–0.4), 2 seeds; without a network 0.1, which is better" in text
    good = page_part({}, [_result(seed=1, value=0.05)])
    assert "mean squared error 0.05, 1 seed; without a network 0.1 |" in good
    missing = [text.count(f"Not run yet; not here: `{file}`.") for file in ("rt-polarity.all", "aclImdb_v1.tar.gz")]
    assert missing == [3, 1]
    assert "Not finite for 1 of 1 seed" in text and text.count("Not run yet.") == len(RECIPES) - 2 - sum(missing)
    assert "[`input`](/generated/placement-01-input.ipynb), $p$ = 0.2" in text
    assert text.count("None. A GRU") == 2 * sum("gru" in name for name in RECIPES)


# ---- the command line ----
def _command(*arguments):
    call = [sys.executable, "-c", "from bilstm_dropout.cli import main; main()", "run", *arguments]
    return subprocess.run(call, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--recipe with one of s0-input"),
        (["input", "--recipe", "s0-input"], "not both"),
        (["--recipe", "s0-inputs"], "Did you mean s0-input"),
        (["--recipe", "s0-input", "--rate", "0.1"], "--rate does not go with --recipe"),
        (["--recipe", "s0-input", "--dataset", "recall"], "--dataset does not go with --recipe"),
        (["--recipe", "s0-input", "--set", "units=3"], "only --seed, --set epochs=NUMBER"),
        (["--recipe", "s0-input", "--set", "epochs=many"], "only --seed, --set epochs=NUMBER"),
        (["--recipe", "s0-input", "--set", "epochs=0"], "from 1 to"),
        (["--recipe", "s0-input", "--seed", "-1"], "whole numbers from 0"),
    ],
)
def test_what_a_user_caused_is_one_line(arguments, says):
    done = _command(*arguments)
    assert done.returncode == 2 and not done.stdout
    assert says in done.stderr and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


def test_the_command_prints_what_is_kept(folder):
    keep(_result(seed=1))
    (row,) = json.loads(_command("--recipe", "s1-before", "--seed", "1", "--json").stdout)
    assert (row["name"], row["recipe"], row["seed"], row["value"]) == ("s1-before seed 1", "s1-before", 1, 0.25)
    table = _command("--recipe", "s1-before", "--seed", "1").stdout
    assert "s1-before seed 1" in table and "mean squared error" in table

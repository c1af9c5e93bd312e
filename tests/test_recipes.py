"""Recipes: each stock model against the same placement in this package's layers, with the same weights and masks."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from pybtex.database import parse_file

from bilstm_dropout import recipes, recipes_runs
from bilstm_dropout.book_recipes import page_part
from bilstm_dropout.errors import UserError
from bilstm_dropout.masks import Sizes, draw_masks
from bilstm_dropout.model import Classifier
from bilstm_dropout.paths import project_root
from bilstm_dropout.placements import resolve
from bilstm_dropout.recipes import GROUPS, RECIPES, recipes_named
from bilstm_dropout.recipes_runs import Result, keep, kept, kept_results, run_recipes, train
from bilstm_dropout.recipes_tasks import TASKS, two_chains

ROWS, STEPS, SEED = 5, 6, [4, 9]
WITH_A_PLACEMENT = [name for name, recipe in RECIPES.items() if recipe.placement]


class _Given:
    """Stands in for Keras' one dropout function: multiplies by the masks it was given, in the order they are asked for.

    It refuses a call whose rate or mask shape differs from what the placement's term says.
    """

    def __init__(self, masks):
        self.masks = list(masks)

    def __call__(self, inputs, rate, noise_shape=None, seed=None):
        expected_rate, mask = self.masks.pop(0)
        shape = tuple(
            size if asked is None else asked
            for size, asked in zip(inputs.shape, noise_shape or [None] * len(inputs.shape), strict=True)
        )
        assert float(rate) == pytest.approx(expected_rate)
        assert shape == mask.shape
        return inputs * mask


def _as_keras_asks(placement, rate, sizes):
    """The placement's masks, one a call of Keras: layers before, then each direction's gates, then layers after."""
    before, inside, after = [], [[] for _ in range(sizes.directions)], []
    for term in placement.terms:
        (mask,) = draw_masks([term], rate, sizes, SEED, label="0").values()
        mask, own_rate = np.asarray(mask), rate * term.factor
        if term.site == "output":
            after.append((own_rate, mask))
        elif "direction" not in term.axes:  # what both directions read was masked by a layer before
            before.append((own_rate, mask[0, :, :, 0]))
        else:
            for direction, calls in enumerate(inside):
                calls += [(own_rate, mask[direction, :, 0, gate]) for gate in range(mask.shape[3])]
    return [*before, *(call for calls in inside for call in calls), *after]


@pytest.mark.parametrize("name", WITH_A_PLACEMENT)
def test_a_stock_model_is_its_placement_with_the_same_weights_and_masks(name, monkeypatch):
    recipe, generator = RECIPES[name], np.random.default_rng(5)
    placement, task = resolve(recipe.placement), recipe.question
    training, _ = task.parts(ROWS, STEPS)
    width = task.symbols or training.inputs.shape[2]
    lengths, inputs = np.full(ROWS, STEPS, np.int32), training.inputs.copy()
    stock = recipe.build(keras, STEPS, width)
    if any(isinstance(layer, keras.layers.Masking) for layer in stock.layers):
        lengths = np.array([6, 1, 4, 6, 2], np.int32)
        inputs[np.arange(STEPS) >= lengths[:, None]] = 0
    stock.set_weights([generator.normal(scale=0.5, size=weight.shape) for weight in stock.get_weights()])
    two = [layer for layer in stock.layers if isinstance(layer, keras.layers.Bidirectional)]
    recurrent = two[0].forward_layer if two else next(x for x in stock.layers if isinstance(x, keras.layers.LSTM))
    embedding = next((layer.output_dim for layer in stock.layers if isinstance(layer, keras.layers.Embedding)), 0)
    ours = Classifier(placement, 1, recurrent.units, 1, task.symbols, embedding, bidirectional=bool(two))
    ours(inputs, lengths)
    ours.set_weights(stock.get_weights())

    features = embedding or width
    masks = ours.draw(recipe.rate, SEED, ROWS, STEPS, features)
    sizes = Sizes(ROWS, STEPS, features, recurrent.units, task.symbols, len(two) + 1)
    given = _Given(_as_keras_asks(placement, recipe.rate, sizes))
    monkeypatch.setattr(keras.src.backend.random, "dropout", given)
    trained = np.asarray(stock(inputs, training=True))
    assert not given.masks, "the stock model asked for fewer masks than the placement has"
    activation = stock.layers[-1].activation
    assert trained == pytest.approx(np.asarray(activation(ours(inputs, lengths, masks=masks))), abs=1e-5)
    monkeypatch.undo()
    inferred = np.asarray(stock(inputs, training=False))
    assert inferred == pytest.approx(np.asarray(activation(ours(inputs, lengths, rate=recipe.rate))), abs=1e-5)
    assert np.abs(trained - inferred).max() > 1e-3, "the masks changed nothing"


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_trains_for_an_epoch(name):
    result = train(RECIPES[name], seed=1, epochs=1, rows=8, steps=4)
    assert result.train_loss > 0 and result.value >= 0 and result.trivial >= 0 and result.recipe == name


def test_every_recipe_says_what_it_is():
    keys = set(parse_file(project_root() / "book" / "references.bib").entries)
    for name, recipe in RECIPES.items():
        assert recipe.source in keys and recipe.task in TASKS
        assert f"def {name.replace('-', '_')}(keras," in recipe.code
        assert bool(recipe.placement) != bool(recipe.why_no_placement)
        if recipe.placement:
            resolve(recipe.placement).check_rate(recipe.rate)
    assert {recipe.task for recipe in RECIPES.values()} == set(TASKS)


def test_names_and_groups():
    found = recipes_named(["s1-after", "s2-arguments", "s2-dropout"])
    assert [recipe.name for recipe in found] == ["s1-after", "s2-dropout", "s2-recurrent"]
    assert all(recipes_named([name]) for name in [*RECIPES, *GROUPS])
    with pytest.raises(UserError, match=r"Did you mean s0-combined.*Allowed: s0-input, .*s4-both"):
        recipes_named(["s0-combine"])


# ---- tasks ----
def test_the_tasks_have_the_shapes_they_say():
    shapes = {name: tuple(part.inputs.shape for part in task.parts()) for name, task in TASKS.items()}
    assert shapes["speaker-groups"] == ((270, 29, 12), (370, 29, 12))
    assert shapes["next-frame"][0][1:] == (6, 12) and shapes["long-series"][0][1:] == (1000, 4)
    assert shapes["two-chains"][0][1:] == (498,)
    train_part, test = TASKS["next-frame"].parts()
    assert shapes["next-frame"][0][0] == len(train_part.targets) and len(test.targets) > 0
    assert train_part.targets.min() >= 0 and train_part.targets.max() <= 1
    # A window's target is the frame that the next window of the same utterance reads last.
    assert train_part.targets[0] == pytest.approx(train_part.inputs[1, -1, 0], abs=1e-6)
    for task in TASKS.values():
        first, again = task.make(), task.make()
        assert all(np.array_equal(a.inputs, b.inputs) for a, b in zip(first, again, strict=True))


def test_the_classes_of_the_made_tasks_can_be_told_apart_and_the_parts_differ():
    training, test = TASKS["long-series"].parts()
    assert np.mean((test.inputs.mean(axis=(1, 2)) > 0) == (test.targets > 0.5)) > 0.99
    assert not np.array_equal(training.inputs, test.inputs[: len(training.inputs)])
    training, test = two_chains()
    counts = [np.bincount(training.inputs[training.targets == label].ravel(), minlength=64) + 1 for label in (0, 1)]
    evidence = np.log(counts[1] / counts[0])[test.inputs].sum(axis=1)
    assert np.mean((evidence > 0) == (test.targets > 0.5)) > 0.9


def test_measures_by_hand():
    accuracy, error = TASKS["two-chains"], TASKS["next-frame"]
    part = recipes.TASKS["next-frame"].parts(rows=2)[1]
    part = type(part)(part.inputs, np.array([1.0, 0.0], np.float32))
    assert accuracy.measure(np.array([0.9, 0.8]), part) == 0.5
    assert error.measure(np.array([0.5, 1.0]), part) == pytest.approx(0.625)


# ---- results ----
def _result(**changes) -> Result:
    fields = dict(
        recipe="s1-before", seed=7, epochs=20, keras=recipes_runs.version("keras"),
        definition=RECIPES["s1-before"].definition(), train_loss=0.5, metric="mean squared error", value=0.25,
        trivial=0.1, seconds=1.0, provenance={},
    )  # fmt: skip
    return Result(**(fields | changes))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(recipes_runs, "published_folder", lambda: tmp_path / "published")
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
def test_the_page_has_every_recipe_with_its_code_and_its_results():
    results = [_result(seed=1, value=0.1), _result(seed=2, value=0.4), _result(recipe="s4-both", value=None)]
    text = page_part({"input": "generated/placement-01-input"}, results)
    for name, recipe in RECIPES.items():
        assert f"(recipe-{name})=\n### {name}\n" in text and f"```python\n{recipe.code}\n```" in text
        assert f"`bilstm-dropout run --recipe {name}`" in text
    assert "mean squared error 0.25 (0.1–0.4), 2 seeds; without a network 0.1" in text
    assert "Not finite for 1 of 1 seed" in text and text.count("Not run yet.") == len(RECIPES) - 2
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

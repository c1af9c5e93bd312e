"""Recipes: each stock model against the same placement in this package's layers, with the same weights and masks."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from pybtex.database import parse_file

from bilstm_dropout import datasets
from bilstm_dropout.datasets.text.tokens import Texts, text_dataset
from bilstm_dropout.dropout.classifier import Classifier
from bilstm_dropout.dropout.masks import Sizes, draw_masks
from bilstm_dropout.dropout.placements import resolve
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import rivals
from bilstm_dropout.paths import project_root
from bilstm_dropout.stock_keras.recipes import table, tasks
from bilstm_dropout.stock_keras.recipes.results import train
from bilstm_dropout.stock_keras.recipes.table import GROUPS, RECIPES, recipes_named
from bilstm_dropout.stock_keras.recipes.tasks import TASKS, VOCABULARY, two_chains

ROWS, STEPS, SEED = 5, 6, [4, 9]
WITH_A_PLACEMENT = [name for name, recipe in RECIPES.items() if recipe.placement]


def _invented(name):
    """A text set of invented sentences of 7 to 12 words, in the place of a published one."""
    words = np.random.default_rng(3).choice([f"word{number}" for number in range(30)], (3, 60, 12))

    def part(number, rows):
        texts = tuple(" ".join(words[number, row, : 7 + row % (6 - number)]) for row in range(rows))
        return Texts(texts, (np.arange(rows) % 3 % 2).astype(np.int32), tuple(f"{number}-{row}" for row in range(rows)))

    parts = [part(number, rows) for number, rows in enumerate((60, 10, 30))]
    return text_dataset(name, *parts, ("negative", "positive"), vocabulary=20, max_tokens=12, keep="last")


@pytest.fixture(scope="module", autouse=True)
def invented_texts():
    made, load = {name: _invented(name) for name in ("mr", "imdb")}, datasets.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "load", lambda name, **options: made[name] if name in made else load(name, **options))
        for name, dataset in made.items():
            entry = replace(datasets.REGISTRY[name], fingerprint=dataset.fingerprint)
            patch.setitem(datasets.REGISTRY, name, entry)
        tasks._made.cache_clear()
        yield made
    tasks._made.cache_clear()


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
    if any(isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False) for layer in stock.layers):
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
    assert shapes["film-sentences"] == shapes["film-reviews"] == ((60, 12), (30, 12))
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


def test_text_is_padded_after_a_sentence_and_before_a_review(invented_texts):
    for name, task in (("mr", TASKS["film-sentences"]), ("imdb", TASKS["film-reviews"])):
        dataset = invented_texts[name]
        for part, split in zip(task.parts(), (dataset.train, dataset.test), strict=True):
            for row, length in enumerate(split.lengths):
                zeros, tokens = [0] * (12 - length), split.inputs[row, :length].tolist()
                assert part.inputs[row].tolist() == (tokens + zeros if name == "mr" else zeros + tokens)
            assert part.targets.tolist() == split.labels.tolist()
        trivial = task.trivial(*task.parts())
        assert trivial == rivals._class_shares(dataset).accuracy == pytest.approx(2 / 3)
        options = datasets.canonical_options(name)
        assert options["vocabulary"] == task.symbols == VOCABULARY and (name == "mr" or options["max_tokens"] == 100)


def test_text_of_another_fingerprint_is_not_trained_on(monkeypatch, invented_texts):
    before = TASKS["film-reviews"].fingerprint()
    monkeypatch.setitem(datasets.REGISTRY, "imdb", replace(datasets.REGISTRY["imdb"], fingerprint="0" * 16))
    assert TASKS["film-reviews"].fingerprint() != before
    with pytest.raises(UserError, match=f"imdb has the fingerprint {invented_texts['imdb'].fingerprint}.*need 0000"):
        TASKS["film-reviews"].make()


def test_measures_by_hand():
    accuracy, error = TASKS["two-chains"], TASKS["next-frame"]
    part = table.TASKS["next-frame"].parts(rows=2)[1]
    part = type(part)(part.inputs, np.array([1.0, 0.0], np.float32))
    assert accuracy.measure(np.array([0.9, 0.8]), part) == 0.5
    assert error.measure(np.array([0.5, 1.0]), part) == pytest.approx(0.625)

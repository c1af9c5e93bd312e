"""The made tasks: where symbols stand, how labels are made, and that the stored posterior is the truth."""

import numpy as np
import pytest
from scipy.stats import binomtest, chisquare

from bilstm_dropout import datasets

MANY = {"train": 4, "validation": 4, "test": 20_000}


def recall_truth(tokens: np.ndarray, place: int) -> np.ndarray:
    return tokens[:, place] - 2


def order_truth(tokens: np.ndarray) -> np.ndarray:
    return (np.argmax(tokens == 2, axis=1) > np.argmax(tokens == 3, axis=1)).astype(int)


@pytest.mark.parametrize("steps", [3, 20, 21])
@pytest.mark.parametrize("position", ["first", "middle", "last"])
def test_recall_has_one_cue_where_it_belongs_and_noise_elsewhere(position, steps):
    place = {"first": 0, "middle": steps // 2, "last": steps - 1}[position]
    made = datasets.load("recall", position=position, steps=steps)
    for split in made.splits().values():
        cue = split.inputs[:, place]
        assert set(np.unique(cue)) == {2, 3, 4, 5}
        rest = np.delete(split.inputs, place, axis=1)
        assert (rest.min(), rest.max()) == (6, 21)
        assert split.inputs.shape[1] == steps
        assert (split.lengths == steps).all()
        counts = np.bincount(cue - 2)
        assert counts.max() - counts.min() <= 1
    assert [made.token_names[token] for token in (0, 1, 2, 5, 6, 21)] == [
        "<padding>", "<unknown>", "A", "D", "noise 01", "noise 16"
    ]  # fmt: skip
    assert (made.vocabulary, made.classes, made.features) == (22, ("A", "B", "C", "D"), 0)


@pytest.mark.parametrize(("steps", "start", "end"), [(9, 3, 6), (10, 3, 7), (11, 3, 8), (24, 8, 16)])
def test_order_has_both_markers_in_the_middle_third(steps, start, end):
    made = datasets.load("order", steps=steps, noise=0.0, **MANY)
    tokens = made.test.inputs
    places_of_a, places_of_b = np.nonzero(tokens == 2), np.nonzero(tokens == 3)
    for rows, places in (places_of_a, places_of_b):
        assert np.array_equal(rows, np.arange(len(tokens)))
        assert set(places) == set(range(start, end))
    # Every pair of different places is as likely as another.
    pairs = places_of_a[1] * steps + places_of_b[1]
    _, counts = np.unique(pairs, return_counts=True)
    assert len(counts) == (end - start) * (end - start - 1)
    assert chisquare(counts).pvalue > 1e-4
    rest = tokens[(tokens != 2) & (tokens != 3)]
    assert (rest.min(), rest.max()) == (4, 19)
    assert np.array_equal(made.test.labels, order_truth(tokens))
    assert [made.classes[label] for label in (0, 1)] == ["A first", "B first"]
    assert made.token_names[2:5] == ("A", "B", "noise 01")
    assert made.vocabulary == len(made.token_names) == 20


def test_noise_symbols_are_equally_likely_and_tell_nothing():
    made = datasets.load("recall", **MANY)
    noise = np.delete(made.test.inputs, 10, axis=1)
    assert chisquare(np.bincount(noise.ravel() - 6)).pvalue > 1e-4
    # A neighbour of the cue says nothing of the label.
    table = np.histogram2d(noise[:, 9], made.test.labels, bins=(16, 4))[0]
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    assert chisquare(table.ravel(), expected.ravel(), ddof=15 + 3).pvalue > 1e-4


TASKS = [("recall", noise) for noise in (0, 0.1, 0.6)] + [("order", noise) for noise in (0, 0.1, 0.4)]


@pytest.mark.parametrize(("name", "noise"), TASKS)
def test_labels_follow_the_posterior(name, noise):
    made = datasets.load(name, noise=noise, **MANY)
    split, classes = made.test, len(made.classes)
    truth = recall_truth(split.inputs, 10) if name == "recall" else order_truth(split.inputs)
    rows = np.arange(len(split))
    assert split.posterior.dtype == np.float32
    assert np.allclose(split.posterior[rows, truth], 1 - noise)
    other = split.posterior[np.arange(classes) != truth[:, None]]
    assert np.allclose(other, noise / (classes - 1))
    # For each true class, labels come as often as the posterior says.
    for one in range(classes):
        labels = split.labels[truth == one]
        for label in range(classes):
            stated = 1 - noise if label == one else noise / (classes - 1)
            assert binomtest(int((labels == label).sum()), len(labels), stated).pvalue > 1e-4


@pytest.mark.parametrize(("name", "noise"), TASKS)
def test_the_bayes_classifier_has_the_entropy_as_its_loss(name, noise):
    split = datasets.load(name, noise=noise, **MANY).test
    with np.errstate(divide="ignore", invalid="ignore"):
        information = -np.log(split.posterior.astype(float))
        entropy = np.nansum(split.posterior * information, axis=1)
    loss = information[np.arange(len(split)), split.labels]
    error = loss.std() / np.sqrt(len(loss))
    assert abs(loss.mean() - entropy.mean()) <= 4 * error + 1e-6
    # At noise 0.1 that is the number that data/README.md states.
    if noise == 0.1:
        assert entropy.mean() == pytest.approx({"recall": 0.435, "order": 0.325}[name], abs=5e-4)


@pytest.mark.parametrize("name", ["recall", "order"])
def test_the_size_of_one_split_changes_no_other(name):
    one = datasets.load(name)
    other = datasets.load(name, train=400, test=50)
    assert np.array_equal(one.validation.inputs, other.validation.inputs)
    assert np.array_equal(one.validation.labels, other.validation.labels)
    assert len(other.train) == 400
    assert len(other.test) == 50


@pytest.mark.parametrize("name", ["recall", "order"])
def test_splits_seeds_and_tasks_differ(name):
    made = datasets.load(name)
    assert not np.array_equal(made.train.inputs, made.validation.inputs)
    assert not np.array_equal(made.train.inputs, datasets.load(name, data_seed=1).train.inputs)
    rows = [tuple(row) for split in made.splits().values() for row in split.inputs]
    assert len(set(rows)) == len(rows)


def test_only_the_cue_moves_with_the_position():
    first, last = (datasets.load("recall", position=position).train for position in ("first", "last"))
    assert np.array_equal(first.labels, last.labels)
    assert np.array_equal(first.inputs[:, 0], last.inputs[:, -1])
    assert np.array_equal(first.inputs[:, 1:-1], last.inputs[:, 1:-1])


def test_more_label_noise_changes_labels_only_and_adds_to_the_changed_ones():
    clean, some, more = (datasets.load("recall", noise=noise).train for noise in (0, 0.1, 0.3))
    assert np.array_equal(clean.inputs, more.inputs)
    changed_some, changed_more = some.labels != clean.labels, more.labels != clean.labels
    assert changed_some.sum() < changed_more.sum()
    assert not (changed_some & ~changed_more).any()

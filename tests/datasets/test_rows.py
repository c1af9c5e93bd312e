"""Bootstrap samples of training rows, and fewer rows for validation."""

import numpy as np
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.datasets.dataset import Split
from bilstm_dropout.datasets.rows import bootstrap_rows, fewer, resampled
from bilstm_dropout.errors import UserError


def split(rows=40, classes=2):
    labels = (np.arange(rows) % classes).astype(np.int32)
    inputs = np.arange(1, rows + 1, dtype=np.int32)[:, None]
    return Split(inputs, np.ones(rows, np.int32), labels, tuple(f"row-{row}" for row in range(rows)))


def test_a_bootstrap_sample_is_the_same_everywhere():
    """Another rule, or another NumPy's, would silently give stored results other data."""
    assert bootstrap_rows(10, 1).tolist() == GOLDEN


GOLDEN = [0, 1, 1, 3, 3, 4, 4, 6, 7, 8]


def test_a_bootstrap_sample_has_as_many_rows_of_which_about_63_of_a_hundred_differ():
    samples = [bootstrap_rows(8530, number) for number in range(1, 21)]
    shares = [len(np.unique(sample)) / 8530 for sample in samples]
    assert np.mean(shares) == pytest.approx(1 - np.exp(-1), abs=0.003)
    assert len({tuple(sample) for sample in samples}) == 20
    counts = np.bincount(np.concatenate(samples), minlength=8530)  # each row as often as any other: Poisson(20)
    assert counts.sum() == 20 * 8530 and counts.mean() == 20 and 18.5 < counts.var() < 21.5
    assert counts[:100].mean() == pytest.approx(20, abs=1.5) and counts[-100:].mean() == pytest.approx(20, abs=1.5)


def test_copies_are_whole_rows_with_ids_of_their_own():
    whole = split()
    made = resampled(whole, 3)
    assert made.inputs[:, 0].tolist() == (bootstrap_rows(40, 3) + 1).tolist() and len(made) == 40
    assert [int(each.split("-")[1].split("/")[0]) + 1 for each in made.ids] == made.inputs[:, 0].tolist()
    assert made.labels.tolist() == ((made.inputs[:, 0] - 1) % 2).tolist()
    first = [each for each in made.ids if "/" not in each]
    assert len(first) == len(np.unique(made.inputs)) < 40
    thrice = [each for each in made.ids if each.endswith("/3")]
    assert thrice and all(each.replace("/3", "/2") in made.ids for each in thrice)


def test_fewer_rows_keep_the_shares_of_classes_and_are_nested():
    whole = split(60, classes=3)
    small, large = fewer(whole, 3, 9), fewer(whole, 3, 30)
    assert np.bincount(small.labels).tolist() == [3, 3, 3] and np.bincount(large.labels).tolist() == [10, 10, 10]
    assert set(small.ids) < set(large.ids) < set(whole.ids)
    assert fewer(whole, 3, 60).ids == whole.ids


@pytest.mark.parametrize("rows", [2, 61])
def test_too_few_or_too_many_rows_for_validation_are_refused(rows):
    with pytest.raises(UserError, match=f"validation part of {rows} rows.*from 3 .* to 60"):
        fewer(split(60, classes=3), 3, rows)


@pytest.mark.parametrize("name", ["imdb", "mr", "trec", "subj", "phrasebank"])
def test_options_that_came_later_are_spelt_only_where_they_are_used(name):
    before = datasets.canonical_options(name)
    assert not {"validation", "resample"} & {*before} and ("test" in before) == (name == "trec")
    assert datasets.canonical_options(name, {"validation": 0, "resample": 0}) == before
    assert datasets.canonical_options(name, {"resample": np.int64(2)}) == before | {"resample": 2}
    assert datasets.canonical_options(name, {"validation": 125}) == before | {"validation": 125}
    with pytest.raises(UserError, match="resample"):
        datasets.canonical_options(name, {"resample": -1})


def test_imdb_can_leave_its_test_part_aside():
    assert datasets.canonical_options("imdb", {"test": "official"}) == datasets.canonical_options("imdb")
    assert datasets.canonical_options("imdb", {"test": "fold"})["test"] == "fold"

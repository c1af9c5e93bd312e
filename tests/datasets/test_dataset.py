"""Splits and data sets refuse what does not fit, and a fingerprint follows everything a run reads."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from bilstm_dropout.datasets.dataset import Dataset, Split, part_fingerprints


def token_split(prefix: str, **changes) -> Split:
    arrays = {
        "inputs": np.array([[2, 3, 0], [3, 2, 2]], dtype=np.int32),
        "lengths": np.array([2, 3], dtype=np.int32),
        "labels": np.array([0, 1], dtype=np.int32),
        "ids": (f"{prefix}-0", f"{prefix}-1"),
        "posterior": np.array([[0.75, 0.25], [0.25, 0.75]], dtype=np.float32),
    }
    return Split(**(arrays | changes))


def token_set(**changes) -> Dataset:
    parts = {
        "name": "tiny",
        "kind": "tokens",
        "train": token_split("train"),
        "validation": token_split("validation"),
        "test": token_split("test"),
        "classes": ("no", "yes"),
        "vocabulary": 4,
        "token_names": ("<padding>", "<unknown>", "a", "b"),
    }
    return Dataset(**(parts | changes))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"inputs": np.array([[2, 3, 2], [3, 2, 2]], dtype=np.int32)}, "0 after an example's end"),
        ({"inputs": np.array([[2, 0, 0], [3, 2, 2]], dtype=np.int32)}, "above the padding id"),
        ({"inputs": np.array([[2, 3, 0], [3, 2, 2]])}, "inputs are float32"),
        ({"inputs": np.zeros((0, 3), dtype=np.int32)}, "at least one example"),
        ({"lengths": np.array([0, 3], dtype=np.int32)}, "lengths start at 1"),
        ({"lengths": np.array([2, 4], dtype=np.int32)}, "at most the padded length"),
        ({"lengths": np.array([2, 3])}, "lengths are int32"),
        ({"labels": np.array([0], dtype=np.int32)}, "labels are int32"),
        ({"ids": ("same", "same")}, "different names"),
        ({"posterior": np.array([[0.5, 0.4], [0.5, 0.5]], dtype=np.float32)}, "sum to 1"),
        ({"posterior": np.array([[1.5, -0.5], [0.5, 0.5]], dtype=np.float32)}, "not negative"),
        ({"posterior": np.array([[0.5, 0.5]], dtype=np.float32)}, "posterior is float32"),
    ],
)
def test_a_split_refuses_what_does_not_fit(changes, rule):
    with pytest.raises(ValueError, match=rule):
        token_split("train", **changes)


def test_a_series_refuses_nan():
    series = np.full((2, 3, 1), np.nan, dtype=np.float32)
    with pytest.raises(ValueError, match="finite"):
        token_split("train", inputs=series, lengths=np.array([3, 3], dtype=np.int32))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"classes": ("only",)}, "at least two"),
        ({"classes": ("same", "same")}, "different names"),
        ({"train": token_split("train", labels=np.array([0, 2], dtype=np.int32))}, "train labels"),
        ({"classes": ("no", "yes", "perhaps")}, "a column a class"),
        ({"vocabulary": 3, "token_names": ("0", "1", "2")}, "below 3"),
        ({"token_names": ()}, "each token id has a name"),
        ({"test": token_split("train")}, "no id is in two splits"),
        ({"kind": "series", "features": 1}, "inputs are"),
        ({"kind": "pictures"}, "kind is one of"),
        ({"features": 2}, "tokens have none"),
    ],
)
def test_a_data_set_refuses_what_does_not_fit(changes, rule):
    with pytest.raises(ValueError, match=rule):
        token_set(**changes)


def test_nothing_can_be_changed_after_it_was_made():
    made = token_set()
    with pytest.raises(FrozenInstanceError):
        made.vocabulary = 5
    for split in made.splits().values():
        for _, array in split.arrays():
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1


def test_the_fingerprint_is_that_of_the_description():
    """Computed here a second time, from the words of data/README.md, for a set without a validation part."""
    import hashlib

    made = token_set(validation=None)
    stream = b'["tokens",0,4,["no","yes"]]\n'
    for part in ("train", "test"):
        split = getattr(made, part)
        for name, kind, shape in (
            ("inputs", "int32", "[2,3]"),
            ("lengths", "int32", "[2]"),
            ("labels", "int32", "[2]"),
            ("posterior", "float32", "[2,2]"),
        ):
            array = getattr(split, name)
            stream += f'["{part}","{name}","{kind}",{shape}]\n'.encode()
            stream += array.astype({"int32": "<i4", "float32": "<f4"}[kind]).tobytes()
    assert made.fingerprint == hashlib.sha256(stream).hexdigest()[:16]
    train, test = stream.split(b"\n", 1)[1].split(b'["test","inputs"', 1)
    parts = {"train": train, "test": b'["test","inputs"' + test}
    assert part_fingerprints(made) == {name: hashlib.sha256(each).hexdigest()[:16] for name, each in parts.items()}


def changed(part: str, name: str, value: np.ndarray) -> Dataset:
    return token_set(**{part: replace(getattr(token_set(), part), **{name: value})})


@pytest.mark.parametrize("part", ["train", "validation", "test"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("inputs", np.array([[2, 2, 0], [3, 2, 2]], dtype=np.int32)),
        ("inputs", np.array([[2, 3, 0, 0], [3, 2, 2, 0]], dtype=np.int32)),
        ("labels", np.array([1, 1], dtype=np.int32)),
        ("posterior", np.array([[0.75, 0.25], [0.5, 0.5]], dtype=np.float32)),
        ("posterior", None),
    ],
)
def test_the_fingerprint_changes_with_any_value(part, name, value):
    other = changed(part, name, value)
    assert other.fingerprint != token_set().fingerprint
    parts, before = part_fingerprints(other), part_fingerprints(token_set())
    assert [each for each in parts if parts[each] != before[each]] == [part]


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": ("yes", "no")},
        {"validation": None},
        {"vocabulary": 5, "token_names": ("0", "1", "2", "3", "4")},
        {"train": token_split("validation"), "validation": token_split("train", posterior=None)},
    ],
)
def test_the_fingerprint_changes_with_what_surrounds_the_values(changes):
    assert token_set(**changes).fingerprint != token_set().fingerprint


def test_the_fingerprint_ignores_names_options_and_memory_layout():
    inputs = np.asfortranarray(token_split("train").inputs)
    same = token_set(name="other", options={"steps": 3}, train=token_split("elsewhere", inputs=inputs))
    assert same.fingerprint == token_set().fingerprint
    assert len(same.fingerprint) == 16


def test_take_keeps_rows_together_and_the_padded_length():
    taken = token_split("train").take(np.array([0]))
    assert taken.inputs.tolist() == [[2, 3, 0]]
    assert (taken.lengths.tolist(), taken.labels.tolist(), taken.ids) == ([2], [0], ("train-0",))
    assert taken.posterior.tolist() == [[0.75, 0.25]]

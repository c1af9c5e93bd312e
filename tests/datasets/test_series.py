"""The real-valued sets: counts, shapes, padding, splits, and the refusal of other data than described."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from bilstm_dropout import datasets
from bilstm_dropout.datasets import cache, series
from bilstm_dropout.datasets.dataset import pad
from bilstm_dropout.errors import UserError


@pytest.fixture(scope="module")
def vowels():
    return datasets.load("japanese_vowels")


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def test_vowels_have_the_authors_counts(vowels):
    assert vowels.validation is None
    assert vowels.train.inputs.shape == (270, 26, 12)
    assert vowels.test.inputs.shape == (370, 29, 12)
    assert np.bincount(vowels.train.labels).tolist() == [30] * 9
    assert np.bincount(vowels.test.labels).tolist() == [31, 35, 88, 44, 29, 24, 40, 50, 29]
    assert (vowels.train.lengths.min(), vowels.train.lengths.max()) == (7, 26)
    assert (vowels.test.lengths.min(), vowels.test.lengths.max()) == (7, 29)
    assert (vowels.kind, vowels.features, vowels.vocabulary, len(vowels.classes)) == ("series", 12, 0, 9)


def test_vowels_are_those_of_the_source_step_by_step_standardised_by_training_rows(vowels):
    from aeon.datasets import load_japanese_vowels

    steps = np.concatenate([series.T for series in load_japanese_vowels(split="train")[0]])
    mean, spread = steps.mean(axis=0), steps.std(axis=0)
    for part, split in vowels.splits().items():
        originals, speakers = load_japanese_vowels(split=part)
        for row, (original, speaker) in enumerate(zip(originals, speakers, strict=True)):
            steps = original.shape[1]
            assert split.lengths[row] == steps
            assert split.inputs[row, :steps] == pytest.approx((original.T - mean) / spread, abs=1e-4)
            assert not split.inputs[row, steps:].any()
            assert vowels.classes[split.labels[row]] == f"speaker {speaker}"


def good_vowels():
    return [np.ones((12, 7))] * 270, np.repeat([str(number) for number in range(1, 10)], 30)


def test_vowels_as_described_pass_the_check():
    series.check_vowels("train", *good_vowels())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows, speakers: (rows[:-1], speakers[:-1]),
        lambda rows, speakers: (rows[:-1], speakers),
        lambda rows, speakers: ([*rows[:-1], np.ones((11, 7))], speakers),
        lambda rows, speakers: ([*rows[:-1], np.ones((12, 30))], speakers),
        lambda rows, speakers: ([*rows[:-1], np.ones((12, 6))], speakers),
        lambda rows, speakers: (rows, np.append(speakers[:-1], "1")),
        lambda rows, speakers: (rows, np.char.add("speaker ", speakers)),
        lambda rows, speakers: ([], []),
    ],
)
def test_other_vowels_are_refused(spoil):
    with pytest.raises(UserError, match=r"another JapaneseVowels: train .* requirements\.lock") as caught:
        series.check_vowels("train", *spoil(*good_vowels()))
    assert "\n" not in str(caught.value)


def test_a_loader_with_other_vowels_stops_the_load(monkeypatch, tmp_path):
    import aeon.datasets

    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(aeon.datasets, "load_japanese_vowels", lambda split: good_vowels())
    with pytest.raises(UserError, match="another JapaneseVowels: test"):
        series.japanese_vowels()


def test_digits_split_three_ways_by_class(digits):
    assert [split.inputs.shape for split in digits.splits().values()] == [
        (1077, 8, 8),
        (360, 8, 8),
        (360, 8, 8),
    ]
    whole = np.bincount(load_digits().target)
    for split in digits.splits().values():
        assert np.abs(np.bincount(split.labels) - whole * len(split) / 1797).max() < 1
        assert (split.lengths == 8).all()
    assert (digits.features, digits.classes[3]) == (8, "3")


def test_every_digit_is_in_one_split_and_unchanged(digits):
    pictures = load_digits()
    seen = []
    for split in digits.splits().values():
        rows = [int(identity.removeprefix("digits-")) for identity in split.ids]
        assert np.array_equal(split.inputs * 16, pictures.images[rows])
        assert np.array_equal(split.labels, pictures.target[rows])
        seen += rows
    assert sorted(seen) == list(range(1797))
    assert (digits.train.inputs.min(), digits.train.inputs.max()) == (0, 1)


def test_other_digits_are_refused(monkeypatch):
    import sklearn.datasets

    monkeypatch.setattr(
        sklearn.datasets, "load_digits", lambda return_X_y: (np.zeros((10, 64)), np.zeros(10))
    )
    with pytest.raises(UserError, match=r"other digits.*requirements\.lock"):
        series.digits()


def test_pad_puts_zeros_after_the_end():
    padded, lengths = pad([np.full((2, 1), 5.0), np.full((3, 1), 7.0)])
    assert padded[:, :, 0].tolist() == [[5, 5, 0], [7, 7, 7]]
    assert lengths.tolist() == [2, 3]
    assert (padded.dtype, lengths.dtype) == (np.float32, np.int32)


def test_kept_arrays_are_used_only_while_they_are_what_aeon_gives(tmp_path, monkeypatch, vowels):
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    assert series.japanese_vowels().fingerprint == vowels.fingerprint == "7b287505955ea38f"
    (file,) = tmp_path.rglob("*.npz")
    sound = file.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(series, "_vowel_split", lambda part: pytest.fail("aeon was asked although the arrays are kept"))
        again = series.japanese_vowels()
        assert (again.fingerprint, again.validation, again.test.ids) == (vowels.fingerprint, None, vowels.test.ids)
    with np.load(file) as arrays:
        changed = {name: array.copy() for name, array in arrays.items()}
    changed["train_inputs"][0, 0, 0] += 1
    np.savez(tmp_path / "changed.npz", **changed)
    for content in (b"", b"no archive", sound[:1000], (tmp_path / "changed.npz").read_bytes()):
        file.write_bytes(content)
        assert series.japanese_vowels().fingerprint == vowels.fingerprint
        assert file.read_bytes() != content, "what was not sound is replaced"

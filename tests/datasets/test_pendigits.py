"""PenDigits from files in the UEA archive's format, written here with invented paths."""

from dataclasses import replace

import numpy as np
import pytest

from bilstm_dropout.datasets import cache, files, pendigits
from bilstm_dropout.errors import UserError

HEADER = """@problemName PenDigits
@timeStamps false
@missing false
@univariate false
@dimensions 2
@equalLength true
@seriesLength 8
@classLabel true 0 1 2 3 4 5 6 7 8 9
@data
"""


@pytest.fixture
def paths(tmp_path, monkeypatch):
    """Invented pen paths, (rows, 2, 8), 12 of a digit for training and 2 for the test, as the two files in place."""
    made = {}
    for part, file, rows in zip(("train", "test"), pendigits.FILES, (120, 20), strict=True):
        values = np.random.default_rng(rows).integers(0, 101, (rows, 2, 8)).astype(float)
        lines = [
            ":".join([*(",".join(map(str, axis)) for axis in path), str(row % 10)]) for row, path in enumerate(values)
        ]
        target = tmp_path / file.path
        target.parent.mkdir(exist_ok=True)
        target.write_text(HEADER + "\n".join(lines) + "\n")
        made[part] = values
    sums = [replace(file, sha256=files.sha256(tmp_path / file.path)) for file in pendigits.FILES]
    monkeypatch.setattr(pendigits, "FILES", tuple(sums))
    monkeypatch.setattr(pendigits, "ROWS", {"train": (12,) * 10, "test": (2,) * 10})
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("BILSTM_DROPOUT_DATA", str(tmp_path))
    return made


def test_every_path_is_in_one_part_and_over_a_hundred(paths):
    made = pendigits.pendigits(fold=0)
    assert {part: len(split) for part, split in made.splits().items()} == {"train": 108, "validation": 12, "test": 20}
    seen = []
    for split in made.splits().values():
        for row, identity in enumerate(split.ids):
            _, part, number = identity.split("-")
            seen.append((part, int(number)))
            assert np.array_equal(split.inputs[row], (paths[part][int(number)].T / 100).astype(np.float32))
            assert split.labels[row] == int(number) % 10
    assert sorted(seen) == [*(("test", row) for row in range(20)), *(("train", row) for row in range(120))]
    assert (made.features, made.train.inputs.shape[1:]) == (2, (8, 2))
    other = pendigits.pendigits(fold=1)
    assert not set(other.validation.ids) & set(made.validation.ids) and other.test.ids == made.test.ids


def test_other_rows_or_values_are_refused(paths):
    digits = [str(row % 10) for row in range(120)]
    for series, labels in (
        (paths["train"][:100], digits[:100]),
        (paths["train"], ["0", *digits[:-1]]),
        (paths["train"] + 1, digits),
        (paths["train"][:, :1], digits),
    ):
        with pytest.raises(UserError, match="train file of PenDigits") as caught:
            pendigits.check("train", series, labels)
        assert "\n" not in str(caught.value)

"""Columns that count, or copy the class, do not become features unseen; those that were chosen are named."""

import csv
import random
from collections import defaultdict

import numpy as np
import pytest

from bilstm_dropout.datasets.own.series import read_series

STEPS = 6


def rows():
    """24 series of six steps, the first twelve of class a: normal noise alone."""
    rng = random.Random(5)
    return [[f"s{n}", step, "ab"[n >= 12], rng.gauss(0, 1)] for n in range(24) for step in range(STEPS)]


def read(tmp_path, named: dict, order=None, features=(), given=None):
    """What a file comes to that has these columns beside `rows`, a value a row: (features, findings by name)."""
    table = [[*row, *cells] for row, *cells in zip(given or rows(), *named.values(), strict=True)]
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(
            [["id", "step", "label", "x", *named], *(table if order is None else [table[place] for place in order])]
        )
    found = read_series(tmp_path / "a.csv", "id", "step", "label", features)
    by_name = defaultdict(list)
    for each in found.report:
        by_name[each.name] += each.names
    return found.columns["features"], by_name, found


def warnings(found) -> list[str]:
    """The findings that are warnings, but for the one that these files are small."""
    return [each.name for each in found.report if each.warning and each.name != "resolution"]


SERIES = np.repeat(np.arange(24), STEPS)
ROWS = np.arange(144)
RNG = np.random.default_rng(3)
COUNTERS = {
    "Unnamed: 0": ROWS,
    "from 1": ROWS + 1,
    "downwards": 500 - ROWS,
    "timestamp": 1_700_000_000 + 17 * ROWS,
    "a clock with pauses": np.cumsum(RNG.exponential(3, 144)).round(4),
    "milliseconds": 1.7e12 + 1000 * ROWS + RNG.integers(0, 900, 144),
    "two rows a tick": ROWS // 2,
    "number of the series": SERIES,
    "series downwards": 100 - SERIES,
    "series, from 1000 by 10": 1000 + 10 * SERIES,
}
COPIES = {
    "label_id": SERIES // 12,
    "target": 1 - SERIES // 12,
    "sign": np.where(SERIES < 12, -1, 1),
    "code": np.where(SERIES < 12, 17.5, 3),
}
SOUND = {
    "noise": RNG.normal(size=144),
    "whole numbers": RNG.integers(0, 9, 144),
    "step again": ROWS % STEPS,
    "trend in each series": ROWS % STEPS + RNG.normal(size=144),
    "a class apart in the mean": SERIES // 12 + RNG.normal(size=144),
    "a rare event": (ROWS % 25 == 0).astype(int),
    "two kinds of sensor": SERIES % 2,
    "a level a series": RNG.normal(size=24)[SERIES].round(3),
    "age": RNG.integers(20, 60, 24)[SERIES],
    "very skewed": np.exp(1.2 * RNG.normal(size=144)),
    "from one class on": (SERIES > 15).astype(int),
}


@pytest.mark.parametrize("case", COUNTERS)
def test_a_counter_is_left_out_and_this_is_said(case, tmp_path):
    features, said, found = read(tmp_path, {case: COUNTERS[case]})
    assert features == ["x"] and said["counter-left-out"] == [case] and said["features"] == ["x"]
    assert found.arrays["values"].shape == (144, 1)
    warning = next(each for each in found.report if each.name == "counter-left-out").said("series", str)
    assert warning.startswith("Warning: Left out") and f"“{case}”" in warning and "FEATURES=" in warning


@pytest.mark.parametrize("case", COPIES)
def test_a_copy_of_the_class_is_left_out_and_this_is_said(case, tmp_path):
    features, said, _ = read(tmp_path, {case: COPIES[case]})
    assert features == ["x"] and said["copy-left-out"] == [case] and said["features"] == ["x"]


@pytest.mark.parametrize("case", SOUND)
def test_a_sound_column_is_a_feature_without_a_warning(case, tmp_path):
    features, said, found = read(tmp_path, {case: SOUND[case]})
    assert features == ["x", case] == said["features"] and not warnings(found)


@pytest.mark.parametrize("order", ["by step", "shuffled", "by id as text"])
def test_counters_are_found_in_files_of_another_order(order, tmp_path):
    """Of a file that was put in order after its rows were counted."""
    orders = {
        "by step": sorted(range(144), key=lambda row: row % STEPS),
        "shuffled": random.Random(1).sample(range(144), 144),
        "by id as text": sorted(range(144), key=lambda row: str(row // STEPS)),
    }
    columns = {"index": ROWS, "number": SERIES, "label_id": SERIES // 12}
    features, said, _ = read(tmp_path, columns, orders[order])
    assert features == ["x"] and said["counter-left-out"] == ["index", "number"]
    assert said["copy-left-out"] == ["label_id"]


def test_a_counter_that_was_written_into_the_rearranged_file_is_found(tmp_path):
    order = sorted(range(144), key=lambda row: row % STEPS)
    count = np.empty(144, int)
    count[order] = ROWS
    assert read(tmp_path, {"index": count}, order)[1]["counter-left-out"] == ["index"]


def test_what_tells_the_class_is_a_warning(tmp_path):
    columns = {
        "subject": SERIES // 3 + 1,  # eight persons, each of one class
        "score": np.where(SERIES < 12, 0.3, 0.7) + RNG.uniform(-0.1, 0.1, 144),
        "clock": RNG.permutation(24)[SERIES] * 1000 + RNG.integers(0, 900, 144),
        "patient": RNG.choice(90_000, 24, replace=False)[SERIES] + 10_000,
    }
    features, said, found = read(tmp_path, columns)
    assert features == ["x", "subject", "score", "clock", "patient"]
    assert said["tells"] == ["subject", "score"] and said["apart"] == ["clock", "patient"]
    assert len(warnings(found)) == 2


def test_columns_that_were_asked_for_stay_and_are_warned_of(tmp_path):
    columns = {"index": ROWS, "label_id": SERIES // 12}
    features, said, found = read(tmp_path, columns, features=["x", "index", "label_id"])
    assert features == ["x", "index", "label_id"] and "features" not in said
    assert said["counter"] == ["index"] and said["copy"] == ["label_id"]
    assert "give the class away" in " ".join(each.said("series", str) for each in found.report)


def test_a_file_of_counters_alone_keeps_them_with_a_warning(tmp_path):
    given = [[*row[:3], place] for place, row in enumerate(rows())]
    features, said, _ = read(tmp_path, {"index": ROWS}, given=given)
    assert features == ["x", "index"] and said["counter"] == ["x", "index"]


def test_copies_of_series_are_seen_behind_a_counter(tmp_path):
    given = rows()
    for n in (20, 21):  # with the values of series s19
        for step in range(STEPS):
            given[n * STEPS + step][3] = given[19 * STEPS + step][3]
    _, _, found = read(tmp_path, {"index": ROWS}, given=given)
    repeated = next(each for each in found.report if each.name == "repeated")
    assert (repeated.count, repeated.lines) == (2, (122, 128))
    folds = found.arrays["folds"]
    assert folds[19] == folds[20] == folds[21]


@pytest.mark.parametrize("value", [-999, 9999, 1e30, -1e6])
def test_numbers_that_stand_for_missing_ones_are_a_warning_with_their_lines(value, tmp_path):
    column = RNG.normal(20, 4, 144)
    column[[10, 90]] = value
    features, said, found = read(tmp_path, {"temperature": column})
    assert features == ["x", "temperature"] and said["outliers"] == ["temperature"]
    warning = next(each for each in found.report if each.name == "outliers")
    assert (warning.warning, warning.count, warning.of, warning.lines) == (True, 2, 144, (12, 92))


def test_hostile_names_of_columns_are_quoted(tmp_path):
    _, _, found = read(tmp_path, {"<b>{names}": ROWS})
    said = next(each for each in found.report if each.name == "counter-left-out").said("series", lambda _: "quoted")
    assert "“quoted”" in said and "<b>" not in said

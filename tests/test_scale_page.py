"""Times on the page on clusters are those of published runs."""

import json

import pandas as pd

from bilstm_dropout import published
from bilstm_dropout.book_scale import page_part


def rows(dataset, units, seconds, threads="1"):
    provenance = json.dumps({"device": {"threads": threads}})
    return pd.DataFrame({"dataset": dataset, "units": units, "seconds": seconds, "provenance": provenance})


def test_a_row_for_each_data_set_and_size_with_median_and_quartiles():
    frame = pd.concat([rows("mr", 64, [10.0, 20.0, 30.0, 40.0, 500.0]), rows("mr", 32, [1.0], threads="2")])
    lines = page_part({"a1": frame, "a2": frame[:0]}).splitlines()
    assert lines[2:] == [
        "| a1 | `mr` | 32 | 1 | 1 | 1 to 1 | 2 |",
        "| a1 | `mr` | 64 | 5 | 30 | 20 to 40 | 1 |",
    ]


def test_without_published_runs_it_says_so():
    assert page_part({"a1": rows("mr", 64, [])}) == "No run is published yet."


def test_published_runs_are_all_counted():
    lines = page_part().splitlines()
    for part in ("a1", "memory"):
        counts = [line.split("|")[4].replace(",", "") for line in lines if line.startswith(f"| {part} |")]
        assert sum(map(int, counts)) == len(published.read(part)) > 0

"""Examples that flip, placements side by side: chosen by the rule, shown as plain text."""

import numpy as np
import pytest
from support.invented import chapter, tokens

from bilstm_dropout import datasets
from bilstm_dropout.book import show as display
from bilstm_dropout.book.chapters import examples
from bilstm_dropout.results import flips


@pytest.fixture
def shown(monkeypatch):
    """What the cells display: texts and pages as one text, tables and captions apart."""
    pages = []
    monkeypatch.setattr(display, "display_html", lambda page, plain: pages.append(page))
    monkeypatch.setattr(display, "text", pages.append)
    return pages


@pytest.fixture
def tables(monkeypatch):
    found = []
    monkeypatch.setattr(display, "table", lambda frame, caption, folded=False: found.append((frame, caption)))
    return found


def some_flip(config):
    """Row 0 is lost and row 1 gained in every seed, row 2 lost in seed 1 alone; elsewhere nothing changes."""
    true = np.full(80, 0.8)
    true[1] = 0.3
    if config.placement != "none":
        true[0], true[1] = 0.1, 0.9
        true[2] = 0.4 if config.seed == 1 else 0.8
        true[3] = 0.55  # a large change without another class
    return true


def test_flips_are_counted_by_seed_and_in_most_seeds(monkeypatch):
    dataset = tokens()
    runs = chapter(dataset, some_flip)
    ((key, pairs),) = flips.paired(runs.records, "recall").items()
    assert key == ("input", 0.5) and pairs.seeds == (1, 2, 3) and pairs.layers == 1
    assert list(pairs.flips()[:4]) == [3, 3, 1, 0] and pairs.flips().sum() == 7
    assert list(np.flatnonzero(flips.flipped(pairs))) == [0, 1]
    np.testing.assert_allclose(pairs.change(dataset.test.labels)[:, :2], [[-0.7, 0.6]] * 3)


def test_diverged_and_unpaired_runs_are_left_out():
    runs = chapter(tokens(), some_flip)
    runs.records[0].diverged = True  # a baseline
    runs.records[-1].diverged = True
    (pairs,) = flips.paired(runs.records, "recall").values()
    assert pairs.seeds == (2,)
    assert flips.paired([record for record in runs.records if record.config.placement == "input"], "recall") == {}
    assert flips.paired(runs.records, "order") == {}


def test_the_rows_that_change_most_both_ways_and_only_among_the_flipped():
    change = np.array([0.1, -0.5, 0.3, 0.3, -0.9, 0.0, 0.2])
    among = np.array([True, True, True, True, False, True, True])
    assert list(flips.most_changed(change, among, most=2)) == [2, 3, 1]
    assert flips.most_changed(change, ~np.ones(7, bool)).size == 0


def test_the_table_of_flips_has_the_rule_s_rows_and_hostile_names_as_text():
    dataset = tokens()
    found = examples.changed_most(chapter(dataset, some_flip).records, dataset)
    assert list(found.columns) == ["data set", "example", "true class", "none", "p = 0.5", "another class"]
    assert found[["none", "p = 0.5"]].round(2).to_numpy().tolist() == [[0.3, 0.9], [0.8, 0.1]]
    assert list(found["another class"]) == ["3 of 3", "3 of 3"]
    assert found["example"][0] == examples.as_read(dataset, 1) and examples.UNKNOWN_WORD in found["example"][0]
    page = display.table_html(found, "flips")
    assert page.count("<tr>") == 3 and "<script" not in page and "&lt;script&gt;" in page and "$\\frac{" in page


def test_nothing_dropped_and_nothing_changed_give_no_row():
    dataset = tokens()
    for runs in (
        chapter(dataset, some_flip, placements=("none",)),
        chapter(dataset, lambda config: np.full(80, 0.8 if config.placement == "none" else 0.7)),
    ):
        assert examples.changed_most(runs.records, dataset).empty


def test_a_text_is_shown_as_read_and_cut_after_so_many_words():
    dataset = tokens()
    row = int(np.argmax(dataset.test.lengths > examples.LONGEST_TEXT))
    text = examples.as_read(dataset, row)
    over = dataset.test.lengths[row] - examples.LONGEST_TEXT
    assert over > 0 and text.endswith(f" … ({over} more)") and examples.UNKNOWN_WORD in text
    assert "<padding>" not in text
    recall = datasets.load("recall")
    named = examples.as_read(recall, 0).split(", ")
    assert named == [recall.token_names[token] for token in recall.test.inputs[0]]


def test_series_are_named_by_their_steps():
    dataset = datasets.load("japanese_vowels")
    number = len(dataset.test)

    def true(config):
        return np.where(np.arange(number) < 2, 0.9 if config.placement == "none" else 0.02, 0.9)

    found = examples.changed_most(chapter(dataset, true, name="japanese_vowels").records, dataset)
    assert found["example"][0] == f"{dataset.test.ids[0]}, {dataset.test.lengths[0]} steps" and len(found) == 2



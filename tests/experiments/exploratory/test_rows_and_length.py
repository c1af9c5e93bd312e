"""Part o: rows by learning rate on MR, rows by length on IMDB."""

import itertools
from collections import Counter

import pytest
from support import text_sets

from bilstm_dropout.experiments import parts
from bilstm_dropout.experiments.confirmatory import plan as confirmatory
from bilstm_dropout.experiments.exploratory import plan, rows_and_length
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    monkeypatch.setitem(text_sets.CLASSES, "imdb", 2)
    text_sets.stand_in(monkeypatch)


def test_counts():
    found = parts.runs("o", Store()).values()
    assert Counter(config.dataset for config in found) == parts.PARTS["o"].planned() == {"mr": 960, "imdb": 180}
    assert [config.dataset for config in found] == ["mr"] * 320 + ["imdb"] * 180 + ["mr"] * 640


def test_every_size_of_mr_has_four_placements_at_three_learning_rates_and_an_eighth_for_validation():
    found = rows_and_length.sentences()
    cells = Counter((each.placement, each.rate, each.train_rows, each.learning_rate) for each in found)
    sites = [("none", 0.0), ("input", 0.25), ("recurrent-tied", 0.25), ("variational", 0.25)]
    sizes = (1000, 2000, 4000, None)
    assert cells == {(*site, rows, rate): 20 for site in sites for rows in sizes for rate in (5e-4, 1e-3, 2e-3)}
    validation = {(each.train_rows, each.dataset_options.get("validation")) for each in found}
    assert validation == {(1000, 125), (2000, 250), (4000, 500), (None, None)}
    units = {(each.dataset_options["fold"], each.seed) for each in found}
    assert units == {(fold, seed) for fold in (2, 3, 4, 5) for seed in (1, 2, 3, 4, 5)}
    # About as many updates at every size, and about as many evaluations.
    batches = {rows: -(-(rows or 8530) // 32) for rows in sizes}
    updates = {batches[each.train_rows] * each.epochs for each in found}
    assert 980 <= min(updates) <= max(updates) <= 1070
    assert {each.epochs * each.evaluations_per_epoch for each in found} <= {62, 63, 64}


def test_the_first_quarter_of_mr_has_all_sizes_and_placements_at_a3_s_learning_rate():
    first = rows_and_length.sentences()[:320]
    assert {each.learning_rate for each in first} == {1e-3}
    assert len({(each.placement, each.train_rows) for each in first}) == 16


def test_imdb_has_three_lengths_at_two_sizes_and_shares_what_c_and_d_have():
    found = rows_and_length.reviews()
    cells = Counter((each.placement, each.train_rows, each.dataset_options["max_tokens"]) for each in found)
    sites = ("none", "input", "recurrent", "recurrent-tied", "variational")
    assert cells == {(site, rows, tokens): 6 for site in sites for rows in (4000, None) for tokens in (25, 100, 200)}
    assert {(each.rate > 0, each.seed <= 6, each.dataset_options["keep"]) for each in found} == {
        (False, True, "last"), (True, True, "last")
    }  # fmt: skip
    own = {key_of(config) for config in found}
    assert len(own & {key_of(config) for config in plan.reviews()}) == 30  # all rows, 100 tokens
    assert len(own & {key_of(config) for config in plan.data_size()}) == 18  # 4,000 rows, three of five placements


def test_lots_are_cells_in_the_order_of_the_list():
    assert parts.PARTS["o"].lot is rows_and_length.lot
    lots = [[*each] for _, each in itertools.groupby(rows_and_length.runs(), rows_and_length.lot)]
    assert [len(each) for each in lots] == 16 * [20] + 30 * [6] + 32 * [20]
    of = [{(run.dataset, run.placement, run.train_rows, run.learning_rate) for run in each} for each in lots]
    assert all(len(each) == 1 for each in of)


def test_every_run_has_its_baseline():
    spelt = {config.model_dump_json() for config in rows_and_length.runs()}
    for config in rows_and_length.runs():
        assert confirmatory.changed(config, placement="none", rate=0.0).model_dump_json() in spelt

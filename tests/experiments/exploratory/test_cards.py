"""Cards: each number against the published tables, computed anew."""

import math

import numpy as np
import pytest
from scipy import stats

from bilstm_dropout import results
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.experiments.exploratory import cards
from bilstm_dropout.results import predictions


@pytest.fixture(scope="module")
def every_card():
    return cards.cards()


def of(every_card, placement, measure, at="stopped early"):
    rows = every_card[
        (every_card["placement"] == placement) & (every_card["measure"] == measure) & (every_card["at"] == at)
    ]
    (row,) = rows.itertuples()
    return row


def test_every_placement_has_a_card(every_card):
    assert list(dict.fromkeys(every_card["placement"])) == list(TABLE)
    for name in TABLE:
        text = cards.text(every_card[every_card["placement"] == name])
        passes = name in set(results.read("m")["placement"]) - {"none"}
        assert len(text) == len(cards.MEASURES) - (not passes) and text["measure"][0] == "loss (nats)"
        assert list(text.columns) == ["measure", *cards.STOPS.values()]


@pytest.mark.parametrize(("placement", "layers"), [("recurrent", 1), ("variational", 1), ("between-spatial", 2)])
@pytest.mark.parametrize(
    ("measure", "column", "factor"), [("loss", "nll", 1), ("accuracy", "accuracy", 100)], ids=["loss", "accuracy"]
)
def test_differences_are_means_over_seeds_of_fold_means(every_card, placement, layers, measure, column, factor):
    rows = results.read("b")
    rows = rows[(rows["dataset"] == "mr") & (rows["layers"] == layers) & rows["rate"].isin([0, 0.25])]
    for ending, at in cards.STOPS.items():
        differences = []
        for seed in range(1, 6):
            folds = []
            for fingerprint in sorted(set(rows["fingerprint"])):
                here = rows[(rows["seed"] == seed) & (rows["fingerprint"] == fingerprint)].set_index("placement")
                folds.append(here.at[placement, f"{column}_{ending}"] - here.at["none", f"{column}_{ending}"])
            differences.append(factor * np.mean(folds))
        half = stats.t.ppf(0.975, 4) * np.std(differences, ddof=1) / math.sqrt(5)
        card = of(every_card, placement, measure, at)
        assert card.mean == pytest.approx(np.mean(differences)) and card.n == 5
        assert (card.low, card.high) == pytest.approx((card.mean - half, card.mean + half))


def test_churn_of_none_is_that_between_its_seeds_and_has_no_interval(every_card):
    rows, found = results.read("u"), predictions.read("u")
    rows = rows[(rows["dataset"] == "mr") & (rows["layers"] == 1) & (rows["placement"] == "none")]
    churn = [
        np.mean(found.probabilities[a.key].argmax(1) != found.probabilities[b.key].argmax(1))
        for a in rows.itertuples() for b in rows.itertuples() if a.seed < b.seed and a.fingerprint == b.fingerprint
    ]  # fmt: skip
    card = of(every_card, "none", "churn")
    assert card.mean == pytest.approx(100 * np.mean(churn)) and math.isnan(card.low) and card.n == len(churn) == 20


def test_averaging_gains_what_the_mean_of_the_seeds_probabilities_has_less(every_card):
    rows, found = results.read("u"), predictions.read("u")
    for placement, layers in (("none", 1), ("gates", 1), ("between", 2)):
        for at, p in (("stopped early", found.probabilities), ("last epoch", found.last)):
            mine = rows[
                (rows["dataset"] == "mr") & (rows["layers"] == layers) & (rows["placement"] == placement)
            ]
            gains = []
            for fingerprint, fold in mine.groupby("fingerprint"):
                right = [p[key][np.arange(len(p[key])), found.labels[fingerprint]] for key in fold["key"]]
                assert len(right) == 5
                gains.append(-np.mean(np.log(right)) + np.mean(np.log(np.mean(right, axis=0))))
            card = of(every_card, placement, "averaging", at)
            assert len(gains) == 2 and card.mean == pytest.approx(np.mean(gains)) and math.isnan(card.low)


def test_passes_gain_what_their_mean_has_less_than_a_pass_without_masks(every_card):
    rows, found = results.read("m"), predictions.read("m")
    whole = rows.groupby("seed")["key"].transform("size") == 96  # eight placements, three sets, four folds
    rows = rows[whole & (rows["dataset"] == "mr")]

    def loss(p, row):
        return -np.mean(np.log(p[row.key][np.arange(len(p[row.key])), found.labels[row.fingerprint]]))

    for placement in ("input", "variational"):
        mine = list(rows[rows["placement"] == placement].itertuples())
        for at, kind in (("stopped early", "best"), ("last epoch", "last")):
            gains = [loss(found.of(kind), row) - loss(found.of(f"{kind}_mean"), row) for row in mine]
            card = of(every_card, placement, "passes", at)
            assert card.n == len(gains) >= 8 and card.mean == pytest.approx(np.mean(gains), abs=1e-6)
            assert card.low < card.mean < card.high
    assert not set(every_card.loc[every_card["measure"] == "passes", "placement"]) & {"none", "gates"}


def test_memory_is_the_loss_on_recall_against_none_with_as_many_layers(every_card):
    sizes = '"steps": 20, "test": 1000, "train": 2000, "validation": 256'
    middle = '{"data_seed": 0, "noise": 0.1, "position": "middle", ' + sizes + "}"
    for placement, part, layers in (("gates", "memory", 1), ("weights", "q", 1), ("between", "q", 2)):
        rows = results.read(part)
        mine = rows[
            (rows["placement"] == placement) & (rows["rate"] == 0.25) & (rows["dataset_options"] == middle)
            & rows["bidirectional"]
        ]  # fmt: skip
        none = results.read("memory" if layers == 1 else "q")
        none = none[
            (none["placement"] == "none") & (none["dataset_options"] == middle) & none["bidirectional"]
            & (none["layers"] == layers)
        ].set_index("seed")["nll_best"]  # fmt: skip
        difference = mine.set_index("seed")["nll_best"] - none
        card = of(every_card, placement, "memory")
        assert card.n == 6 and card.mean == pytest.approx(difference.mean())


def test_text_has_signs_for_differences_and_dashes_for_what_was_not_measured(every_card):
    said = cards.text(every_card[every_card["placement"] == "variational"]).set_index("measure")
    assert said.at["loss (nats)", "last epoch"].startswith("−0.9") and " to " in said.at["loss (nats)", "last epoch"]
    assert said.at["memory: recall loss (nats)", "last epoch"] == "–"
    assert said.at["churn (%)", "stopped early"][0].isdigit()
    bare = cards.text(every_card[every_card["placement"] == "none"]).set_index("measure")
    assert bare.at["loss (nats)", "stopped early"].startswith("0.5") and "accuracy (%)" in bare.index
    assert not [text for text in said.to_numpy().ravel() if text.startswith(("−0.0 ", "−0.000 "))]

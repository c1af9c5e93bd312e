"""Published runs by how far they can be believed: each row is what its own probabilities give."""

import numpy as np
import pytest

from bilstm_dropout.errors import UserError
from bilstm_dropout.results import certain, predictions, read
from bilstm_dropout.stats import certainty
from bilstm_dropout.stats.calibration import scaled


@pytest.mark.parametrize(("part", "at"), [("a2", "best"), ("u", "last")])
def test_a_row_is_what_a_run_s_own_probabilities_give(part, at):
    names = ["calibration_squared", "auroc", "risk"]
    found = certain.certain(part, at, names, tempered=True)
    rows, of = read(part).drop_duplicates("key").set_index("key"), predictions.read(part)
    assert found["key"].is_unique and list(found["key"]) == [key for key in rows.index if rows.at[key, "layers"] == 1]
    for run in found.sample(12, random_state=0).itertuples():
        row, p, y = rows.loc[run.key], of.of(at)[run.key], of.labels[rows.at[run.key, "fingerprint"]]
        assert (run.placement, run.seed, run.dataset) == (row["placement"], row["seed"], row["dataset"])
        temperature = row[f"temperature_{at}"]
        for name in names:
            function = certainty.CERTAINTY[name].function
            assert getattr(run, name) == pytest.approx(function(p, y), nan_ok=True)
            after = function(scaled(p, temperature), y) if np.isfinite(temperature) else np.nan
            assert getattr(run, name + certain.AFTER) == pytest.approx(after, nan_ok=True)
    assert not set(found) & (set(certainty.CERTAINTY) - set(names))


def test_networks_of_two_layers_are_taken_when_asked_for_and_another_part_is_refused():
    one, both = (certain.certain("u", "last", ["gap"], layers) for layers in (1, None))
    assert len(both) > len(one) and set(both["layers"]) == {1, 2} and set(one["layers"]) == {1}
    assert not [name for name in one if name.endswith(certain.AFTER)]
    with pytest.raises(UserError, match="part with predictions"):
        certain.certain("b")

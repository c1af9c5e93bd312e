"""What a user can ask for is checked before TensorFlow is imported, with one line that says what is allowed."""

import subprocess
import sys

import numpy as np
import pytest

from bilstm_dropout.errors import UserError
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.sweep import Sweep

ITSELF: list = []
ITSELF.append(ITSELF)
BAD = [
    (dict(rate=0.3), "'rates'"),
    (dict(seed=1), "'seeds'"),
    (dict(dataset="recall"), "'datasets'"),
    (dict(rates=1.0), "rates: .* Allowed: numbers from 0"),
    (dict(rates=-0.1), "Allowed"),
    (dict(rates="often"), "Allowed"),
    (dict(rates=[float("nan")]), "Allowed"),
    (dict(rates=[]), "Allowed"),
    (dict(rates=True), "Allowed"),
    (dict(placement="gates", rates=0.6), "up to .5"),
    (dict(rates={"recal": [0.1]}), "recall"),
    (dict(rates={"recall": []}), "Allowed: numbers from 0"),
    (dict(rates={"recall": [0.1, 0.1]}), "Allowed: numbers from 0"),
    (dict(rates='{"recall": "often"}'), "Allowed: numbers from 0"),
    (dict(rates={1: [0.1]}), "Allowed: numbers from 0"),
    (dict(placement="gates", rates={"recall": 0.6}), "up to .5"),
    (dict(seeds=[]), "seeds: .* whole numbers"),
    (dict(seeds=[1, 1]), "different"),
    (dict(seeds=-1), "whole numbers"),
    (dict(seeds=1.5), "whole numbers"),
    (dict(units=0), "units: .* at least 1"),
    (dict(units=True), "at least 1"),
    (dict(units="many"), "at least 1"),
    (dict(epochs=-1), "at least 1"),
    (dict(batch_size=0), "at least 1"),
    (dict(layers=3), "1 or 2"),
    (dict(learning_rate=0), "above 0"),
    (dict(learning_rate="inf"), "above 0"),
    (dict(unit=3), "Did you mean units"),
    (dict(datasets="imbd"), "Allowed: japanese_vowels"),
    (dict(placement="recurent"), "Did you mean recurrent"),
    (dict(placement="embedding-types", datasets="japanese_vowels"), "needs an embedding"),
    (dict(placement="between", layers=1), "needs a second layer"),
    (dict(dataset_options='{"recall": {"stepz": 3}}', datasets="recall"), "steps"),
    (dict(units={"recal": 3}), "recall"),
    (dict(epochs={"recall": 0}, datasets="recall"), "at least 1"),
    # What is hostile: too deep, too large, or without an end.
    (dict(rates="[" * 100_000), "rates: .* Allowed: numbers from 0"),
    (dict(seeds="[" * 100_000), "seeds: .* whole numbers"),
    (dict(datasets="[" * 100_000), "Unknown data set"),
    (dict(epochs='{"recall":' * 100_000), "at least 1"),
    (dict(dataset_options='{"recall": {}, "recall": {}}'), "a dictionary"),
    (dict(units="1" * 5000), "at least 1"),
    (dict(units=10**5000), "at least 1"),
    (dict(rates=[10**400]), "Allowed: numbers from 0"),
    (dict(seeds=2**63), r"below 2\*\*63"),
    (dict(learning_rate=10**5000), "above 0"),
    (dict(rates=ITSELF), "Allowed: numbers from 0"),
    (dict(dataset_options={"recall": {"steps": ITSELF}}, datasets="recall"), "cannot take steps"),
    (dict(placement=ITSELF), "Unknown placement|placement: "),
]


@pytest.mark.parametrize(("parameters", "says"), BAD, ids=lambda value: "")
def test_bad_parameters_are_refused_in_one_line(parameters, says):
    with pytest.raises(UserError, match=says) as caught:
        Sweep.parse(**parameters)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_lists_arrive_as_lists_scalars_or_text():
    for rates in ([0.3], 0.3, "0.3", "[0.3]", (0.3,)):
        assert Sweep.parse(rates=rates).rates == [0.3]
    assert Sweep.parse(datasets="recall").datasets == Sweep.parse(datasets='["recall"]').datasets == ["recall"]
    assert Sweep.parse(seeds="[4, 5]").seeds == [4, 5]
    assert Sweep.parse(rates=[0]).rates == [0.0]


def test_rates_may_differ_between_data_sets():
    by_dataset = {"japanese_vowels": [0.25, 0.5], "recall": [0.1]}
    for given in (by_dataset, '{"japanese_vowels": [0.25, 0.5], "recall": 0.1}'):
        sweep = Sweep.parse(rates=given, seeds=1)
        assert sweep.rates == by_dataset and sweep.rates_on("recall") == [0.1]
        assert [(run.dataset, run.rate) for run in sweep.runs()] == [
            ("japanese_vowels", 0.25), ("japanese_vowels", 0.5), ("recall", 0.1),
        ]  # fmt: skip
    assert Sweep.parse(rates={"recall": [0.3]}).rates_on("japanese_vowels") == Sweep().rates


def test_runs_are_identified_by_canonical_values():
    spelt = RunConfig(placement="output+input", rate=0.1, dataset="recall", dataset_options={"steps": 20})
    assert spelt == RunConfig(placement="input+output", rate=0.1, dataset="recall")
    assert RunConfig(placement="combined@own").rate == 0.2
    with pytest.raises(UserError, match="drops nothing"):
        RunConfig(placement="none", rate=0.1)
    with pytest.raises(UserError, match="parameter"):
        RunConfig(colour="red")


def test_runs_that_are_the_same_have_the_same_identity():
    assert str(RunConfig(placement="input", rate=-0.0)) == str(RunConfig(placement="input", rate=0.0))
    assert RunConfig(dropout_stream=3) == RunConfig() and RunConfig(embedding_dim=7) == RunConfig()
    other = RunConfig(placement="input", rate=0.1, dropout_stream=3, dataset="recall", embedding_dim=7)
    assert (other.dropout_stream, other.embedding_dim) == (3, 7)
    assert RunConfig(units=np.int64(8), seed=np.int32(2)) == RunConfig(units=8, seed=2)
    for bad in (dict(dropout_stream=-1), dict(embedding_dim=0)):
        with pytest.raises(UserError):
            RunConfig(**bad)


def test_a_sweep_has_its_runs_and_what_they_are_compared_with():
    sweep = Sweep.parse(placement="between", rates=[0.1, 0.2], seeds=[1, 2, 3], units={"recall": 8})
    assert len(sweep.runs()) == 12 and {run.layers for run in sweep.runs()} == {2}
    assert len(sweep.baselines()) == 6 and {run.layers for run in sweep.baselines()} == {2}
    assert {run.units for run in sweep.runs()} == {64, 8}
    assert Sweep.parse(placement="embedding-types").datasets == ["recall"]
    assert len(Sweep.parse(placement="none", seeds=[1, 2], datasets="recall").runs()) == 2
    assert {run.rate for run in Sweep.parse(placement="combined@own", rates=[0.5]).runs()} == {0.2}


def test_nothing_heavy_is_imported_to_check():
    code = (
        "import sys, bilstm_dropout.runs.config, bilstm_dropout.runs.store, bilstm_dropout.study.profiles;"
        "print([name for name in ('tensorflow', 'keras', 'sklearn', 'aeon', 'papermill') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"

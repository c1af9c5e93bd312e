"""What tests of several parts need."""

import pytest

from bilstm_dropout.experiments.confirmatory import tuning
from bilstm_dropout.results import published
from bilstm_dropout.results.rows import config_of, rows_of


@pytest.fixture(scope="session")
def score():
    """What tuning published, by the run: no data set is needed to look it up."""
    rows = published.read("a1")
    scores = tuning.scored(rows)["score"]
    found = {config_of(row).model_dump_json(): each for row, each in zip(rows_of(rows), scores, strict=True)}
    return lambda config: found.get(config.model_dump_json())

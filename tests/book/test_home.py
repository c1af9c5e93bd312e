"""What the home page says in words of its own is what the published runs are."""

import pandas as pd
import pytest

from bilstm_dropout import datasets, results
from bilstm_dropout.experiments.parts import PARTS
from bilstm_dropout.paths import project_root
from bilstm_dropout.results import published
from bilstm_dropout.runs.config import RunConfig


@pytest.fixture(scope="module")
def said():
    return " ".join((project_root() / "book" / "index.md").read_text(encoding="utf-8").split())


def test_networks_are_what_it_calls_them(said):
    assert "one bidirectional layer of 64 units a direction, mostly, one answer a sequence" in said
    runs = pd.concat([published.read(part) for part in PARTS]).drop_duplicates("key")
    like_it = (runs["layers"] == 1) & runs["bidirectional"] & (runs["units"] == 64)
    assert like_it.mean() > 2 / 3


def test_word_vectors_are_learned_from_nothing(said):
    assert "word vectors learned from nothing" in said
    assert [name for name in RunConfig.model_fields if "embedding" in name] == ["embedding_dim"]  # and where none start


def test_data_are_as_large_as_it_says(said):
    assert "a few hundred to about twenty thousand sequences" in said
    rows = [int(datasets.sizes(name)["rows for training"]) for name in results.published_sets()]
    assert 200 <= min(rows) < 500 and 18_000 < max(rows) < 25_000

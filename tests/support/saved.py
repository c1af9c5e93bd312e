"""Networks with random weights, saved as files, and the classifiers that they were made of."""

import numpy as np

from bilstm_dropout.datasets.new.reading import SeriesReading, TextReading
from bilstm_dropout.dropout.classifier import build_classifier
from bilstm_dropout.dropout.placements import resolve
from bilstm_dropout.runs.saved.network import Description, save

from .networks import made_up

WORDS = tuple(f"word{number}" for number in range(7))
TEXTS = TextReading(rule="unicode", max_tokens=6, keep="first", tokens=WORDS)
SERIES = SeriesReading(features=("a", "b", "c", "d"), mean=(0.0, 1.0, 2.0, 3.0), spread=(1.0, 2.0, 0.5, 0.0), steps=6)


def saved(target, placement="recurrent", kind="tokens", rate=0.4, bidirectional=True, **changed):
    """Save a network there; the Classifier that it was made of. changed: parts of its Description."""
    layers = 2 if "second layer" in resolve(placement).needs else 1
    data = made_up(kind)
    model = build_classifier(resolve(placement), data, 5, layers, 4, bidirectional)
    generator = np.random.default_rng(3)
    weights = [generator.normal(scale=0.7, size=each.shape).astype("float32") for each in model.trainable_variables]
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    about = dict(
        classes=data.classes, reading=TEXTS if kind == "tokens" else SERIES, placement=placement, rate=rate, units=5,
        layers=layers, embedding_dim=4 if kind == "tokens" else 0, vocabulary=data.vocabulary, seed=1, key="0" * 20,
        bidirectional=bidirectional, dataset="made-up", fingerprint="0" * 16, selected="best", epoch=1.0,
    )  # fmt: skip
    save(target, Description(**about | changed), weights)
    return model

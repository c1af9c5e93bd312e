"""Small trained networks and the inputs that a page runs them on: their weights as text, so that a script holds them.

`bilstm-dropout measure networks` prints what is in data/published/networks.json. Each network is the study's classifier
with one BiLSTM layer, trained in seconds, and each data set comes with the first test inputs of its classes in turn.
"""

from __future__ import annotations

import base64
from typing import Annotated, Literal

import numpy as np
import pydantic

from .. import datasets
from ..datasets.dataset import Split
from ..results.measurement import Measurement
from ..runs.config import RunConfig

INPUTS, UNITS, SEED = 20, 16, 1
RATE = 0.25  # at which the networks with dropout were trained
PLACEMENTS = ("none", "input", "recurrent", "variational", "output")
# Recall with the cue in the middle, which both directions must carry, and no noise in its labels; short enough to see.
_RECALL = {"steps": 10, "train": 1000, "validation": 100, "position": "middle", "noise": 0.0}
_TRAINING = {
    "japanese_vowels": {"epochs": 20},
    "recall": {"epochs": 20, "learning_rate": 2e-3, "dataset_options": _RECALL, "embedding_dim": 8},
}
DATASETS = tuple(_TRAINING)
# In Keras' order. `embedding` is there for tokens alone.
_LAYER = ("kernel", "recurrent", "bias", "kernel back", "recurrent back", "bias back", "head", "head bias")

_Probability = Annotated[float, pydantic.Field(ge=0, le=1)]


class Weights(pydantic.BaseModel, extra="forbid", frozen=True):
    """An array. shape: its sizes. values: its numbers row by row, little-endian float32 in base64."""

    shape: Annotated[tuple[Annotated[int, pydantic.Field(ge=1)], ...], pydantic.Field(min_length=1)]
    values: str

    @pydantic.model_validator(mode="after")
    def _whole(self):
        found = self.array
        if not np.isfinite(found).all():
            raise ValueError("weights are finite numbers")
        return self

    @property
    def array(self) -> np.ndarray:
        """The numbers, float32, in their shape. ValueError where they are not as many as it has."""
        return np.frombuffer(base64.b64decode(self.values, validate=True), "<f4").reshape(self.shape)


class Network(pydantic.BaseModel, extra="forbid", frozen=True):
    """A trained network: the placement that it was trained with, its weights by name, and what it answers.

    probabilities: for each of the inputs those of the classes, without masks.
    """

    placement: Literal[PLACEMENTS]
    rate: Annotated[float, pydantic.Field(ge=0, lt=1)]
    weights: dict[str, Weights]
    probabilities: tuple[tuple[_Probability, ...], ...]


class Input(pydantic.BaseModel, extra="forbid", frozen=True):
    """A test input without padding: its name, its label's number, and its steps: token numbers, or rows of numbers."""

    name: str
    label: Annotated[int, pydantic.Field(ge=0)]
    steps: tuple[Annotated[int, pydantic.Field(ge=0)], ...] | tuple[tuple[float, ...], ...]


class Data(pydantic.BaseModel, extra="forbid", frozen=True):
    """A data set's classes, names of its tokens (none for series), inputs, and the networks trained on it."""

    dataset: Literal[DATASETS]
    classes: tuple[str, ...]
    tokens: tuple[str, ...]
    inputs: tuple[Input, ...]
    networks: tuple[Network, ...]


class Networks(Measurement):
    """What the published file holds. units: of each direction."""

    FILE = "networks.json"
    COMMAND = "bilstm-dropout measure networks"
    NAME = "networks"

    units: Annotated[int, pydantic.Field(ge=1)]
    data: tuple[Data, ...]


def config(dataset: str, placement: str) -> RunConfig:
    """The run that gives a network. dataset: one of DATASETS. placement: one of PLACEMENTS."""
    rate = 0.0 if placement == "none" else RATE
    return RunConfig(
        placement=placement, rate=rate, dataset=dataset, units=UNITS, seed=SEED, batch_size=32, **_TRAINING[dataset]
    )


def chosen(split: Split) -> np.ndarray:
    """The rows of a test part that the page offers, INPUTS of them: the first of each class, then the second, ..."""
    turn = np.empty(len(split), int)
    for label in np.unique(split.labels):
        turn[split.labels == label] = np.arange((split.labels == label).sum())
    return np.lexsort((split.labels, turn))[:INPUTS]


def measure() -> Networks:
    """Train all networks, and ask each for its answers: a minute or two."""
    return Networks(units=UNITS, data=tuple(_data(name) for name in DATASETS))


def _data(name: str) -> Data:
    first = config(name, PLACEMENTS[0])
    dataset = datasets.load(name, **first.dataset_options)
    test = dataset.test.take(chosen(dataset.test))
    inputs = tuple(
        Input(name=each, label=int(label), steps=tuple(_plain(row[:length])))
        for each, label, row, length in zip(test.ids, test.labels, test.inputs, test.lengths, strict=True)
    )
    return Data(
        dataset=name, classes=dataset.classes, tokens=tuple(dataset.token_names), inputs=inputs,
        networks=tuple(train(config(name, placement), test) for placement in PLACEMENTS),
    )  # fmt: skip


def built(network: Network, dataset: str):
    """A published network as a Keras model with its weights, and the twenty inputs that are published with it.

    Returns (Classifier, Split). dataset: one of DATASETS.
    """
    from ..dropout.classifier import build_classifier
    from ..dropout.placements import resolve

    run = config(dataset, network.placement)
    loaded = datasets.load(dataset, **run.dataset_options)
    model = build_classifier(resolve(run.placement), loaded, run.units, 1, run.embedding_dim, True)
    for variable, weights in zip(model.trainable_variables, network.weights.values(), strict=True):
        variable.assign(weights.array)
    return model, loaded.test.take(chosen(loaded.test))


def train(run: RunConfig, test: Split) -> Network:
    """Train a network; test: the inputs it is asked for its answers on."""
    import keras

    from ..runs.networks import network

    model = network(run)
    values = [variable.numpy() for variable in model.trainable_variables]
    names = (("embedding",) if model.embedding is not None else ()) + _LAYER
    answers = keras.ops.softmax(model(test.inputs, test.lengths, rate=run.rate))
    return Network(
        placement=run.placement, rate=run.rate,
        weights={name: encoded(each) for name, each in zip(names, values, strict=True)},
        probabilities=tuple(tuple(float(p) for p in row) for row in np.asarray(answers).round(6)),
    )  # fmt: skip


def encoded(array: np.ndarray) -> Weights:
    """An array as text."""
    return Weights(shape=array.shape, values=base64.b64encode(np.asarray(array, "<f4").tobytes()).decode())


def _plain(row: np.ndarray) -> list:
    """A row of tokens as whole numbers, or of a series as tuples, each number the shortest text of its float32."""
    if row.ndim == 1:
        return [int(each) for each in row]
    return [tuple(float(str(value)) for value in step) for step in row]

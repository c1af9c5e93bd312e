"""Networks trained in seconds for the mechanisms to be measured on, each once a process."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .. import datasets
from ..datasets.dataset import Dataset
from ..dropout.classifier import Classifier, build_classifier, initial_weights
from ..dropout.placements import resolve
from .config import RunConfig
from .config import network as network_of
from .trainer import Trainer

TRAINING_STEPS = 10  # of the recall task that gradients are measured after; longer ones are learnt late or by luck


def series(placement: str = "none", rate: float = 0.0, units: int = 32, epochs: int = 20, seed: int = 1) -> RunConfig:
    """A BiLSTM classifier of JapaneseVowels."""
    return RunConfig(placement=placement, rate=rate, dataset="japanese_vowels", units=units, epochs=epochs, seed=seed)


def recall(placement: str = "none", rate: float = 0.0, units: int = 32, seed: int = 1) -> RunConfig:
    """An LSTM that reads a cue first and TRAINING_STEPS - 1 noise symbols after it."""
    options = {"steps": TRAINING_STEPS, "train": 1000, "validation": 100, "position": "first", "noise": 0.0}
    return RunConfig(
        placement=placement,
        rate=rate,
        dataset="recall",
        dataset_options=options,
        units=units,
        seed=seed,
        bidirectional=False,
        epochs=8,
        learning_rate=2e-3,
    )


def network(config: RunConfig, masked: str | None = None, trained: bool = True) -> Classifier:
    """The network of a run, trained or as it starts. masked: the placement whose masks it draws, if not its own."""
    dataset = datasets.load(config.dataset, **config.dataset_options)
    model = build_classifier(
        resolve(masked or config.placement),
        dataset,
        config.units,
        config.layers,
        config.embedding_dim,
        config.bidirectional,
    )
    assign(model, config, trained)
    return model


def assign(model: Classifier, config: RunConfig, trained: bool = True) -> None:
    """Give a network the weights of a run, trained or as they start."""
    dataset = datasets.load(config.dataset, **config.dataset_options)
    weights = _weights(config.model_dump_json(), dataset) if trained else initial_weights(model, config.seed)
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)


@lru_cache(maxsize=64)
def _weights(text: str, dataset: Dataset) -> list[np.ndarray]:
    config = RunConfig.model_validate_json(text)
    trainer = _trainer(network_of(config).model_dump_json(), dataset)
    trainer.run(config)
    return [variable.numpy() for variable in trainer.variables]


@lru_cache(maxsize=4)  # by the data themselves: a file of the reader's own can change under its name
def _trainer(text: str, dataset: Dataset) -> Trainer:
    return Trainer(dataset, RunConfig.model_validate_json(text))

"""Small networks and made-up data for every placement."""

import numpy as np

from bilstm_dropout.datasets.dataset import Dataset, Split
from bilstm_dropout.dropout.classifier import build_classifier
from bilstm_dropout.dropout.masks import Sizes  # noqa: F401  (Keras is imported with TensorFlow's logging already quiet)
from bilstm_dropout.dropout.placements import resolve


def made_up(kind="series", rows=5, steps=6, features=4, classes=3, words=9, seed=0, validation=False):
    """A random data set: lengths from 1 to steps, zeros after the end."""
    generator = np.random.default_rng(seed)

    def split(name, count=rows):
        lengths = generator.integers(1, steps + 1, count).astype(np.int32)
        lengths[0] = steps
        real = np.arange(steps)[None] < lengths[:, None]
        if kind == "series":
            inputs = np.where(real[..., None], generator.normal(size=(count, steps, features)), 0).astype(np.float32)
        else:
            inputs = np.where(real, generator.integers(1, words, (count, steps)), 0).astype(np.int32)
        labels = np.arange(count, dtype=np.int32) % classes
        return Split(inputs, lengths, labels, tuple(f"{name}-{row}" for row in range(count)))

    return Dataset(
        name="made-up",
        kind=kind,
        train=split("train"),
        validation=split("validation") if validation else None,
        test=split("test"),
        classes=tuple("abc"[:classes]),
        features=features if kind == "series" else 0,
        vocabulary=words if kind == "tokens" else 0,
        token_names=tuple(f"word {number}" for number in range(words)) if kind == "tokens" else (),
    )


def network(name, dataset=None, units=5, seed=3, **options):
    """A classifier for a placement, with random weights (biases too), and a data set that it applies to."""
    placement = resolve(name)
    layers = 2 if "second layer" in placement.needs else 1
    dataset = dataset or made_up("tokens" if "embedding" in placement.needs else "series")
    model = build_classifier(placement, dataset, units, layers=layers, embedding_dim=4, **options)
    generator = np.random.default_rng(seed)
    model.set_weights([generator.normal(scale=0.5, size=w.shape) for w in model.get_weights()])
    return model, dataset


def draw(model, dataset, rate=0.4, seed=(1, 2), rows=None):
    """Masks for the first rows of the training split, as nested dictionaries of NumPy arrays."""
    split = dataset.train
    features = dataset.features or 4
    masks = model.draw(rate, list(seed), rows or len(split.labels), split.inputs.shape[1], features)
    return {place: {key: np.asarray(mask) for key, mask in each.items()} for place, each in masks.items()}

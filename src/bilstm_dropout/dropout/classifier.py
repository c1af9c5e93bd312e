"""The study's classifier: embedding (for tokens) → one or two BiLSTM layers → dense head, with masks as an argument."""

from __future__ import annotations

from zlib import crc32

import keras
import numpy as np
from keras import ops

from ..errors import UserError
from .lstm import DropoutLSTM, forget_bias
from .masks import Sizes, check_keys, draw_masks, expected_masks
from .shapes import embedding_terms, layer_terms
from .terms import Placement


class Classifier(keras.Model):
    """Sequences to class logits.

    placement: where masks sit; masks themselves are handed to `call`. classes: number of classes. units: units a
    direction. layers: 1 or 2 recurrent layers. vocabulary, embedding_dim: for token sequences; 0 for real-valued ones.
    """

    def __init__(
        self, placement: Placement, classes, units, layers=1, vocabulary=0, embedding_dim=0, bidirectional=True
    ):
        super().__init__()
        if not placement.applies(bool(vocabulary), layers):
            raise UserError(
                f"{placement.name} needs {' and '.join(sorted(placement.needs))}, which this network lacks."
            )
        self.placement, self.units, self.vocabulary = placement, units, vocabulary
        self.embedding = keras.layers.Embedding(vocabulary, embedding_dim) if vocabulary else None
        self.recurrent = [
            DropoutLSTM(
                units,
                return_sequences=index < layers - 1,
                bidirectional=bidirectional,
                input_gradient=bool(index or vocabulary),  # the first layer of real-valued data needs none
                zero_output_for_mask=True,
            )
            for index in range(layers)
        ]
        self.head = keras.layers.Dense(classes)

    def call(self, inputs, lengths, masks=None, rate=0.0):
        """Logits (B, classes).

        inputs: (B, T) word numbers or (B, T, F) numbers. lengths: (B,), real steps, or None where all T are real.
        masks: what draw gives, for a training pass. Without masks the pass is an inference, with the expectation that
        the placement states for rate.
        """
        return self.head(self.read(inputs, lengths, masks, rate))

    def read(self, inputs, lengths, masks=None, rate=0.0):
        """What the head reads of a batch, (B, directions x units). Parameters as `call` has them."""
        if masks is None:
            masks = self.expected(rate)
        check_keys(masks, ["embedding", *(f"layer {index}" for index in range(len(self.recurrent)))], "the classifier")
        padding = None if lengths is None else ops.arange(inputs.shape[1])[None, :] < lengths[:, None]
        x = inputs
        if self.embedding is not None:
            x = self.embedding(inputs)
            check_keys(masks["embedding"], ["embedding"], "the embedding")
            if "embedding" in masks["embedding"]:
                x = x * _of_words(masks["embedding"]["embedding"], inputs)
        for index, layer in enumerate(self.recurrent):
            x = layer(x, masks=masks[f"layer {index}"], sequences_mask=padding)
        return x

    def draw(self, rate, seed, batch: int, steps: int, features: int) -> dict:
        """All masks of one training pass, by a pure function of the arguments. seed: integers (2,)."""
        masks = {}
        sizes = Sizes(batch, steps, features, self.units, self.vocabulary, self.recurrent[0].directions)
        masks["embedding"] = draw_masks(embedding_terms(self.placement), rate, sizes, seed)
        for index, layer in enumerate(self.recurrent):
            terms = layer_terms(self.placement, index, len(self.recurrent))
            width = features if index == 0 else layer.directions * self.units
            sizes = Sizes(batch, steps, width, self.units, self.vocabulary, layer.directions)
            masks[f"layer {index}"] = draw_masks(terms, rate, sizes, seed, label=str(index))
        return masks

    def expected(self, rate) -> dict:
        """What stands for the masks in inference."""
        masks = {"embedding": expected_masks(embedding_terms(self.placement), rate)}
        for index in range(len(self.recurrent)):
            masks[f"layer {index}"] = expected_masks(layer_terms(self.placement, index, len(self.recurrent)), rate)
        return masks


def _of_words(mask, inputs):
    """The embedding's mask (B|1, V|1) as the words read it, (B|1, T|1, 1): a shared type serves them all."""
    of_words = mask if mask.shape[1] == 1 else ops.take_along_axis(mask, inputs, axis=1)
    return of_words[..., None]


def build_classifier(
    placement: Placement, dataset, units: int, layers=1, embedding_dim=32, bidirectional=True
) -> Classifier:
    """A built Classifier for a dataset (its classes, features or vocabulary)."""
    model = Classifier(
        placement,
        len(dataset.classes),
        units,
        layers,
        dataset.vocabulary,
        embedding_dim if dataset.vocabulary else 0,
        bidirectional,
    )
    model(ops.convert_to_tensor(dataset.train.inputs[:1]), ops.convert_to_tensor(dataset.train.lengths[:1]))
    return model


def initial_weights(model: Classifier, seed: int) -> list[np.ndarray]:
    """Initial values of model.trainable_variables, in order: a pure function of the seed and the shapes.

    A weight's values depend on its name and the seed alone, so that one seed starts every placement alike.
    """
    values = []
    for index, variable in enumerate(model.trainable_variables):
        number = crc32(f"{seed}/{index}/{variable.name}".encode())
        if variable.name.endswith("recurrent_kernel"):
            initializer = keras.initializers.Orthogonal(seed=number)
        elif variable.name.endswith("kernel"):
            initializer = keras.initializers.GlorotUniform(seed=number)
        elif variable.name.endswith("embeddings"):
            initializer = keras.initializers.RandomUniform(-0.05, 0.05, seed=number)
        elif variable.name.endswith(("forward_bias", "backward_bias")):
            initializer = forget_bias
        else:
            initializer = keras.initializers.Zeros()
        values.append(ops.convert_to_numpy(initializer(variable.shape, dtype="float32")))
    return values

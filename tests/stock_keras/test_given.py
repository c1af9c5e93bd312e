"""Stock Keras under the masks that this package draws: the same logits and gradients, or one sentence why not."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.networks import draw, network

from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.errors import UserError
from bilstm_dropout.stock_keras import given

# What Keras' own layers cannot be handed: no argument, no layer and no cached mask is there for it.
REFUSED = {
    "recurrent-stepwise", "candidate", "gates", "cell", "cell-stepwise", "zoneout", "weights",
    "embedding-and-arguments",
}  # fmt: skip


def stock(model, dataset):
    """The same network of Keras' own layers, with the same weights."""
    inputs = keras.Input(dataset.train.inputs.shape[1:], dtype=dataset.train.inputs.dtype.name)
    real = keras.Input(dataset.train.inputs.shape[1:2], dtype="bool")
    x = keras.layers.Embedding(dataset.vocabulary, 4)(inputs) if dataset.vocabulary else inputs
    for number, own in enumerate(model.recurrent, start=1):
        lstm = keras.layers.LSTM(own.units, return_sequences=number < len(model.recurrent))
        x = (keras.layers.Bidirectional(lstm) if own.bidirectional else lstm)(x, mask=real)
    found = keras.Model([inputs, real], keras.layers.Dense(len(dataset.classes))(x))
    found.set_weights(model.get_weights())
    return found


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("name", [*TABLE, "input+recurrent", "input-words+output", "recurrent:feature"])
def test_keras_gives_the_same_under_the_same_masks_or_says_why_not(name, bidirectional):
    model, dataset = network(name, bidirectional=bidirectional)
    split, masks = dataset.train, draw(model, dataset)
    why = given.why_not(masks)
    assert bool(why) == (name in REFUSED) and why.count(".") == bool(why)
    real = np.arange(split.inputs.shape[1]) < split.lengths[:, None]
    other = stock(model, dataset)
    bare = np.asarray(model(split.inputs, split.lengths))
    assert np.asarray(other([split.inputs, real])) == pytest.approx(bare, abs=1e-6)
    if why:
        with pytest.raises(UserError, match=why[:20]):
            given.logits(other, split.inputs, real, masks)
        return
    found = []
    for weights, forward in (
        (model.trainable_variables, lambda: model(split.inputs, split.lengths, masks=masks)),
        (other.trainable_variables, lambda: given.logits(other, split.inputs, real, masks)),
    ):
        with tf.GradientTape() as tape:
            logits = forward()
            total = tf.reduce_sum(logits**2)
        found.append([logits, *map(tf.convert_to_tensor, tape.gradient(total, weights))])
    for ours, theirs in zip(*found, strict=True):
        assert np.asarray(theirs) == pytest.approx(np.asarray(ours), rel=1e-4, abs=1e-5)
    # The layers are themselves again.
    assert np.asarray(other([split.inputs, real], training=True)) == pytest.approx(bare, abs=1e-6)

"""Other versions of Keras' behaviour, put in place of the installed one."""

from __future__ import annotations

import keras
from keras.src import backend
from keras.src.layers.rnn.dropout_rnn_cell import DropoutRNNCell
from keras.src.layers.rnn.lstm import LSTMCell
from keras.src.layers.rnn.rnn import RNN

_draw = backend.random.dropout


def _tied(self, x, rate):
    masks = _masks(self, x, rate)
    return [masks[0]] * len(masks) if isinstance(masks, list) else masks


def _first_row(self, x, rate):
    masks = _masks(self, x, rate)
    share = lambda mask: keras.ops.broadcast_to(mask[:1], mask.shape)  # noqa: E731
    return [share(mask) for mask in masks] if isinstance(masks, list) else share(masks)


def _one_feature(self, x, rate):
    masks = _masks(self, x, rate)
    share = lambda mask: keras.ops.broadcast_to(mask[:, :1], mask.shape)  # noqa: E731
    return [share(mask) for mask in masks] if isinstance(masks, list) else share(masks)


def _drawn_each_step(self, x):
    return self._create_dropout_mask(x, self.dropout) if self.dropout else None


_call, _masks = LSTMCell.call, DropoutRNNCell._create_dropout_mask


def _rate_of_dropout(self, h):
    if getattr(self, "_recurrent_dropout_mask", None) is None:
        self._recurrent_dropout_mask = self._create_dropout_mask(h, self.dropout)
    return self._recurrent_dropout_mask


def _masked_state(self, x, states, training=False):
    h, (_, c) = _call(self, x, states, training=training)
    return h, [h, c * 2 if training else c]


def _reads_the_cell(self, x, states, training=False):
    return _call(self, x, [states[1], states[1]], training=training)


def _masked_output(self, x, states, training=False):
    h, states = _call(self, x, states, training=training)
    return (_draw(h, 0.5, seed=3), states) if training else (h, states)


def _config_with(name, value=None):
    def get_config(self, original=keras.layers.LSTM.get_config):
        config = {**original(self), name: getattr(self.cell, name) if value is None else value}
        return {key: each for key, each in config.items() if each != "left out"}

    return get_config


class _OneSeed(keras.random.SeedGenerator):
    def __init__(self, seed=None, **others):
        super().__init__(seed=1, **others)


def _broken(self, x, states, training=False):
    raise RuntimeError("it is broken")


OTHERS = {
    "gates share": (DropoutRNNCell, "_create_dropout_mask", _tied, "lstm.both.dropout", {"gates_share": True}),
    "samples share": (DropoutRNNCell, "_create_dropout_mask", _first_row, "gru.dropout", {"samples_share": True}),
    "features share": (DropoutRNNCell, "_create_dropout_mask", _one_feature, "lstm.dropout", {"features_share": True}),
    "a mask each step": (DropoutRNNCell, "get_dropout_mask", _drawn_each_step, "gru.dropout", {"steps_share": False}),
    "masks kept for the next call": (
        DropoutRNNCell, "reset_dropout_mask", lambda self: None, "lstm.both.dropout", {"calls_share": True}),
    "unscaled": (
        backend.random, "dropout", lambda x, rate, **others: _draw(x, rate, **others) * (1 - rate),
        "lstm.recurrent_dropout", {"scaling": "1"}),
    "another rate": (
        backend.random, "dropout", lambda x, rate, *others, **more: _draw(x, 0.9, *others, **more),
        "spatial_dropout_1d", {"rate": "another: 0.9", "scaling": "another"}),
    "the rate of dropout": (
        DropoutRNNCell, "get_recurrent_dropout_mask", _rate_of_dropout, "lstm.both.recurrent_dropout",
        {"rate": "dropout"}),
    "no recurrent dropout": (
        DropoutRNNCell, "get_recurrent_dropout_mask", _rate_of_dropout, "lstm.recurrent_dropout",
        {"rate": "nothing dropped"}),
    "the cell is masked": (LSTMCell, "call", _masked_state, "lstm.recurrent_dropout", {"state_masked": True}),
    "the cell is read": (
        LSTMCell, "call", _reads_the_cell, "lstm.recurrent_dropout", {"reads": "1.31 times the hidden output"}),
    "masks behind the gates": (LSTMCell, "call", _masked_output, "lstm.both.dropout", {"before_kernel": False}),
    "inference draws": (
        LSTMCell, "call", lambda self, x, states, training=False: _call(self, x, states, training=True),
        "lstm.both.dropout", {"inference_silent": False}),
    "inference leaves the generator alone": (
        RNN, "_maybe_config_dropout_masks", lambda self, *others: None, "gru.both.dropout",
        {"inference_moves_generator": False}),
    "Dropout moves it": (
        keras.layers.Dropout, "call",
        lambda self, x, training=False: (_draw(x, 0.5, seed=self.seed_generator), x)[0 if training else 1],
        "dropout", {"inference_moves_generator": True}),
    "Dropout in inference": (
        keras.layers.Dropout, "call", lambda self, x, training=False: _draw(x, 0.5, seed=self.seed_generator),
        "dropout.noise_1_t_1", {"inference_silent": False, "samples_share": False, "features_share": False}),
    "implementation is kept": (
        keras.layers.LSTM, "get_config", _config_with("implementation"), "lstm.implementation", {"in_config": True}),
    "Bidirectional keeps it": (
        keras.layers.LSTM, "get_config", _config_with("implementation"), "lstm.implementation_1_in_bidirectional",
        {"gates_share": False}),
    "loading keeps it": (
        keras.layers.LSTM, "get_config", _config_with("implementation"), "lstm.implementation_1_saved_and_loaded",
        {"gates_share": False}),
    "seeds are not copied": (
        keras.layers.LSTM, "get_config", _config_with("seed", "left out"), "bidirectional.seeded.lstm.dropout",
        {"directions_share": False}),
    "Dropout loses the padding mask": (
        keras.layers.Dropout, "compute_mask", lambda self, x, mask=None: None, "padding.dropout",
        {"passed_on": False}),
    "it crashes": (
        LSTMCell, "call", _broken, "lstm.both.recurrent_dropout",
        {"gates_share": "crashes: RuntimeError", "rate": "crashes: RuntimeError"}),
}  # fmt: skip

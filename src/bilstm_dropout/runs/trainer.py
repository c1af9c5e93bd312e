"""Training: whole stretches of batches in one compiled TensorFlow call, for many rates and seeds without a recompile.

Masks are drawn outside the compiled program, by the same pure function that anyone can call, and handed in as data:
XLA's random numbers on the CPU cost several times the recurrence itself. Rates, seeds and the learning rate are
tensors, initial weights are assigned, and masks are filled up to a form (dropout.forms), so one program a (data set,
network, form) serves every run of the placements that have this form.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from keras import tree

from ..dropout.classifier import build_classifier, initial_weights
from ..dropout.masks import seed_of
from ..dropout.placements import resolve
from . import monte_carlo
from .adam import Adam
from .blocks import Blocks, in_blocks
from .config import RunConfig, network
from .drawing import Drawing
from .schedules import multiplier

FILLER_SHARE = 0.02  # of an epoch's rows, above which it pays to leave filler rows out
MASK_BYTES = 64 * 2**20  # masks drawn ahead for one compiled call take at most about this much


@dataclass
class Outcome:
    """What one run gives: probabilities (N, C) by name ('test_last', …), learning curves, and their epochs."""

    probabilities: dict[str, np.ndarray]
    curves: list[dict]
    best_epoch: float | None
    last_epoch: float
    diverged: bool
    seconds: float


class Trainer:
    """A network for one data set, trained from scratch for each configuration.

    It compiles a program for each form of masks that it meets, and one for each form of what stands for masks in
    inference. Of a data set with `room`, such as the reader's own, the same programs serve every fold: see `take`.
    """

    def __init__(self, dataset, config: RunConfig):
        self.network = network(config)
        self.model = build_classifier(
            resolve("none"), dataset, config.units, config.layers, config.embedding_dim, config.bidirectional
        )
        self.variables = self.model.trainable_variables
        self.optimizer = Adam(1e-3, weight_decay=config.weight_decay or None)
        self.optimizer.build(self.variables)
        # Sequences that all have one length have no padding to look for, which makes a smaller program.
        splits = dataset.splits().values()
        longest = max(split.inputs.shape[1] for split in splits)
        self.padded = bool(dataset.room) or any((split.lengths < longest).any() for split in splits)
        self.labels = tf.Variable(np.zeros(dataset.room or len(dataset.train), np.int32), trainable=False)
        self.batch_size, self.train_rows = config.batch_size, config.train_rows
        self.features = config.embedding_dim if dataset.vocabulary else dataset.features
        self.shape = dict(batch=config.batch_size, steps=dataset.train.inputs.shape[1], features=self.features)
        self.take(dataset)
        # Filler rows of the last batch end at once, so that the recurrence leaves them out with whatever else has
        # ended. Where they are few that saves nothing, and without it records made before repeat to the last bit.
        self.filler_ends = bool(dataset.room) or -self.rows % config.batch_size > FILLER_SHARE * self.rows
        self.stretch = math.ceil(self.batches / config.evaluations_per_epoch)
        self._compiled: dict[tuple, Callable] = {}
        self._place(config.placement)

    def take(self, dataset) -> None:
        """Train on these data from now on, with the program that there is. ValueError where it does not fit them.

        dataset: of the same name, vocabulary, steps and room as the one before; which rows are for training, validation
        and test may differ.
        """
        rows = dataset.room or len(dataset.train)
        if rows != self.labels.shape[0] or dataset.train.inputs.shape[1] != self.shape["steps"]:
            raise ValueError("this trainer was compiled for data of another size")
        self.dataset = dataset
        spare = rows - len(dataset.train)  # rows that no batch names
        inputs = np.pad(dataset.train.inputs, [(0, spare)] + [(0, 0)] * (dataset.train.inputs.ndim - 1))
        self.inputs = tf.constant(inputs)
        self.lengths = tf.constant(np.pad(dataset.train.lengths, (0, spare), constant_values=1))
        self._label(dataset.train.labels)
        self.rows = self.train_rows or len(dataset.train)
        self.batches = math.ceil(self.rows / self.batch_size)
        self.splits = {"test": self._blocks(dataset.test)}
        if dataset.validation is not None:
            self.splits["validation"] = self._blocks(dataset.validation)
        self.training = None  # the training part in the same form, made for the first run that watches it

    def _label(self, labels) -> None:
        self.labels.assign(np.pad(labels, (0, self.labels.shape[0] - len(labels))))

    def _blocks(self, split) -> Blocks:
        """A split for evaluation; those of validation and test take equally many steps, so they share a program."""
        evaluated = (split, self.dataset.validation, self.dataset.test)
        return in_blocks(split, max(each.inputs.shape[1] for each in evaluated if each is not None))

    def _place(self, placement: str) -> None:
        """Train with this placement's masks from now on."""
        if self._compiled and placement == self.model.placement.name:
            return
        self.model.placement = resolve(placement)
        self.drawing = Drawing(self.model, self.shape)
        drawn = self.drawing(0.5, [0, 0])
        self.masks = tree.map_structure(lambda mask: tf.TensorSpec(mask.shape, mask.dtype), drawn)
        size = 4 * sum(math.prod(mask.shape) for mask in tree.flatten(drawn))
        self.ahead = max(1, min(self.stretch, MASK_BYTES // max(size, 1)))  # batches a compiled call trains

    def program(self, function: Callable, of: object, jit_compile: bool = True) -> Callable:
        """A method as TensorFlow compiles it, once for each `of`."""
        return self._compiled.setdefault(
            (function.__name__, str(of)), tf.function(function, jit_compile=jit_compile)
        )

    def _draw(self, rates, seed, first):
        """Masks for self.ahead batches, each with a leading batch-number axis; a batch's seed is (seed, its number).

        rates: (ahead,), one a batch.
        """
        if not tree.flatten(self.masks):
            return self.masks
        # A loop, because tracing every batch's draws one by one takes longer than the draws.
        return tf.map_fn(
            lambda k: self.drawing(rates[k], tf.stack([seed, first + k])),
            tf.range(self.ahead),
            fn_output_signature=self.masks,
            parallel_iterations=1,  # one thread: side by side they only wait for each other
        )

    def _train(self, data, order, weights, masks, count):
        """Train on `count` batches: order (ahead, B) row numbers, weights (ahead, B) with 0 for filler rows.

        data: inputs and lengths of all training rows, an argument so that the program serves others.
        """
        all_inputs, all_lengths = data

        def batch(number, total):
            rows, weight = order[number], weights[number]
            with tf.GradientTape() as tape:
                lengths = tf.gather(all_lengths, rows) if self.padded else None
                if self.padded and self.filler_ends:
                    lengths = tf.where(weight > 0, lengths, 1)
                logits = self.model(
                    tf.gather(all_inputs, rows),
                    lengths,
                    masks=tree.map_structure(lambda mask: mask[number], masks),
                )
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.gather(self.labels, rows), logits)
                if smoothing := self.network.label_smoothing:
                    spread = -tf.reduce_mean(tf.nn.log_softmax(logits), axis=-1)
                    losses = (1 - smoothing) * losses + smoothing * spread
                loss = tf.reduce_sum(losses * weight) / tf.reduce_sum(weight)
            # As TensorFlow gives them, like stock Keras. The embedding's holds a row for each occurrence of a word, and
            # Keras' Adam adds up their squares, so making it dense first would change results.
            self.optimizer.apply(tape.gradient(loss, self.variables), self.variables)
            return number + 1, total + loss * tf.reduce_sum(weight)

        return tf.while_loop(lambda number, _: number < count, batch, (tf.constant(0), tf.constant(0.0)))[1]

    def _predict(self, inputs, lengths, expected):
        return tf.nn.softmax(self.model(inputs, lengths if self.padded else None, masks=expected))

    def probabilities(self, split: str, rate: float) -> np.ndarray:
        """Inference on a split: (N, C), with the expectation that the placement states for the rate."""
        return self._inference(self.splits[split], rate)

    def _inference(self, split: Blocks, rate: float) -> np.ndarray:
        expected = self.model.expected(rate)
        return self.masked(split, lambda *_: expected)

    def masked(self, split: Blocks, masks: Callable[[int, tuple[int, ...]], dict]) -> np.ndarray:
        """Probabilities (N, C) of a split, such as self.splits['test'], in its own order, with these masks.

        masks: from a block's number and the shape of its inputs to the masks of its rows, or what stands for them.
        """
        found = []
        for number, (inputs, lengths) in enumerate(zip(split.inputs, split.lengths, strict=True)):
            own = masks(number, inputs.shape)
            predict = self.program(self._predict, tree.map_structure(lambda mask: mask.shape, own))
            found.append(predict(inputs, lengths, own))
        return split.in_own_order(np.concatenate(found))

    def run(self, config: RunConfig) -> Outcome:
        """Train one configuration from scratch. Divergence ends the run and is recorded, not raised."""
        if network(config) != self.network:
            raise ValueError("this trainer was made for another data set or network")
        start = time.perf_counter()
        self._reset(config)
        chosen = np.arange(self.rows)
        if config.train_rows:
            chosen = self.dataset.subset_rows(config.train_rows, config.seed)
        shuffle = np.random.default_rng([config.seed, 1])  # 1: the stream of batch orders, 2: that of permuted labels
        labels = self.dataset.train.labels
        if config.permuted_labels:
            labels = np.random.default_rng([config.seed, 2]).permutation(labels)
        self._label(labels)
        watched = "validation" if "validation" in self.splits else "test"
        watched_labels = getattr(self.dataset, watched).labels
        # Where an epoch has fewer batches than evaluations, every batch is followed by one.
        edges = np.unique(np.linspace(0, self.batches, config.evaluations_per_epoch + 1).round().astype(int))
        curves, best, best_nll, step, diverged = [], None, math.inf, 0, False
        for _ in range(config.epochs):
            order, weights = self._order(shuffle, chosen, config.batch_size)
            for first, last in itertools.pairwise(edges):
                loss = self._stretch(config, order[first:last], weights[first:last], step)
                step += last - first
                rate = self._rate(config, step)
                watched_nll, watched_accuracy = self._watch(watched, watched_labels, rate)
                epoch = round(step / self.batches, 4)
                curves.append(
                    dict(epoch=epoch, train_nll=loss, watch_nll=watched_nll, watch_accuracy=watched_accuracy)
                )
                if config.watch_training and last == self.batches:
                    curves[-1]["unmasked_train_nll"] = self._unmasked(chosen, labels, rate)
                diverged = not (math.isfinite(loss) and math.isfinite(watched_nll))
                if diverged:
                    break
                if watched == "validation" and watched_nll < best_nll:
                    best_nll = watched_nll
                    best = (curves[-1]["epoch"], rate, [variable.numpy() for variable in self.variables])
            if diverged:
                break
        probabilities = {f"{split}_last": self.probabilities(split, rate) for split in self.splits}
        if config.passes:
            probabilities |= monte_carlo.at_the_end(self, config, rate, probabilities)
        if best is not None:
            for variable, value in zip(self.variables, best[2], strict=True):
                variable.assign(value)
            probabilities |= {f"{split}_best": self.probabilities(split, best[1]) for split in self.splits}
            if config.passes:
                probabilities |= monte_carlo.at_the_chosen(self, config, best[1], probabilities)
        return Outcome(
            probabilities, curves, best[0] if best else None, curves[-1]["epoch"], diverged, time.perf_counter() - start
        )

    def _rate(self, config, step) -> np.ndarray:
        """The drop rate at a batch number (or an array of them) of a run, float32."""
        return np.float32(config.rate * multiplier(config.schedule, step / (config.epochs * self.batches)))

    def _reset(self, config):
        self._place(config.placement)
        for variable, value in zip(self.variables, initial_weights(self.model, config.seed), strict=True):
            variable.assign(value)
        for variable in self.optimizer.variables:
            variable.assign(tf.zeros_like(variable))
        self.optimizer.learning_rate = config.learning_rate

    def train_only(self, config: RunConfig) -> np.ndarray:
        """Train without watching, then one pass over the test part: what the benchmark times."""
        self._reset(config)
        shuffle = np.random.default_rng([config.seed, 1])
        for epoch in range(config.epochs):
            order, weights = self._order(shuffle, np.arange(self.rows), config.batch_size)
            self._stretch(config, order, weights, epoch * self.batches)
        return self.probabilities("test", config.rate)

    def _order(self, shuffle, chosen, batch_size):
        """One epoch's batches (batches, B): a permutation of the rows, and weights that leave out the filler."""
        filler = -len(chosen) % batch_size
        order = np.concatenate([shuffle.permutation(chosen), np.zeros(filler, int)]).reshape(-1, batch_size)
        weights = np.concatenate([np.ones(len(chosen)), np.zeros(filler)]).reshape(-1, batch_size)
        return order.astype(np.int32), weights.astype(np.float32)

    def _stretch(self, config, order, weights, step) -> float:
        """Train on some batches and give the mean training loss over their rows, in nats."""
        total = 0.0
        draw = self.program(self._draw, self.model.placement, jit_compile=False)
        train = self.program(self._train, self.masks)
        for first in range(0, len(order), self.ahead):
            count = min(self.ahead, len(order) - first)
            pad = [(0, self.ahead - count), (0, 0)]
            masks = draw(
                tf.constant(self._rate(config, np.arange(step + first, step + first + self.ahead))),
                tf.constant(seed_of(config.seed, config.dropout_stream)),
                tf.constant(step + first, tf.int32),
            )
            part = slice(first, first + count)
            total += train(
                (self.inputs, self.lengths),
                tf.constant(np.pad(order[part], pad)),
                tf.constant(np.pad(weights[part], pad)),
                masks,
                tf.constant(count),
            )
        return float(total) / float(weights.sum())

    def _watch(self, split, labels, rate) -> tuple[float, float]:
        p = self.probabilities(split, rate)
        return _nll(p, labels), float(np.mean(p.argmax(1) == labels))

    def _unmasked(self, chosen, labels, rate) -> float:
        """Mean NLL, nats, of the training rows of these numbers by inference, so without masks. labels: of all rows."""
        if self.training is None:
            self.training = self._blocks(self.dataset.train)
        return _nll(self._inference(self.training, rate)[chosen], labels[chosen])


def _nll(p, labels) -> float:
    right = p[np.arange(len(labels)), labels]
    return float(-np.mean(np.log(np.maximum(right, 1e-12))))

"""Training steps by themselves, timed: the study's compiled program without drawing weights and without evaluating."""

from __future__ import annotations

import time

import numpy as np

from .config import RunConfig
from .trainer import Trainer


class TimedTrainer(Trainer):
    """A Trainer that says what its training steps take. Its first stretch compiles, so let one pass uncounted."""

    def start(self, config: RunConfig) -> None:
        """Set the weights that the configuration's seed gives, as every run begins."""
        self._reset(config)

    def seconds(self, config: RunConfig) -> float:
        """Seconds of a training step, masks drawn for it included: config.epochs epochs in one block, and their mean.

        Processor time of this process, not time on the clock, which counts what other processes do meanwhile. On one
        thread, as the study trains, both agree where nothing else runs.
        """
        shuffle = np.random.default_rng([config.seed, 1])
        orders = [self._order(shuffle, np.arange(self.rows), config.batch_size) for _ in range(config.epochs)]
        start = time.process_time()
        for epoch, (order, weights) in enumerate(orders):
            self._stretch(config, order, weights, epoch * self.batches)
        return (time.process_time() - start) / (config.epochs * self.batches)

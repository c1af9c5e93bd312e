"""The optimizer that the study trains with: Keras' Adam, quicker where an embedding has a large table."""

from __future__ import annotations

import keras
import tensorflow as tf


class Adam(keras.optimizers.Adam):
    """Keras' Adam, which adds an embedding's gradient to its moments by rows instead of making it dense first.

    A word that occurs twice has two rows, and as in Keras' the second moment adds up their squares one by one. The
    moments of all other rows decay, as in Keras' too; only two passes over the whole table are saved.
    """

    def update_step(self, gradient, variable, learning_rate):
        """As keras.optimizers.Adam: m and v move towards the gradient and its square, and the variable along m/√v."""
        if not isinstance(gradient, tf.IndexedSlices):
            return super().update_step(gradient, variable, learning_rate)
        place, step = self._get_variable_index(variable), tf.cast(self.iterations + 1, variable.dtype)
        rows, values = gradient.indices[:, None], gradient.values
        moments = []
        for moment, beta, toward in (
            (self._momentums[place], self.beta_1, values),
            (self._velocities[place], self.beta_2, tf.square(values)),
        ):
            decayed = moment.value * beta
            moments.append(tf.tensor_scatter_nd_add(decayed, rows, toward * (1 - beta)))
            self.assign(moment, moments[-1])
        size = learning_rate * tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        self.assign_sub(variable, size * moments[0] / (tf.sqrt(moments[1]) + self.epsilon))

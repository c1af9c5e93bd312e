"""Traps: what surprises in stock layers and tools, each with the shortest code that shows it.

Every code is run when the book is built; what it prints is on the page. None imports this project, so that each can be
sent to the makers of the library as it stands.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import tempfile
from dataclasses import dataclass, field

from ..loading import hush


@dataclass(frozen=True)
class Trap:
    """One trap.

    name: stable. statement: one sentence. code: Python that prints what shows it. shows: a regular expression that
    must be found in what it prints. way_round: what to do instead. facts: the probe's facts that the trap rests on,
    with the values that make it one. versions: what is known of other versions beyond what was probed. effect: pairs
    of placements whose difference is what the trap costs, if that can be measured.
    """

    name: str
    statement: str
    code: str
    shows: str
    way_round: str
    facts: dict[str, object] = field(default_factory=dict)
    versions: str = ""
    effect: tuple[tuple[str, str], ...] = ()


_ONES = """import keras
import numpy as np

keras.utils.set_random_seed(1)
ones = np.ones((2000, 1, 1), "float32")  # one step, one feature: outputs differ by their masks alone
"""

TRAPS: tuple[Trap, ...] = (
    Trap(
        "recurrent_dropout changes dropout",
        "Turning `recurrent_dropout` on changes what `dropout` draws, from one input mask for all gates to one a gate.",
        _ONES + '''for recurrent_dropout in (0.0, 0.1):
    layer = keras.layers.LSTM(1, dropout=0.5, recurrent_dropout=recurrent_dropout)
    outputs = np.asarray(layer(ones, training=True)).round(5)
    print(f"recurrent_dropout={recurrent_dropout}: {len(np.unique(outputs))} different outputs")
''',
        r"=0\.0: 2 different outputs\n.*=0\.1: 5 different outputs",
        "Compare layers whose masks do not depend on each other: this project's `DropoutLSTM` with `lstm-dropout` or "
        "`lstm-dropout-gates`. With stock Keras, use `SpatialDropout1D` before the layer in both models.",
        {"lstm.dropout.gates_share": True, "lstm.both.dropout.gates_share": False},
        "tf.keras 2.x changes more: without `recurrent_dropout` it draws a new mask at every step.",
        (("lstm-dropout", "lstm-dropout-gates"),),
    ),
    Trap(
        "a seed ties the two directions",
        "With an integer `seed`, both directions of a `Bidirectional` layer draw the same masks; without one, each its "
        "own.",
        _ONES + '''def pairs(**arguments):
    layer = keras.layers.Bidirectional(**arguments)
    return len(np.unique(np.asarray(layer(ones, training=True)).round(5), axis=0))

forward = keras.layers.LSTM(1, dropout=0.5, seed=1)
backward = keras.layers.LSTM(1, dropout=0.5, seed=2, go_backwards=True)
print("without a seed:", pairs(layer=keras.layers.LSTM(1, dropout=0.5)), "different pairs of outputs")
print("with a seed:", pairs(layer=forward), "different pairs of outputs")
print("with two seeds:", pairs(layer=forward, backward_layer=backward), "different pairs of outputs")
''',
        r"without a seed: 4 .*\nwith a seed: 2 .*\nwith two seeds: 4 ",
        "Leave `seed` unset and call `keras.utils.set_random_seed`, or give a `backward_layer` with a seed of its own.",
        {"bidirectional.seeded.lstm.dropout.directions_share": True,
         "bidirectional.seeded.lstm.recurrent_dropout.directions_share": True,
         "bidirectional.unseeded.lstm.dropout.directions_share": False},
        effect=(("lstm-dropout", "input-spatial"), ("recurrent", "recurrent:sample,gate,feature")),
    ),
    Trap(
        "implementation is forgotten",
        "`implementation` is not in `get_config`, so `Bidirectional`, `from_config` and saving reset it to 2, and the "
        "masks change.",
        _ONES + '''def outputs(layer):
    return len(np.unique(np.asarray(layer(ones, training=True))[:, 0].round(5)))

layer = keras.layers.LSTM(1, dropout=0.5, implementation=1, use_cudnn=False)
copy = keras.layers.LSTM.from_config(layer.get_config())
print("as made:", outputs(layer), "different outputs")
print("from its configuration:", outputs(copy), "different outputs")
print("in Bidirectional:", outputs(keras.layers.Bidirectional(layer)), "different outputs")
''',
        r"as made: 5 .*\nfrom its configuration: 2 .*\nin Bidirectional: 2 ",
        "Do not choose masks by `implementation`. `DropoutLSTM` has its placement in its configuration. In stock Keras "
        "3.8 and later, a `recurrent_dropout` so small that it drops nothing (1e-9) asks for an input mask a gate.",
        {"lstm.implementation.in_config": False, "lstm.implementation_1_without_cudnn.gates_share": False,
         "lstm.implementation_1_in_bidirectional.gates_share": True,
         "lstm.implementation_1_saved_and_loaded.gates_share": True},
        "Up to 3.7 it is forgotten as well, but there both implementations draw the same masks.",
    ),
    Trap(
        "implementation=1 crashes",
        "`LSTM(dropout=…, implementation=1)` without `recurrent_dropout` fails in training.",
        '''import keras
import numpy as np

ones = np.ones((2, 3, 5), "float32")
for use_cudnn in ("auto", False):
    layer = keras.layers.LSTM(4, dropout=0.5, implementation=1, use_cudnn=use_cudnn)
    try:
        print(f"use_cudnn={use_cudnn}: output of shape", tuple(layer(ones, training=True).shape))
    except Exception as error:
        print(f"use_cudnn={use_cudnn}: {type(error).__name__}")
''',
        r"=auto: \w+Error\n.*=False: output of shape \(2, 4\)",
        "Give `use_cudnn=False`.",
        {"lstm.implementation_1.gates_share": "crashes: InvalidArgumentError"},
        "Seen on the CPU. From the source: the line that fails comes before a kernel is chosen.",
    ),
    Trap(
        "validation changes training",
        "A recurrent layer with dropout draws masks in inference too and throws them away, so `validation_data` and "
        "`evaluate` change the masks, and so the weights, of the training that follows.",
        '''import keras
import numpy as np

rows = np.random.default_rng(0).normal(size=(8, 3, 2)).astype("float32")
labels = rows[:, :1, 0]

def train(*layers, **arguments):
    model = keras.Sequential([keras.Input((3, 2)), *layers, keras.layers.Dense(1, "tanh", kernel_initializer="ones")])
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(rows, labels, epochs=3, shuffle=False, verbose=0, **arguments)
    return model.get_weights()[-1]

def same(*make):
    with_data = train(*(each() for each in make), validation_data=(rows, labels))
    return bool(np.array_equal(train(*(each() for each in make)), with_data))

ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
print("LSTM(dropout=), same weights:", same(lambda: keras.layers.LSTM(2, dropout=0.5, seed=1, **ones)))
before = lambda: keras.layers.Dropout(0.5, seed=1)
print("Dropout, LSTM, same weights:", same(before, lambda: keras.layers.LSTM(2, **ones)))
''',
        r"LSTM\(dropout=\), same weights: False\nDropout, LSTM, same weights: True",
        "Use `Dropout` or `SpatialDropout1D` before the layer, or evaluate after training. `DropoutLSTM` draws nothing "
        "in inference.",
        {"lstm.dropout.inference_moves_generator": True, "lstm.recurrent_dropout.inference_moves_generator": True,
         "dropout.inference_moves_generator": False},
    ),
    Trap(
        "a rate of 1 drops nothing",
        "`dropout=1.0` and `recurrent_dropout=1.0` in a recurrent layer drop nothing, where `Dropout(1.0)` drops all.",
        _ONES + '''layer = keras.layers.LSTM(1, dropout=1.0, recurrent_dropout=1.0)
same = np.array_equal(np.asarray(layer(ones, training=True)), np.asarray(layer(ones, training=False)))
print("LSTM, training as inference:", same)
print("Dropout leaves:", np.unique(np.asarray(keras.layers.Dropout(1.0)(ones, training=True))))
''',
        r"training as inference: True\nDropout leaves: \[0\.\]",
        "Keep rates below 1. This project refuses others.",
        {"lstm.dropout.rate_one": "drops nothing", "lstm.recurrent_dropout.rate_one": "drops nothing",
         "dropout.rate_one": "drops everything"},
        "In the older versions that were probed, a rate of 1 that is used is an error.",
    ),
    Trap(
        "recurrent_dropout rules cuDNN out",
        "The fused kernel (cuDNN on a GPU) is asked for only while `recurrent_dropout` is 0, so a GPU loses its fast "
        "path without a word.",
        '''from unittest import mock

import keras
import numpy as np
from keras.src import backend

for recurrent_dropout in (0.0, 0.1):
    with mock.patch.object(backend, "lstm", wraps=backend.lstm) as fused:
        keras.layers.LSTM(4, recurrent_dropout=recurrent_dropout)(np.ones((2, 3, 5), "float32"))
    print(f"recurrent_dropout={recurrent_dropout}: the fused kernel is asked for: {fused.called}")
''',
        r"=0\.0: .*: True\n.*=0\.1: .*: False",
        "Measure the time of a step before choosing; masks on the inputs or the outputs keep the fused kernel. "
        "`use_cudnn=True` turns the silent change into an error.",
        versions="From the source: up to 3.3 `dropout` ruled it out too; from 3.4 to 3.8 `dropout` was active in "
        "inference on cuDNN. No GPU was used here.",
    ),
    Trap(
        "padding without a mask",
        "Zeros after the end of a sequence change a BiLSTM's output unless a mask says what is padding.",
        '''import keras
import numpy as np

keras.utils.set_random_seed(1)
rows = np.random.default_rng(0).normal(size=(1, 4, 3)).astype("float32")
padded = np.concatenate([rows, np.zeros((1, 6, 3), "float32")], axis=1)
mask = np.array([[True] * 4 + [False] * 6])
layer = keras.layers.Bidirectional(keras.layers.LSTM(2))
print("padded, no mask, as unpadded:", np.allclose(layer(padded), layer(rows), atol=1e-5))
print("padded, mask, as unpadded:", np.allclose(layer(padded, mask=mask), layer(rows), atol=1e-5))
''',
        r"no mask, as unpadded: False\npadded, mask, as unpadded: True",
        "Give `Embedding(mask_zero=True)`, a `Masking` layer or `mask=`. `Dropout` and `SpatialDropout1D` pass it on.",
        {"padding.bidirectional_lstm.unmasked_changes_output": True,
         "padding.bidirectional_lstm.masked_changes_output": False,
         "padding.dropout.passed_on": True, "padding.spatial_dropout_1d.passed_on": True},
    ),
    Trap(
        "a second tensor hides the mask",
        "A layer whose `call` is given a second tensor gets `mask=None`, so padding is lost without a word.",
        '''import keras
import numpy as np

class Layer(keras.layers.Layer):
    def call(self, x, other=None, mask=None, x_mask=None):
        print("mask:", mask is not None, " x_mask:", x_mask is not None)
        return x

embedded = keras.layers.Embedding(3, 2, mask_zero=True)(np.array([[1, 2, 0]]))
Layer()(embedded)
Layer()(embedded, np.ones((1, 3), "float32"))
''',
        r"mask: True  x_mask: False\nmask: False  x_mask: True",
        "Name the argument after the tensor: `x_mask` for `x`. `DropoutLSTM` takes both names.",
        {"custom_layer.second_tensor_keeps_mask": False},
    ),
    Trap(
        "XLA differs in the last bits",
        "Compiled by XLA, four small matrix products and one large one over the same numbers need not give the same "
        "bits.",
        '''import tensorflow as tf

x = tf.random.stateless_normal((3, 1000), (1, 2))
kernel = tf.random.stateless_normal((1000, 20), (3, 4))
one = tf.function(lambda: x @ kernel, jit_compile=True)
four = tf.function(lambda: tf.concat([x @ each for each in tf.split(kernel, 4, axis=1)], axis=1), jit_compile=True)
print("one product against four, largest difference:", float(tf.reduce_max(abs(one() - four()))))
print("one product twice, largest difference:", float(tf.reduce_max(abs(one() - one()))))
''',
        r"against four, largest difference: .*\none product twice, largest difference: 0\.0",
        "Compare runs of one and the same program. Here placements whose gates share their masks run one product and "
        "the others four, so even at a rate of 0 they may differ in the last bits: compare them within a tolerance.",
        versions="Depends on the processor, the sizes and the version of XLA: the difference may be 0 elsewhere.",
    ),
    Trap(
        "papermill hands lists over as text",
        "`papermill -p rates '[0.3]'` gives the notebook the text `[0.3]`, not a list.",
        '''import nbformat
from click.testing import CliRunner
from papermill.cli import papermill

cell = nbformat.v4.new_code_cell("rates = [0.1]", metadata={"tags": ["parameters"]})
notebook = nbformat.v4.new_notebook(cells=[cell])
notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
nbformat.write(notebook, "in.ipynb")
CliRunner().invoke(papermill, ["in.ipynb", "out.ipynb", "--prepare-only", "-p", "rates", "[0.3]"])
print(nbformat.read("out.ipynb", as_version=4).cells[1].source)
''',
        r'rates = "\[0\.3\]"',
        "Read text as JSON where a list is wanted, as the notebooks here do, or hand over YAML, with `-y`.",
    ),
)  # fmt: skip


def run(trap: Trap) -> str:
    """What a trap's code prints, run in an empty folder of its own. Raises what the code raises."""
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        exec(compile(trap.code, trap.name, "exec"), {"__name__": "__main__"})  # our own text, from this file
    return printed.getvalue()


def unshown(outputs: dict[str, str]) -> list[str]:
    """A line for each trap that what was printed does not show (any more)."""
    return [
        f"{trap.name}: the book says it prints {trap.shows!r}, it prints {outputs.get(trap.name, 'nothing')!r}"
        for trap in TRAPS
        if not re.search(trap.shows, outputs.get(trap.name, ""))
    ]


if __name__ == "__main__":
    hush()
    json.dump({trap.name: run(trap) for trap in TRAPS}, sys.stdout)

"""Training speed against stock Keras and, where it is installed, PyTorch: ratios measured in one run (`make bench`).

JapaneseVowels, BiLSTM 64, batch 32, 40 epochs, both arguments at 0.25, then one pass over the test part. Every
candidate runs in processes of its own, after a first run that compiles; candidates take turns, and each is timed by
its median. Stock Keras is taken at its best over: JIT on or off, tf.data or arrays, one process with every core or one
single-thread process a core.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time

EPOCHS, RATE, UNITS, BATCH = 40, 0.25, 64, 32
REPEATS = 3


def ours(data):
    """A function that trains one run with the study's Trainer."""
    from .config import RunConfig
    from .training import Trainer

    config = RunConfig(
        placement="lstm-dropout-gates+recurrent", rate=RATE, units=UNITS, batch_size=BATCH, epochs=EPOCHS
    )
    trainer = Trainer(data, config)
    return lambda seed: trainer.train_only(config.model_copy(update={"seed": seed}))


def stock(data, jit: bool, pipeline: bool):
    """A function that trains one run with keras.layers.Bidirectional(LSTM(dropout=, recurrent_dropout=)) and fit."""
    import keras
    import tensorflow as tf

    x, y = data.train.inputs, data.train.labels

    def train(seed):
        # Weights are drawn anew; the compiled step is kept, as a careful user of stock Keras would.
        keras.utils.set_random_seed(seed)
        for layer in (model.layers[1].forward_layer, model.layers[1].backward_layer):
            cell = layer.cell
            cell.kernel.assign(cell.kernel_initializer(cell.kernel.shape))
            cell.recurrent_kernel.assign(cell.recurrent_initializer(cell.recurrent_kernel.shape))
            cell.bias.assign(cell.bias * 0)
        for variable in model.optimizer.variables[2:]:
            variable.assign(variable * 0)
        if pipeline:
            rows = tf.data.Dataset.from_tensor_slices((x, y)).cache().shuffle(len(y)).batch(BATCH).prefetch(2)
            model.fit(rows, epochs=EPOCHS, verbose=0)
        else:
            model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)
        model.predict(data.test.inputs, batch_size=128, verbose=0)

    model = keras.Sequential(
        [
            keras.Input((None, data.features)),
            keras.layers.Masking(),
            keras.layers.Bidirectional(keras.layers.LSTM(UNITS, dropout=RATE, recurrent_dropout=RATE)),
            keras.layers.Dense(len(data.classes)),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, jit_compile=jit)
    return train


def pytorch(data):
    """A function that trains one run with torch.nn.LSTM, which has no recurrent dropout and cannot pad cheaper."""
    import torch

    x, y = torch.tensor(data.train.inputs), torch.tensor(data.train.labels, dtype=torch.long)
    n = torch.tensor(data.train.lengths, dtype=torch.long)

    def last(net, head, x, n):
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False)
        _, (hidden, _) = net(packed)
        return head(torch.cat([hidden[0], hidden[1]], dim=1))

    def train(seed):
        torch.manual_seed(seed)
        net = torch.nn.LSTM(data.features, UNITS, batch_first=True, bidirectional=True)
        head = torch.nn.Linear(2 * UNITS, len(data.classes))
        adam = torch.optim.Adam([*net.parameters(), *head.parameters()], lr=1e-3)
        for _ in range(EPOCHS):
            for rows in torch.randperm(len(y)).split(BATCH):
                adam.zero_grad()
                kept = torch.nn.functional.dropout(x[rows], RATE)
                torch.nn.functional.cross_entropy(last(net, head, kept, n[rows]), y[rows]).backward()
                adam.step()
        with torch.no_grad():
            last(net, head, torch.tensor(data.test.inputs), torch.tensor(data.test.lengths, dtype=torch.long))

    return train


def _candidate(name: str, threads: int) -> None:
    """Run in a process of its own: compile, then train whenever a line arrives, and print the seconds."""
    if name != "pytorch":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    else:
        import torch

        torch.set_num_threads(threads)
    from . import datasets

    data = datasets.load("japanese_vowels")
    if name == "ours":
        train = ours(data)
    elif name == "pytorch":
        train = pytorch(data)
    else:
        train = stock(data, jit="jit" in name, pipeline="tf.data" in name)
    train(0)
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        train(int(line))
        print(time.perf_counter() - start, flush=True)


def _runs_an_hour(name: str, processes: int, threads: int) -> float:
    command = [sys.executable, "-m", "bilstm_dropout.bench", "--candidate", name, str(threads)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "TF_CPP_MIN_LOG_LEVEL": "3"}
    started = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        for _ in range(processes)
    ]
    try:
        if any(process.stdout.readline().strip() != "ready" for process in started):
            return 0.0
        seconds = []
        for repeat in range(REPEATS):
            for process in started:
                process.stdin.write(f"{repeat + 1}\n")
                process.stdin.flush()
            seconds.append(max(float(process.stdout.readline()) for process in started))
        return 3600 * processes / statistics.median(seconds)
    finally:
        for process in started:
            process.stdin.close()
            process.wait()


def main() -> None:
    """Measure every candidate and print runs an hour of the whole machine, and the ratio to stock Keras' best."""
    from importlib.util import find_spec

    cores = os.cpu_count() or 1
    names = [
        "ours",
        *(f"stock, {jit}, {source}" for jit in ("jit", "no compilation") for source in ("tf.data", "arrays")),
    ]
    names += ["pytorch"] if find_spec("torch") else []
    ways = {(cores, 1), (1, cores)}
    found = {}
    for name in names:
        for processes, threads in sorted(ways) if name != "ours" else [(cores, 1)]:
            label = f"{name} ({processes} × {threads} thread{'s' if threads > 1 else ''})"
            found[label] = _runs_an_hour(name, processes, threads)
            print(f"{label}: {found[label]:.0f} runs an hour", flush=True)
    best = max(value for label, value in found.items() if label.startswith("stock"))
    print(
        json.dumps(
            {
                "ours_runs_an_hour": round(found[f"ours ({cores} × 1 thread)"]),
                "stock_best_runs_an_hour": round(best),
                "ratio": round(found[f"ours ({cores} × 1 thread)"] / best, 2),
            }
        )
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--candidate"]:
        _candidate(sys.argv[2], int(sys.argv[3]))
    else:
        main()

"""What the benchmark trains: sizes of data sets, made-up data of these sizes, and the libraries' training loops.

Each candidate is trained in processes of its own (`python -m bench.candidates DATA NAME THREADS`), which take the data
from a file, so that JAX and PyTorch may live in other environments: nothing but NumPy is imported here.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import numpy as np

from .products import BATCH, UNITS, sgemm

RATE = 0.25
TEST_ROWS = 128


@dataclass(frozen=True)
class Size:
    """A data set's size, and how long a run of it is.

    rows: training sequences. steps: the longest. length: mean and standard deviation of the normal distribution that
    lengths are drawn from, rounded and cut to 1 … steps. vocabulary, embedding: word numbers and width of their
    vectors. epochs: of a run. timed: updates that are timed; a run's seconds are theirs, scaled to its updates.
    """

    rows: int
    steps: int
    length: tuple[float, float]
    classes: int
    vocabulary: int
    embedding: int
    epochs: int
    timed: int

    @property
    def updates(self) -> int:
        """Updates of a whole run."""
        return self.epochs * -(-self.rows // BATCH)


# JapaneseVowels is the data set itself, trained whole: nothing of it is made up or scaled. For the others, word numbers
# and labels are drawn uniformly; a speed does not depend on what they mean. Rows and lengths are about those of IMDB
# (reviews cut at 100 tokens; nearly all are longer), of MR and the Financial PhraseBank without the tenth that
# validates and the tenth that tests, and of TREC without its tenth.
JAPANESE_VOWELS = "japanese_vowels"
SIZES = {
    "imdb": Size(25_000, 100, (100, 0), 2, 20_000, 128, epochs=4, timed=100),
    "mr": Size(8_530, 60, (21, 9.5), 2, 20_000, 100, epochs=8, timed=266),
    "trec": Size(4_900, 40, (10, 4), 6, 9_000, 100, epochs=20, timed=154),
    "phrasebank": Size(3_877, 80, (23, 10), 3, 10_000, 100, epochs=12, timed=122),
}
NAMES = (JAPANESE_VOWELS, *SIZES)


def made_up(size: Size, seed: int = 0) -> dict[str, np.ndarray]:
    """Data of a size: inputs int32 (N, T), lengths and labels int32 (N,) of N = timed batches, and the same for a test.

    The keys are the names, those of the test part with `test_` before them.
    """
    stream, data = np.random.default_rng(seed), {}
    for prefix, rows in (("", size.timed * BATCH), ("test_", TEST_ROWS)):
        lengths = np.clip(stream.normal(*size.length, rows).round(), 1, size.steps).astype(np.int32)
        words = stream.integers(1, size.vocabulary, (rows, size.steps), dtype=np.int32)
        data[prefix + "inputs"] = np.where(np.arange(size.steps) < lengths[:, None], words, 0).astype(np.int32)
        data[prefix + "lengths"] = lengths
        data[prefix + "labels"] = (np.arange(rows) % size.classes).astype(np.int32)
    sizes = {"classes": size.classes, "vocabulary": size.vocabulary, "embedding": size.embedding, "epochs": 1}
    return data | {name: np.int32(value) for name, value in sizes.items()}


def japanese_vowels(epochs: int) -> dict[str, np.ndarray]:
    """The data set in the form that made_up gives, inputs float32 (N, T, F)."""
    from bilstm_dropout import datasets

    data = datasets.load(JAPANESE_VOWELS)
    parts = {"": data.train, "test_": data.test}
    arrays = {
        prefix + name: getattr(part, name) for prefix, part in parts.items() for name in ("inputs", "lengths", "labels")
    }
    sizes = {"classes": len(data.classes), "vocabulary": 0, "embedding": 0, "epochs": epochs}
    return arrays | {name: np.int32(value) for name, value in sizes.items()}


def ours(data):
    """A function that trains on all batches with the study's Trainer, both arguments of Keras' LSTM on."""
    from bilstm_dropout.datasets import Dataset, Split
    from bilstm_dropout.runs.config import RunConfig
    from bilstm_dropout.runs.trainer import Trainer

    def split(prefix):
        arrays = [data[prefix + name] for name in ("inputs", "lengths", "labels")]
        return Split(*arrays, tuple(f"{prefix}{row}" for row in range(len(arrays[2]))))

    words = int(data["vocabulary"])
    dataset = Dataset(
        name="benchmark", kind="tokens" if words else "series", train=split(""), validation=None, test=split("test_"),
        classes=tuple(map(str, range(data["classes"]))), features=0 if words else data["inputs"].shape[2],
        vocabulary=words, token_names=tuple(map(str, range(words))),
    )  # fmt: skip
    # A configuration needs the name of a data set of the same kind; what is trained on is the object above.
    like = {"dataset": "recall", "embedding_dim": int(data["embedding"])} if words else {"dataset": JAPANESE_VOWELS}
    config = RunConfig(
        placement="lstm-dropout-gates+recurrent", rate=RATE, units=UNITS, batch_size=BATCH, epochs=int(data["epochs"]),
        **like,
    )  # fmt: skip
    trainer = Trainer(dataset, config)
    return lambda seed: trainer.train_only(config.model_copy(update={"seed": seed}))


def stock(data, jit: bool, pipeline: bool):
    """A function that trains with keras.layers.Bidirectional(LSTM(dropout=, recurrent_dropout=)) and fit.

    On the backend that KERAS_BACKEND names. jit: compiled by XLA. pipeline: batches by tf.data instead of arrays.
    """
    import keras

    x, y, epochs = data["inputs"], data["labels"], int(data["epochs"])
    if data["vocabulary"]:
        # Word numbers, or series: padding is masked in both.
        front = [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(int(data["vocabulary"]), int(data["embedding"]), mask_zero=True),
        ]
    else:
        front = [keras.Input((None, x.shape[2])), keras.layers.Masking()]
    recurrent = keras.layers.Bidirectional(keras.layers.LSTM(UNITS, dropout=RATE, recurrent_dropout=RATE))
    model = keras.Sequential([*front, recurrent, keras.layers.Dense(int(data["classes"]))])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, jit_compile=jit)
    start = model.get_weights()

    def train(seed):
        # Every run starts anew; the compiled step is kept, as a careful user of stock Keras would.
        keras.utils.set_random_seed(seed)
        model.set_weights(start)
        for variable in model.optimizer.variables[2:]:
            variable.assign(variable * 0)
        if pipeline:
            import tensorflow as tf

            rows = tf.data.Dataset.from_tensor_slices((x, y)).cache().shuffle(len(y)).batch(BATCH).prefetch(2)
            model.fit(rows, epochs=epochs, verbose=0)
        else:
            model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0)
        model.predict(data["test_inputs"], batch_size=128, verbose=0)

    return train


def pytorch(data, packed: bool):
    """A function that trains with torch.nn.LSTM, which has no recurrent dropout: dropout on its input alone.

    packed: sequences end where they end; without it the network runs on over the padding, which is other arithmetic
    wherever lengths differ.
    """
    import torch
    from torch import nn

    def tensors(prefix):
        inputs = torch.tensor(data[prefix + "inputs"])
        rest = [torch.tensor(data[prefix + name]).long() for name in ("lengths", "labels")]
        return inputs.long() if words else inputs, *rest

    words, width = int(data["vocabulary"]), int(data["embedding"]) or data["inputs"].shape[-1]
    (x, lengths, y), (test, test_lengths, _) = tensors(""), tensors("test_")

    def train(seed):
        torch.manual_seed(seed)
        table = nn.Embedding(words, width, padding_idx=0) if words else nn.Identity()
        net, head = nn.LSTM(width, UNITS, batch_first=True, bidirectional=True), nn.Linear(2 * UNITS, data["classes"])
        adam = torch.optim.Adam([*table.parameters(), *net.parameters(), *head.parameters()], lr=1e-3, fused=True)

        def logits(inputs, lengths, rate=0.0):
            inputs = nn.functional.dropout(table(inputs), rate)
            if packed:
                inputs = nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
            _, (hidden, _) = net(inputs)
            return head(torch.cat([hidden[0], hidden[1]], dim=1))

        for _ in range(int(data["epochs"])):
            for rows in torch.randperm(len(y)).split(BATCH):
                adam.zero_grad()
                nn.functional.cross_entropy(logits(x[rows], lengths[rows], RATE), y[rows]).backward()
                adam.step()
        with torch.no_grad():
            logits(test, test_lengths)

    return train


def _set_threads(library: str, threads: int) -> None:
    if library in ("pytorch", "stock-torch"):
        import torch

        torch.set_num_threads(threads)
        torch.set_num_interop_threads(threads)
    elif library in ("ours", "stock"):
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


def main(file: str, name: str, threads: int) -> None:
    """Compile and train once, print 'ready', then train for every seed that comes as a line and print its seconds."""
    with np.load(file, allow_pickle=False) as arrays:
        data = dict(arrays)
    library, *options = name.split(", ")
    _set_threads(library, threads)
    if library == "ours":
        train = ours(data)
    elif library == "pytorch":
        train = pytorch(data, packed="packed" in options)
    elif library == "sgemm":
        train = sgemm(data)
    else:
        train = stock(data, jit=any(option.startswith("jit") for option in options), pipeline="tf.data" in options)
    train(0)
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        train(int(line))
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

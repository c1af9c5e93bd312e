"""The study's classifier and its training, written again in PyTorch for three placements: a check on our own code.

An interpreter with torch and numpy runs this file by itself; nothing of this package is imported. Each argument is an
.npz file as reimplementation.prepare writes it, and for each a line of JSON is printed: the test NLL (nats) at the
checkpoint with the lowest validation NLL (null without a validation part) and at the last epoch, and the seconds taken.
Weights start as the study's do and rows come in the study's order; masks, recurrence, gradients and Adam are PyTorch's.
"""

import json
import sys
import time

import numpy as np
import torch
from torch.nn import functional

EPSILON = 1e-7  # of Adam, as Keras has it
EVALUATION_ROWS = 256


def drop(rate: float, *shape: int) -> torch.Tensor:
    """A mask of zeros, each with probability rate, and of 1 / (1 - rate) elsewhere."""
    return torch.bernoulli(torch.full(shape, 1 - rate)) / (1 - rate)


class Network(torch.nn.Module):
    """Embedding (for words), one bidirectional LSTM, and a linear layer on the two last hidden outputs.

    start: arrays by name, with Keras' layouts; kernels have a leading axis for the direction, and gates come in the
    order i, f, g, o. placement: none, input, recurrent or variational.
    """

    def __init__(self, start: dict[str, np.ndarray], placement: str):
        super().__init__()
        if placement not in ("none", "input", "recurrent", "variational"):
            raise ValueError(f"{placement} was not written again")
        self.placement = placement
        weights = {name: torch.nn.Parameter(torch.tensor(value)) for name, value in start.items()}
        self.weights = torch.nn.ParameterDict(weights)

    def forward(self, inputs, lengths, rate: float = 0.0):
        """Logits (B, classes). inputs: (B, T) words or (B, T, F) numbers. rate: 0 masks nothing."""
        weights, placement = self.weights, self.placement if rate else "none"
        steps = int(lengths.max())
        inputs, rows = inputs[:, :steps], len(inputs)
        x = inputs
        if "embedding" in weights:
            x = functional.embedding(inputs, weights["embedding"])
            if placement == "variational":  # all occurrences of a word in a sample go together
                types = drop(rate, rows, len(weights["embedding"]))
                x = x * types.gather(1, inputs)[..., None]
        if placement == "input":
            x = x * drop(rate, *x.shape)
        clock = torch.arange(steps)
        real = clock < lengths[:, None]
        backwards = torch.where(real, lengths[:, None] - 1 - clock, clock)
        both = torch.stack([x, x.gather(1, backwards[..., None].expand_as(x))])
        units = weights["recurrent"].shape[1]
        hidden_mask = None
        if placement == "variational":
            both = both * drop(rate, 2, rows, 1, x.shape[-1])
            hidden_mask = drop(rate, 2, rows, units)
        elif placement == "recurrent":
            hidden_mask = drop(rate, 2, 4, rows, units)
        # (steps, direction, gate, row, unit): all that the gates get from the input, at once.
        driven = torch.einsum("dbtf,dfku->tdkbu", both, weights["kernel"].reshape(2, -1, 4, units))
        driven = (driven + weights["bias"].reshape(2, 4, 1, units)).unbind()
        by_gate = weights["recurrent"].reshape(2, units, 4, units).transpose(1, 2)
        hidden = cell = torch.zeros(2, rows, units)
        for step in range(steps):
            if placement == "recurrent":
                fed_back = (hidden[:, None] * hidden_mask) @ by_gate
            else:  # one product serves the four gates
                read = hidden if hidden_mask is None else hidden * hidden_mask
                fed_back = (read @ weights["recurrent"]).unflatten(-1, (4, units)).transpose(1, 2)
            i, f, g, o = (driven[step] + fed_back).unbind(1)
            new_cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            new_hidden = o.sigmoid() * new_cell.tanh()
            now = real[:, step, None]
            hidden, cell = torch.where(now, new_hidden, hidden), torch.where(now, new_cell, cell)
        return torch.cat([hidden[0], hidden[1]], dim=1) @ weights["head"] + weights["head_bias"]


def loss_on(network: Network, inputs, lengths, labels) -> float:
    """Mean NLL in inference, in nats."""
    with torch.no_grad():
        parts = [
            functional.cross_entropy(network(inputs[rows], lengths[rows]), labels[rows], reduction="sum").item()
            for rows in torch.arange(len(labels)).split(EVALUATION_ROWS)
        ]
    return sum(parts) / len(labels)


def train(arrays: dict[str, np.ndarray]) -> dict[str, float | None]:
    """Train as a file says and give what is printed for it."""
    settings, begun = json.loads(str(arrays["settings"])), time.perf_counter()
    splits = {}
    for split in ("train", "validation", "test"):
        if f"{split}/labels" in arrays:
            inputs = torch.tensor(arrays[f"{split}/inputs"])
            whole = [torch.tensor(arrays[f"{split}/{name}"]).long() for name in ("lengths", "labels")]
            splits[split] = (inputs if inputs.is_floating_point() else inputs.long(), *whole)
    start = {name.removeprefix("start/"): value for name, value in arrays.items() if name.startswith("start/")}
    network = Network(start, settings["placement"])
    adam = torch.optim.Adam(network.parameters(), lr=settings["learning_rate"], eps=EPSILON, fused=True)
    torch.manual_seed(settings["seed"])
    shuffle = np.random.default_rng([settings["seed"], 1])
    inputs, lengths, labels = splits["train"]
    batches = -(-len(labels) // settings["batch_size"])
    evaluated = set(np.linspace(0, batches, settings["evaluations_per_epoch"] + 1).round().astype(int).tolist())
    chosen, lowest = None, float("inf")
    for _ in range(settings["epochs"]):
        order = torch.tensor(shuffle.permutation(len(labels)))
        for number, rows in enumerate(order.split(settings["batch_size"]), start=1):
            adam.zero_grad()
            functional.cross_entropy(network(inputs[rows], lengths[rows], settings["rate"]), labels[rows]).backward()
            adam.step()
            if number in evaluated and "validation" in splits:
                watched = loss_on(network, *splits["validation"])
                if watched < lowest:
                    lowest = watched
                    chosen = {name: value.clone() for name, value in network.state_dict().items()}
    found = {"nll_best": None, "nll_last": loss_on(network, *splits["test"])}
    if chosen is not None:
        network.load_state_dict(chosen)
        found["nll_best"] = loss_on(network, *splits["test"])
    return found | {"seconds": time.perf_counter() - begun, "torch": torch.__version__}


if __name__ == "__main__":
    torch.set_num_threads(1)
    for file in sys.argv[1:]:
        with np.load(file, allow_pickle=False) as given:
            print(json.dumps(train(dict(given))), flush=True)

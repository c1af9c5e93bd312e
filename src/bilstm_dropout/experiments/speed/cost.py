"""What a placement costs: seconds of a training step relative to the network without dropout, measured in turns.

`bilstm-dropout measure cost` prints what is in data/published/cost.json. The seconds of published runs do not tell,
because those were trained beside other work. Here everything is compiled first; then, in every round, each placement
trains one short block with a block of `none` before it and one after it, and its ratio is to the mean of these two.
`none` takes its turn between two blocks of itself: how far its ratio is from 1 says what the others can be trusted to.

Inputs are made up, of the shapes and lengths that MR and JapaneseVowels have in the study: what a word or a number is
does not change what a step takes. Steps of a block are as many as masks are drawn ahead for, so none is drawn in vain;
neither the rate nor the number of the seed matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import pydantic

from ...datasets.dataset import Dataset, Split
from ...dropout.placements import TABLE, resolve
from ...errors import UserError
from ...isolated import hash_of, sources_of
from ...progress import bar
from ...results.measurement import Measurement
from ...runs.config import RunConfig
from ...runs.provenance import provenance
from ...stats import estimate
from ..confirmatory import plan

ROUNDS = 7
BASELINE = "none"
COLUMNS = ["placement", "kind", "layers", "seconds", "ratio", "low", "high", "n"]


@dataclass(frozen=True)
class Shape:
    """Made-up data like those of a data set, and how much of them a timed block trains.

    dataset: whose name the configurations have. lengths: evenly spaced quantiles of its training part's, the last one
    the padded length. classes: how many. features: of a step, 0 for tokens. vocabulary: 0 for series. rows, epochs: of
    a timed block.
    """

    dataset: str
    lengths: tuple[int, ...]
    classes: int
    rows: int
    epochs: int
    features: int = 0
    vocabulary: int = 0


# Tenths of the lengths of MR's training part (8,530 rows, 60 steps) and of JapaneseVowels' (270 rows, 26 steps).
SHAPES = {
    "tokens": Shape("mr", (1, 9, 13, 16, 18, 21, 23, 26, 29, 34, 60), 2, 512, 1, vocabulary=plan.VOCABULARY),
    "series": Shape("japanese_vowels", (7, 11, 13, 14, 15, 15, 16, 17, 19, 21, 26), 9, 270, 3, features=12),
}

_Positive = Annotated[float, pydantic.Field(gt=0, allow_inf_nan=False)]


class Timed(pydantic.BaseModel, extra="forbid", frozen=True):
    """A placement's median seconds of a training step, and of each round the ratio to those of `none` around it."""

    placement: str
    seconds: _Positive
    ratios: Annotated[tuple[_Positive, ...], pydantic.Field(min_length=1)]


class Network(pydantic.BaseModel, extra="forbid", frozen=True):
    """What was measured in a network for data of a kind, with so many layers; `none` is among it."""

    kind: Literal["tokens", "series"]
    layers: Literal[1, 2]
    timed: tuple[Timed, ...]

    @pydantic.model_validator(mode="after")
    def _whole(self):
        names = [each.placement for each in self.timed]
        if BASELINE not in names or len(set(names)) < len(names):
            raise ValueError(f"timed needs {BASELINE}, and every placement once")
        if len({len(each.ratios) for each in self.timed}) > 1:
            raise ValueError("timed needs as many ratios for every placement as there were rounds")
        return self


class Cost(Measurement):
    """What was measured, every network once. code: what measured it."""

    FILE = "cost.json"
    COMMAND = "bilstm-dropout measure cost"
    NAME = "costs"

    networks: tuple[Network, ...]
    code: str
    provenance: dict

    @pydantic.model_validator(mode="after")
    def _once(self):
        found = [(each.kind, each.layers) for each in self.networks]
        if len(set(found)) < len(found):
            raise ValueError("networks needs each kind and number of layers at most once")
        return self


# ---- reading ----
def read(placements: Iterable[str] | None = None) -> pd.DataFrame:
    """What placements cost, a row a placement and kind of data it applies to: COLUMNS.

    placements: those of the table unless given; `none` has rows in any case. kind: 'tokens' or 'series'. layers: 2
    where the placement needs a second one, and for the `none` that those are compared with; else 1. seconds: the median
    of a training step. ratio, low, high: the mean over rounds of its seconds over those of `none`, with the ends of the
    95 % t interval. n: rounds. What was not measured has NaN, and n = 0.
    UserError where the published file is missing or damaged.
    """
    measured = {
        (network.kind, network.layers, each.placement): each
        for network in Cost.published().networks
        for each in network.timed
    }
    found = []
    for kind, layers, placement in programs(TABLE if placements is None else placements):
        timed = measured.get((kind, layers, placement))
        seconds, ratios = (timed.seconds, timed.ratios) if timed else (float("nan"), ())
        found.append((placement, kind, layers, seconds, *estimate(ratios)))
    return pd.DataFrame(found, columns=COLUMNS)


# ---- measuring ----
def programs(placements: Iterable[str] = TABLE, kinds: Iterable[str] = tuple(SHAPES)) -> list[tuple[str, int, str]]:
    """(kind, layers, placement) of all that is measured: those that apply, each network's beginning with `none`."""
    found = []
    for kind in kinds:
        for layers in (1, 2):
            own = [name for name in placements if name != BASELINE and resolve(name).layers == layers]
            own = [name for name in own if resolve(name).applies(kind == "tokens", layers)]
            if own or layers == 1:
                found += [(kind, layers, name) for name in (BASELINE, *own)]
    return found


def made_up(shape: Shape) -> Dataset:
    """Data of a shape: its rows for training, with its quantiles of lengths in random order, and one test row."""
    stream, steps = np.random.default_rng(0), shape.lengths[-1]

    def split(name: str, rows: int) -> Split:
        places = (np.arange(rows) + 0.5) / rows * (len(shape.lengths) - 1)
        lengths = np.interp(places, range(len(shape.lengths)), shape.lengths).round().astype(np.int32)
        lengths[-1] = steps
        lengths = stream.permutation(lengths)
        real = np.arange(steps) < lengths[:, None]
        if shape.vocabulary:
            inputs = np.where(real, stream.integers(1, shape.vocabulary, (rows, steps)), 0).astype(np.int32)
        else:
            values = stream.standard_normal((rows, steps, shape.features))
            inputs = np.where(real[..., None], values, 0).astype(np.float32)
        labels = (np.arange(rows) % shape.classes).astype(np.int32)
        return Split(inputs, lengths, labels, tuple(f"{name}-{row}" for row in range(rows)))

    return Dataset(
        name=shape.dataset, kind="tokens" if shape.vocabulary else "series", train=split("train", shape.rows),
        validation=None, test=split("test", 1), classes=tuple(map(str, range(shape.classes))),
        features=shape.features, vocabulary=shape.vocabulary, token_names=tuple(map(str, range(shape.vocabulary))),
    )  # fmt: skip


def measure(
    rounds: int = ROUNDS, placements: Iterable[str] = TABLE, shapes: Mapping[str, Shape] | None = None
) -> Cost:
    """Compile every program, then time them in turns: minutes, nearly all of them compiling.

    rounds: 1 or more. shapes: by kind, SHAPES unless given. Nothing is kept of what is trained. UserError for fewer
    rounds, and for a placement that is not known.
    """
    if rounds < 1:
        raise UserError(f"rounds {rounds} is not allowed: give a whole number of at least 1.")
    shapes = SHAPES if shapes is None else shapes
    code = hash_of(sources_of(__name__))  # read now: the source may change meanwhile
    made = provenance()
    planned = programs(list(placements), shapes)
    blocks = _compiled(planned, shapes)
    seconds = {each: [] for each in planned}
    ratios = {each: [] for each in planned}
    with bar(rounds * len(planned), "blocks timed") as advance:
        for number in range(rounds):
            # In another order every round, so that no placement always follows the same one.
            order = np.random.default_rng(number).permutation(len(planned))
            for kind, layers in dict.fromkeys(each[:2] for each in planned):
                before = blocks[kind, layers, BASELINE]()
                for each in [planned[place] for place in order if planned[place][:2] == (kind, layers)]:
                    own = blocks[each]()
                    after = blocks[kind, layers, BASELINE]()
                    seconds[each].append(own)
                    ratios[each].append(2 * own / (before + after))
                    before = after
                    advance()
    networks: dict[tuple[str, int], list[Timed]] = {}
    for each in planned:
        # Rounded, as more digits than these mean nothing.
        timed = Timed(
            placement=each[2], seconds=float(f"{median(seconds[each]):.3g}"),
            ratios=tuple(round(ratio, 4) for ratio in ratios[each]),
        )  # fmt: skip
        networks.setdefault(each[:2], []).append(timed)
    found = [Network(kind=kind, layers=layers, timed=timed) for (kind, layers), timed in networks.items()]
    return Cost(networks=found, code=code, provenance=made)


def _compiled(planned, shapes) -> dict:
    """By (kind, layers, placement), a function that trains a block and gives seconds of a step; it has run once."""
    from ...runs.timing import TimedTrainer

    data = {kind: made_up(shape) for kind, shape in shapes.items()}
    blocks = {}
    with bar(len(planned), "programs compiled") as advance:
        for kind, layers, placement in planned:
            config = RunConfig(
                dataset=shapes[kind].dataset, placement=placement, layers=layers, epochs=shapes[kind].epochs,
                rate=0.0 if placement == BASELINE else plan.FIXED_RATE, learning_rate=plan.FIXED_LEARNING_RATE,
                **plan.NETWORK,
            )  # fmt: skip
            trainer = TimedTrainer(data[kind], config)
            trainer.start(config)

            def block(trainer=trainer, config=config) -> float:
                return trainer.seconds(config)

            block()
            blocks[kind, layers, placement] = block
            advance()
    return blocks

"""What dropout's arguments cost on a GPU: data/published/gpu.json, apart from everything that was trained on CPUs.

Each entry of `measured` is what stock_keras.fast_path printed under one backend. No result of the study rests on it.
"""

from __future__ import annotations

from typing import Annotated, Literal

import pandas as pd
import pydantic

from ...results.measurement import Measurement
from ...stats import estimate

BASELINE = "no dropout"
COLUMNS = ["backend", "device", "shape", "way", "fused", "milliseconds", "mean", "low", "high", "n"]

_Positive = Annotated[float, pydantic.Field(gt=0, allow_inf_nan=False)]


class Timed(pydantic.BaseModel, extra="forbid", frozen=True):
    """A way to train on rows of a shape. fused: whether the backend's fused kernel ran. milliseconds: of a training
    step, one a round.
    """

    shape: Literal["sentences", "documents"]
    way: str
    fused: bool
    milliseconds: Annotated[tuple[_Positive, ...], pydantic.Field(min_length=1)]


class Machine(pydantic.BaseModel, extra="forbid", frozen=True):
    """One backend on one machine. keras, backend: versions; device: the GPU; timed: every way, `no dropout` first."""

    keras: str
    backend: str
    device: str
    system: str
    timed: tuple[Timed, ...]

    @pydantic.model_validator(mode="after")
    def _whole(self):
        found = [(each.shape, each.way) for each in self.timed]
        if len(set(found)) < len(found) or any((shape, BASELINE) not in found for shape, _ in found):
            raise ValueError(f"timed needs every way of a shape once, and '{BASELINE}' among them")
        if len({len(each.milliseconds) for each in self.timed}) > 1:
            raise ValueError("timed needs as many milliseconds for every way as there were rounds")
        return self


class Gpu(Measurement):
    """What was measured, an entry a backend."""

    FILE = "gpu.json"
    COMMAND = "python -m bilstm_dropout.stock_keras.fast_path"
    NAME = "times on a GPU"

    measured: tuple[Machine, ...]


def read() -> pd.DataFrame:
    """A row a backend, shape and way: COLUMNS.

    backend: its name. shape: 'sentences' of 50 steps or 'documents' of 400, 32 in a batch. fused: whether the fused
    kernel ran. milliseconds: the median of a training step. mean, low, high: the mean over rounds of its time over
    that without dropout in the same round, with the 95 % t interval; n: rounds. UserError where the published file is
    missing or damaged.
    """
    found = []
    for machine in Gpu.published().measured:
        without = {each.shape: each.milliseconds for each in machine.timed if each.way == BASELINE}
        for each in machine.timed:
            ratios = [mine / other for mine, other in zip(each.milliseconds, without[each.shape], strict=True)]
            middle = float(pd.Series(each.milliseconds).median())
            found.append((machine.backend.split()[0], machine.device, each.shape, each.way, each.fused, middle,
                          *estimate(ratios)))  # fmt: skip
    return pd.DataFrame(found, columns=COLUMNS)

"""The dose of a placement: how far its masks move the logits of a network that was trained without dropout.

The same drop rate is not the same dose: draws of their own at every step can average out over a sequence, one draw for
all steps cannot. So doses are measured, and rates are found at which placements have the same. `bilstm-dropout
measure doses` trains the networks, measures, and prints what is in data/published/doses/mr.json, from which part f2
takes its rates.
"""

from __future__ import annotations

import sys
from typing import Annotated

import numpy as np
import pydantic

from ... import datasets
from ...dropout.placements import TABLE, resolve
from ...errors import UserError
from ...results.measurement import Measurement
from ...runs.config import applies
from ...runs.provenance import provenance
from ...wording import rate_text
from ..confirmatory import plan
from ..logits import centred, spread

DATASET, FOLD, SEEDS = "mr", plan.FIXED_FOLDS[0], (1, 2, 3)  # networks of a3: the fixed learning rate, no dropout
ROWS, DRAWS = 256, 8  # rows of the validation part, evenly spaced, and masks drawn for each
RATES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
# Placements with one rate for all their masks, brought to the doses that the first one has at these rates.
MATCHED = ("recurrent", "recurrent-tied", "input", "input-spatial", "output", "variational")
REFERENCE, REFERENCE_RATES = MATCHED[0], (0.25, 0.5)

_Rate = Annotated[float, pydantic.Field(gt=0, lt=1)]
_Spread = Annotated[float, pydantic.Field(gt=0, allow_inf_nan=False)]


class Dose(pydantic.BaseModel, extra="forbid", frozen=True):
    """A placement at a drop rate. spread: of the logits over draws of its masks, see `logits.spread`."""

    placement: str
    rate: _Rate
    spread: _Spread


class MatchedDose(Dose):
    """A rate found for the dose that REFERENCE has at the rate `reference`; spread is measured there, not assumed."""

    reference: _Rate


class Doses(Measurement):
    """What was measured. logits: the root mean square of the centred logits themselves, for scale."""

    FILE = "doses/mr.json"
    COMMAND = "bilstm-dropout measure doses"
    NAME = "doses"

    logits: _Spread
    doses: tuple[Dose, ...]
    matched: tuple[MatchedDose, ...]
    provenance: dict

    @pydantic.model_validator(mode="after")
    def _known(self):
        for each in (*self.doses, *self.matched):
            resolve(each.placement).check_rate(each.rate)
        wanted = {(placement, rate) for placement in MATCHED for rate in REFERENCE_RATES}
        if sorted((each.placement, each.reference) for each in self.matched) != sorted(wanted):
            raise ValueError("matched needs each placement at each reference rate once")
        return self


def rate_for(target: float, rates, spreads) -> float:
    """The drop rate, three decimals, at which a placement has a spread, between rates at which it was measured.

    rates, spreads: (n,), rising. Read off a line in log(p / (1 - p)) and log(spread), where a small dose is straight.
    UserError where the target lies outside.
    """
    if not spreads[0] <= target <= spreads[-1]:
        raise UserError(
            f"A spread of {target:.3f} is not between {spreads[0]:.3f} and {spreads[-1]:.3f}, which were measured: "
            "measure at more rates (doses.RATES)."
        )
    odds = np.log(rates) - np.log1p(-np.asarray(rates))
    found = np.interp(np.log(target), np.log(spreads), odds)
    return round(float(1 / (1 + np.exp(-found))), 3)


class Network:
    """A network trained without dropout, whose logits can be had under the masks of any placement."""

    def __init__(self, seed: int):
        self.config = plan.run_of(DATASET, "none", plan.Setting(plan.FIXED_LEARNING_RATE, 0.0), seed, FOLD)
        part = datasets.load(DATASET, **self.config.dataset_options).validation
        rows = np.linspace(0, len(part.labels) - 1, ROWS).round().astype(int)
        self.inputs, self.lengths = part.inputs[rows], part.lengths[rows]
        self._passes = {}

    def logits(self, placement: str, rate: float, draws: int = DRAWS) -> np.ndarray:
        """Logits (draws, rows, classes) under masks of a placement that this network has room for."""
        import tensorflow as tf

        if placement not in self._passes:
            self._passes[placement] = self._pass(placement)
        once = self._passes[placement]
        return np.array([once(tf.constant(rate), tf.constant([self.config.seed, draw])) for draw in range(draws)])

    def _pass(self, placement: str):
        """A function from rate and seed to logits (rows, classes)."""
        import tensorflow as tf

        from ...runs import networks

        model = networks.network(self.config, masked=placement)
        inputs, lengths = tf.constant(self.inputs), tf.constant(self.lengths)
        sizes = dict(batch=len(self.lengths), steps=self.inputs.shape[1], features=self.config.embedding_dim)
        return tf.function(lambda rate, seed: model(inputs, lengths, masks=model.draw(rate, seed, **sizes)))


def measure(say=lambda text: print(text, file=sys.stderr, flush=True)) -> Doses:
    """Train the networks and measure every placement that they have room for. A spread is the mean over networks.

    say: what tells of the progress. UserError where the data set cannot be had.
    """
    networks = []
    for seed in SEEDS:
        say(f"training network {seed} of {len(SEEDS)}")
        networks.append(Network(seed))

    def dose(placement: str, rate: float) -> float:
        return float(np.mean([spread(centred(network.logits(placement, rate))) for network in networks]))

    found: dict[str, list[Dose]] = {}
    for name, entry in TABLE.items():
        if not entry.terms or not applies(name, DATASET, layers=1):
            continue
        allowed = [rate for rate in RATES if rate <= entry.maximum_rate]
        found[name] = [Dose(placement=name, rate=rate, spread=dose(name, rate)) for rate in allowed]
        say(f"{name}: " + ", ".join(f"{each.spread:.3f} at {rate_text(each.rate)}" for each in found[name]))
    matched = []
    for reference in REFERENCE_RATES:
        (target,) = [each.spread for each in found[REFERENCE] if each.rate == reference]
        for name in MATCHED:
            curve = found[name]
            rate = rate_for(target, [each.rate for each in curve], [each.spread for each in curve])
            matched.append(MatchedDose(placement=name, rate=rate, spread=dose(name, rate), reference=reference))
            say(f"{name}: {matched[-1].spread:.3f} at {rate_text(rate)}, wanted {target:.3f}")
    size = np.mean([np.sqrt(np.mean(centred(network.logits("none", 0.0, draws=1)) ** 2)) for network in networks])
    every = tuple(each for curve in found.values() for each in curve)
    return Doses(logits=float(size), doses=every, matched=tuple(matched), provenance=provenance())

"""The design of a study of one's own data: which placements at which rates, on which test parts.

A *trial* is one test part: all placements and rates, and none, are trained on the same rows from the same seed, and
measured on rows that none of them has seen. Ten trials use every row once for the test; the next ten deal the rows to
the folds anew and take another seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...datasets import own
from ...datasets.folds import FOLDS
from ...dropout.placements import resolve
from ...errors import UserError, not_allowed
from ...files.reading import read_json
from ...runs.config import RunConfig, applies
from ...runs.sweep import Sweep

RATES = (0.25, 0.5)
UNITS = 64
MOST_TRIALS = 100 * FOLDS
PILOT = 2  # trials that are trained before a plan is made: the fewest whose differences spread
ENSEMBLE_TRIALS, ENSEMBLE = 5, 5  # on so many trials after these, so many networks of none are averaged, as a rival
LONG = 150  # tokens: from this median length on a text is a long one, as IMDB's are
# What the published study gives reason to try, by kind of data; why stands beside it on the page of the answer.
PLACEMENTS = {
    "short texts": ("input", "input-words", "recurrent", "output", "variational"),
    "long texts": ("input", "input-words", "gates", "output", "variational"),
    "series": ("input", "input-spatial", "recurrent", "output", "variational"),
}


@dataclass(frozen=True)
class Design:
    """What is trained on one own data set.

    placements: canonical names without none. rates: drop rates, tried with each placement that allows them. trials: how
    many test parts. minutes: for how many in all they were trained.
    """

    dataset: str
    placements: tuple[str, ...]
    rates: tuple[float, ...] = RATES
    trials: int = 0
    minutes: float = 0.0

    @property
    def has_words(self) -> bool:
        """Whether the data are texts, so that networks have an embedding."""
        return kind_of(self.dataset) != "series"

    @property
    def arms(self) -> list[tuple[str, float]]:
        """Every placement with each of its rates: what is set beside none."""
        return [(place, rate) for place in self.placements for rate in rates_of(place, self.rates)]

    @property
    def runs_a_trial(self) -> int:
        """One for each arm, and one of none for each number of layers."""
        return len(self.arms) + len({resolve(name).layers for name in self.placements})

    def trial(self, number: int) -> list[RunConfig]:
        """The runs of a trial, from 0: none first."""
        common = {
            "datasets": [self.dataset], "seeds": [number // FOLDS + 1], "units": UNITS,
            "dataset_options": {self.dataset: {"fold": number % FOLDS, "repeat": number // FOLDS}},
        }  # fmt: skip
        sweeps = [Sweep.parse(placement=name, rates=list(rates_of(name, self.rates)), **common)
                  for name in self.placements]  # fmt: skip
        none = [config for sweep in sweeps for config in sweep.baselines()]  # of two layers too, where one has them
        found = {config.model_dump_json(): config for config in none}
        return [*found.values(), *(config for sweep in sweeps for config in sweep.runs())]

    def ensemble(self, number: int) -> list[RunConfig]:
        """On some trials, networks of none from other seeds: with the trial's own, a rival that needs no dropout."""
        if not PILOT <= number < PILOT + ENSEMBLE_TRIALS:
            return []
        none = self.trial(number)[0]
        return [none.model_copy(update={"seed": MOST_TRIALS + each}) for each in range(1, ENSEMBLE)]

    def whole_trial(self, number: int) -> list[RunConfig]:
        """The runs of a trial, and those of its ensemble."""
        return [*self.trial(number), *self.ensemble(number)]

    def configs(self) -> list[RunConfig]:
        """All runs, trial by trial."""
        return [config for number in range(self.trials) for config in self.whole_trial(number)]

    def with_trials(self, trials: int, minutes: float = 0.0) -> Design:
        """The same design on another number of test parts, trained for so many minutes."""
        return replace(self, trials=trials, minutes=minutes)

    def plain(self) -> dict[str, object]:
        """The design as plain values, from which `read` makes it again."""
        return {
            "dataset": self.dataset, "placements": list(self.placements), "rates": list(self.rates),
            "trials": self.trials, "minutes": self.minutes,
        }  # fmt: skip


def kind_of(dataset: str) -> str:
    """Which of PLACEMENTS an own data set falls under."""
    kept = own.kept(dataset)
    if kept is None:
        raise UserError(f"{dataset} is no data set of your own. Import a file first: bilstm-dropout study --data FILE.")
    if kept.kind == "series":
        return "series"
    return "long texts" if kept.facts["lengths"][1] >= LONG else "short texts"


def make(dataset: str, placements: Sequence[str] = (), rates: Sequence[float] = ()) -> Design:
    """A design of no trials yet. placements, rates: those of PLACEMENTS for such data and RATES by default.

    UserError for a placement that does not exist or does not apply, a rate that is none, and where nothing is left.
    """
    names = [resolve(each).name for each in placements or PLACEMENTS[kind_of(dataset)]]
    names = [name for name in dict.fromkeys(names) if name != "none"]
    for name in names:
        if not applies(name, dataset, resolve(name).layers):
            raise UserError(
                f"The placement {name} needs an embedding, and {dataset} holds series. Leave it out of PLACEMENTS."
            )
    for rate in rates:
        if not isinstance(rate, float | int) or isinstance(rate, bool) or not 0 < rate < 1:
            raise not_allowed("rates", rate, "numbers above 0 and below 1")
    design = Design(dataset, tuple(names), tuple(sorted({float(rate) for rate in rates})) or RATES)
    for name in names:
        if not rates_of(name, design.rates):
            shown = ", ".join(f"{rate:g}" for rate in design.rates)
            raise UserError(f"The placement {name} allows none of the rates {shown}. Give a rate of at most 0.5 too.")
    if not names:
        raise UserError("Nothing is set beside none: name a placement with PLACEMENTS= or --placement.")
    return design


def check(**given: object) -> Design:
    """A design from the parameters of the notebook, as values or as JSON text. UserError for what is not allowed.

    Of `draws`, which are of one network and not of the design, only the form is checked.
    """
    if "dataset" not in given:
        there = ", ".join(own.names()) or "none"
        raise UserError(f"Name a data set of your own with the parameter dataset. Those that there are: {there}.")
    values = {"placements": [], "rates": [], "trials": 0, "minutes": 0} | given
    draws = values.pop("draws", 0)
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 0 or draws == 1:
        raise not_allowed("draws", draws, "0, or a whole number from 2")
    for name, value in values.items():
        if isinstance(value, str) and name != "dataset":
            try:
                values[name] = read_json(value)
            except ValueError:
                raise not_allowed(name, value, "a list, or a whole number of trials") from None
    return read(values)


def rates_of(placement: str, rates: Sequence[float]) -> tuple[float, ...]:
    """Those of the rates that a placement allows; its own where it has one that is fixed."""
    entry = resolve(placement)
    return (entry.fixed_rate,) if entry.fixed_rate is not None else tuple(r for r in rates if r <= entry.maximum_rate)


def read(content: object) -> Design:
    """A design from plain values, checked. UserError where they are none."""
    try:
        trials = content["trials"]
        if isinstance(trials, bool) or not isinstance(trials, int) or not 0 <= trials <= MOST_TRIALS:
            raise not_allowed("trials", trials, f"0 to {MOST_TRIALS}")
        minutes = content["minutes"]
        if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 <= minutes < 1e6:
            raise not_allowed("minutes", minutes, "a number from 0, below a million")
        return make(content["dataset"], content["placements"], content["rates"]).with_trials(trials, float(minutes))
    except (KeyError, TypeError):
        wanted = "dataset, placements, rates, trials and minutes"
        raise UserError(f"What is kept of a study of your own data is damaged: it needs {wanted}.") from None


def batches(todo: Sequence[RunConfig], workers: int) -> Iterator[list[RunConfig]]:
    """Runs in lots, a process each: those of a placement together, in as many lots as keep every worker busy."""
    by_placement: dict[str, list[RunConfig]] = {}
    for config in todo:
        by_placement.setdefault(config.placement, []).append(config)
    lots = -(-2 * workers // max(1, len(by_placement)))
    for configs in by_placement.values():
        size = -(-len(configs) // lots)
        yield from (configs[first : first + size] for first in range(0, len(configs), size))

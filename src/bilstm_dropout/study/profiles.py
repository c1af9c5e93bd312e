"""Profiles: what a study runs, and the notebooks that it executes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .. import datasets
from ..dropout.placements import TABLE, resolve
from ..errors import UserError
from ..experiments import memory
from ..files import Lock, check_writable
from ..paths import executions_folder, project_root
from ..runs.config import DEFAULT_DATASETS, applies
from ..runs.sweep import Sweep, rates_on
from ..runs.train import key_of
from .chapters import with_chapter
from .execute import RUNNING
from .notebooks import Execution, published_hash
from .own.design import Design
from .sample import Added, Sample

COMPARISON = "comparison"
CHAPTER = "chapter"  # the notebook of what is published of one placement, and the first part of its executions' names


@dataclass(frozen=True)
class Chapter:
    """A notebook beside the placements' ones. depends_on: gives what it has to be executed anew for, as texts.

    It rests on published files in any case: on every one, the measurements in JSON with the runs (`published_hash`).
    """

    title: str
    depends_on: Callable[[], list[str]] = list


# By the notebook's stem, in the book's order. A profile names those it wants.
CHAPTERS = {
    "mechanisms": Chapter("Why it acts as it does"),
    "memory": Chapter("Memory: how far back a network recalls", memory.depends_on),
}

OWN = "own"  # the notebook on the reader's own data


@dataclass(frozen=True)
class Profile:
    """A named study. placements: canonical names in table order, `none` first; without any nothing is trained.
    settings: a Sweep's other fields. text: the YAML it was read from. notebooks: names of CHAPTERS. sample: whether
    every run has a published twin, but for those of placements of which nothing is published; these have the seeds and
    rates of `added`. own: the design of a study of the reader's own data.
    """

    name: str
    placements: tuple[str, ...]
    settings: dict
    text: str = ""
    notebooks: tuple[str, ...] = ()
    sample: bool = False
    added: Added | None = None
    own: Design | None = None

    @property
    def folder(self) -> Path:
        """Where its executed notebooks lie."""
        return executions_folder() / self.name

    @property
    def lock(self) -> Lock:
        """Held while a study of the profile runs."""
        return Lock(self.folder / "study.lock")

    def check_writable(self) -> None:
        """Raise UserError, one line, unless executed notebooks can be kept; nothing is changed."""
        for folder in (self.folder, self.folder / RUNNING):
            check_writable(folder, "Executed notebooks", "work in a copy of the project that is yours")

    @cached_property
    def absent(self) -> dict[str, str]:
        """Data sets whose files cannot be had, with what to do. They are left out, and pages say so."""
        found = {}
        for name in self._datasets:
            if datasets.missing_files(name):
                try:
                    datasets.load(name, **self.settings.get("dataset_options", {}).get(name, {}))  # downloads
                except UserError as error:
                    found[name] = str(error)
        return found

    @cached_property
    def unpublished(self) -> tuple[str, ...]:
        """Placements of a sample of which nothing is published: they have the seeds and rates of `added`.

        UserError, naming it, for any other run without a twin.
        """
        if not self.sample:
            return ()
        published = Sample(self.name, tuple(name for name in self._datasets if name not in self.absent))
        found = []
        for placement in self.placements:
            sweep = self._sweep(placement, self.settings)
            if sweep is None or not (lone := published.without_twin(sweep)):
                continue
            if self.added is None or published.has(placement):
                raise published.error(lone)
            found.append(placement)
        return tuple(found)

    def said(self) -> list[str]:
        """What a reader has to know before anything is trained: a line for each placement without twins."""
        return [f"{name}: nothing of it is published, so {self.added} are trained" for name in self.unpublished]

    @property
    def _datasets(self) -> list[str]:
        return self.settings.get("datasets", DEFAULT_DATASETS)

    def sweep(self, placement: str) -> Sweep | None:
        """The placement's runs, on those of the profile's data sets that it applies to; None if there are none."""
        own = vars(self.added) if placement in self.unpublished else {}
        return self._sweep(placement, {**self.settings, **own})

    def _sweep(self, placement: str, settings: dict) -> Sweep | None:
        layers = settings.get("layers", resolve(placement).layers)
        names = [
            name for name in self._datasets
            if applies(placement, name, (layers.get(name) or 1) if isinstance(layers, dict) else layers)
        ]
        names, rates = allowed(placement, settings.get("rates"), names)
        return Sweep.parse(**{**settings, "placement": placement, "datasets": names, "rates": rates}) if names else None

    def executions(self) -> list[Execution]:
        """The notebooks to execute: each placement's runs in order, the experiments, then what rests on these runs: a
        chapter for each placement with published runs, and the comparison.
        """
        state = published_hash()  # which chapters there are depends on it
        if self._made.get("state") != state:
            self._made.update(state=state, executions=self._executions())
        return list(self._made["executions"])

    @cached_property
    def _made(self) -> dict:
        return {}

    def _executions(self) -> list[Execution]:
        notebooks = project_root() / "notebooks"
        order = {name: number for number, name in enumerate(TABLE)}
        found = []
        for position, placement in enumerate(self.placements):
            sweep = self.sweep(placement)
            names = [name for name in sweep.datasets if name not in self.absent] if sweep else []
            if not names:
                continue
            sweep = sweep.model_copy(update={"datasets": names})
            stem = _stem(order.get(placement, len(order) + position), placement)
            own = {name: getattr(sweep, name) for name in ("placement", "datasets", "rates", "seeds")}
            parameters = {**self.settings, **own}
            found.append(Execution(stem, notebooks / "placement.ipynb", parameters, sweep, self.folder))
        experiments = [Execution(each, notebooks / f"{each}.ipynb", {}, None, self.folder) for each in self.notebooks]
        trained = {run.parameters["placement"] for run in found}
        chapters = [
            Execution(f"{CHAPTER}-{_stem(order[name], name)}", notebooks / f"{CHAPTER}.ipynb",
                      {"placement": name, "profile": self.name if name in trained else "none"}, None, self.folder)
            for name in with_chapter()
        ]  # fmt: skip
        own = [
            Execution(OWN, notebooks / f"{OWN}.ipynb", self.own.plain(), None, self.folder, tuple(self.own.configs()))
        ] if self.own else []  # fmt: skip
        if not found:  # nothing is to be trained, or no data set is there
            parameters = {"placements": ["none"]}
            return [
                *own, *experiments, *chapters,
                Execution(COMPARISON, notebooks / "comparison.ipynb", parameters, None, self.folder),
            ]  # fmt: skip
        present = [name for name in self._datasets if name not in self.absent]
        placements = [run.parameters["placement"] for run in found]
        parameters = {**self.settings, "datasets": present, "placements": placements}
        comparison = Execution(COMPARISON, notebooks / "comparison.ipynb", parameters, None, self.folder)
        return [*found, *experiments, *chapters, comparison]

    def lies_over(self, chapter: Execution) -> Execution | None:
        """The execution whose runs a placement's chapter lays over the published ones."""
        placement = chapter.parameters["placement"]
        of_runs = (each for each in self.executions() if each.sweep is not None)
        return next((each for each in of_runs if each.sweep.placement == placement), None)


def _stem(number: int, placement: str) -> str:
    """What an execution is called: '02-input'."""
    return f"{number:02d}-{placement.replace('+', '-plus-').replace(':', '-at-').replace(',', '-')}"


def allows(placement: str, rate) -> bool:
    """Whether the placement's own limit allows a rate. What no placement allows is left for the Sweep to refuse."""
    entry = resolve(placement)
    proper = isinstance(rate, int | float) and not isinstance(rate, bool) and 0 <= rate < 1
    return not proper or entry.fixed_rate is not None or entry.allows(rate)


def allowed(placement: str, rates: list | dict | None, names: list[str]) -> tuple[list[str], list | dict]:
    """The rates that a placement allows of those that a study has, in the form in which they are given, and the data
    sets where any is left. Gates take rates up to .5: a study with higher ones has the others.

    rates: what a Sweep takes, checked, or None for its default. names: data sets.
    """
    kept = {name: [rate for rate in rates_on(rates, name) if allows(placement, rate)] for name in names}
    kept = {name: each for name, each in kept.items() if each}
    return [*kept], kept if isinstance(rates, dict) else next(iter(kept.values()), [])


def record_keys(execution: Execution) -> dict[str, object]:
    """Key to configuration of every run that an execution needs."""
    return {key_of(config): config for config in execution.configs()}

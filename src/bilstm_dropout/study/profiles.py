"""Profiles: what a study runs, as a YAML file that holds only what differs from the defaults."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .. import datasets
from ..dropout.placements import TABLE, resolve
from ..errors import UserError, brief, not_allowed, unknown
from ..experiments import memory
from ..files import Lock, check_writable, write_text
from ..files.reading import read_yaml
from ..paths import executions_folder, project_root
from ..runs.config import DEFAULT_DATASETS, applies
from ..runs.sweep import PARAMETERS, Sweep, rates_on
from ..runs.train import key_of
from .chapters import with_chapter
from .execute import RUNNING
from .notebooks import PAGES, Execution, published_hash
from .own.design import Design
from .own.design import read as read_design
from .sample import Added, Sample

COMPARISON = "comparison"
CHAPTER = "chapter"  # the notebook of what is published of one placement, and the first part of its executions' names
REMEMBERED = "profile.yaml"  # a profile's copy, beside its executions


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
_OWN_KEYS = ("placements", "notebooks", "sample", "added", "own")


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
        layers = settings.get("layers", 2 if "second layer" in resolve(placement).needs else 1)
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
    return not proper or entry.fixed_rate is not None or all(rate * term.factor <= term.limit for term in entry.terms)


def allowed(placement: str, rates: list | dict | None, names: list[str]) -> tuple[list[str], list | dict]:
    """The rates that a placement allows of those that a study has, in the form in which they are given, and the data
    sets where any is left. Gates take rates up to .5: a study with higher ones has the others.

    rates: what a Sweep takes, checked, or None for its default. names: data sets.
    """
    kept = {name: [rate for rate in rates_on(rates, name) if allows(placement, rate)] for name in names}
    kept = {name: each for name, each in kept.items() if each}
    return [*kept], kept if isinstance(rates, dict) else next(iter(kept.values()), [])


def remember(profile: Profile) -> None:
    """Keep a copy of a profile beside its executions, so that its name is enough to find it later.

    Whoever calls this holds the profile's lock: a study that runs goes by its own copy.
    """
    if not is_remembered(profile):
        write_text(profile.folder / REMEMBERED, profile.text)


def is_remembered(profile: Profile) -> bool:
    """Whether the copy that is kept is of this profile as it is."""
    try:
        return (profile.folder / REMEMBERED).read_text(encoding="utf-8") == profile.text
    except (OSError, ValueError):
        return False


def profile_files() -> dict[str, Path]:
    """The project's own profiles by name."""
    return {file.stem: file for file in sorted((project_root() / "notebooks" / "profiles").glob("*.yaml"))}


def load_profile(name: str | Path) -> Profile:
    """Read a profile by its name (quick) or the path of a YAML file, and check everything in it.

    Keys: those of sweep.PARAMETERS but `placement`, `placements` ('all', the default, or a list), `notebooks` (a
    list of CHAPTERS, none by default), `sample` (true: every run has a published twin) and `added` (of such a sample:
    `seeds` and `rates` of placements of which nothing is published), `own` (a study of the reader's own data: what
    design.read takes). Values are those of YAML 1.2; see files.reading.
    UserError for a file that is not there or no YAML, an unknown key or placement, every value that is not allowed,
    and a sample's run without a twin.
    """
    files = profile_files()
    path = files.get(str(name), Path(name))
    remembered = executions_folder() / str(name) / REMEMBERED
    if str(name) in files or path.suffix in (".yaml", ".yml"):
        name = path.stem
    elif Path(name).name == str(name) and os.access(remembered, os.F_OK):
        path = remembered
    else:
        raise unknown("profile", str(name), [*files, "path/to/profile.yaml"])
    if name in ("", ".", ".."):
        raise UserError(f"The profile {path} needs a name before its ending; results go by it: rename the file.")
    if name == PAGES:
        raise UserError(f"The profile {path} has the name of a folder of the project, {PAGES}: rename the file.")
    if name in files and path.resolve() != files[name].resolve():
        raise UserError(
            f"The profile {path} has the name of the project's own {name}; results go by name: rename the file."
        )
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"The profile {str(path)[:200]} cannot be read ({error.strerror}). Profiles: {', '.join(files)}."
        ) from None
    except ValueError as error:  # what is no UTF-8
        raise UserError(f"The profile {path} is no YAML: {' '.join(str(error).split())[:200]}.") from None
    return profile_of(str(name), text, path)


def profile_of(name: str, text: str, path: Path) -> Profile:
    """The profile of a YAML text, checked as `load_profile` has it. path: for messages."""
    try:
        content = read_yaml(text) or {}
    except ValueError as error:
        raise UserError(f"The profile {path} is no YAML: {' '.join(str(error).split())[:200]}.") from None
    if not isinstance(content, dict):
        raise UserError(f"The profile {path} must hold keys and values. Keys: {', '.join(PARAMETERS)}.")
    for key in content:
        if key == "placement" or key not in (*PARAMETERS, *_OWN_KEYS):
            raise unknown("key of a profile", key, [*_OWN_KEYS, *(key for key in PARAMETERS if key != "placement")])
    content = {key: value for key, value in content.items() if value is not None}
    layers = content.get("layers")
    if any(isinstance(each, str) for each in (layers.values() if isinstance(layers, dict) else [layers])):
        raise UserError(f"layers of the profile {path} is a text. Allowed: 1 or 2, without quotation marks.")
    for key in ("datasets", "seeds", "notebooks"):
        if key in content and not isinstance(content[key], list):
            content[key] = [content[key]]
    if "rates" in content:
        content["rates"] = Sweep.parse(placement="none", rates=content["rates"]).rates
    sample = content.pop("sample", False)
    if not isinstance(sample, bool):
        raise not_allowed("sample", sample, "true or false")
    added = Added.parse(content.pop("added")) if "added" in content else None
    if added and not sample:
        raise UserError("added says what a sample trains where nothing is published: write sample: true beside it.")
    own = read_design(content.pop("own")) if "own" in content else None
    asked = content.pop("placements", "all")
    names = list(TABLE) if asked == "all" else asked
    if not isinstance(names, list):
        raise UserError(f"placements: {brief(asked)!r} is not allowed. Allowed: all, or a list of placements.")
    chosen = {resolve(each).name for each in names} | ({"none"} if names else set())
    order = [each for each in TABLE if each in chosen] + sorted(chosen - set(TABLE))
    wanted = content.pop("notebooks", [])
    for each in wanted:
        if not isinstance(each, str) or each not in CHAPTERS:
            raise unknown("notebook of a profile", each, CHAPTERS)
    notebooks = tuple(each for each in CHAPTERS if each in wanted)
    profile = Profile(name, tuple(order), content, text, notebooks, sample, added, own)
    for dataset in content.get("datasets", []):
        datasets.describe(dataset)
    for placement in order:
        profile.sweep(placement)  # every value is checked here, before anything runs
    return profile


def record_keys(execution: Execution) -> dict[str, object]:
    """Key to configuration of every run that an execution needs."""
    return {key_of(config): config for config in execution.configs()}

"""Profiles as YAML files that hold only what differs from the defaults: found, checked, and kept beside executions."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

from .. import datasets
from ..dropout.placements import TABLE, resolve
from ..dropout.uses import EVERY
from ..errors import UserError, brief, not_allowed, unknown
from ..files import write_text
from ..files.reading import read_yaml
from ..paths import executions_folder, project_root
from ..runs.sweep import PARAMETERS, Sweep
from .notebooks import PAGES, published_hash
from .own.design import read as read_design
from .profiles import CHAPTERS, Profile
from .sample import Added

REMEMBERED = "profile.yaml"  # a profile's copy, beside its executions
_LONGEST_NAME = 80
_NAME = re.compile(rf"\w[\w.-]{{0,{_LONGEST_NAME - 1}}}")
_OWN_KEYS = ("placements", "notebooks", "sample", "added", "own")


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
    if not isinstance(name, str | Path):
        raise not_allowed("profile", name, "the name of a profile, or the path of a YAML file")
    files = profile_files()
    path = files.get(str(name), Path(name))
    remembered = executions_folder() / str(name) / REMEMBERED
    if str(name) in files or path.suffix in (".yaml", ".yml"):
        name = path.stem
    elif Path(name).name == str(name) and os.access(remembered, os.F_OK):
        path = remembered
    else:
        raise unknown("profile", str(name), [*files, "path/to/profile.yaml"])
    if not _NAME.fullmatch(str(name)):  # it stands in paths, commands and pages
        raise UserError(
            f"The profile {brief(str(path))!r} needs another name before its ending: at most {_LONGEST_NAME} letters, "
            "digits, '-', '_' and '.', beginning with a letter, a digit or '_'. Results go by it: rename the file."
        )
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
    if name in files:
        missing = tuple(filter(datasets.missing_files, datasets.NAMES))
        return _ours(str(name), text, path, (published_hash(), missing, TABLE.state([EVERY])[EVERY]))
    return profile_of(str(name), text, path)


@lru_cache(maxsize=4)
def _ours(name: str, text: str, path: Path, _state: tuple) -> Profile:
    """One of the project's own, once as long as it, what is published, the data's files and the table stay.

    A sample is compared with all published runs, and each page of a book asks for the profile.
    """
    return profile_of(name, text, path)


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
    if own and names:
        raise UserError(f"The profile {path} has own, a study by itself: write placements: [] beside it.")
    Sweep.parse(placement="none", **content)  # where nothing is trained the values are those of the defaults
    profile = Profile(name, tuple(order), content, text, notebooks, sample, added, own)
    for dataset in content.get("datasets", []):
        datasets.describe(dataset)
    for placement in order:
        profile.sweep(placement)  # every value is checked here, before anything runs
    return profile

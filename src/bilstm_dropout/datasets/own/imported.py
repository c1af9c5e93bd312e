"""The reader's own data sets: kept under data/own/ in a checked form, known by names that begin with `own-`.

`importing.import_file` puts one there. What is read back is verified by its hash, so that a file that was cut or
changed is noticed, and nothing in it can run.
"""

from __future__ import annotations

import io
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import UserError, not_allowed
from ...files import sha256
from ...files.reading import read_json
from ...paths import project_root
from ..dataset import Card, Dataset
from ..options import Option
from ..text.tokenizer import PUBLISHED
from .card import card, findings
from .content import unpacked
from .report import Finding, in_general, read
from .series import SERIES_OPTIONS, make_series, scaling
from .texts import make_texts, text_options

if TYPE_CHECKING:
    import pandas as pd

PREFIX = "own-"
# The first had neither a report nor a word on the tokenizer, the second no groups and no lines, the third no source;
# their data are read as they were then.
FORMAT, FORMATS = 4, (1, 2, 3, 4)
DESCRIPTION = "card.json"
_NAME = re.compile(r"own-[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME = 60
_again = "Import the file again: bilstm-dropout study --data FILE."
# Data sets that stand under their names in this process alone, with their arrays: what a plan is about.
_standing: dict[str, tuple[Kept, bytes]] = {}


@dataclass(frozen=True)
class Kept:
    """A data set under data/own/, without its arrays.

    kind, columns, classes, facts, report: as content.Content has them. training: what a sweep takes where nothing is
    given. file: the arrays' file. sha256: that file's hash. checksum: of all this; it changes with anything in it.
    source: where the file lay, '' where an earlier version kept it.
    """

    name: str
    kind: str
    columns: dict
    classes: tuple[str, ...]
    facts: dict
    training: dict
    file: str
    sha256: str
    checksum: str
    report: tuple[Finding, ...]
    source: str = ""

    def card(self, **quote) -> Card:
        """What a reader should know about it, made from the file. quote: see card.card."""
        return card(self.name, self.kind, self.columns, self.classes, self.facts, self.report, **quote)

    def findings(self, **quote) -> list[str]:
        """All that was found in the file, in sentences, the gravest first. quote: see card.card."""
        return findings(self.kind, self.columns, self.report, **quote)

    def options(self) -> dict[str, Option]:
        """Its options by name."""
        return text_options(self.facts) if self.kind == "tokens" else SERIES_OPTIONS

    def make(self, **options) -> Dataset:
        """The data set with these options, all given. UserError where the file is not the one that was written."""
        with self._arrays() as arrays:
            if self.kind == "tokens":
                rule = self.facts.get("tokenizer", PUBLISHED)
                return make_texts(self.name, self.classes, arrays, rule=rule, **options)
            return make_series(self.name, self.classes, arrays, **options)

    def scaling(self, fold: int, repeat: int) -> tuple[np.ndarray, np.ndarray]:
        """Of a data set of series, mean and spread of each feature, see series.scaling. UserError as in `make`."""
        with self._arrays() as arrays:
            return scaling(arrays, fold=fold, repeat=repeat)

    def rows(self) -> pd.DataFrame:
        """Every example in the order of the file: row, id, text, label.

        row: the line of the file that it begins on, counted from 1, its header too. id: as in Split.ids, whatever the
        fold. text: '' for a series. label: its class, as the file has it. UserError as in `make`, and where an earlier
        version, which noted no lines, kept the file.
        """
        import pandas as pd

        with self._arrays() as arrays:
            if "lines" not in arrays:
                raise UserError(f"The data set {self.name} was kept without the numbers of its lines. {_again}")
            ids = unpacked(arrays["ids"])
            texts = unpacked(arrays["texts"]) if self.kind == "tokens" else [""] * len(ids)
            labels = [self.classes[label] for label in arrays["labels"]]
            return pd.DataFrame({"row": arrays["lines"], "id": ids, "text": texts, "label": labels})

    @contextmanager
    def _arrays(self) -> Iterator[dict[str, np.ndarray]]:
        """What was kept, checked; whatever goes wrong with it in the block is the file's damage: a UserError."""
        path = folder(self.name) / self.file
        try:
            content = _standing[self.name][1] if self.name in _standing else path.read_bytes()
            if sha256(content) != self.sha256:
                raise ValueError("its hash is another")
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                arrays = {name: arrays[name] for name in arrays.files}
            yield arrays
        except (UserError, MemoryError):
            raise
        except PermissionError as error:
            raise _unreadable(path, error) from None
        except Exception as error:  # what somebody changed can fail in any way
            raise UserError(f"The data set {self.name} is damaged ({_line(error)}). {_again}") from None


def own_folder() -> Path:
    """Where imported data sets lie: data/own."""
    return project_root() / "data" / "own"


def folder(name: str) -> Path:
    """Where one of them lies. The name was checked, so it cannot lead elsewhere."""
    return own_folder() / name


def name_for(path: Path, name: str | None = None) -> str:
    """The name of a file's data set: own- and its stem in lower-case letters without accents, digits and hyphens.

    Where letters of the stem are lost or cut, eight digits of its hash follow, so that other stems have other names.
    name: one to take instead. UserError where it can be none.
    """
    if name:
        return _given(name)
    stem = unicodedata.normalize("NFC", path.stem)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", stem.lower()) if not unicodedata.combining(sign))
    short, room = re.sub(r"[^a-z0-9]+", "-", bare).strip("-"), _LONGEST_NAME - len(PREFIX)
    if short and len(short) <= room and not any(sign.isalnum() and not sign.isascii() for sign in bare):
        return PREFIX + short
    digest = sha256(stem.encode("utf-8", errors="surrogateescape"))[:8]
    return f"{PREFIX}{short[: room - 9].strip('-') or 'data'}-{digest}"


def _given(name: str) -> str:
    full = PREFIX + name.strip().removeprefix(PREFIX)
    if len(full) > _LONGEST_NAME or not _NAME.fullmatch(full):
        raise not_allowed("--name", name, f"small letters, digits and hyphens between them, at most "
                          f"{_LONGEST_NAME - len(PREFIX)}, for instance reviews-2")  # fmt: skip
    return full


def source_of(path: Path) -> str:
    """Where a file lies, to tell it from others of its name: within the project if it does, so that both may move."""
    path, root = Path(os.path.realpath(path)), project_root().resolve()  # links in a circle are no error here
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


@contextmanager
def standing(kept: Kept, arrays: bytes) -> Iterator[None]:
    """Within the block a data set stands under its name in this process, whatever is kept there; nothing is written.

    arrays: the bytes of its .npz file.
    """
    before = _standing.get(kept.name)
    _standing[kept.name] = kept, arrays
    try:
        yield
    finally:
        del _standing[kept.name]
        if before is not None:
            _standing[kept.name] = before


def names() -> tuple[str, ...]:
    """The imported data sets, sorted."""
    try:
        return tuple(sorted(file.parent.name for file in own_folder().glob(f"{PREFIX}*/{DESCRIPTION}")))
    except UserError:  # no project here: there are none
        return ()


def kept(name: str) -> Kept | None:
    """The imported data set of that name, or None. UserError where its description is damaged."""
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        return None
    if name in _standing:
        return _standing[name][0]
    file = folder(name) / DESCRIPTION
    try:
        return described(name, read_json(file.read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise _unreadable(file, error) from None
    except MemoryError:
        raise
    except Exception as error:  # what somebody changed can fail in any way
        raise UserError(f"The data set {name} is damaged ({_line(error)}). {_again}") from None


def described(name: str, content: dict) -> Kept:
    """A data set of that name by its description. Whatever exception where that is damaged."""
    checksum = content.pop("checksum")
    if checksum != checksum_of(content):
        raise ValueError("its checksum does not match")
    if content.pop("format") not in FORMATS:
        raise ValueError("it was written by another version")
    report = read(content["report"]) if "report" in content else in_general(content["facts"])
    content |= {"name": name, "classes": tuple(content["classes"]), "checksum": checksum, "report": report}
    made = Kept(**content)
    if not re.fullmatch(r"[\w-]+\.npz", made.file) or made.kind not in ("tokens", "series"):  # in its own folder
        raise ValueError("it names no file of a kind that there is")
    made.card()  # whatever else is of another form shows here
    made.options()
    return made


def checksum_of(content: dict) -> str:
    """SHA-256 over a description, as JSON with sorted keys, but for where the file lay, which is no part of it."""
    known = {part: value for part, value in content.items() if part != "source"}
    return sha256(json.dumps(known, sort_keys=True).encode())


def _unreadable(file: Path, error: OSError) -> UserError:
    return UserError(f"{file} cannot be read ({error.strerror}). Let whoever owns it make it readable for you.")


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]

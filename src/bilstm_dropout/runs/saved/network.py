"""A trained network as one file that answers new rows: Keras' .keras format, with the rules by which rows are read.

The file is the archive that Keras writes, with one more member, DESCRIPTION, plain JSON; the archive's comment has the
SHA-256 of all bytes before it. Whoever made a file can write another hash, so nothing in it is trusted: no pickle is
read, no layer is made by what the file names, and weights are taken only where their shapes are the network's.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import h5py
import keras
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...datasets.new.reading import Reading, SeriesReading, TextReading
from ...dropout.classifier import Classifier
from ...dropout.placements import resolve
from ...errors import UserError
from ...files import sha256, write_whole
from ...files.reading import read_json

DESCRIPTION = "bilstm-dropout.json"
MOST_BYTES = 2_000_000_000
_FORMAT = 1
_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_MEMBERS = {"metadata.json", _CONFIG, _WEIGHTS, DESCRIPTION}
_HASH = "sha256:"
_HASH_BYTES = len(_HASH) + 64
_Size = Annotated[int, Field(strict=True, ge=1, le=2**20)]
_Text = Annotated[str, Field(strict=True, max_length=1000)]


class Description(BaseModel):
    """What stands in the file beside Keras' own members.

    classes: in label order. reading: the rules for rows. placement, rate: the masks of training, and the drop rate at
    the epoch that was chosen. units, layers, embedding_dim (0 for series), bidirectional: of the network. dataset,
    seed, key, fingerprint, selected ('best' or 'last'), epoch: of the run, to be shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal[_FORMAT] = _FORMAT
    classes: Annotated[tuple[_Text, ...], Field(min_length=2, max_length=1000)]
    reading: Reading
    placement: _Text
    rate: Annotated[float, Field(strict=True, ge=0, lt=1)]
    units: _Size
    layers: Annotated[int, Field(strict=True, ge=1, le=2)]
    embedding_dim: Annotated[int, Field(strict=True, ge=0, le=2**20)]
    vocabulary: Annotated[int, Field(strict=True, ge=0, le=100_000)]
    bidirectional: Annotated[bool, Field(strict=True)]
    dataset: _Text
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63)]
    key: _Text
    fingerprint: _Text
    selected: Literal["best", "last"]
    epoch: Annotated[float, Field(ge=0, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _fits(self) -> Description:
        # Not check_rate: at its chosen epoch a schedule has another rate than the placement's own.
        if not resolve(self.placement).allows(self.rate):
            raise ValueError("its rate is too high for its placement")
        tokens = isinstance(self.reading, TextReading)
        if (self.embedding_dim > 0) != tokens or (self.vocabulary > 0) != tokens:
            raise ValueError("a network of texts has an embedding, one of series has none")
        if tokens and len(self.reading.tokens) + 2 > self.vocabulary:
            raise ValueError("it knows more tokens than it has vectors")
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("a class stands there twice")
        return self

    @property
    def features(self) -> int:
        """What the first layer reads a step."""
        return self.embedding_dim or len(self.reading.features)

    def weights(self) -> int:
        """How many numbers the network has."""
        directions, width, count = 1 + self.bidirectional, self.features, self.vocabulary * self.embedding_dim
        for _ in range(self.layers):
            count += directions * 4 * self.units * (width + self.units + 1)
            width = directions * self.units
        return count + (width + 1) * len(self.classes)


@dataclass(frozen=True)
class Saved:
    """A network that was read back: its description, and the model with its weights."""

    about: Description
    model: Classifier


@keras.saving.register_keras_serializable("bilstm_dropout")
class SavedClassifier(Classifier):
    """A Classifier that Keras can make again by itself: its placement is a name, and it knows what it reads a step."""

    def __init__(self, placement, classes, units, layers, vocabulary, embedding_dim, bidirectional, features, **_):
        super().__init__(resolve(placement), classes, units, layers, vocabulary, embedding_dim, bidirectional)
        self._given = dict(
            placement=placement, classes=classes, units=units, layers=layers, vocabulary=vocabulary,
            embedding_dim=embedding_dim, bidirectional=bidirectional, features=features,
        )  # fmt: skip
        empty = np.zeros((1, 2), np.int32) if vocabulary else np.zeros((1, 2, features), np.float32)
        self(empty, np.ones(1, np.int32))

    def get_config(self) -> dict:
        """What __init__ takes."""
        return dict(self._given)

    @classmethod
    def from_config(cls, config):
        """As Keras calls it."""
        return cls(**config)

    def get_build_config(self) -> None:
        """Nothing: __init__ builds."""


def description_of(config, dataset, reading: TextReading | SeriesReading, **about) -> Description:
    """The Description of a run. config: RunConfig; about: rate, key, selected and epoch."""
    return Description(
        classes=dataset.classes, reading=reading, placement=config.placement, units=config.units, layers=config.layers,
        embedding_dim=config.embedding_dim if dataset.vocabulary else 0, vocabulary=dataset.vocabulary,
        bidirectional=config.bidirectional, dataset=config.dataset, seed=config.seed, fingerprint=dataset.fingerprint,
        **about,
    )  # fmt: skip


def save(target: Path, about: Description, weights: list[np.ndarray]) -> None:
    """Write a network as one file that appears whole. weights: of model.trainable_variables, in their order."""
    model = _built(about)
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "model.keras"
        model.save(plain)
        buffer = io.BytesIO()
        with zipfile.ZipFile(plain) as keras_made, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(_MEMBERS - {DESCRIPTION}):
                archive.writestr(zipfile.ZipInfo(name), keras_made.read(name), zipfile.ZIP_DEFLATED)
            text = json.dumps(about.model_dump(mode="json"), ensure_ascii=True, allow_nan=False)
            archive.writestr(zipfile.ZipInfo(DESCRIPTION), text, zipfile.ZIP_DEFLATED)
            archive.comment = b" " * _HASH_BYTES
    content = buffer.getvalue()[:-_HASH_BYTES]
    write_whole(target, lambda name: Path(name).write_bytes(content + f"{_HASH}{sha256(content)}".encode()))


def read_saved(path: Path) -> Saved:
    """A network that `save` wrote. UserError, one line, for any other file, and for one that was changed or cut."""
    name = repr(str(path)[-80:])
    again = "Save it again: bilstm-dropout run PLACEMENT … --save FILE."
    try:
        if not path.is_file():
            raise UserError(f"There is no file {name}. Name one that `bilstm-dropout run … --save` wrote.")
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{name} has more than {MOST_BYTES / 1e9:g} GB, the most that a network may have.")
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{name} cannot be read ({error.strerror}). Check the path and your rights on it.") from None
    try:
        members = _members(content)
        if members is None:
            raise UserError(f"{name} is no network that this program saved. {again}")
        about = Description(**read_json(members[DESCRIPTION]))
        if about.weights() * 4 > len(members[_WEIGHTS]):
            raise ValueError("it lacks weights")
        model = _built(about)
        _check_config(members[_CONFIG], model)
        _take_weights(model, members[_WEIGHTS])
    except UserError as error:
        raise error if name in str(error) else UserError(f"{name} is damaged ({error}) {again}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))[:80]
        raise UserError(f"{name} is damaged ({where}: {first['msg'][:120]}). {again}") from None
    except Exception as error:  # zipfile, HDF5 and Keras raise much, and all of it is the file's
        said = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise UserError(f"{name} is damaged ({said}). {again}") from None
    return Saved(about, model)


def _built(about: Description) -> SavedClassifier:
    return SavedClassifier(
        about.placement, len(about.classes), about.units, about.layers, about.vocabulary, about.embedding_dim,
        about.bidirectional, about.features,
    )  # fmt: skip


def _members(content: bytes) -> dict[str, bytes] | None:
    """The members by name, or None where the archive is not one of ours. ValueError where it was changed."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        return None
    with archive:
        listed = archive.infolist()
        if DESCRIPTION not in {each.filename for each in listed}:
            return None
        if content[-_HASH_BYTES:] != f"{_HASH}{sha256(content[:-_HASH_BYTES])}".encode():
            raise ValueError("its hash is another: it was changed or cut")
        if len(listed) != len(_MEMBERS) or {each.filename for each in listed} != _MEMBERS:
            raise ValueError("it has other members than a saved network")
        if sum(each.file_size for each in listed) > MOST_BYTES:
            raise ValueError("it is too large once it is unpacked")
        return {each.filename: archive.read(each) for each in listed}


def _check_config(content: bytes, model: SavedClassifier) -> None:
    """ValueError unless Keras' own member describes this very network, so that Keras can make no other one of it."""
    found, wanted = read_json(content), keras.saving.serialize_keras_object(model)
    parts = ("class_name", "registered_name", "config")
    if not isinstance(found, dict) or any(found.get(part) != wanted[part] for part in parts):
        raise ValueError("it describes another network to Keras than to this program")


def _take_weights(model: SavedClassifier, content: bytes) -> None:
    with h5py.File(io.BytesIO(content), "r") as file:
        _check_links(file)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / _WEIGHTS
        file.write_bytes(content)
        model.load_weights(file)
    if not all(np.isfinite(value).all() for value in model.get_weights()):
        raise ValueError("a weight is not finite")


def _check_links(group: h5py.Group) -> None:
    """ValueError for what leads out of the file: HDF5 has links to other files, and values that lie in them."""
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError("its weights have links")
        each = group[name]
        if isinstance(each, h5py.Group):
            _check_links(each)
        elif each.external or each.is_virtual:
            raise ValueError("its weights lie in another file")

"""Keep what XLA compiled, so that a later process loads it: on a small data set compiling takes longer than training.

TensorFlow does it by itself once it has a folder. But it stops where it cannot write there or finds an entry that was
cut short, and what it kept may not run on another processor. So a folder is only named where none of that can be.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

from ..files import sha256
from ..paths import cache_folder
from .provenance import device_class

MOST_DAYS = 30  # an entry is kept; one that is still needed is compiled again, everything else would pile up
LEAST_BYTES = 2**30  # free space that there must be, so that TensorFlow never meets a full disk
# Tried there alone: compiled in one process and loaded in another, runs were the same to the last bit.
SYSTEMS = ("Linux x86_64",)
_WITH_LENGTH = 2  # the kind of a protocol buffer's field that states its length; an entry's other fields are numbers


def keep() -> None:
    """Have TensorFlow, which is not imported yet, keep what it compiles in data/cache/xla and load what is there.

    Each device class of provenance.device_class has a folder of its own, because TensorFlow does not look at the flags
    with which XLA compiled what it loads. It is named by the variable TF_XLA_FLAGS; one that is set already stays.
    Nothing is kept where the folder cannot be written, hardly any disk space is left, or the system was never tried.
    """
    device = device_class()
    if "TF_XLA_FLAGS" in os.environ or device["system"] not in SYSTEMS:
        return
    name = "-".join((device["processor"], device["backend"], _hash(device)))
    folder = cache_folder() / "xla" / re.sub(r"[^\w.]+", "-", name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        if re.search(r"\s", str(folder)) or shutil.disk_usage(folder).free < LEAST_BYTES:
            return
        for entry in folder.iterdir():
            if time.time() - entry.stat().st_mtime > MOST_DAYS * 24 * 3600 or (entry.suffix == ".pb" and _cut(entry)):
                entry.unlink(missing_ok=True)
    except OSError:
        return
    os.environ["TF_XLA_FLAGS"] = f"--tf_xla_persistent_cache_directory={folder}"


def _hash(device: dict[str, str]) -> str:
    return sha256(json.dumps(device, sort_keys=True).encode())[:8]


def _cut(entry: Path) -> bool:
    """Whether an entry, a protocol buffer, does not end where its last field does."""
    size = entry.stat().st_size
    with entry.open("rb") as file:
        while file.tell() < size:
            tag, length = _number(file), _number(file)
            if tag & 7 == _WITH_LENGTH:
                file.seek(length, os.SEEK_CUR)
        return size == 0 or file.tell() != size


def _number(file) -> int:
    """The next number: seven bits a byte, the lowest first, as long as the eighth is set. 0 at the end of the file."""
    number = shift = 0
    while byte := file.read(1):
        number |= (byte[0] & 127) << shift
        if byte[0] < 128:
            break
        shift += 7
    return number

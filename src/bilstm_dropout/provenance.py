"""Where a record comes from: kept beside results, never part of a run's identity."""

from __future__ import annotations

import hashlib
import os
import platform
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from .errors import UserError
from .paths import project_root

# What a run's numbers can depend on; pages, figures and commands are not among it.
_SOURCES = (
    "terms", "placements", "masks", "scan", "lengths", "recurrent", "model", "schedules", "training", "metrics",
    "config", "datasets",
)  # fmt: skip
_VECTOR_EXTENSIONS = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "asimd", "sve")


def hash_files(files) -> str:
    """SHA-256, 16 hexadecimal digits, over names and contents of files in sorted order."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def source_fingerprint() -> str:
    """A hash over the modules that a run's numbers depend on."""
    package = Path(__file__).parent
    files = [file for name in _SOURCES for file in [package / f"{name}.py", *(package / name).glob("*.py")]]
    return hash_files(file for file in files if file.is_file())


@cache
def device_class() -> dict[str, str]:
    """What may change the last bits of a result: system, processor's vector extensions, threads, backend, versions."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        flags = [platform.processor()]
    extensions = " ".join(name for name in _VECTOR_EXTENSIONS if name in flags)
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "vector_extensions": extensions,
        "threads": os.environ.get("TF_NUM_INTRAOP_THREADS", "all"),
        "backend": f"tensorflow {version('tensorflow')}",
        "keras": version("keras"),
        "numpy": version("numpy"),
    }


def foreign(records, here: dict[str, str] | None = None) -> list:
    """Those of the records that another device class made than `here` (this process's unless given).

    Their numbers stand for the same runs, but the last digits may differ from what would be computed here.
    """
    here = device_class() if here is None else here
    return [record for record in records if record.provenance.get("device") != here]


def provenance() -> dict:
    """All of it, for a record made now."""
    try:
        lock = hash_files([project_root() / "requirements.lock"])
    except (OSError, UserError):
        lock = ""
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "source": source_fingerprint(),
        "lock": lock,
        "device": device_class(),
    }

"""Where a record comes from: kept beside results, never part of a run's identity."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from ..errors import UserError
from ..files import hash_files
from ..isolated import PACKAGE, hash_of, sources_of
from ..paths import project_root

# What trains a run and what measures it.
_TRAINED_BY = ("bilstm_dropout.runs.trainer", "bilstm_dropout.stats.metrics")
# The program that trains, as far as last bits go: raised where a change moves them and results stay (the golden run
# decides that). It is no part of a run's key.
KERNEL = "3"
_VECTOR_EXTENSIONS = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "asimd", "sve")


def run_sources() -> tuple[Path, ...]:
    """The modules that a run's numbers depend on; pages, figures and commands are not among them.

    Those of the package's own folder say errors, find folders and show progress: they change no number.
    """
    return tuple(file for file in sources_of(*_TRAINED_BY) if file.parent != PACKAGE)


@cache
def source_fingerprint() -> str:
    """A hash over the modules that a run's numbers depend on."""
    return hash_of(run_sources())


def device_class(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What may change the last bits of a result: system, processor, threads, how XLA compiles, backend, versions.

    environment: the variables of the process that trains, which say threads and XLA's flags; this one's unless given.
    The processor's vector extensions do not tell enough: two generations with the same ones gave different last bits.
    Records from before its model and XLA's flags were noted lack both, so they are of no class that is known today.
    """
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    flags = text.split() or [platform.processor()]
    said = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}
    model = [said[name] for name in ("vendor_id", "cpu family", "model") if name in said]
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": " ".join(model) or platform.processor(),
        "vector_extensions": " ".join(name for name in _VECTOR_EXTENSIONS if name in flags),
        "threads": environment.get("TF_NUM_INTRAOP_THREADS", "all"),
        "xla_flags": environment.get("XLA_FLAGS", ""),
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
        "kernel": KERNEL,
        "lock": lock,
        "device": device_class(),
    }

"""Training speed against stock Keras and PyTorch: ratios measured in one run (`make bench`).

BiLSTM 64, batch 32, both of Keras' arguments at 0.25. JapaneseVowels is trained whole, 40 epochs and one pass over the
test part; the text sets are made-up data of their sizes (candidates.SIZES), of which so many updates are timed as
stated there and scaled to a run. Every candidate runs in processes of its own, after a first run that compiles. A
library's ways of doing it are each timed once: JIT on or off, tf.data or arrays, dense or packed; one process with
every core or one single-thread process a core; for stock's JIT also the flags with which the study has XLA compile,
which ours always has. Then the libraries' best take turns, and medians are compared.

Stock Keras, on each of its backends, and PyTorch are measured for JapaneseVowels and IMDB. JAX and PyTorch live in the
environments of `make test-backends`; what is not installed is left out. torch.nn.LSTM has no recurrent dropout: it does
less. For every size NumPy's sgemm takes turns with ours: it does the matrix products that a run cannot do without, and
nothing else (products.py), which says how much of the machine's speed training reaches.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.replication import interpreter
from bilstm_dropout.runs.processes import ENVIRONMENT

from . import products, published
from .candidates import JAPANESE_VOWELS, NAMES, SIZES, japanese_vowels, made_up

ROOT = Path(__file__).parents[1]
ROUNDS = 5
VOWEL_EPOCHS = 40
COMPARED = (JAPANESE_VOWELS, "imdb")
FLAGS = "jit with the study's flags"
LIBRARIES = {
    "ours": ["ours"],
    "stock": [f"stock, {way}, {data}" for way in ("jit", FLAGS, "no compilation") for data in ("tf.data", "arrays")],
    "stock-jax": ["stock-jax, jit, arrays"],
    "stock-torch": ["stock-torch, arrays"],
    "pytorch": ["pytorch, dense", "pytorch, packed"],
    "sgemm": ["sgemm"],
}
EVERYWHERE = ("ours", "sgemm")
# What needs an environment of its own, and which one `make test-backends` makes for it.
APART = {"stock-jax": ".venv-jax", "stock-torch": ".venv-torch", "pytorch": ".venv-torch"}


@dataclass(frozen=True)
class Way:
    """A candidate on the whole machine: so many processes of so many threads."""

    candidate: str
    processes: int
    threads: int

    def __str__(self) -> str:
        return f"{self.candidate} ({self.processes} × {self.threads} thread{'s' if self.threads > 1 else ''})"


def python_of(library: str) -> str | None:
    """The interpreter that runs a library, None where `make test-backends` has not made it yet.

    PyTorch: what PYTORCH_PYTHON names, UserError where that lacks it; else this one where it has PyTorch.
    """
    if library not in APART or (library == "pytorch" and interpreter.installed()):
        return interpreter.python() if library == "pytorch" else sys.executable
    python = ROOT / APART[library] / "bin" / "python"
    return str(python) if python.exists() else None


class Running:
    """The processes of one way, compiled and waiting. A context manager; RuntimeError, one line, where one ends."""

    def __init__(self, way: Way, data: Path):
        library = way.candidate.partition(",")[0]
        command = [python_of(library), "-m", "bench.candidates", str(data), way.candidate, str(way.threads)]
        environment = {
            **os.environ, "OMP_NUM_THREADS": str(way.threads), "TF_CPP_MIN_LOG_LEVEL": "3",
            "NPROC": str(way.threads),  # as many threads JAX takes
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),  # for an interpreter that lacks both
        }  # fmt: skip
        if library.startswith("stock-"):
            environment["KERAS_BACKEND"] = library.removeprefix("stock-")
        if way.candidate == "ours" or FLAGS in way.candidate:
            environment["XLA_FLAGS"] = ENVIRONMENT["XLA_FLAGS"]
        self.complaints = data.with_name(f"{way}.log")
        with self.complaints.open("w") as log:
            self.processes = [
                subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
                )
                for _ in range(way.processes)
            ]

    def __enter__(self) -> Running:
        try:
            for process in self.processes:
                self._line(process)
        except RuntimeError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            process.wait()
            process.stdout.close()

    def seconds(self, seed: int) -> float:
        """Have every process train once, at the same time; the seconds of the slowest."""
        for process in self.processes:
            process.stdin.write(f"{seed}\n")
            process.stdin.flush()
        return max(float(self._line(process)) for process in self.processes)

    def _line(self, process) -> str:
        line = process.stdout.readline()
        if not line:
            said = self.complaints.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
            raise RuntimeError(said[-1][:200])
        return line


def measure(name: str, libraries: list[str], rounds: int, cores: int, say=print) -> dict:
    """Measure one size: runs an hour of the whole machine by library, at its best, and ratios of ours to the others.

    name: of NAMES. libraries: of LIBRARIES. rounds: how often the best take turns. cores: processes or threads.
    """
    size = SIZES.get(name)
    arrays = made_up(size) if size else japanese_vowels(VOWEL_EPOCHS)
    share = size.timed / size.updates if size else 1.0  # of a run that is timed
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.npz"
        np.savez(file, **arrays)
        best = {library: _best_way(library, file, cores, share, name, say) for library in libraries}
        best = {library: way for library, way in best.items() if way}
        found = _in_turns(best, file, rounds)
    result = {"size": name, "cores": cores}
    for library, seconds in found.items():
        an_hour = 3600 * share * best[library].processes
        result[library] = {"way": str(best[library]), "runs_an_hour": round(an_hour / statistics.median(seconds), 1)}
        if size:
            result[library]["milliseconds_an_update"] = round(1000 * statistics.median(seconds) / size.timed, 2)
        say(f"{name}: {best[library]}: {result[library]['runs_an_hour']:g} runs an hour")
    if "ours" in found:
        a_run = products.operations(arrays) / share
        result["ours"]["gflops"] = round(a_run * result["ours"]["runs_an_hour"] / 3600e9, 1)
    for library in found.keys() - {"ours"} if "ours" in found else ():
        ratios = [
            best["ours"].processes / own / (best[library].processes / other)
            for own, other in zip(found["ours"], found[library], strict=True)
        ]
        of_medians = result["ours"]["runs_an_hour"] / result[library]["runs_an_hour"]
        result[f"ratio_to_{library}"] = round(of_medians, 2)
        result[f"rounds_of_ratio_to_{library}"] = [round(min(ratios), 2), round(max(ratios), 2)]
        say(f"{name}: ours {of_medians:.2f} × {library} (rounds: {min(ratios):.2f} to {max(ratios):.2f})")
    return result


def _best_way(library: str, file: Path, cores: int, share: float, name: str, say) -> Way | None:
    """The way of a library with the most runs an hour, each timed once; None if none of them runs."""
    found = {}
    for candidate in LIBRARIES[library]:
        for processes, threads in sorted({(cores, 1), (1, cores)}):
            way = Way(candidate, processes, threads)
            try:
                with Running(way, file) as running:
                    found[way] = 3600 * share * processes / running.seconds(1)
            except RuntimeError as error:
                say(f"{name}: {way} failed: {error}")
            else:
                say(f"{name}: {way}: {found[way]:.3g} runs an hour, timed once")
    return max(found, key=found.get) if found else None


def _in_turns(best: dict[str, Way], file: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds by library and round, the libraries one after the other in every round."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        running = {library: stack.enter_context(Running(way, file)) for library, way in best.items()}
        seconds = {library: [] for library in running}
        for number in range(rounds):
            for library, each in running.items():
                seconds[library].append(each.seconds(number + 2))
    return seconds


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print a line a measurement and one of JSON a size."""
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", choices=NAMES, help="a size; repeat for more; all without it")
    parser.add_argument("--library", action="append", choices=list(LIBRARIES), help="a library; repeat for more")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often the best take turns")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1, help="cores to use")
    given = parser.parse_args(arguments)
    if given.rounds < 1 or given.cores < 1:
        parser.error("--rounds and --cores are whole numbers of at least 1")
    libraries = []
    for library in (each for each in LIBRARIES if each in (given.library or LIBRARIES)):
        if python_of(library):
            libraries.append(library)
        else:
            print(f"{library} is left out: {APART[library]} is not there; make test-backends makes it")
    results = []
    for name in given.only or NAMES:
        measured = [each for each in libraries if name in COMPARED or each in EVERYWHERE]
        results += [measure(name, measured, given.rounds, given.cores, say=partial(print, flush=True))]
    for result in results:
        print(json.dumps(result))
    print(published.seconds().to_string())


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(2)

"""Three placements written again in PyTorch: do the primary contrasts have the same signs there?

`bilstm-dropout check pytorch` trains published runs of a2 (the tuned settings, on text) and a3 (the fixed rate, on
JapaneseVowels) with torch_program.py: the same configuration, starting weights, order of rows and data; other masks,
and other code for everything that computes. --json prints what is in data/published/pytorch.json. PyTorch is looked
for as interpreter.py says. An interrupted call is taken up by the same command.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic

from ... import datasets
from ...dropout.placements import resolve
from ...errors import UserError
from ...files import check_writable, sha256, write_text
from ...paths import cache_folder
from ...progress import bar
from ...results import published
from ...results.measurement import Measurement
from ...results.rows import config_of, rows_of
from ...runs.processes import ENVIRONMENT, default_workers
from ..confirmatory import contrasts, plan
from . import interpreter

PLACEMENTS = ("none", "input", "recurrent", "variational")  # torch_program.Network has them
PARTS = {**dict.fromkeys(plan.TUNED, "a2"), "japanese_vowels": "a3"}  # part by data set
UNITS, SEED = 12, 1  # of each data set, unless the command says otherwise; of the drawing
_PROGRAM = Path(__file__).with_name("torch_program.py")

_VERSION = r"^[0-9][0-9a-z.+]{0,40}$"
_NLL = Annotated[float, pydantic.Field(ge=0, allow_inf_nan=False)]


class Trained(pydantic.BaseModel, extra="forbid", frozen=True):
    """What torch_program.py prints for a run, and what is kept of it. seconds: of training. torch: its version."""

    nll_best: _NLL | None
    nll_last: _NLL
    seconds: Annotated[float, pydantic.Field(ge=0)]
    torch: Annotated[str, pydantic.Field(pattern=_VERSION)]


class Again(pydantic.BaseModel, extra="forbid", frozen=True):
    """A published run trained again in PyTorch: its key, and the test NLL (nats) at both checkpoints.

    nll_best: where validation chose; None where nothing chooses.
    """

    key: Annotated[str, pydantic.Field(pattern="^[0-9a-f]{20}$")]
    nll_best: _NLL | None
    nll_last: _NLL


class Reimplementation(Measurement):
    """What was found. program: fingerprint of the code that trained. torch: its version. runs: each once."""

    FILE = "pytorch.json"
    COMMAND = "bilstm-dropout check pytorch --json"
    NAME = "check"

    program: Annotated[str, pydantic.Field(pattern="^[0-9a-f]{16}$")]
    torch: Annotated[str, pydantic.Field(pattern=_VERSION)]
    runs: Annotated[tuple[Again, ...], pydantic.Field(min_length=1)]

    @pydantic.model_validator(mode="after")
    def _once(self):
        if len({run.key for run in self.runs}) < len(self.runs):
            raise ValueError("a run is there twice")
        return self


def program() -> str:
    """The fingerprint of torch_program.py."""
    return sha256(_PROGRAM.read_bytes())[:16]


def drawn_units(dataset: str) -> list[tuple[int | None, int]]:
    """The units (test fold, seed) of a data set's runs, in the order in which they are taken: a random one.

    Data sets that share a part have the same order, so that their units can be averaged.
    """
    if PARTS[dataset] == "a2":
        units = [*product(contrasts.FOLDS["a2"], plan.SEEDS)]
    else:
        units = [(None, seed) for seed in plan.FIXED_SEEDS_OF_SERIES]
    return [units[place] for place in np.random.default_rng(SEED).permutation(len(units))]


def rows_by_run() -> dict[tuple[str, str, int | None, int], dict]:
    """The published rows that can be trained again, by data set, placement, test fold and seed."""
    found = {}
    for part in dict.fromkeys(PARTS.values()):
        for row in rows_of(published.read(part)):
            if PARTS.get(row["dataset"]) == part and row["placement"] in PLACEMENTS:
                fold = json.loads(row["dataset_options"]).get("fold")
                found[row["dataset"], row["placement"], fold, row["seed"]] = row
    return found


def chosen(units: int, sets: list[str]) -> list[dict]:
    """The published rows of the first so many units of each data set: unit by unit, so that any beginning is even."""
    rows = rows_by_run()
    places = [
        (dataset, placement, *unit)
        for number in range(units)
        for dataset in sets
        for unit in drawn_units(dataset)[number : number + 1]
        for placement in PLACEMENTS
    ]
    lacking = [place for place in places if place not in rows]
    if lacking:
        raise UserError(f"{len(lacking)} runs to train again are not published. Restore data/published from a release.")
    return [rows[place] for place in places]


def start(dataset: datasets.Dataset, units: int, embedding_dim: int, seed: int) -> dict[str, np.ndarray]:
    """The weights that the study's runs of a seed start from, as torch_program.Network takes them."""
    from ...dropout.classifier import build_classifier, initial_weights
    model = build_classifier(resolve("none"), dataset, units, embedding_dim=embedding_dim)
    paths = [variable.path.split("/", 1)[1] for variable in model.trainable_variables]
    by_name = dict(zip(paths, initial_weights(model, seed), strict=True))
    found = {}
    for path, value in by_name.items():
        layer, name = path.split("/")
        if layer.startswith("dense"):
            found["head" if name == "kernel" else "head_bias"] = value
        elif layer.startswith("embedding"):
            found["embedding"] = value
    layer = next(path.split("/")[0] for path in by_name if path.endswith("forward_kernel"))
    for mine, theirs in (("kernel", "kernel"), ("recurrent", "recurrent_kernel"), ("bias", "bias")):
        found[mine] = np.stack([by_name[f"{layer}/{side}_{theirs}"] for side in ("forward", "backward")])
    return found


def prepare(row: dict, target: Path) -> None:
    """Write what torch_program.py reads: settings, starting weights, and the data by split.

    UserError where the data are not those that the published run was trained on.
    """
    config = config_of(row)
    dataset = datasets.load(config.dataset, **config.dataset_options)
    if dataset.fingerprint != row["fingerprint"]:
        raise UserError(
            f"The run {row['key']} cannot be trained again: {config.dataset} is not what it was trained on. Take the "
            "data and the code of the release that published it."
        )
    names = ("placement", "rate", "learning_rate", "epochs", "batch_size", "evaluations_per_epoch", "seed")
    arrays = {"settings": np.array(json.dumps({name: getattr(config, name) for name in names}))}
    for name, value in start(dataset, config.units, config.embedding_dim, config.seed).items():
        arrays[f"start/{name}"] = value
    for split, part in dataset.splits().items():
        for name in ("inputs", "lengths", "labels"):
            arrays[f"{split}/{name}"] = getattr(part, name)
    np.savez(target, **arrays)


def _kept(record: Path) -> Trained | None:
    """What a record holds; None where it is not there or is damaged, so that the run is trained again."""
    try:
        return Trained.model_validate_json(record.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, pydantic.ValidationError):
        return None


def _train(target: Path) -> Trained:
    """Train what a file says in a process of its own, on one thread. UserError, one line, where that fails."""
    # Copied, because beside it lie modules of ours that would hide Python's `numbers` and others.
    program_here = shutil.copy(_PROGRAM, target.with_suffix(".py"))
    done = subprocess.run(
        [interpreter.python(), program_here, str(target)], capture_output=True, text=True, check=False,
        env={**os.environ, **ENVIRONMENT},
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
        raise UserError(f"PyTorch did not train a run: {said}. What was trained is kept for the next call.")
    return Trained.model_validate_json(done.stdout)


def measure(units: int = UNITS, sets: list[str] | None = None, workers: int | None = None) -> Reimplementation:
    """Train the first so many units of each data set again in PyTorch. A minute a run on text, on one core.

    units: 1 to 20. sets: names of PARTS; all by default. workers: processes at once, one a core by default. UserError
    where PyTorch, files or published runs are missing, and where a training fails; what is finished is kept.
    """
    if not interpreter.installed():
        raise UserError(
            "PyTorch is not here. Set PYTORCH_PYTHON to the path of a Python that has torch and numpy: an environment "
            "of its own will do (python -m venv, pip install torch numpy)."
        )
    sets = list(PARTS) if sets is None else sets
    for name in sets:
        if lacking := datasets.missing_files(name):
            raise UserError(
                f"{name} needs {lacking[0].path}, which is not here. Name its folder with BILSTM_DROPOUT_DATA, or "
                "leave the set out with --dataset."
            )
    rows = chosen(units, sets)
    kept = cache_folder() / "pytorch" / program()
    check_writable(kept, "Trained runs", "work in a copy of the project that is yours")
    records = {row["key"]: kept / f"{row['key']}.json" for row in rows}
    todo = [row for row in rows if _kept(records[row["key"]]) is None]
    building = threading.Lock()  # Keras names layers by counters that threads share
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(workers or default_workers()) as pool,
        bar(len(todo), "PyTorch") as advance,
    ):

        def one(row: dict) -> None:
            target = Path(folder) / f"{row['key']}.npz"
            with building:
                prepare(row, target)
            found = _train(target)
            target.unlink()
            write_text(records[row["key"]], found.model_dump_json())
            with building:
                advance()

        try:
            for _ in pool.map(one, todo):
                pass
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    found = {key: Trained.model_validate_json(record.read_text(encoding="utf-8")) for key, record in records.items()}
    runs = tuple(Again(key=key, nll_best=each.nll_best, nll_last=each.nll_last) for key, each in found.items())
    return Reimplementation(program=program(), torch=next(iter(found.values())).torch, runs=runs)

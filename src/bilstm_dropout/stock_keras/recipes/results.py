"""Train recipes as plain Keras does, with `fit`, and keep what they gave: one JSON file a recipe, seed and epochs."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel

from ...errors import UserError
from ...files import check_writable, sha256, write_text
from ...loading import check_backend
from ...paths import published_folder, runs_folder
from ...runs.provenance import provenance
from .table import RECIPES, SEEDS, Recipe

_LARGEST_FILE = 64 * 1024  # bytes; a result has about two thousand
_LARGEST_SEED = 2**32 - 1  # NumPy takes no larger one


class Result(BaseModel, extra="forbid", strict=True, frozen=True, allow_inf_nan=False):
    """What one recipe gave with one seed.

    epochs: epochs trained. keras: Keras' version. definition: Recipe.definition. train_loss: mean over the batches of
    the last epoch, dropout on, as Keras reports it. value: the metric on the test part, dropout off. trivial: what a
    forecast without a network reaches there. Losses and value are None where they were not finite.
    """

    recipe: str
    seed: int
    epochs: int
    keras: str
    definition: str
    train_loss: float | None
    metric: str
    value: float | None
    trivial: float
    seconds: float
    provenance: dict


def train(recipe: Recipe, seed: int, epochs: int, rows: int | None = None, steps: int | None = None) -> Result:
    """Build, fit and test a recipe from scratch. rows, steps: at most so many, for a trial; None for all.

    Raises UserError where the files of the recipe's data are neither here nor to be had.
    """
    task, start = recipe.question, time.perf_counter()
    training, test = task.parts(rows, steps)
    import keras  # TensorFlow is imported here, once something has to be trained

    keras.utils.set_random_seed(seed)
    model = recipe.build(keras, training.inputs.shape[1], task.symbols or training.inputs.shape[2])
    model.compile(recipe.optimizer, task.loss)
    # Without validation data: Keras draws an LSTM's masks in evaluations too, which would change the training.
    fitted = model.fit(training.inputs, training.targets, batch_size=recipe.batch_size, epochs=epochs, verbose=0)
    outputs = model.predict(test.inputs, batch_size=256, verbose=0)[:, 0]
    finite = bool(abs(outputs).max() < math.inf)
    return Result(
        recipe=recipe.name,
        seed=seed,
        epochs=epochs,
        keras=version("keras"),
        definition=recipe.definition(),
        train_loss=_finite(fitted.history["loss"][-1]),
        metric=task.metric,
        value=_finite(task.measure(outputs, test)) if finite else None,
        trivial=task.trivial(training, test),
        seconds=round(time.perf_counter() - start, 3),
        provenance=provenance(),
    )


def run_recipes(
    recipes: Iterable[Recipe],
    seeds: Iterable[int] = SEEDS,
    epochs: int | None = None,
    say: Callable[[str], None] = print,
    progress: Callable[[], None] = lambda: None,
) -> list[Result]:
    """The results of recipes, by recipe and seed; what is not kept is trained, and kept as soon as it is there.

    epochs: those of the recipe unless given. say: told of results that are damaged, and of tasks whose files are
    absent, in a line each: their recipes are left out. progress: called after each result. Raises UserError for seeds
    and epochs that are not allowed, a folder that cannot be written to, Keras set up in another way, or where absent
    files leave no result at all.
    """
    seeds = list(seeds)
    if not seeds or len(set(seeds)) < len(seeds) or not all(_is_whole(seed, 0, _LARGEST_SEED) for seed in seeds):
        raise UserError(f"seeds: {seeds!r:.80} is not allowed. Allowed: different whole numbers from 0 to 2**32 - 1.")
    if epochs is not None and not _is_whole(epochs, 1, 10_000):
        raise UserError(f"epochs: {epochs!r:.80} is not allowed. Allowed: a whole number from 1 to 10000.")
    check_writable(results_folder(), "Results", "name another folder with BILSTM_DROPOUT_RUNS")
    check_backend()
    results, absent = [], {}
    for recipe in recipes:
        for seed in seeds:
            length = epochs or recipe.epochs
            result = kept(recipe, seed, length, say)
            if result is None and recipe.task not in absent:
                try:
                    result = train(recipe, seed, length)
                    keep(result)
                except UserError as error:
                    absent[recipe.task] = f"What needs the task {recipe.task} is left out. {error}"
            if result is not None:
                results.append(result)
                progress()
    if absent and not results:
        raise UserError(" ".join(absent.values()))
    for line in absent.values():
        say(line)
    return results


def results_folder() -> Path:
    """Where results are kept: recipes/ in the folder of the run records."""
    return runs_folder() / "recipes"


def kept(
    recipe: Recipe, seed: int, epochs: int, say: Callable[[str], None] = print, folder: Path | None = None
) -> Result | None:
    """The result that is kept for the installed Keras, or None if there is none, or none that verifies (it is said).

    folder: results_folder() unless given. UserError where the result is there and may not be read.
    """
    file = _file(recipe.name, seed, epochs, version("keras"), folder)
    try:
        result = _read(file)
        if (result.recipe, result.seed, result.epochs, result.keras) != (recipe.name, seed, epochs, version("keras")):
            raise ValueError("it belongs to another run")
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise UserError(
            f"The result {file} cannot be read ({error.strerror}). Let whoever owns it make it readable for you, or "
            "name another folder with BILSTM_DROPOUT_RUNS."
        ) from None
    except Exception as error:  # whatever a hostile or broken file causes, it is a damaged result
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        say(f"The result {file} is damaged ({reason}); the recipe is trained again.")
        return None
    # A recipe whose code or data has changed since is another recipe.
    return result if result.definition == recipe.definition() else None


def kept_results() -> Iterator[Result]:
    """Every sound result of the recipes as they are now, with their own epochs and the installed Keras.

    One's own counts before the published one of the same seed (data/published/recipes).
    """
    folders = (published_folder() / "recipes", results_folder())
    for recipe in RECIPES.values():
        found = {}
        for folder in folders:
            pattern = _file(recipe.name, "*", recipe.epochs, version("keras")).name
            seeds = [path.name.split(".seed-")[1].split(".")[0] for path in folder.glob(pattern)]
            for seed in {int(seed) for seed in seeds if seed.isdecimal()}:
                result = kept(recipe, seed, recipe.epochs, lambda _: None, folder)
                found |= {seed: result} if result is not None else {}
        yield from (found[seed] for seed in sorted(found))


def keep(result: Result) -> None:
    """Write a result; afterwards its file is there whole."""
    content = result.model_dump()
    content["checksum"] = _checksum(content)
    file = _file(result.recipe, result.seed, result.epochs, result.keras)
    write_text(file, json.dumps(content, indent=1, sort_keys=True, allow_nan=False))


def _read(file: Path) -> Result:
    with file.open("rb") as stream:
        text = stream.read(_LARGEST_FILE + 1)
    if len(text) > _LARGEST_FILE:
        raise ValueError("it is too large")
    content = json.loads(text)
    checksum = content.pop("checksum")
    if checksum != _checksum(content):
        raise ValueError("its checksum does not match")
    return Result(**content)


def _checksum(content: dict) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode())


def _file(name: str, seed: int | str, epochs: int, keras_version: str, folder: Path | None = None) -> Path:
    return (folder or results_folder()) / f"{name}.seed-{seed}.epochs-{epochs}.keras-{keras_version}.json"


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

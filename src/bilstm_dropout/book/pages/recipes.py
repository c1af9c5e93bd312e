"""The part of the page on recipes that is made from their table: an overview with results, and each one's code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import version

from ... import datasets
from ...stock_keras.recipes.results import Result
from ...stock_keras.recipes.table import GROUPS, RECIPES, Recipe
from ...stock_keras.recipes.tasks import TASKS
from ...wording import rate_text
from ..markdown import citation, link, table


def page_part(chapters: Mapping[str, str], results: Iterable[Result]) -> str:
    """The tasks, a table of all recipes, and a section each with the stock model's code.

    chapters: documents by placement. results: of the recipes with their own epochs, as recipes.kept_results gives.
    """
    by_recipe = defaultdict(list)
    for result in results:
        by_recipe[result.recipe].append(result)
    lines = [
        [f"[`{name}`](#recipe-{name})", citation(recipe.source), _terms(recipe, chapters),
         _gave(recipe, by_recipe[name])]
        for name, recipe in RECIPES.items()
    ]  # fmt: skip
    every = table(["recipe", "where from", "in the placement table's terms", "what it gave"], lines)
    parts = ["## The tasks", *map(_task, TASKS), "## The recipes", _budget(), every, *_groups()]
    return "\n\n".join([*parts, *(_section(recipe, chapters) for recipe in RECIPES.values())])


def _terms(recipe: Recipe, chapters: Mapping[str, str]) -> str:
    """The placement and its rate, with links to the chapters of its parts, or why there is none."""
    if not recipe.placement:
        return f"None. {recipe.why_no_placement}"
    parts = recipe.placement.removesuffix("@own").split("+")
    written = "" if recipe.placement in parts else f", written `{recipe.placement}`"
    return f"{' and '.join(link(part, chapters) for part in parts)}, $p$ = {rate_text(recipe.rate)}{written}"


def _gave(recipe: Recipe, results: list[Result]) -> str:
    """Mean, lowest and highest over the seeds, beside what a forecast without a network reaches."""
    if not results:
        absent = datasets.missing_files(recipe.question.text) if recipe.question.text else ()
        files = ", ".join(f"`{file.path}`" for file in absent)
        return f"Not run yet; not here: {files}." if absent else "Not run yet."
    values = [result.value for result in results]
    seeds = f"{len(values)} seed{'s' if len(values) > 1 else ''}"
    trivial = f"without a network {results[0].trivial:.3g}"
    if None in values:
        return f"Not finite for {values.count(None)} of {seeds}; {trivial}."
    mean = sum(values) / len(values)
    spread = f" ({min(values):.3g}–{max(values):.3g})" if len(values) > 1 else ""
    gain = mean - results[0].trivial
    worse = gain < 0 if results[0].metric == "accuracy" else gain > 0
    return f"{results[0].metric} {mean:.3g}{spread}, {seeds}; {trivial}{', which is better' if worse else ''}"


def _task(name: str) -> str:
    task = TASKS[name]
    return f"`{name}`\n: {task.sentence} Measured: {task.metric}. Without a network: {task.trivial_is}."


def _budget() -> str:
    return (
        "Means over the seeds, in brackets the lowest and the highest. Only results of the recipes as they are now, "
        f"made with Keras {version('keras')}, are shown."
    )


def _groups() -> list[str]:
    """A line for each name that stands for several recipes."""
    return [f"`{group}` stands for {', '.join(f'`{name}`' for name in names)}." for group, names in GROUPS.items()]


def _section(recipe: Recipe, chapters: Mapping[str, str]) -> str:
    trained = f"{recipe.optimizer}, {recipe.question.loss}, {recipe.epochs} epochs, batches of {recipe.batch_size}"
    return "\n\n".join(
        [
            f"(recipe-{recipe.name})=\n### {recipe.name}",
            f"{recipe.sentence} {citation(recipe.source)}",
            f"::::{{dropdown}} Its code, how it was trained, and how to run it\n\n```python\n{recipe.code}\n```",
            f"In the placement table's terms\n: {_terms(recipe, chapters)}",
            f"Trained\n: `{recipe.task}`, {trained.replace('_', ' ')}",
            f"Not as on the page\n: {recipe.differs}",
            f"To run it\n: `.venv/bin/bilstm-dropout run --recipe {recipe.name}`\n\n::::",
        ]
    )

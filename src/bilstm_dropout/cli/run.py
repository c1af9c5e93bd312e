"""The command that trains: placements, or models that public pages show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UserError
from ..files import check_writable
from ..loading import check_backend
from ..progress import bar
from ..results.published import row_named
from ..results.rows import config_of
from ..results.tidy import frame
from ..runs.saved.saving import check_target, train_and_save
from ..runs.store import Record, Store
from ..runs.sweep import Sweep
from ..runs.train import key_of, missing, run_sweep, train, wanted
from ..stats.metrics import MEASURES
from ..stock_keras.recipes.results import results_folder, run_recipes
from ..stock_keras.recipes.table import GROUPS, RECIPES, SEEDS, recipes_named
from ..wording import count
from .base import Json, app, rounded, say, show


@app.command()
def run(
    placement: Annotated[
        list[str] | None, typer.Argument(help="Placements, e.g. recurrent or input+output.", show_default=False)
    ] = None,
    rate: Annotated[list[float] | None, typer.Option(help="A drop rate; repeat for more.")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="A seed; repeat for more.")] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="A data set; repeat for more.")] = None,
    option: Annotated[
        list[str] | None, typer.Option("--set", help="Any other parameter, as name=value: units=32, epochs=10.")
    ] = None,
    published: Annotated[
        str | None, typer.Option(help="Instead of placements: the key of a published run, or how it begins.")
    ] = None,
    recipe: Annotated[
        list[str] | None, typer.Option(help="Instead of placements: a model from a public page, e.g. s0-combined.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Train one placement alone, and write its network to this .keras file.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file that --save names.")] = False,
    as_json: Json = False,
) -> None:
    """Train placements (and the `none` they are compared with), or recipes, and print what they reach in the test."""
    if force and save is None:
        raise UserError("--force goes with --save FILE: without it nothing is replaced.")
    if published is not None:
        if placement or rate or seed or dataset or option or recipe or save:
            raise UserError("--published says all of a run: give nothing else with it but --json.")
        _run_published(published, as_json)
        return
    if recipe or not placement:
        if save:
            raise UserError("--save goes with one placement, as in: run input --dataset mr --rate 0.25 --seed 1.")
        _run_recipes(recipe or [], placement or [], {"--rate": rate, "--dataset": dataset}, seed, option or [], as_json)
        return
    given = {"rates": rate, "seeds": seed, "datasets": dataset}
    for text in option or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--set {text[:80]!r} is not allowed: write name=value, for instance units=32.")
        if name.strip() == "placement":
            raise UserError("--set placement= is not allowed: give placements as arguments, before the options.")
        if given.get(name.strip()):
            raise UserError(f"{name.strip()} is given twice: give it once.")
        given[name.strip()] = value.strip()
    given = {name: value for name, value in given.items() if value is not None and value != []}
    sweeps = [Sweep.parse(placement=each, **given) for each in placement]
    store = Store()
    store.check_writable()
    found = {}
    if save is not None:
        record = _save(sweeps, save, force, store)
        found, sweeps = {record.key: record}, []
    for sweep in sweeps:
        todo = missing(wanted(sweep), store, say)
        _say_start(len(todo), sweep.placement)
        with bar(len(todo), sweep.placement) as advance:
            records = run_sweep(sweep, store, progress=lambda *_, advance=advance: advance(1), say=lambda _: None)
        found.update({record.key: record for record in records})
    table = frame(found.values())
    rows = [
        {"name": f"{row['placement']} {row['rate']:g} {row['dataset']} seed {row['seed']} ({row['selected']})",
         **{name: round(row[name], 4) for name in MEASURES}, "seconds": round(row["seconds"], 1),
         "diverged": bool(row["diverged"]), "key": row["key"]}
        for row in table.to_dict("records")
    ]
    show(rows, as_json, ["name", *MEASURES, "seconds", "key"])
    if not as_json:
        typer.echo(f"Records: {store.folder}", err=True)


def _save(sweeps: list[Sweep], target: Path, force: bool, store: Store) -> Record:
    """Train the one run that was asked for, and write its network."""
    target = target.expanduser()
    configs = [config for sweep in sweeps for config in sweep.runs()]
    if len(configs) != 1:
        raise UserError(
            f"--save keeps one network, and this asks for {len(configs)}. Give one placement, --dataset, --rate and "
            "--seed each."
        )
    check_target(target, force)
    check_writable(target.absolute().parent, "Networks", "name another file with --save")
    _say_start(1, configs[0].placement)
    with bar(1, f"{configs[0].placement} on {configs[0].dataset}") as advance:
        record = train_and_save(configs[0], target, store)
        advance(1)
    say(f"Network: {target}")
    return record


def _say_start(runs: int, placement: str) -> None:
    """Say that there is something to wait for, before the first run is done. UserError where nothing can be trained."""
    if runs:
        check_backend()
        say(f"{placement}: {count(runs, 'run')} to train; the first takes longest, as its program is compiled.")


def _run_published(key: str, as_json: bool) -> None:
    """Train a published run again, where the store lacks it, and print it beside its row."""
    row = row_named(key)
    config, store = config_of(row), Store()
    store.check_writable()
    todo = missing([config], store, say)
    _say_start(len(todo), config.placement)
    with bar(1, f"{config.placement} on {config.dataset}") as advance:
        if todo:
            train(todo, store)
        advance(1)
    record = store.load(key_of(config))
    rows = []
    for at, found in record.metrics.items():
        there = {measure: row.get(f"{measure}_{at}") for measure in MEASURES}
        rows += [{"name": f"trained here ({at})", **{measure: found.get(measure) for measure in MEASURES}},
                 {"name": f"published ({at})", **there}]  # fmt: skip
    show(rows if as_json else rounded(rows), as_json, ["name", *MEASURES])
    if not as_json:
        said = f"{record.key}: {config.placement}, p = {config.rate:g}, seed {config.seed}"
        typer.echo(f"{said}. Records: {store.folder}", err=True)


def _run_recipes(names, placements, others, seeds, options, as_json) -> None:
    together = "With --recipe go only --seed, --set epochs=NUMBER and --json."
    if not names:
        raise UserError(
            "Nothing to run: give a placement (`bilstm-dropout placements` lists them), or --recipe with one of "
            f"{', '.join([*RECIPES, *GROUPS])}."
        )
    recipes = recipes_named(names)
    if placements:
        raise UserError(f"Give placements or recipes, not both: {placements[0][:80]!r} and --recipe. {together}")
    for name, value in others.items():
        if value:
            raise UserError(f"{name} does not go with --recipe: rates and data belong to the recipe. {together}")
    epochs = None
    for text in options:
        name, _, value = text.partition("=")
        try:
            epochs = int(value)
        except ValueError:
            name = ""
        if name.strip() != "epochs":
            raise UserError(f"--set {text[:80]!r} does not go with --recipe. {together}")
    seeds = seeds or SEEDS
    with bar(len(recipes) * len(seeds), "recipes") as advance:
        results = run_recipes(recipes, seeds, epochs, say=say, progress=advance)
    rows = [
        {"name": f"{result.recipe} seed {result.seed}", **result.model_dump(exclude={"provenance", "definition"})}
        for result in results
    ]
    rows = rows if as_json else rounded(rows)
    show(rows, as_json, ["name", "train_loss", "metric", "value", "trivial", "seconds"])
    if not as_json:
        typer.echo(f"Results: {results_folder()}", err=True)

"""The command line: a thin shell over functions that a program can call too."""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UserError

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Where dropout goes in a BiLSTM: list placements, train runs, execute the study, build the book.",
)
Json = Annotated[bool, typer.Option("--json", help="Print a JSON array of objects.")]
ProfileName = Annotated[str, typer.Option("--profile", help="A profile's name, or the path of a YAML file.")]
_OWN = {"show_envvar": False, "rich_help_panel": "Your own data"}
OwnData = Annotated[
    str | None, typer.Option("--data", envvar="BILSTM_DROPOUT_OWN_DATA", help="Your own CSV or TSV file.", **_OWN)
]


def _show(rows: list[dict], as_json: bool, columns: list[str], title: str = "") -> None:
    if as_json:
        # JSON has no NaN: what a diverged run lacks is null.
        rows = [{name: _or_none(each) for name, each in row.items()} for row in rows]
        typer.echo(json.dumps(rows, indent=1, allow_nan=False))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, title=title or None)
    for row in rows:
        table.add_row(*(Text("" if row[column] is None else str(row[column])) for column in columns))
    # Without a terminal there is no width to fit: nothing is cut in a pipe.
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _or_none(value):
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rounded(rows: list[dict]) -> list[dict]:
    return [{name: f"{each:.4g}" if isinstance(each, float) else each for name, each in row.items()} for row in rows]


@app.command()
def placements(as_json: Json = False) -> None:
    """List every placement: its sites, which axes draw for themselves, scaling, Keras equivalent, source."""
    from ..dropout.placements import TABLE

    rows = [
        {"name": entry.name, "terms": " + ".join(term.text for term in entry.terms), "sentence": entry.sentence,
         "needs": sorted(entry.needs), "maximum_rate": entry.maximum_rate, "own_rate": entry.own_rate,
         "equation": entry.equation, "keras": entry.keras, "why_not_keras": entry.why_not_keras, "source": entry.source}
        for entry in TABLE.values()
    ]
    _show(rows, as_json, ["name", "terms", "sentence"])


@app.command()
def datasets(as_json: Json = False) -> None:
    """List the data sets and their options."""
    from .. import datasets as data

    rows = []
    for name in data.names():
        card = data.describe(name)
        options = {option: {"default": default, "meaning": text} for option, (default, text) in card.options.items()}
        rows.append({"name": name, "kind": card.kind, "what": card.what, "options": options, "licence": card.licence})
    _show(rows, as_json, ["name", "kind", "what"])


@app.command()
def baselines(
    dataset: Annotated[list[str] | None, typer.Option(help="A data set; repeat for more.")] = None,
    as_json: Json = False,
) -> None:
    """Show what the majority class and a linear model reach in the test, for orientation (seconds to minutes)."""
    from .. import datasets as data
    from ..experiments.rivals import rivals

    names = dataset or [name for name in data.NAMES if data.describe(name).small]
    loaded = [data.load(name) for name in names]
    rows = [{"name": each.name, "rival": found.name, **found.model_dump(exclude={"name"})}
            for each in loaded for found in rivals(each)]
    rows = rows if as_json else _rounded(rows)
    _show(rows, as_json, ["name", "rival", "accuracy", "nll", "macro_f1", "strength", "chosen_on"])


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
    recipe: Annotated[
        list[str] | None, typer.Option(help="Instead of placements: a model from a public page, e.g. s0-combined.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train placements (and the `none` they are compared with), or recipes, and print what they reach in the test."""
    if recipe or not placement:
        _run_recipes(recipe or [], placement or [], {"--rate": rate, "--dataset": dataset}, seed, option or [], as_json)
        return
    from ..progress import bar
    from ..runs.config import Sweep
    from ..runs.store import Store, frame
    from ..runs.train import run_sweep, wanted

    given = {"rates": rate, "seeds": seed, "datasets": dataset}
    for text in option or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--set {text[:80]!r} is not allowed: write name=value, for instance units=32.")
        if name.strip() == "placement":
            raise UserError("--set placement= is not allowed: give placements as arguments, before the options.")
        given[name.strip()] = value.strip()
    given = {name: value for name, value in given.items() if value is not None and value != []}
    sweeps = [Sweep.parse(placement=each, **given) for each in placement]
    store = Store()
    store.check_writable()
    found = {}
    for sweep in sweeps:
        with bar(len(wanted(sweep)), sweep.placement) as advance:
            records = run_sweep(sweep, store, progress=lambda *_, advance=advance: advance(1),
                                say=lambda text: typer.echo(text, err=True))
        found.update({record.key: record for record in records})
    table = frame(found.values())
    rows = [
        {"name": f"{row['placement']} {row['rate']:g} {row['dataset']} seed {row['seed']} ({row['selected']})",
         "accuracy": round(row["accuracy"], 4), "nll": round(row["nll"], 4), "brier": round(row["brier"], 4),
         "macro_f1": round(row["macro_f1"], 4), "seconds": round(row["seconds"], 1), "diverged": bool(row["diverged"]),
         "key": row["key"]}
        for row in table.to_dict("records")
    ]
    _show(rows, as_json, ["name", "accuracy", "nll", "macro_f1", "seconds", "key"])
    if not as_json:
        typer.echo(f"Records: {store.folder}", err=True)


def _run_recipes(names, placements, others, seeds, options, as_json) -> None:
    from ..progress import bar
    from ..stock_keras.recipes.results import results_folder, run_recipes
    from ..stock_keras.recipes.table import GROUPS, RECIPES, SEEDS, recipes_named

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
        results = run_recipes(recipes, seeds, epochs, say=lambda text: typer.echo(text, err=True), progress=advance)
    rows = [
        {"name": f"{result.recipe} seed {result.seed}", **result.model_dump(exclude={"provenance", "definition"})}
        for result in results
    ]
    rows = rows if as_json else _rounded(rows)
    _show(rows, as_json, ["name", "train_loss", "metric", "value", "trivial", "seconds"])
    if not as_json:
        typer.echo(f"Results: {results_folder()}", err=True)


@app.command()
def study(
    profile: ProfileName = "quick",
    workers: Annotated[int | None, typer.Option(help="Local single-thread workers; one a core by default.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Use this running Dask scheduler, tcp://host:port.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what is to do and how long it may take.")] = False,
    data: OwnData = None,
    text: Annotated[
        str | None, typer.Option("--text-column", envvar="BILSTM_DROPOUT_OWN_TEXT", help="Column of texts.", **_OWN)
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label-column", envvar="BILSTM_DROPOUT_OWN_LABEL", help="Column of classes.", **_OWN)
    ] = None,
    id: Annotated[
        str | None,
        typer.Option("--id-column", envvar="BILSTM_DROPOUT_OWN_ID", help="Which series a row belongs to.", **_OWN),
    ] = None,
    step: Annotated[
        str | None, typer.Option("--step-column", envvar="BILSTM_DROPOUT_OWN_STEP", help="A row's place in it.", **_OWN)
    ] = None,
    feature: Annotated[
        list[str] | None,
        typer.Option("--feature-column", help="A series' feature; repeat. All other columns of numbers.", **_OWN),
    ] = None,
    features: Annotated[str, typer.Option("--features", envvar="BILSTM_DROPOUT_OWN_FEATURES", hidden=True)] = "",
    seeds: Annotated[int | None, typer.Option(help="So many seeds; three by default.", **_OWN)] = None,
    placement: Annotated[
        list[str] | None, typer.Option(help="A placement; repeat. A choice of them by default.", **_OWN)
    ] = None,
) -> None:
    """Execute a profile's notebooks, as far as they are not up to date; or those of a study of your own data."""
    from ..study import own
    from ..study import run as work

    if workers is not None and workers < 1:
        raise UserError(f"--workers {workers} is not allowed: give a whole number of at least 1.")
    columns = own.Columns(text, label, id, step, (*(feature or ()), *own.listed(features)))
    if data:
        _only_one(data, profile)
        prepared, imported = own.prepare(
            data, columns, seeds=own.SEEDS if seeds is None else seeds, placements=placement or ()
        )
        own.say_what(prepared, imported, typer.echo)
        profile = prepared.name
    elif columns != own.Columns() or seeds is not None or placement:
        raise UserError("Columns, --seeds and --placement go with --data FILE; a profile has its own of them.")
    planned = work.plan(work.load_profile(profile), workers or work.default_workers())
    typer.echo(
        f"{planned['name']}: {planned['executions_to_do']} of {planned['executions']} notebooks and "
        f"{planned['runs_to_do']} of {planned['runs']} runs to do, "
        f"about {planned['minutes']} minutes"
    )
    for name, reason in planned["absent"].items():
        typer.echo(f"{name} is left out. {reason}", err=True)
    if plan:
        if planned["datasets"]:
            columns = ["dataset", "runs", "seconds_a_run", "minutes", "source"]
            _show(planned["datasets"], False, columns, title="Runs to do, on one worker, about")
        return
    rows = work.run(profile, workers, scheduler, say=typer.echo)
    failed = [row for row in rows if row.state != "done"]
    for row in failed:
        typer.echo(f"{row.name}: {row.state}{': ' + row.reason if row.reason else ''}", err=True)
    if failed:
        raise typer.Exit(1)


@app.command()
def experiments(
    part: Annotated[
        list[str] | None, typer.Argument(help="claims, memory, position, growth, planted, a1-3, b-g, f2, i-k, or all.")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what is to do and how long it may take.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Add finished runs to data/published.")] = False,
    workers: Annotated[int | None, typer.Option(help="Single-thread processes; one a core by default.")] = None,
) -> None:
    """Train the experiments beside a profile's grid, as far as they are not done, or publish what they gave."""
    from ..experiments import parts as work
    from ..study.run import default_workers

    if workers is not None and workers < 1:
        raise UserError(f"--workers {workers} is not allowed: give a whole number of at least 1.")
    names, workers = work.named(part), workers or default_workers()
    for name in names:
        typer.echo(work.plan(name, workers=workers).sentence())
        if name == "a2" and plan:
            typer.echo("\n".join(work.power()))
        if publish:
            typer.echo(f"{name}: {work.publish(name) or 'no new rows to publish'}")
        elif not plan:
            work.train(name, workers=workers)


@app.command()
def claims(as_json: Json = False) -> None:
    """List the claims of the ledger: verdict, evidence, and the test that fails if the evidence stops carrying it."""
    from ..claims import rows

    found = rows()
    if not as_json:
        found = [{**row, "evidence": "; ".join(row["evidence"])} for row in found]
    _show(found, as_json, ["name", "claim", "verdict", "evidence", "test"])


@app.command()
def status(profile: ProfileName = "quick", as_json: Json = False) -> None:
    """Show which of a profile's notebooks and runs are done, failed or missing."""
    from dataclasses import asdict

    from ..study import run as work

    rows = [asdict(row) for row in work.status(work.load_profile(profile))]
    _show(rows, as_json, ["name", "state", "runs_done", "runs_total", "reason"])


@app.command()
def probe(as_json: Json = False) -> None:
    """Read from the installed Keras' layers what they do with dropout (about 20 seconds)."""
    from dataclasses import asdict

    from ..stock_keras.probe import probe as read

    _show([asdict(fact) for fact in read()], as_json, ["name", "value", "meaning"])


def _only_one(data: str, profile: str) -> None:
    if profile != "quick":
        raise UserError(f"Give --data or --profile, not both: {data[-80:]!r} and {profile[:80]!r}.")


@app.command()
def book(profile: ProfileName = "quick", data: OwnData = None) -> None:
    """Compile the executed notebooks into chapters and build the book, strictly; with --data, of its study."""
    from ..book.build import build
    from ..study.profiles import load_profile, remember

    if data:
        from ..datasets.own.kept import name_for

        _only_one(data, profile)
        profile = name_for(Path(data))
    chosen = load_profile(profile)
    remember(chosen)  # the book asks for it by its name
    page = build(chosen.name)
    typer.echo(f"The book: {page}")


def main() -> None:
    """Entry point: what a user caused is one line and exit code 2, without a traceback."""
    try:
        app()
    except UserError as error:
        print(f"bilstm-dropout: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

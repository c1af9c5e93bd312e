"""How a reader's own runs lie beside their published twins: the page on them, and a sentence for each chapter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...experiments.replication.pytorch import Reimplementation
from ...experiments.replication.repeats import Repeats
from ...experiments.twins import ALONE, DRIFTED
from ...study.profile_files import load_profile
from ...study.profiles import Profile
from ...study.run import Row, status
from ...study.verdicts import PAGE, Judged, Verdicts, verdicts_of
from ...wording import markdown_safe, rate_text, signed
from ..markdown import table
from . import repeats, rerun

PLACE = "/status.md"


def page_part(profile: str, documents: Mapping[str, str]) -> str:
    """What the page includes: counts, notebooks, every run, and what the other checks say.

    profile: as load_profile takes it. documents: placement to the page of its runs.
    """
    chosen = load_profile(profile)
    return "\n\n".join(_blocks(chosen, status(chosen), verdicts_of(chosen), documents))


def notes(profile: str, placements: Iterable[str]) -> dict[str, str]:
    """The note of each placement's chapter, for those with finished runs. profile: as load_profile takes it."""
    found = verdicts_of(load_profile(profile))
    made = {name: chapter_note(name, found) for name in placements}
    return {name: note for name, note in made.items() if note}


def _blocks(profile: Profile, rows: list[Row], found: Verdicts, documents: Mapping[str, str]) -> Iterable[str]:
    yield _counted(found)
    yield from (f"- {markdown_safe(line)}." for line in profile.said())
    yield "## Notebooks"
    done = sum(row.state == "done" for row in rows)
    lines = [[_named(row, documents), row.state, _done(row), markdown_safe(row.reason)] for row in rows]
    listed = table(["notebook", "state", "runs", "reason"], lines, "llrl")
    whole = done == len(rows)
    yield folded(f"All {done} are done", listed) if whole else f"{done} of {len(rows)} are done.\n\n{listed}"
    yield "## Every run"
    if found.runs:
        yield folded("All of them, those that drifted first", _runs(found))
    else:
        yield "There is none yet."
    yield "## The other two checks"
    yield "\n".join(f"- {sentence}" for sentence in _other_checks())


def _named(row: Row, documents: Mapping[str, str]) -> str:
    """A notebook, with a link to the page of runs that it became."""
    document = documents.get(row.placement) if row.runs_total else None
    return f"[`{row.name}`](/{document}.ipynb)" if document else f"`{row.name}`"


def _done(row: Row) -> str:
    return f"{row.runs_done} of {row.runs_total}" if row.runs_total else ""


def _counted(found: Verdicts) -> str:
    """One sentence, in a warning where anything drifted."""
    if not found.runs:
        return "Nothing was trained for this book. `make book` trains a sample of the published runs."
    left = found.total - len(found.runs)
    said = f"**{found.twins} of {len(found.runs)} runs have a published twin**"
    said += f": {found.words()}." if found.twins else "."
    said += f" {found.counts[ALONE]} have none." * bool(found.counts[ALONE])
    said += f" {left} more are not done." * bool(left)
    if not found.drifted:
        return said
    whole = " The runs as a whole lie to one side of their twins." * found.together
    return warning("Drifted", f"{said}{whole}")


def _runs(found: Verdicts) -> str:
    header = ["placement", "data set", "p", "seed", "seconds", "device class", "twin", "distance", "verdict"]
    order = sorted(found.runs, key=lambda run: run.verdict.word != DRIFTED)
    return table(header, [_line(run) for run in order], "llrrrllrl")


def _line(run: Judged) -> list[str]:
    row, config = run.row(), run.record.config
    layers = f", {config.layers} layers" if config.layers > 1 else ""
    far = max(row["distances"].values(), key=abs, default=None)
    reason = f": {row['reason']}" if row["reason"] else ""
    cells = [
        f"{row['placement']}{layers}", row["dataset"], rate_text(row["rate"]), row["seed"], f"{row['seconds']:.1f}",
        _device(row["device"]), row["twin"], _distance(far), f"{row['verdict']}{reason}",
    ]  # fmt: skip
    return [markdown_safe(cell) for cell in cells]


def _distance(far: float | None) -> str:
    """Two digits; what rounding alone makes is far less than one of them."""
    if far is None or far == 0:
        return "" if far is None else "0"
    return signed(far, 2) if abs(far) >= 0.005 else "below 0.01"


def _device(device: object) -> str:
    """A device class in a cell's width; records from elsewhere may have anything there."""
    if not isinstance(device, dict):
        return str(device or "")[:80]
    said = {name: device[name] for name in ("system", "processor", "threads", "backend") if device.get(name)}
    if "threads" in said:
        said["threads"] = f"threads: {said['threads']}"
    return ", ".join(map(str, said.values()))[:120]


def _other_checks() -> list[str]:
    """What training published runs again gave, here and in PyTorch: a sentence each."""
    again = repeats.sentences(Repeats.published())[0] if Repeats.file().exists() else repeats.page_part()
    other = rerun.page_part()
    if Reimplementation.file().exists():
        made = Reimplementation.published()
        other = " ".join(rerun.sentences(made, rerun.compared(made))[:2])
    return [
        f"[By the same code](/rerun.md): {again}",
        f"[By other code](/rerun.md): {other}",
    ]


def folded(summary: str, text: str) -> str:
    """Markdown that a reader opens."""
    return f"<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>"


def warning(title: str, text: str) -> str:
    """An admonition that cannot be overlooked."""
    return f":::{{admonition}} {title}\n:class: warning\n\n{text}\n:::"


def chapter_note(placement: str, found: Verdicts) -> str:
    """One sentence for a placement's chapter, or a warning where a run of it drifted; '' without runs.

    placement: its canonical name. found: of the whole profile.
    """
    mine = found.of(placement)
    if not mine.runs:
        return ""
    number = len(mine.runs)
    said = f"Your runs of this placement: {mine.twins} of {number} have a published twin"
    words = [word for word in mine.counts if mine.counts[word] and word != ALONE]
    if words:
        said += f"; all {words[0]}" if len(words) == 1 and mine.twins > 1 else f"; {mine.words()}"
    said += f". [{PAGE}]({PLACE}) has each."
    return warning("Drifted", said) if mine.counts[DRIFTED] else said

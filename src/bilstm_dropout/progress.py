"""Progress with the time to go: a bar where someone watches a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_SECONDS = 15.0  # between two plain lines, so that logs and notebooks stay short


def duration(seconds: float) -> str:
    """A length of time in the largest units that matter: '45 s', '7 min', '3 h 20 min'."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


@contextmanager
def bar(total: int, label: str, stream=None) -> Iterator[Callable[..., None]]:
    """Show progress on `stream` (stderr unless given) and yield advance(count=1, note='').

    total: how many steps there are. label: what is counted. note: a line of its own, shown above the bar. On a
    terminal a rich bar with the time to go; elsewhere at most a line every LINE_SECONDS, and one at the end.
    """
    stream = stream or sys.stderr
    shown = _terminal_bar if stream.isatty() else _plain_lines
    with shown(total, label, stream) as advance:
        yield advance


@contextmanager
def _terminal_bar(total: int, label: str, stream):
    console = Console(file=stream)  # rich leaves out colours where NO_COLOR is set
    texts = TextColumn("{task.description}"), TextColumn("to go")
    columns = (texts[0], BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), texts[1])
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(label, total=total)

        def advance(count: int = 1, note: str = "") -> None:
            if note:
                progress.console.print(note, markup=False, highlight=False)
            progress.advance(task, count)

        yield advance


@contextmanager
def _plain_lines(total: int, label: str, stream):
    start = time.monotonic()
    done, printed = 0, start

    def advance(count: int = 1, note: str = "") -> None:
        nonlocal done, printed
        done += count
        now = time.monotonic()
        if note:
            print(note, file=stream, flush=True)
        if done and (done == total or now - printed >= LINE_SECONDS):
            left = (now - start) / done * (total - done)
            ending = f"in {duration(now - start)}" if done == total else f"{duration(left)} to go"
            print(f"{label}: {done} of {total}, {ending}", file=stream, flush=True)
            printed = now

    yield advance

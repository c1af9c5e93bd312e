"""The command that makes the book into something to take along."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import not_allowed
from ..paths import book_folder, project_root
from .base import app, say

KINDS = ("pdf", "epub", "archive")


@app.command()
def take(kind: Annotated[str, typer.Argument(help="pdf, epub or archive.", show_default=False)]) -> None:
    """Make the book into one file: a PDF, printed by Chromium, an EPUB, or an archive with source and results."""
    if kind not in KINDS:
        raise not_allowed("take", kind, "pdf, epub, archive")
    if kind == "archive":
        from ..book.take.archive import write_archive

        say("The archive has the book of this commit, built in a clean clone: some minutes, the first time")
        typer.echo(said_of("archive", write_archive(project_root())))
        return
    from ..book.public.addresses import public

    book, address = book_folder().resolve(), public().book
    if kind == "pdf":
        from ..book.take.paper import write_pdf

        say("Printing the book: a minute or two")
        file, beyond = write_pdf(book, address)
        if beyond:
            say(f"{len(beyond)} things stand beyond the paper's edge, the first is: {beyond[0]}")
    else:
        from ..book.take.device import write_epub

        file = write_epub(book, address)
    typer.echo(said_of(kind.upper(), file))


def said_of(name: str, file: Path) -> str:
    """The last line: what was made, where it lies, its size."""
    return f"The {name}: {file} ({file.stat().st_size / 1e6:.1f} MB)"

"""Notebooks whose cells are run in this process, where what they import can be replaced."""

from __future__ import annotations

from pathlib import Path

import nbformat

from bilstm_dropout.book.findings import METADATA


def findings_said(notebook: Path, monkeypatch) -> dict[str, dict]:
    """What each finding of a notebook says, by its name (see book.findings.findings_of). What it shows is left out."""
    said = []

    def display(bundle, metadata=None, raw=False):
        said.append(metadata or {})

    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr("bilstm_dropout.book.show.display", display)
    names = {"__name__": "__main__"}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{notebook.stem}: {cell.id}", "exec"), names)
    return {each[METADATA]["name"]: each[METADATA] for each in said if METADATA in each}

"""Tables too long for a page: a notebook holds them as links, and the page has them as files beside it."""

from __future__ import annotations

import base64
import re

import nbformat
from nbformat.v4 import new_markdown_cell

FILE = "file"  # in an output's metadata: the name of the file that its link holds
_CONTENT = re.compile(r'href="data:text/csv;charset=utf-8;base64,([^"]*)"')


def attach(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Take what `show.csv` shows out of a notebook: each becomes a link to a file in a cell of its own.

    Gives the files, name to text. They have to lie beside the page.
    """
    found, cells = {}, []
    for cell in notebook.cells:
        cells.append(cell)
        for output in list(cell.get("outputs", ())):
            if name := output.get("metadata", {}).get(FILE):
                found[name] = base64.b64decode(_CONTENT.search(output["data"]["text/html"])[1]).decode()
                cell.outputs.remove(output)
                cells.append(new_markdown_cell(f"{{download}}`{output['data']['text/plain']} <{name}>`"))
    notebook.cells = cells
    return found

"""Buttons that open a page's notebook on Binder and Colab; only where the repository's address is known.

The theme's own would open the executed copy below book/generated/, which no repository has. Colab has other packages
than the book and opens a single file, so its button opens a notebook that fetches the repository and installs what is
locked. `python -m bilstm_dropout.book.public.launch` writes the address of CITATION.cff into that notebook.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from urllib.parse import quote

from ...files import write_text
from ...paths import project_root
from ..notebooks import GENERATED, PLACEMENT, RUNS
from .addresses import public

BINDER, COLAB = "https://mybinder.org", "https://colab.research.google.com"
START = "colab/start.ipynb"  # what Colab opens
BRANCH = "HEAD"  # the repository's own first branch, whatever it is called
_OWN = "own"
# Pages of one notebook: chapters, runs made here, all numbers of a data set. Of the others each has its own.
_SEVERAL = re.compile(rf"({PLACEMENT}|{RUNS}|numbers)[-/]")
_NOTEBOOKS = {PLACEMENT: "chapter", RUNS: "placement", "numbers": "numbers"}
_ON_GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+)")
_IN_START = re.compile(r'REPOSITORY = \\"([^"\\]*)\\"')


def notebook_of(document: str) -> str:
    """The notebook that a page was executed from, in the repository: 'notebooks/study/gallery.ipynb'; '' for no such.

    document: as Sphinx names it. The reader's own data is in no repository, so its page has none.
    """
    folder, _, name = document.partition("/")
    if folder != GENERATED or name == _OWN:
        return ""
    found = _SEVERAL.match(name)
    return f"notebooks/{_NOTEBOOKS[found[1]] if found else name}.ipynb"


def buttons(document: str, root: Path | None = None) -> list[dict[str, str]]:
    """The buttons of a page as the theme takes them; none without a repository on GitHub, or for another page.

    Colab's is there once its notebook has the repository's address. UserError for an address as `public` raises it.
    """
    root = root if root is not None else project_root()
    here, notebook = _ON_GITHUB.fullmatch(public(root).repository), notebook_of(document)
    if not here or not notebook:
        return []
    owner, name = here.groups()
    found = [_button("Binder", f"{BINDER}/v2/gh/{owner}/{name}/{BRANCH}?urlpath={quote(f'lab/tree/{notebook}', '')}")]
    if address_in(root / START) == public(root).repository:
        found.append(_button("Colab", f"{COLAB}/github/{owner}/{name}/blob/{BRANCH}/{START}"))
    return found


def _button(name: str, address: str) -> dict[str, str]:
    return {"type": "link", "text": name, "tooltip": f"Run the notebook on {name}", "icon": "", "url": address}


def address_in(start: Path) -> str:
    """The repository that the notebook for Colab fetches; '' where it has none yet."""
    found = _IN_START.search(start.read_text("utf-8")) if start.is_file() else None
    return found[1] if found else ""


def write_address(root: Path) -> None:
    """Write the repository's address from CITATION.cff into the notebook for Colab."""
    file, address = root / START, public(root).repository
    text = _IN_START.sub(lambda _: f'REPOSITORY = \\"{address}\\"', file.read_text("utf-8"))
    json.loads(text)
    write_text(file, text)


if __name__ == "__main__":
    write_address(project_root())
    sys.exit()

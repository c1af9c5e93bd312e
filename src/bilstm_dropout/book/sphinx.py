"""The book's Sphinx extension.

A build that keeps what did not change reads every page again that quotes a changed page.
"""

from __future__ import annotations

import re

# Another document in a role that pastes what it has glued, {glue:text}`/generated/study/gallery.ipynb::input:s`, or in
# the option of a directive that does, `:doc: /generated/study/early_stopping.ipynb`.
_QUOTED = re.compile(r"\{glue(?::\w+)?\}`+([^`:]+)::|\{glue[^}]*\}[^\n]*\n:doc: *(\S+)")
_QUOTES = "bilstm_quotes"  # kept by Sphinx from one build to the next: the documents that each page quotes


def _read(app, document: str, source: list[str]) -> None:
    _quotes(app.env)[document] = {
        app.env.path2doc(app.env.relfn2path(role or option, document)[1])
        for role, option in _QUOTED.findall(source[0])
    }


def _outdated(app, env, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages that have not changed themselves, and show another page's finding that may have."""
    moved = added | changed | removed
    found = {document for document, quoted in _quotes(env).items() if quoted & moved}
    return sorted(found - removed)


def _forget(app, env, document: str) -> None:
    _quotes(env).pop(document, None)


def _quotes(env) -> dict[str, set[str]]:
    if not hasattr(env, _QUOTES):
        setattr(env, _QUOTES, {})
    return getattr(env, _QUOTES)


def _page(app, pagename, templatename, context, doctree) -> None:
    # The theme lets wide tables scroll in a box, but no key reaches that box.
    box = '<div class="pst-scrollable-table-container"'
    reachable = f'{box} tabindex="0" role="region" aria-label="Table"'
    if "body" in context:
        context["body"] = context["body"].replace(box, reachable)


def setup(app) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("env-get-outdated", _outdated)
    app.connect("env-purge-doc", _forget)
    app.connect("source-read", _read)
    app.connect("html-page-context", _page)
    return {"env_version": 2, "parallel_read_safe": False, "parallel_write_safe": True}

"""The book's Sphinx extension.

A build that keeps what did not change reads every page again that quotes a changed page. Pages are made readable:
formulas without scripts, definitions on links, tables with headings, a foot (`reading`). Where CITATION.cff says that
they are public, they have buttons that run their notebooks and what other sites read of them (`public`).
"""

from __future__ import annotations

import re
from pathlib import Path

from ..paths import project_root
from .public.launch import buttons
from .public.sharing import tags, write_shared
from .reading import mathml, tables, tips
from .reading.foot import foot
from .reading.lighter import lighter

# Another document in a role that pastes what it has glued, {glue:text}`/generated/study/gallery.ipynb::input:s`, or in
# the option of a directive that does, `:doc: /generated/study/early_stopping.ipynb`.
_QUOTED = re.compile(r"\{glue(?::\w+)?\}`+([^`:]+)::|\{glue[^}]*\}[^\n]*\n:doc: *(\S+)")
_QUOTES = "bilstm_quotes"  # kept by Sphinx from one build to the next: the documents that each page quotes


def _read(app, document: str, source: list[str]) -> None:
    _quotes(app.env)[document] = {
        app.env.path2doc(app.env.relfn2path(role or option, document)[1]) for role, option in _QUOTED.findall(source[0])
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


def _terms(app) -> tips.Terms:
    """The glossary's terms, read once a build; none in a book without a glossary."""
    if not hasattr(app, "bilstm_terms"):
        known = tips.GLOSSARY in app.env.found_docs
        app.bilstm_terms = tips.terms_of(app.env.get_doctree(tips.GLOSSARY)) if known else tips.Terms()
    return app.bilstm_terms


def _resolved(app, doctree, document: str) -> None:
    tables.name_rows(doctree)
    if document not in (tips.GLOSSARY, tips.REFERENCES) and app.builder.format == "html":
        glossary = app.builder.get_relative_uri(document, tips.GLOSSARY)
        tips.link_terms(doctree, _terms(app), glossary)


def _page(app, pagename, templatename, context, doctree) -> None:
    context["foot"] = foot(project_root())
    if doctree is None:  # the search page, which is no document
        return
    made = {name: entry for name, entry in tips.chapters().items() if name in app.env.found_docs}
    if pagename in made:
        _between_chapters(app, pagename, list(made), context)
    # An entry of the bibliography is an item of a list; the role that docutils gives it is deprecated.
    body = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
    context["metatags"] = context.get("metatags", "") + tags(pagename, app.env.titles[pagename].astext(), body)
    context["body"] = tips.with_tips(tables.readable(lighter(body)), pagename, _terms(app), made)


def _launch(app, pagename, templatename, context, doctree) -> None:
    found = buttons(pagename) if doctree is not None else []
    if found:
        group = {"type": "group", "tooltip": "Run this notebook", "icon": "fas fa-rocket", "buttons": found,
                 "label": "launch-buttons"}  # fmt: skip
        context["header_buttons"].insert(0, group)


def _finished(app, exception) -> None:
    if exception is None and app.builder.format == "html":
        write_shared(Path(app.outdir), Path(app.srcdir))


def _between_chapters(app, document: str, chapters: list[str], context) -> None:
    """The links at the end of a placement's chapter, which stands in no table of contents: to the one before and after.

    chapters: all chapters of the book, in the order of the table.
    """
    place = chapters.index(document)
    for name, other in (("prev", place - 1), ("next", place + 1)):
        if 0 <= other < len(chapters):
            link = app.builder.get_relative_uri(document, chapters[other])
            context[name] = {"link": link, "title": app.env.titles[chapters[other]].astext()}


def setup(app) -> dict[str, bool]:
    """Register with Sphinx."""
    mathml.setup(app)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-purge-doc", _forget)
    app.connect("source-read", _read)
    app.connect("doctree-resolved", _resolved)
    app.connect("html-page-context", _page)
    app.connect("html-page-context", _launch, priority=502)  # after the theme's, which begins the list
    app.connect("build-finished", _finished)
    return {"env_version": 2, "parallel_read_safe": False, "parallel_write_safe": True}

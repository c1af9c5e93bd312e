"""The book's Sphinx extension: renders numbers on Markdown pages.

A build that keeps what did not change reads every page again that shows a changed number or quotes a changed page.

An expression is `{{ … }}` outside code. Each is compiled and evaluated on its own in a sandbox, so that what
fails is named by page and line. Notebooks are never touched: text that comes from data is never read as a
template.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
from jinja2 import StrictUndefined, TemplateError
from jinja2.runtime import Undefined
from jinja2.sandbox import SandboxedEnvironment
from sphinx.errors import SphinxError
from sphinx.util import logging

from ..files import hash_files
from .expressions import functions
from .lookup import Numbers

RESULTS = "generated/results.csv"
FACTS = "generated/book.json"
_EXPRESSION = re.compile(r"(?P<code>(?P<ticks>`+)(?:(?!`).)*(?P=ticks))|\{\{(?P<expression>.*?)\}\}")
_FENCE = re.compile(r"^\s*(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
# Another document in a role that pastes what it has glued, {glue:text}`/generated/study/gallery.ipynb::input:s`, or in
# the option of a directive that does, `:doc: /generated/study/early_stopping.ipynb`.
_QUOTED = re.compile(r"\{glue(?::\w+)?\}`+([^`:]+)::|\{glue[^}]*\}[^\n]*\n:doc: *(\S+)")
_QUOTES, _FACTS = "bilstm_quotes", "bilstm_facts"  # kept by Sphinx: documents that a page quotes, results it shows
_CODE = ("{code", "{literal", "{raw}", "{math}")
_logger = logging.getLogger(__name__)


class MissingNumbers(SphinxError):
    """Pages ask for numbers that are not there."""

    category = "Numbers"


class ExpressionError(ValueError):
    """One expression on a page cannot be rendered."""


def load_numbers(book: Path) -> Numbers:
    """Read what `compile.compile_chapters` left in book/generated/."""
    try:
        facts = json.loads((book / FACTS).read_text("utf-8"))
        results = pd.read_csv(book / RESULTS, float_precision="round_trip")
    except FileNotFoundError as missing:
        raise SphinxError(
            f"{missing.filename} is missing: build the book with `make book`, which compiles it."
        ) from missing
    return Numbers(results, facts["profile"], facts["chapters"])


def evaluate(expression: str, names: dict[str, object]) -> str:
    """Evaluate one expression in a sandbox. Raises ExpressionError with one line that says what is wrong."""
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    try:
        result = environment.compile_expression(expression, undefined_to_none=False)(**names)
        if isinstance(result, Undefined):
            raise ExpressionError(
                f"{expression.strip()!r} has no value. There is: {', '.join(sorted(names))}."
            )
        if callable(result):
            raise ExpressionError(f"{expression.strip()!r} is a function: call it.")
        return str(result)
    except TemplateError as error:
        raise ExpressionError(f"{error} There is: {', '.join(sorted(names))}.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ExpressionError(str(error)) from error


def render(text: str, names: dict[str, object]) -> tuple[str, list[tuple[int, str]]]:
    """Render every expression of a Markdown text.

    Returns the text and the failures, each a line number (from 1) and a message. Code blocks and code spans
    stay as they are. An expression lies on one line; a value may span several.
    """
    lines, failures, fences = [], [], []
    for number, line in enumerate(text.split("\n"), start=1):
        found = _FENCE.match(line)
        in_code = bool(fences) and not fences[-1][1]
        if found and fences and found["fence"].startswith(fences[-1][0]) and not found["info"].strip():
            fences.pop()
        elif found and not in_code:
            # A fence whose information string names no directive holds code; so does raw HTML.
            info = found["info"].strip()
            fences.append((found["fence"], info.startswith("{") and not info.startswith(_CODE)))
        elif not in_code:
            line = _render_line(line, number, names, failures)
        lines.append(line)
    return "\n".join(lines), failures


def _render_line(line: str, number: int, names: dict[str, object], failures: list[tuple[int, str]]) -> str:
    def replace(found: re.Match) -> str:
        if found["code"]:
            return found["code"]
        try:
            return evaluate(found["expression"], names)
        except ExpressionError as error:
            failures.append((number, str(error)))
            return "**missing**"

    return _EXPRESSION.sub(replace, line)


def _start(app) -> None:
    numbers = load_numbers(Path(app.srcdir))
    app.bilstm_names, app.bilstm_failures = functions(numbers), []
    app.bilstm_facts = hash_files(Path(app.srcdir) / name for name in (RESULTS, FACTS))


def _read(app, document: str, source: list[str]) -> None:
    _kept(app.env, _QUOTES)[document] = {
        app.env.path2doc(app.env.relfn2path(role or option, document)[1])
        for role, option in _QUOTED.findall(source[0])
    }
    path = Path(app.env.doc2path(document))
    if path.suffix != ".md":
        return
    rendered, failures = render(source[0], app.bilstm_names)
    if rendered != source[0]:
        _kept(app.env, _FACTS)[document] = app.bilstm_facts
    source[0] = rendered
    for line, message in failures:
        app.bilstm_failures.append(f"{path.name}:{line}: {message}")
        _logger.error(message, location=(document, line))


def _outdated(app, env, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages that have not changed themselves, and show what has: a number of the results, or another page's finding."""
    moved = added | changed | removed
    found = {document for document, quoted in _kept(env, _QUOTES).items() if quoted & moved}
    found |= {document for document, facts in _kept(env, _FACTS).items() if facts != app.bilstm_facts}
    return sorted(found - removed)


def _forget(app, env, document: str) -> None:
    for name in (_QUOTES, _FACTS):
        _kept(env, name).pop(document, None)


def _kept(env, name: str) -> dict:
    """What Sphinx keeps for this extension from one build to the next, by document."""
    if not hasattr(env, name):
        setattr(env, name, {})
    return getattr(env, name)


def _check(app, environment) -> None:
    if app.bilstm_failures:
        raise MissingNumbers("; ".join(app.bilstm_failures))


def _page(app, pagename, templatename, context, doctree) -> None:
    # The theme lets wide tables scroll in a box, but no key reaches that box.
    box = '<div class="pst-scrollable-table-container"'
    reachable = f'{box} tabindex="0" role="region" aria-label="Table"'
    if "body" in context:
        context["body"] = context["body"].replace(box, reachable)


def setup(app) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", _start)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-purge-doc", _forget)
    app.connect("source-read", _read)
    app.connect("env-check-consistency", _check)
    app.connect("html-page-context", _page)
    return {"env_version": 1, "parallel_read_safe": False, "parallel_write_safe": True}

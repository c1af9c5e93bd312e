"""Formulas as MathML, made at build: browsers set them themselves, so that no page loads a script for it."""

from __future__ import annotations

from docutils import nodes
from sphinx.util import logging

from ...errors import UserError
from ...wording import escape
from .formula import mathml

_logger = logging.getLogger(__name__)


def _converted(node: nodes.Element, display: bool) -> str:
    try:
        return mathml(node.astext(), display)
    except UserError as error:  # a warning stops the build, with page and line
        _logger.warning(str(error), location=node)
        return f"<code>{escape(node.astext())}</code>"


def _visit_inline(writer, node: nodes.math) -> None:
    writer.body.append(f'<span class="math notranslate nohighlight">{_converted(node, False)}</span>')
    raise nodes.SkipNode


def _visit_block(writer, node: nodes.math_block) -> None:
    writer.body.append(writer.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node.get("number"):
        writer.body.append(f'<span class="eqno">({escape(node["number"])})</span>')
    writer.body.append(f"{_converted(node, True)}</div>\n")
    raise nodes.SkipNode


def setup(app) -> None:
    """Register as the way that Sphinx shows formulas in HTML; it is taken where it is the only one beside MathJax."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))

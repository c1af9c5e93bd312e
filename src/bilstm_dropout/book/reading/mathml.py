"""Formulas as MathML, made at build: browsers set them themselves, so that no page loads a script for it."""

from __future__ import annotations

from functools import lru_cache

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.util import logging

from ...errors import UserError
from ...wording import escape

_logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _converter() -> LatexToMathML:
    return LatexToMathML(fancy_error=False)


@lru_cache(maxsize=1024)
def mathml(tex: str, display: bool = False) -> str:
    """A formula as a `<math>` element.

    tex: LaTeX without its delimiters; lines end with a double backslash, and are aligned at `&`. display: on lines of
    its own. UserError, one line, for a formula that cannot be read.
    """
    tex = tex.strip()
    if display and r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    try:
        return _converter().convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        raise UserError(f"The formula {tex!r} cannot be shown: {' '.join(str(error).split())}.") from error


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

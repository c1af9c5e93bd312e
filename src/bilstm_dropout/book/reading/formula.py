"""A formula as MathML, from LaTeX, for pages and for what notebooks show."""

from __future__ import annotations

from functools import lru_cache

from math_core import LatexError, LatexToMathML

from ...errors import UserError

_CONVERTER = LatexToMathML(fancy_error=False)


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
        return _CONVERTER.convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        raise UserError(f"The formula {tex!r} cannot be shown: {' '.join(str(error).split())}.") from error

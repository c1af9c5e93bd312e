"""Code on a page: only spans that have a colour of their own stay."""

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from support.html import Page

from bilstm_dropout.book.reading.lighter import lighter

SOURCE = 'import numpy as np\n\nx = np.mean([1, 2], axis=0)  # "<b>" & more\nprint(f"{x:.2f}")\n'


def test_the_same_text_in_fewer_spans():
    page = highlight(SOURCE, PythonLexer(), HtmlFormatter())
    made = lighter(page)
    assert Page(made).text == Page(page).text and "<b>" not in made
    assert made.count("<span") < 0.7 * page.count("<span")
    assert '<span class="kn">import</span>' in made and '<span class="mi">1</span>' in made


def test_what_is_no_code_stays():
    other = '<span class="std std-term">nat</span> <span class="n">x'
    assert lighter(other) == other

"""Definitions on links: of terms, sources and placements; text stays text, and a page has each once."""

import re

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from myst_parser.parsers.docutils_ import Parser

from bilstm_dropout.book.reading.tips import Terms, chapters, link_terms, placement_tip, terms_of, with_tips
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.paths import book_folder

GLOSSARY = """
nat
: The unit of <b>loss</b>.

  More of it.

early stopping
: Ending early.

p
: The rate.
"""


def doctree(markdown: str) -> nodes.document:
    settings = {"myst_enable_extensions": ["deflist", "dollarmath"], "report_level": 5}
    return publish_doctree(markdown, parser=Parser(), settings_overrides=settings)


@pytest.fixture
def terms() -> Terms:
    page = doctree(GLOSSARY)
    for term in page.findall(nodes.term):  # as Sphinx' glossary names them
        term["ids"] = [f"term-{term.astext().replace(' ', '-')}"]
    return terms_of(page)


def links(page: nodes.document) -> list[tuple[str, str]]:
    return [(each.astext(), each["refuri"]) for each in page.findall(nodes.reference) if each.get("refuri")]


# ---- terms ----
def test_a_terms_tip_is_its_first_paragraph_as_text(terms):
    assert terms.texts["term-nat"] == "<strong>nat</strong> The unit of &lt;b&gt;loss&lt;/b&gt;."
    assert terms.anchors["early stopping"] == "term-early-stopping"


def test_the_first_use_in_prose_is_linked_once(terms):
    page = doctree(
        "# A nat\n\n`nat` and **Early stopping**, a nat, a nat; natural, nat-like, p.\n\n| nat |\n|--|\n| nat |\n"
    )
    link_terms(page, terms, "../glossary.html")
    assert links(page) == [
        ("Early stopping", "../glossary.html#term-early-stopping"), ("nat", "../glossary.html#term-nat"),
    ]  # fmt: skip
    assert "Early stopping, a nat, a nat; natural, nat-like, p." in page.astext()


def test_a_term_that_the_page_links_itself_is_left_alone(terms):
    page = doctree("It is a nat.")
    page += nodes.paragraph("", "", nodes.reference("", "this", refuri="glossary.html#term-nat"))
    link_terms(page, terms, "glossary.html")
    assert links(page) == [("this", "glossary.html#term-nat")]


def test_without_a_glossary_nothing_is_linked():
    page = doctree("A nat.")
    link_terms(page, Terms(), "glossary.html")
    assert not links(page)


def test_each_form_of_a_term_has_one_link_a_page():
    tip = "<strong>nat</strong> A unit."
    terms = Terms({"nat": "term-nat", "nats": "term-nats"}, {"term-nat": tip, "term-nats": tip})
    page = doctree("Ten nats, a nat.")
    link_terms(page, terms, "glossary.html")
    assert links(page) == [("nats", "glossary.html#term-nats")]


# ---- tips ----
def test_a_linked_term_names_its_tip_which_stands_once(terms):
    link = '<a class="term reference internal" href="../glossary.html#term-nat">nat</a>'
    page = with_tips(f"<p>{link} {link}</p>", "generated/page", terms, {})
    assert page.count('aria-describedby="tip-term-nat"') == 2 and page.count('id="tip-term-nat"') == 1
    assert 'role="tooltip" id="tip-term-nat" hidden' in page


def test_a_citation_gives_up_its_title_for_a_tip(terms):
    link = '<a class="reference internal" href="references.html#id7" title="A &lt;b&gt; &amp; C, 2016.">A</a>'
    page = with_tips(link, "index", terms, {})
    assert "title=" not in page and ">A &lt;b&gt; &amp; C, 2016.</div>" in page


def test_other_links_and_a_page_about_itself_stay(terms):
    made = chapters()
    document = next(iter(made))
    for link in ('<a href="https://example.org/glossary.html#term-nat">x</a>', '<a href="#term-nat">x</a>',
                 f'<a href="{document.removeprefix("generated/")}.html">x</a>'):  # fmt: skip
        assert with_tips(link, document, terms, made) == link


def test_a_chapters_link_shows_sentence_equation_and_a_sketch_of_each_mask():
    for document, entry in chapters().items():
        page = with_tips(f'<a href="../../{document}.html">it</a>', "generated/study/page", Terms(), chapters())
        assert placement_tip(entry) in page and f'id="tip-placement-{entry.name}"' in page
        assert page.count("<math") == 1 and ("<svg" in page) == bool(entry.terms)


def test_a_name_in_code_is_linked_where_it_can_only_be_a_placement():
    def code(name):
        return f'<code class="docutils literal notranslate"><span class="pre">{name}</span></code>'

    names = " ".join(map(code, ("zoneout", "zoneout", "input", "none", "x")))
    body = f"<h2>{code('zoneout')}</h2><p>{names}</p>"
    page = with_tips(body, "generated/study/page", Terms(), chapters())
    (link,) = re.findall(r'<a class="reference internal" href="([^"]*)"', page)
    assert re.fullmatch(r"\.\./placement-\d\d-zoneout\.html", link)
    linked = f'<a href="../x.html">{code("zoneout")}</a> {code("zoneout")}'
    assert with_tips(linked, "generated/study/page", Terms(), chapters()) == linked


def test_tips_are_light():
    script = (book_folder() / "_static" / "reading.js").stat().st_size
    assert script + sum(len(placement_tip(entry)) for entry in TABLE.values()) < 60_000

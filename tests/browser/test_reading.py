"""What a reader meets on every page: its weight and length, nothing that keeps anybody out, definitions, a foot.

Needs a built book (`make book`) and Chromium, and fails without either.
"""

from __future__ import annotations

import contextlib
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from bilstm_dropout.book.notebooks import document_name
from bilstm_dropout.dropout.placements import TABLE

DESK, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
LONGEST, HEAVIEST, FIRST_VISIT = 12_000, 400_000, 1_500_000  # pixels; bytes of HTML; bytes that a first visit loads
TERM = "article a[href*='glossary.html#term-']"
TIP = "() => [...document.querySelectorAll('.tip')].filter(tip => !tip.hidden).map(tip => tip.id)"


@contextlib.contextmanager
def opened(browser, **options):
    context = browser.new_context(**({"viewport": DESK} | options))
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture(scope="module")
def paths(built) -> list[str]:
    """Every page of the book but copies of notebooks, as a path below its address."""
    files = [file.relative_to(built) for file in built.rglob("*.html")]
    return sorted(file.as_posix() for file in files if not {"_static", "_downloads", "_sources"} & set(file.parts))


def chapter(name: str) -> str:
    return f"{document_name(list(TABLE).index(name), name)}.html"


# ---- weight and length ----
def test_no_page_is_too_long_or_too_heavy(browser, address, paths, built):
    wrong = []
    with opened(browser) as page:
        for path in paths:
            page.goto(address + path, wait_until="load")
            height = page.evaluate("document.querySelector('main').scrollHeight")
            size = (built / path).stat().st_size
            if height > LONGEST or size > HEAVIEST:
                wrong.append(f"{path}: {height:,} pixels, {size:,} bytes")
    assert not wrong, "\n".join(wrong)


def test_a_first_visit_is_light_and_loads_no_fonts_or_formula_scripts(browser, address):
    with opened(browser) as page:
        loaded = {}
        page.on("response", lambda answer: loaded.setdefault(answer.url, len(answer.body())))
        page.goto(address, wait_until="networkidle")
    assert sum(loaded.values()) <= FIRST_VISIT, loaded
    assert not [url for url in loaded if re.search(r"(?i)mathjax|fontawesome|\.woff2?|\.ttf", url)]


# ---- for everybody ----
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_a_reader_out(browser, address, paths, scheme):
    axe, wrong = Axe(), []
    with opened(browser, color_scheme=scheme) as page:
        for path in paths:
            page.goto(address + path, wait_until="load")
            for found in axe.run(page).response["violations"]:
                nodes = [node["html"][:120] for node in found["nodes"]]
                wrong.append(f"{path}: {found['id']} ({len(nodes)}): {nodes[0]}")
    assert not wrong, "\n".join(wrong)


def test_a_box_that_scrolls_on_a_phone_says_so(browser, address, paths):
    silent, seen = [], 0
    with opened(browser, viewport=PHONE) as page:
        for path in paths:
            page.goto(address + path, wait_until="load")
            boxes = page.evaluate("""() => [...document.querySelectorAll(
              'article :is(.pst-scrollable-table-container, .table-scroll, figure > div)')]
              .filter(box => box.getClientRects().length && box.scrollWidth > box.clientWidth + 1)
              .map(box => [getComputedStyle(box, '::before').content, box.tabIndex, box.outerHTML.slice(0, 90)])""")
            seen += len(boxes)
            silent += [f"{path}: {html}" for hint, tab, html in boxes if "scroll" not in hint or tab < 0]
    assert seen and not silent, "\n".join(silent)


def test_commands_break_on_a_phone(browser, address):
    with opened(browser, viewport=PHONE) as page:
        page.goto(f"{address}rerun.html")
        cut = page.eval_on_selector_all(
            "article :not(.highlight-python) > div.highlight pre",
            "all => all.filter(box => box.scrollWidth > box.clientWidth + 1).length",
        )
        assert cut == 0


@pytest.mark.parametrize("path", ["generated/study/gallery.html", "generated/study/use_it.html",
                                  "generated/understand/bilstm.html"])  # fmt: skip
def test_calls_stay_whole_on_a_phone_in_a_box_that_keys_reach(browser, address, path):
    with opened(browser, viewport=PHONE) as page:
        page.goto(address + path, wait_until="load")
        page.evaluate("document.querySelectorAll('article details').forEach(fold => { fold.open = true; })")
        page.wait_for_timeout(300)  # boxes are marked when they are seen
        boxes = page.eval_on_selector_all(
            "article :is(.placement-card, .highlight-python) pre",
            """all => all.filter(box => box.getClientRects().length).map(box =>
              [getComputedStyle(box).whiteSpace, box.scrollWidth > box.clientWidth + 1, box.tabIndex])""",
        )
        assert boxes and {space for space, _, _ in boxes} == {"pre"}
        assert any(wide for _, wide, _ in boxes) and all(tab == 0 for _, wide, tab in boxes if wide)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


WORDS = """() => [...document.querySelectorAll('figure > div > svg[role=img]')].flatMap(svg => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const sizes = [...svg.querySelectorAll('text')].map(text => parseFloat(getComputedStyle(text).fontSize) * scale);
  return sizes.length ? [Math.min(...sizes)] : []; })"""


@pytest.mark.parametrize("path", ["generated/study/conditions.html", "generated/study/performance.html"])
def test_words_in_figures_can_be_read_on_a_phone(browser, address, path):
    with opened(browser, viewport=PHONE) as page:
        page.goto(address + path, wait_until="load")
        sizes = page.evaluate(WORDS)
        assert sizes and min(sizes) > 8, sizes
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# ---- definitions ----
def test_a_definition_shows_on_hover_and_goes_with_escape(browser, address):
    with opened(browser) as page:
        page.goto(address)
        link = page.locator(TERM).first
        tip = link.get_attribute("aria-describedby")
        assert page.evaluate(TIP) == []
        link.hover()
        page.wait_for_function(f"!document.getElementById('{tip}').hidden")
        box = page.locator(f"#{tip}").bounding_box()
        page.mouse.move(box["x"] + 5, box["y"] + 5)  # it stays while the pointer is on it
        page.wait_for_timeout(400)
        assert page.evaluate(TIP) == [tip]
        page.keyboard.press("Escape")
        assert page.evaluate(TIP) == []


def test_a_definition_shows_on_focus_by_keyboard(browser, address):
    with opened(browser) as page:
        page.goto(address)
        page.locator("article h1").evaluate("h1 => { h1.tabIndex = -1; h1.focus(); }")
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches(\"a[href*='glossary.html#term-']\")"):
                break
        page.wait_for_timeout(100)
        tip = page.evaluate("document.activeElement.getAttribute('aria-describedby')")
        assert page.evaluate(TIP) == [tip]
        page.keyboard.press("Tab")
        assert tip not in page.evaluate(TIP)


def test_a_first_tap_shows_a_definition_and_a_second_follows_the_link(browser, address):
    with opened(browser, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        page.goto(address)
        link = page.locator(TERM).first
        tip = link.get_attribute("aria-describedby")
        link.tap()
        assert page.evaluate(TIP) == [tip] and "glossary" not in page.url
        box = page.locator(f"#{tip}").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        link.tap()
        page.wait_for_url("**/glossary.html#term-*")


def test_without_scripts_a_term_is_a_link(browser, address):
    with opened(browser, java_script_enabled=False) as page:
        page.goto(address)
        assert page.locator(".tip").count() and not page.locator(".tip >> visible=true").count()
        page.locator(TERM).first.click()
        assert "glossary.html#term-" in page.url


def test_a_placement_shows_its_equation_and_mask(browser, address):
    with opened(browser, color_scheme="dark") as page:
        page.goto(f"{address}generated/study/gallery.html")
        page.locator("article a[aria-describedby='tip-placement-recurrent']").first.focus()
        tip = page.locator("#tip-placement-recurrent")
        assert tip.locator("math").is_visible() and tip.locator("svg").is_visible()


# ---- at the end of a page ----
def test_chapters_lead_to_each_other(browser, address):
    names = list(TABLE)
    with opened(browser) as page:
        page.goto(address + chapter(names[0]))
        assert page.locator(".prev-next-area a.left-prev").count() == 0
        for name in names[1:]:
            page.locator(".prev-next-area a.right-next").click()
            page.wait_for_url(f"**/{chapter(name)}")
        assert page.locator(".prev-next-area a.right-next").count() == 0


def test_the_foot_says_how_to_cite_and_which_data(browser, address):
    with opened(browser) as page:
        page.goto(address)
        foot = page.locator(".foot")
        assert re.search(r"published data [0-9a-f]{12}", foot.inner_text())
        foot.locator("summary").click()
        assert "@software{" in foot.locator("pre").inner_text() and foot.locator("button.copybtn").count() == 1

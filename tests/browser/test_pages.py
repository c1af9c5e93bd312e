"""The built book in Chromium: every page of its table of contents, on a desk and on a phone, light and dark.

Needs a built book (`make book`) and Chromium, and fails without either.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bilstm_dropout.book.notebooks import document_name
from bilstm_dropout.dropout.placements import TABLE

BILSTM = "generated/understand/bilstm.html"
DESK, PHONE = (1280, 900), (360, 780)
# What a page must hold to be called one; what its figures say to who does not see them.
FACTS = """() => {
  const article = document.querySelector('article');
  const shown = element => element.getClientRects().length > 0;
  const figures = [...article.querySelectorAll('figure svg, svg[role=img], img')].filter(shown);
  const page = document.scrollingElement;
  const scrolls = element => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX)
    && element.scrollWidth > element.clientWidth + 1 && shown(element);
  return {
    title: document.title,
    headings: [...article.querySelectorAll('h1')].map(heading => heading.innerText.trim()),
    alternatives: figures.map(figure => figure.ariaLabel ?? figure.getAttribute('alt') ?? ''),
    roles: figures.filter(figure => figure.tagName == 'svg').map(figure => figure.getAttribute('role') ?? ''),
    duplicates: [...document.querySelectorAll('[id]')].map(element => element.id)
      .filter((id, place, all) => all.indexOf(id) !== place),
    overflow: page.scrollWidth - page.clientWidth,
    math: document.querySelectorAll('math').length,
    rawMath: document.querySelectorAll('.math:not(:has(math)), math:has(merror)').length,
    boxes: [...article.querySelectorAll('*')].filter(scrolls)
      .map(element => [element.tagName, element.className, element.tabIndex >= 0
        || element.querySelector('a, button, [tabindex="0"]') !== null]),
    backgrounds: [...article.querySelectorAll('.text_html')]
      .map(box => getComputedStyle(box).backgroundColor),
  };
}"""

# What the pages' scripts do after loading: let boxes that scroll be reached by keyboard. A busy machine takes its time.
SETTLED = """() => [...document.querySelectorAll('article pre')].every(
    box => box.scrollWidth <= box.clientWidth + 1 || box.tabIndex >= 0)"""


@dataclass
class Visit:
    """A page as the browser had it, with what went wrong while it loaded."""

    page: Page
    problems: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, url: str) -> dict:
        """Load a page and give its FACTS, once its scripts are done or after a time that no page needs."""
        self.page.goto(url, wait_until="networkidle")
        with contextlib.suppress(PlaywrightTimeout):  # what is not done by then is in the facts
            self.page.wait_for_function(SETTLED, timeout=20_000)
        return self.page.evaluate(FACTS)


@contextlib.contextmanager
def visit(browser: Browser, address: str, size: tuple[int, int], scheme: str) -> Iterator[Visit]:
    """A fresh browser context whose console, failures and requests are recorded."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    seen = Visit(context.new_page())
    seen.page.on("console", lambda note: note.type == "error" and seen.problems.append(note.text))
    seen.page.on("pageerror", lambda error: seen.problems.append(str(error)))
    seen.page.on("requestfailed", lambda request: seen.problems.append(f"failed: {request.url}"))
    seen.page.on("response", lambda answer: answer.status >= 400 and seen.problems.append(answer.url))
    seen.page.on(
        "request", lambda request: _is_foreign(request.url, address) and seen.foreign.append(request.url)
    )
    try:
        yield seen
    finally:
        context.close()


def _is_foreign(url: str, address: str) -> bool:
    return not url.startswith((address, "data:", "blob:"))


@pytest.fixture(scope="module")
def pages(browser: Browser, address: str, built) -> list[str]:
    """Every page, as a path below the book's address: those of the table of contents in order, then placements'."""
    with visit(browser, address, DESK, "light") as seen:
        seen.open(address)
        links = seen.page.eval_on_selector_all("nav.bd-links a", "links => links.map(link => link.href)")
    listed = [link.split("#")[0].removeprefix(address) or "index.html" for link in links]
    others = sorted(file for name in ("placement", "runs") for file in built.glob(f"generated/{name}-*.html"))
    return list(dict.fromkeys([*listed, *(file.relative_to(built).as_posix() for file in others)]))


def chapters(pages: list[str]) -> list[str]:
    return [page for page in pages if page.startswith("generated/placement-")]


def test_every_chapter_is_reached_from_the_gallery_and_is_not_in_the_table_of_contents(browser, address, pages):
    documents = {f"{document_name(number, name)}.html" for number, name in enumerate(TABLE)}
    assert set(chapters(pages)) == documents
    with visit(browser, address, DESK, "light") as seen:
        seen.open(address + "generated/study/gallery.html")
        links = seen.page.eval_on_selector_all(".placement-card a", "links => links.map(link => link.href)")
        listed = seen.page.eval_on_selector_all("nav.bd-links a", "links => links.map(link => link.href)")
    assert {link.removeprefix(address) for link in links} == documents
    assert not documents & {link.removeprefix(address) for link in listed}
    assert {"index.html", BILSTM, "generated/comparison.html", "status.html", "data.html"} <= set(pages)


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk-light", "phone-dark"]
)
def test_every_page_is_whole(browser, address, pages, screenshots, size, scheme):
    """One visit a page and kind of screen; all that is wrong anywhere is listed at once."""
    wrong = []
    with visit(browser, address, size, scheme) as seen:
        for path in pages:
            facts = seen.open(address + path)
            wrong += [f"{path}: {complaint}" for complaint in _complaints(facts, path)]
            wrong += [f"{path}: {problem}" for problem in seen.problems]
            wrong += [f"{path}: asked another host: {url}" for url in seen.foreign]
            seen.problems.clear()
            seen.foreign.clear()
            seen.page.screenshot(path=_file(screenshots, path, size, scheme), full_page=True)
    assert not wrong, "\n".join(wrong)


def _file(folder: Path, path: str, size: tuple[int, int], scheme: str) -> Path:
    name = path.removesuffix(".html").replace("/", "-")
    return folder / f"{name}-{size[0]}-{scheme}.png"


def _complaints(facts: dict, path: str) -> list[str]:
    """What is wrong with a page, from its facts."""
    found = []
    if len(facts["headings"]) != 1 or not facts["headings"][0]:
        found.append(f"it has the first headings {facts['headings']}, not one")
    if facts["overflow"] > 0:
        found.append(f"it is {facts['overflow']} pixels wider than the screen")
    for text in facts["alternatives"]:
        if len(text.strip()) < 10 or re.search(r"\.(png|svg|jpe?g)$|_images/", text):
            found.append(f"a figure has no description, only {text!r}")
    if set(facts["roles"]) - {"img"}:
        found.append("a drawing has no role=img")
    if facts["duplicates"]:
        found.append(f"ids occur twice: {facts['duplicates'][:5]}")
    if facts["rawMath"]:
        found.append(f"{facts['rawMath']} formulas are wrong or not set")
    for tag, name, reachable in facts["boxes"]:
        if not reachable:
            found.append(f"a box that scrolls cannot be reached by keyboard: {tag}.{name}")
    if set(facts["backgrounds"]) - {"rgba(0, 0, 0, 0)"}:
        found.append(f"figures stand on a box of their own: {set(facts['backgrounds'])}")
    if path == BILSTM and not (facts["math"] and facts["alternatives"]):
        found.append("it has no formula or no drawing")
    return found


@pytest.mark.parametrize("path", ["index.html", BILSTM])
@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "dark"), (PHONE, "light")], ids=["desk-dark", "phone-light"]
)
def test_the_other_looks_of_the_main_pages(browser, address, screenshots, path, size, scheme):
    with visit(browser, address, size, scheme) as seen:
        facts = seen.open(address + path)
        theme = seen.page.evaluate("document.documentElement.dataset.theme")
        seen.page.screenshot(path=_file(screenshots, path, size, scheme), full_page=True)
        assert (theme, _complaints(facts, path), seen.problems) == (scheme, [], [])


def test_the_reader_can_choose_light_or_dark(browser, address):
    with visit(browser, address, DESK, "light") as seen:
        seen.open(address)
        dark = "getComputedStyle(document.body).backgroundColor"
        before = seen.page.evaluate(dark)
        for _ in range(3):
            seen.page.locator("button.theme-switch-button:visible").first.click()
            if seen.page.evaluate("document.documentElement.dataset.theme") == "dark":
                break
        assert seen.page.evaluate(dark) != before


def test_search_finds_a_chapter(browser, address, pages):
    with visit(browser, address, DESK, "light") as seen:
        seen.page.goto(f"{address}search.html?q=zoneout", wait_until="networkidle")
        seen.page.wait_for_selector("#search-results li a", timeout=10_000)
        links = seen.page.eval_on_selector_all("#search-results li a", "all => all.map(link => link.href)")
        assert any("zoneout" in link for link in links), links
        assert not seen.problems and not seen.foreign


def test_the_keyboard_reaches_the_content(browser, address):
    with visit(browser, address, DESK, "light") as seen:
        seen.open(f"{address}index.html")
        seen.page.keyboard.press("Tab")
        assert "skip" in seen.page.evaluate("document.activeElement.innerText").lower()
        seen.page.keyboard.press("Enter")
        for _ in range(40):
            seen.page.keyboard.press("Tab")
            if seen.page.evaluate("document.activeElement.closest('article') !== null"):
                break
        else:
            pytest.fail("no link of the article was reached in 40 steps")


def test_the_keyboard_opens_the_table_of_contents_on_a_phone(browser, address):
    with visit(browser, address, PHONE, "light") as seen:
        seen.open(f"{address}index.html")
        toggle = seen.page.locator(".primary-toggle:visible").first
        toggle.focus()
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_function(
            "document.querySelector('nav.bd-links a').getBoundingClientRect().left >= 0"
        )
        assert seen.page.locator("nav.bd-links a").first.is_visible()


def test_code_can_be_copied(browser, address):
    with visit(browser, address, DESK, "light") as seen:
        seen.open(f"{address}rerun.html")
        buttons = seen.page.locator("article button.copybtn")
        assert buttons.count() >= 5
        for number, command in enumerate(("make setup", ".venv/bin/bilstm-dropout run recurrent")):
            target = buttons.nth(number).get_attribute("data-clipboard-target")
            assert seen.page.locator(target).inner_text().startswith(f"$ {command}")


def test_the_executed_notebook_of_a_chapter_can_be_downloaded(browser, address, pages):
    with visit(browser, address, DESK, "light") as seen:
        for path in chapters(pages):
            seen.page.goto(address + path)
            links = seen.page.eval_on_selector_all("article a.download", "all => all.map(link => link.href)")
            executed = [link for link in links if "placement-" in link]
            if executed:
                answer = seen.page.request.get(executed[0])
                assert any(cell.get("outputs") for cell in answer.json()["cells"])
                return
        pytest.fail("no chapter offers its executed notebook")

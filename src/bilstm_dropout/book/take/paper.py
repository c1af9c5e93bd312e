"""The book as a PDF: all pages in one, printed by Chromium, with bookmarks, links and page numbers."""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path

from ...errors import UserError
from ...files import write_text, write_whole
from ...paths import project_root
from ..reading.foot import foot
from .contents import contents_of
from .pages import HOME, Page, in_parts, link, read_pages

NAME = "where-dropout-goes.pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")  # fmt: skip
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
_STYLES = ("_static/pygments.css", "_static/style.css")  # of the site; then the project's own for paper
_PIXELS = 665  # the width between the margins of A4, in CSS pixels: 210 mm less twice 17 mm
_LEAST = 0.5  # nothing is made smaller than this share of its size; what is still wider breaks its words
# Whatever is wider than the paper is made smaller as a whole, by so much as it needs. A short table stays on one page.
_FIT = """([width, least]) => {
  for (const each of document.querySelectorAll('table, .placement-card, math')) {
    const room = each.parentElement.clientWidth || width, left = each.getBoundingClientRect().left;
    // A formula's own box may be narrower than what stands in it.
    const inside = each.localName === 'math' ? [...each.querySelectorAll('*')] : [];
    const wide = Math.max(each.scrollWidth, each.getBoundingClientRect().width,
                          ...inside.map(part => part.getBoundingClientRect().right - left));
    if (wide > room + 1) {
      each.style.zoom = Math.max(least, Math.floor(100 * room / wide) / 100);
      if (room < least * wide) each.classList.add('breaks');
    }
    if (each.rows && each.rows.length <= 15) each.style.breakInside = 'avoid';
  }
}"""
# What stands beyond the paper's edge although it was made smaller, by its text.
_BEYOND = """width => [...document.body.querySelectorAll('*')].filter(each => {
  const box = each.getBoundingClientRect();
  return box.width && !each.closest('svg *') && (box.right > width + 2 || box.left < -2);
}).map(each => `${each.tagName} ${each.className} ${Math.round(each.getBoundingClientRect().right)} `
  + each.textContent.trim().slice(0, 60))"""
_SMALL = "font:7pt sans-serif;width:100%;margin:0 17mm;color:#555;display:flex;justify-content:space-between"


def browser() -> str:
    """The path of a Chromium. UserError, which says how to get one, where there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise UserError(
            "A PDF needs Chromium or Google Chrome, and none was found. On Debian and Ubuntu: sudo apt-get install "
            "chromium; on macOS: brew install --cask google-chrome. An EPUB needs none: make epub."
        )
    return found


def joined(book: Path, address: str = "") -> str:
    """All pages of the built book as one page of HTML that loads nothing: cover, contents, and a heading a part.

    book: its sources, with _toc.yml, assets/paper.css and _build/html. address: of the published book, '' without one.
    Errors as read_pages.
    """
    site = book / "_build" / "html"
    pages = read_pages(contents_of(book), site, address)
    link(pages, lambda page, id: f"#{id or page.name}", address)
    styles = [(site / name).read_text("utf-8") for name in _STYLES]
    styles.append((book / "assets" / "paper.css").read_text("utf-8"))
    said = foot(project_root())
    body = [_cover(said), _contents(pages)]
    for part, members in in_parts(pages):
        if part:
            body.append(f'<h1 class="part" id="part-{members[0].name}">{escape(part)}</h1>')
        body += [_article(page) for page in members]
    rule = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{rule}"><title>{escape(said["title"])}</title>'
        f"<style>{''.join(styles)}</style></head><body>{''.join(body)}</body></html>"
    )


def _cover(said: dict[str, str]) -> str:
    title, _, more = said["title"].partition(": ")
    lines = [f"Version {said['version']} of {said['date']}"]
    lines += [f"Published data {said['data']} of {said['data_date']}"] * bool(said["data"])
    lines += [f'<a href="{escape(said["address"])}">{escape(said["address"])}</a>'] * bool(said["address"])
    about = "<br>".join(line if line.startswith("<a") else escape(line) for line in lines)
    return (
        f'<section class="cover"><p class="title">{escape(title)}</p><p class="subtitle">{escape(more)}</p>'
        f'<p>{about}</p><p class="cite">{escape(said["sentence"])}</p></section>'
    )


def _contents(pages: list[Page]) -> str:
    parts = []
    for part, members in in_parts(pages):
        entries = "".join(
            f'<li><a href="#{page.name}">{page.number}. {escape(page.title)}</a></li>' for page in members
        )
        parts.append(f"<p>{escape(part)}</p><ul>{entries}</ul>" if part else f"<ul>{entries}</ul>")
    return f'<section class="contents"><h1>Contents</h1>{"".join(parts)}</section>'


def _article(page: Page) -> str:
    """Its headings one step lower, since a part has the highest; its number before its title."""
    for level in range(5, 0, -1):
        for heading in page.body.find_all(f"h{level}"):
            heading.name = f"h{level + 1}" if page.document != HOME else heading.name
    first = page.body.find(["h1", "h2"])
    if first is not None:
        first.insert(0, f"{page.number}. ")
    page.body["class"] = ["page"]
    return str(page.body)


def write_pdf(book: Path, address: str = "", target: Path | None = None) -> tuple[Path, list[str]]:
    """Print the built book; return the file and what stands beyond the paper's edges, which should be nothing.

    book and address: as in `joined`. target: by default book/_build/where-dropout-goes.pdf.

    UserError without Chromium or Playwright, and as `joined` raises it.
    """
    program = browser()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise UserError("A PDF needs Playwright, which is not installed. To install it: make setup.") from None
    whole = book / "_build" / "paper.html"  # beside the site, and gone again once it is printed
    write_text(whole, joined(book, address))
    target, said = target or book / "_build" / NAME, foot(project_root())
    head = f'<div style="{_SMALL}"><span>{escape(said["title"].partition(":")[0])}</span></div>'
    tail = (
        f'<div style="{_SMALL}"><span>Version {escape(said["version"])} of {escape(said["date"])}</span>'
        '<span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>'
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        context = chromium.new_context(offline=True, viewport={"width": _PIXELS, "height": 1000}, color_scheme="light")
        page = context.new_page()
        page.set_default_timeout(0)
        page.goto(whole.as_uri())
        page.emulate_media(media="print")
        page.evaluate(_FIT, [_PIXELS, _LEAST])
        beyond = page.evaluate(_BEYOND, _PIXELS)
        options = {"format": "A4", "print_background": True, "outline": True, "tagged": True,
                   "display_header_footer": True, "header_template": head, "footer_template": tail,
                   "margin": {"top": "18mm", "bottom": "18mm", "left": "17mm", "right": "17mm"}}  # fmt: skip
        write_whole(target, lambda name: page.pdf(path=name, **options))
        chromium.close()
    whole.unlink()
    return target, beyond

"""What the browser tests share: the built book, served on this computer, and one Chromium."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bilstm_dropout.paths import project_root

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        """Requests are no part of a test's output."""


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of the built book; without it every test fails, and says what to do."""
    folder = project_root() / "book" / "_build" / "html"
    if not (folder / "index.html").is_file():
        pytest.fail(f"There is no built book in {folder}: run `make book` first.", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def address(built: Path) -> Iterator[str]:
    """Where the book is served: a free port of the loopback interface, with a slash at the end."""
    handler = functools.partial(_Quiet, directory=str(built))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without one every test fails."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        message = f"These tests need Chromium; none of {', '.join(NAMES)} is installed."
        pytest.fail(message, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def watched(browser: Browser, url: str, **context) -> Iterator[Page]:
    """A page that was opened; at the end whatever went wrong in its scripts fails. context: options of new_context."""
    opening = browser.new_context(**context)
    opened, problems = opening.new_page(), []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(url, wait_until="networkidle")
    yield opened
    opening.close()
    assert not problems, problems


@pytest.fixture(scope="session")
def opened(browser: Browser, address: str):
    """`watched`, of a page by its place in the book."""
    return lambda place, **context: watched(browser, f"{address}{place}", **context)


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """build/screenshots/; never emptied here, since several workers write to it at once."""
    folder = project_root() / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder

"""The page of all numbers lists every data set with published runs."""

import re

from bilstm_dropout import results
from bilstm_dropout.paths import book_folder


def test_every_published_set_is_listed():
    wanted = [f"generated/numbers/{name}" for name in results.published_sets()]
    page = (book_folder() / "numbers.md").read_text("utf-8")
    assert re.findall(r"\{doc\}`/(generated/numbers/\w+)`", page) == wanted

"""The page of all numbers and the table of contents list every data set with published runs."""

import re

import yaml

from bilstm_dropout import results
from bilstm_dropout.paths import book_folder


def test_every_published_set_is_listed_and_in_the_contents():
    wanted = [f"generated/numbers/{name}" for name in results.published_sets()]
    page = (book_folder() / "numbers.md").read_text("utf-8")
    assert re.findall(r"\{doc\}`/(generated/numbers/\w+)`", page) == wanted
    contents = yaml.safe_load((book_folder() / "_toc.yml").read_text("utf-8"))
    chapters = [each for part in contents["parts"] for each in part["chapters"]]
    (numbers,) = [each for each in chapters if each["file"] == "numbers"]
    assert [each["file"] for each in numbers["sections"]] == wanted

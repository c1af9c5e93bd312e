"""Every part has words of its own: no page says a letter, and no notebook reads by one."""

import ast
import json

import pandas as pd
import pytest

from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.parts import PARTS
from bilstm_dropout.paths import project_root
from bilstm_dropout.results import answers, curves, predictions, read
from bilstm_dropout.results.about import ABOUT, about, file_name

LETTERS = {part for part in ABOUT if len(part) <= 2}  # say nothing to a reader
OTHERWISE = {"n", "o", "p"}  # a count, a round marker and a p value besides, so looked for only where parts are read
READERS = {"read", "rows", "answered", "changes", "about"}
PLACES = (ast.Call, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Subscript)  # where a part may stand in code
NOTEBOOKS = project_root() / "notebooks"


def test_every_part_has_words_and_no_two_the_same():
    assert set(ABOUT) == set(PARTS)
    assert len(set(ABOUT.values())) == len(ABOUT)
    assert about("b") == ABOUT["b"] and about("<b>") == "<b>"


def test_a_part_is_found_by_its_words_and_by_its_files_name():
    assert all(file_name(about(part)) == file_name(part) == part for part in ABOUT)
    pd.testing.assert_frame_equal(read("one setting for all"), read("a3"))
    words = about("u")
    pd.testing.assert_frame_equal(curves.read(words), curves.read("u"))
    assert predictions.read(about("a3")).labels.keys() == predictions.read("a3").labels.keys()
    pd.testing.assert_frame_equal(answers.answered(words, ["input"]), answers.answered("u", ["input"]))


def test_a_part_that_nobody_knows_is_an_error_and_one_without_runs_is_empty(tmp_path):
    with pytest.raises(UserError, match="Did you mean tuned recipes"):
        read("tuned recipe")
    assert read("tuned recipes", tmp_path).empty and read("controls", tmp_path).empty


@pytest.mark.parametrize("file", sorted(NOTEBOOKS.rglob("*.ipynb")), ids=lambda file: file.stem)
def test_notebooks_read_parts_by_their_words(file):
    found = []
    for cell in json.loads(file.read_text("utf-8"))["cells"]:
        for node in ast.walk(ast.parse("".join(cell["source"]))) if cell["cell_type"] == "code" else ():
            inside = ast.iter_child_nodes(node) if isinstance(node, PLACES) else ()
            named = ast.unparse(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""
            letters = LETTERS if named in READERS else LETTERS - OTHERWISE
            found += [each.value for each in inside if isinstance(each, ast.Constant) and each.value in letters]
    assert not found

"""Pieces of Markdown that pages are made of."""

import pytest

from bilstm_dropout.book import markdown


def test_a_table_has_its_columns_at_their_side_and_a_dash_where_nothing_is():
    table = markdown.table(["what", "number"], [["one", "1"], ["none", ""]], "lr")
    assert table.split("\n") == ["| what | number |", "|:--|--:|", "| one | 1 |", "| none | – |"]
    assert markdown.table(["a"], [[""]], empty="") == "| a |\n|:--|\n|  |"


@pytest.mark.parametrize(("row", "align"), [(["1"], ""), (["1", "2"], "l"), (["1", "2"], "lrr")])
def test_a_table_of_uneven_lines_is_refused(row, align):
    with pytest.raises(ValueError, match="the table of a, b has a row or an alignment of another length"):
        markdown.table(["a", "b"], [row], align)

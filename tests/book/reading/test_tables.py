"""Tables of a page: scopes, names of boxes, headings of rows."""

import re

from docutils import nodes

from bilstm_dropout.book.reading.tables import name_rows, readable

BOX = '<div class="pst-scrollable-table-container">'
HEAD = '<thead><tr><th class="head"><p>data &amp; set</p></th><th class="head"><p>loss</p></th></tr></thead>'
BODY = '<tbody><tr><th class="stub">a</th><td>1</td></tr></tbody>'
TABLE = f'{BOX}<table class="table">{{caption}}{HEAD}{BODY}</table></div>'


def test_headings_say_what_they_head():
    made = readable(TABLE.format(caption=""))
    assert re.findall(r'<th scope="(\w+)"', made) == ["col", "col", "row"]
    assert readable('<table><thead><tr><th scope="col">x</th></tr></thead></table>').count("scope") == 1


def test_an_empty_corner_is_no_heading():
    made = readable("<table><thead><tr><th></th><th>loss</th></tr></thead></table>")
    assert "<tr><td></td><th scope" in made


def test_boxes_are_reached_and_named_apart():
    sign = '<a class="headerlink" href="#losses">#</a>'
    captioned = TABLE.format(caption=f"<caption><span>Losses &lt;b&gt;</span>{sign}</caption>")
    page = readable(TABLE.format(caption="") + captioned + captioned + TABLE.format(caption=""))
    assert re.findall(r'tabindex="0" role="region" aria-label="([^"]*)"', page) == [
        "Table: data &amp; set, loss", "Losses &lt;b&gt;", "Losses &lt;b&gt; (2)", "Table: data &amp; set, loss (2)",
    ]  # fmt: skip


def test_a_notebooks_box_is_named_apart_from_the_others():
    box = '<div class="table-scroll" role="region" tabindex="0" aria-label="A &lt; B"></div>'
    assert re.findall(r'aria-label="([^"]*)"', readable(box + box)) == ["A &lt; B", "A &lt; B (2)"]


def test_a_name_made_of_headings_is_not_long():
    head = "".join(f"<th>column number {number}</th>" for number in range(40))
    page = readable(f"{BOX}<table><thead><tr>{head}</tr></thead></table></div>")
    (name,) = re.findall(r'aria-label="([^"]*)"', page)
    assert len(name) < 95 and name.endswith(" …")


def test_text_without_tables_stays():
    assert readable("<p>None &amp; nothing</p>") == "<p>None &amp; nothing</p>"


def test_the_first_column_of_a_table_with_a_head_names_its_rows():
    def table(*parts):
        group = nodes.tgroup("", nodes.colspec(), nodes.colspec(), *parts)
        return nodes.table("", group), group

    page = nodes.section()
    (first, headed), (second, bare) = table(nodes.thead(), nodes.tbody()), table(nodes.tbody())
    page += [first, second]
    name_rows(page)
    assert [each.get("stub") for each in headed.findall(nodes.colspec)] == [1, None]
    assert [each.get("stub") for each in bare.findall(nodes.colspec)] == [None, None]

"""The sketch of a mask shows what shares a draw, in few bytes."""

import re
import xml.etree.ElementTree as ElementTree

from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.dropout.terms import parse_term
from bilstm_dropout.figures.sketch import mask_sketch


def filled(term) -> set[tuple[int, int]]:
    """The kept squares of the first panel of a sketch, as (column, row)."""
    _, path = ElementTree.fromstring(mask_sketch(parse_term(term))).iter("path")
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v", path.get("d"))
    squares = {(int(x) // 5 + i, int(y) // 5) for x, y, wide in runs for i in range(int(wide) // 5) if int(x) < 40}
    assert squares
    return squares


def test_a_draw_for_the_sequence_is_a_stripe():
    squares = filled("input:sample,feature")
    rows = {row for _, row in squares}
    assert squares == {(column, row) for column in range(8) for row in rows} and len(rows) < 5


def test_a_draw_for_the_word_is_a_stripe_the_other_way():
    squares = filled("input:sample,step")
    columns = {column for column, _ in squares}
    assert squares == {(column, row) for column in columns for row in range(5)} and len(columns) < 8


def test_with_a_draw_for_each_there_is_no_stripe():
    squares = filled("input:sample,step,feature")
    assert len({column for column, _ in squares} | {row + 100 for _, row in squares}) == 13 and len(squares) < 40


def test_input_and_forget_gate_are_never_both_closed():
    for seed in ("direction,sample,step,gate", "sample,step,gate"):
        _, path = ElementTree.fromstring(mask_sketch(parse_term(f"gates:{seed}"))).iter("path")
        runs = re.findall(r"M(\d+) 0h(\d+)v", path.get("d"))
        kept = {int(x) // 5 + i for x, wide in runs for i in range(int(wide) // 5) if int(x) < 40}
        forget = {(int(x) - 44) // 5 + i for x, wide in runs for i in range(int(wide) // 5) if 44 <= int(x) < 84}
        assert kept | forget == set(range(8))


def test_each_mask_of_the_table_has_a_small_sketch_that_no_voice_reads():
    for entry in TABLE.values():
        for term in entry.terms:
            sketch = mask_sketch(term)
            assert len(sketch) < 4_000 and ElementTree.fromstring(sketch).get("aria-hidden") == "true"

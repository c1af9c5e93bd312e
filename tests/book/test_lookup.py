"""Numbers in the book's prose: looked up, compared, and rendered from expressions on pages."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from support.book_results import results

from bilstm_dropout.book.expressions import functions, table
from bilstm_dropout.book.lookup import MissingNumber, Numbers
from bilstm_dropout.book.sphinx import evaluate, render
from bilstm_dropout.errors import UserError


@pytest.fixture
def numbers() -> Numbers:
    return Numbers(results(), "quick", {"input": "generated/placement-02-input"})


# ---- numbers ----
def test_a_value_is_the_mean_over_seeds(numbers):
    rows = results().query("placement == 'input'")
    assert numbers.value("nll", "input", "recall", 0.25) == f"{rows['nll'].mean():.3f}"
    assert (
        numbers.value("nll", "input", "recall", 0.25, statistic="lowest", digits=2)
        == f"{rows['nll'].min():.2f}"
    )


def test_rate_0_is_the_baseline_of_every_placement(numbers):
    assert numbers.value("nll", "input", "recall", 0) == numbers.value("nll", "none", "recall")


def test_a_comparison_has_three_answers(numbers):
    assert numbers.compare("input", "none", "nll", "recall", 0.25) == "lower"
    assert numbers.compare("none", "input", "nll", "recall", 0.25) == "higher"
    assert numbers.compare("recurrent", "none", "nll", "recall", 0.25) == "not told apart"


def test_a_comparison_takes_the_baseline_with_as_many_layers(numbers):
    assert numbers.compare("between", "none", "nll", "recall", 0.25) == "lower"
    assert numbers.paired("between", "none", "nll", "recall", 0.25).mean == pytest.approx(-0.1, abs=0.02)


def test_three_seeds_decide_nothing():
    few = Numbers(results(range(1, 4)), "quick")
    assert few.compare("input", "none", "nll", "recall", 0.25) == "not told apart"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("nll", "input", "recall", 0.3), "0.25"),
        (("nll", "zoneout", "recall", 0.25), "input"),
        (("nll", "input", "imdb", 0.25), "recall"),
        (("perplexity", "input", "recall", 0.25), "nll"),
        (("nll", "imput", "recall", 0.25), "input"),
    ],
)
def test_what_is_missing_is_said_with_what_there_is(numbers, asked, said):
    with pytest.raises(UserError, match=re.escape(said)) as raised:
        numbers.value(*asked)
    assert "\n" not in str(raised.value)


def test_the_chosen_epoch_is_the_best_where_validation_data_chose_one():
    both = pd.concat([results(), results().assign(selected="best", nll=0.1)])
    assert Numbers(both, "quick").value("nll", "input", "recall", 0.25, selected="chosen") == "0.100"
    assert Numbers(results(), "quick").value("nll", "input", "recall", 0.25, selected="chosen") == "0.298"


def test_results_that_are_not_one_a_seed_are_refused():
    twice = Numbers(pd.concat([results(), results().assign(units=16)]), "quick")
    with pytest.raises(MissingNumber, match="share a seed"):
        twice.value("nll", "input", "recall", 0.25)


def test_a_table_has_a_row_a_placement_and_a_column_a_rate(numbers):
    lines = table(numbers, "nll", "recall", ["none", "input", "zoneout"]).split("\n")
    assert lines[0] == "| placement | p = 0.25 |"
    assert lines[2].startswith("| `none` | 0.")
    assert lines[3].startswith("| [`input`](/generated/placement-02-input.ipynb) | 0.298 (0.282–0.316) |")
    assert len(lines) == 4, "zoneout has no result, so no row"


def test_a_book_without_any_run_says_so():
    assert Numbers(results()[:0], "quick").networks() == "no finished run"


# ---- expressions ----
def test_expressions_are_rendered_outside_code_only(numbers):
    page = "{{ seeds() }}\n```{note}\n{{ seeds() }}\n```\nand `{{ seeds() }}`\n```text\n{{ seeds() }}\n```\n"
    page += "{{ profile }}"
    text, failures = render(page, functions(numbers))
    assert not failures
    assert text == "eight\n```{note}\neight\n```\nand `{{ seeds() }}`\n```text\n{{ seeds() }}\n```\nquick"


def test_a_closing_fence_opens_nothing(numbers):
    text, _ = render("```{raw} html\n:file: x\n```\n{{ seeds() }}", functions(numbers))
    assert text.endswith("\neight")


def test_a_failing_expression_is_named_by_its_line(numbers):
    _, failures = render(
        "one\ntwo {{ value('nll', 'input', 'recall', 0.9) }}\n{{ nothing }}\n{{ 1 + }}", functions(numbers)
    )
    assert [line for line, _ in failures] == [2, 3, 4]
    assert "There is: 0.25" in failures[0][1] and "compare" in failures[1][1]


def test_what_an_expression_gives_is_not_rendered_again():
    assert render("{{ text }}", {"text": "{{ 7 * 7 }}"})[0] == "{{ 7 * 7 }}"


@pytest.mark.parametrize("attack", ["value.__globals__", "''.__class__.__mro__", "value.__func__.__code__"])
def test_expressions_run_in_a_sandbox(numbers, attack):
    with pytest.raises(ValueError):
        evaluate(attack, functions(numbers))

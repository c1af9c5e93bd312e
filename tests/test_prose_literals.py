"""Prose is written in notebooks and pages, not in programs: counts the long texts under src/ that reach a page.

A text is a string of more than 12 words, or the constant parts of an f-string together. Not counted: docstrings; what
an error says; what a command prints or offers as help; and tables that are data, which `DATA` names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from bilstm_dropout.paths import project_root

SOURCE = project_root() / "src" / "bilstm_dropout"
WORDS = 12
MOST = 50
# Files and folders whose texts are entries of a table, and what the table is; or that no page shows.
DATA = {
    "book/take": "the frame of a file to take along, and scripts that print it",
    "claims": "the ledger of claims, and its evidence",
    "cli": "what a terminal shows",
    "datasets/own/report.py": "what an import of a reader's file warns of",
    "datasets/own/table.py": "what errors say of a reader's file",
    "datasets/pendigits.py": "a data card",
    "datasets/series.py": "data cards",
    "datasets/synthetic.py": "data cards",
    "datasets/planted.py": "a data card",
    "datasets/text/cards.py": "data cards",
    "dropout/placements.py": "the table of placements",
    "stock_keras/probe/layers.py": "what each fact of the probe is",
    "stock_keras/probe/readings.py": "what each fact of the probe is",
    "stock_keras/recipes/table.py": "recipes from public pages",
    "stock_keras/recipes/tasks.py": "the recipes' tasks",
    "study": "what a terminal shows",
}
ERRORS = {"UserError", "unknown", "not_allowed", "unsound", "warn"}  # functions that make what is raised, by name


def long_texts(source: str) -> Iterator[tuple[int, str]]:
    """The line and the text of every long text of a program that can reach a page."""
    tree = ast.parse(source)
    makers = ERRORS | {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _is_error(node)}
    yield from _texts(tree, makers)


def _is_error(function: ast.FunctionDef) -> bool:
    """Whether a function says that it gives an error, or never returns."""
    said = ast.unparse(function.returns) if function.returns else ""
    return said.endswith("Error") or said.endswith("NoReturn")


def _texts(node: ast.AST, makers: set[str]) -> Iterator[tuple[int, str]]:
    if _left_out(node, makers):
        return
    if isinstance(node, ast.JoinedStr):
        parts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        yield from _long(node, " ".join(parts))
        children = [part for part in node.values if not isinstance(part, ast.Constant)]
    elif isinstance(node, ast.Constant):
        yield from _long(node, node.value)
        children = []
    else:
        docstring = node.body[0] if _has_docstring(node) else None
        children = [child for child in ast.iter_child_nodes(node) if child is not docstring]
    for child in children:
        yield from _texts(child, makers)


def _has_docstring(node: ast.AST) -> bool:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None


def _long(node: ast.AST, text: object) -> Iterator[tuple[int, str]]:
    if isinstance(text, str) and len(text.split()) > WORDS:
        yield node.lineno, text


def _left_out(node: ast.AST, makers: set[str]) -> bool:
    """Whether what stands below this node is raised, printed, or help."""
    if isinstance(node, ast.Raise):
        return True
    if isinstance(node, ast.keyword):
        return node.arg == "help"
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in makers or name.endswith(("Error", "Warning")) or name in ("print", "echo", "Option", "Argument")


def counted() -> dict[str, list[int]]:
    """The lines of the long texts, by file that has any."""
    files = {file.relative_to(SOURCE).as_posix(): file for file in sorted(SOURCE.rglob("*.py"))}
    reach = [name for name in files if not any(name == each or name.startswith(f"{each}/") for each in DATA)]
    found = {name: [line for line, _ in long_texts(files[name].read_text(encoding="utf-8"))] for name in reach}
    return {name: lines for name, lines in found.items() if lines}


def test_few_long_texts_reach_a_page():
    found = counted()
    number = sum(map(len, found.values()))
    worst = sorted(found, key=lambda name: (-len(found[name]), name))
    where = "\n".join(f"{len(found[name]):3} {name}, lines {', '.join(map(str, found[name]))}" for name in worst)
    assert number <= MOST, (
        f"{number} texts of more than {WORDS} words reach a page from src/, and {MOST} are "
        f"allowed. Write prose into a notebook's Markdown cell, its conclusion into a finding:\n{where}"
    )


@pytest.mark.parametrize("name", DATA)
def test_what_is_left_out_is_there(name):
    assert (SOURCE / name).exists()


LONG = "one two three four five six seven eight nine ten eleven twelve thirteen"


@pytest.mark.parametrize(
    ("source", "number"),
    [
        (f"text = {LONG!r}", 1),
        (f"text = {LONG.removesuffix(' thirteen')!r}", 0),
        (f"show(f'{LONG[:30]} {{x}} {LONG[30:]}')", 1),  # its parts together, once
        (f"show('{LONG[:30]}'\n'{LONG[30:]}')", 1),
        (f"show(f'{{one(\"{LONG}\")}}')", 1),  # within a field
        (f'def f():\n    """{LONG}"""\n    return 1', 0),
        (f'"""{LONG}"""\nclass A:\n    """{LONG}"""', 0),
        (f"def f():\n    x = 1\n    {LONG!r}", 1),  # no docstring
        (f"raise ValueError({LONG!r})", 0),
        (f"raise wrong(f'{{name}} {LONG}') from None", 0),
        (f"error = UserError({LONG!r})", 0),
        (f"error = errors.not_allowed('rate', 2, {LONG!r})", 0),
        (f"def wrong(x) -> UserError:\n    return make({LONG!r})\nwrong({LONG!r})", 1),
        (f"typer.Option(help={LONG!r})", 0),
        (f"command(name={LONG!r})", 1),
        (f"print({LONG!r})", 0),
        (f"text({LONG!r} if good else {LONG!r})", 2),
    ],
)
def test_what_counts(source, number):
    assert len(list(long_texts(source))) == number

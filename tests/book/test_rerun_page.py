"""The worked example of the page on re-running shows published runs, digit by digit, by the command's own keys."""

import re

from bilstm_dropout import results
from bilstm_dropout.paths import book_folder
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.train import key_of

PAGE = (book_folder() / "rerun.md").read_text(encoding="utf-8")
MEASURES = ["accuracy", "nll", "brier", "macro_f1"]


def example():
    """The lines of the example's table, each a list of cells."""
    block = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)[1]
    head, *lines = [re.split(r"\s{2,}", line.strip()) for line in block.splitlines()]
    assert head == ["name", *MEASURES, "key"]
    return lines


def test_its_numbers_are_those_of_published_rows():
    rows = results.read("b").set_index("key")
    lines = example()
    assert len(lines) == 4
    for name, *numbers, key in lines:
        row = rows.loc[key]
        assert name == f"{row['placement']} {row['rate']:g} {row['dataset']} seed {row['seed']} (last)"
        assert [float(number) for number in numbers] == [round(row[f"{each}_last"], 4) for each in MEASURES]


def test_its_keys_are_those_of_the_command():
    wanted = [(placement, rate, seed) for placement, rate in (("none", 0.0), ("recurrent", 0.25)) for seed in (1, 2)]
    asked = re.search(r"bilstm-dropout (run recurrent .*)", PAGE)[1]
    assert asked == "run recurrent --rate 0.25 --seed 1 --seed 2 --dataset japanese_vowels"
    keys = [
        key_of(RunConfig(dataset="japanese_vowels", placement=placement, rate=rate, seed=seed))
        for placement, rate, seed in wanted
    ]
    assert keys == [line[-1] for line in example()]


def test_the_python_lines_run(capsys):
    block = next(each for each in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "results.read" in each)
    exec(block, {})
    assert "nll_last" in capsys.readouterr().out

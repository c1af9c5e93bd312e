"""The glossary's worked example is what its formula gives on the file that it names, and what the package gives."""

import re

import numpy as np
import pytest
from scipy.stats import t

from bilstm_dropout import results, stats
from bilstm_dropout.paths import book_folder
from bilstm_dropout.results import every_number

PAGE = " ".join((book_folder() / "glossary.md").read_text("utf-8").split())
(EXAMPLE,) = re.findall(r"An example to recompute: .*? to \+0\.\d+\.", PAGE)


@pytest.fixture(scope="module")
def values():
    """Recurrent less none in nats, by seed and fold, from the file as the book offers it."""
    rows = results.read("one setting for all")
    runs = every_number.runs(rows[rows["dataset"] == "trec"])
    assert set(runs["part"]) == {"one setting for all"} and "*loss, chosen*" in EXAMPLE
    table = runs.pivot(index=["seed", "fold"], columns="placement", values="loss, chosen")
    return (table["recurrent"] - table["none"]).unstack("fold").to_numpy()


def test_the_worked_example_can_be_recomputed_from_the_file(values):
    s, f = values.shape
    mean, by_seed, by_fold = values.mean(), values.mean(axis=1), values.mean(axis=0)
    of_seeds = f * np.sum((by_seed - mean) ** 2) / (s - 1)
    of_folds = s * np.sum((by_fold - mean) ** 2) / (f - 1)
    rest = np.sum((values - by_seed[:, None] - by_fold + mean) ** 2) / ((s - 1) * (f - 1))
    total = of_seeds + of_folds - rest
    v = total / (s * f)
    d = total**2 / (of_seeds**2 / (s - 1) + of_folds**2 / (f - 1) + rest**2 / ((s - 1) * (f - 1)))
    low, high = (mean + side * t.ppf(0.975, d) * np.sqrt(v) for side in (-1, 1))
    said = (
        f"each of {s} seeds on {f} folds. The mean is {mean:.5f} nats, $M_S$ = {of_seeds:.5f}, $M_F$ = {of_folds:.5f} "
        f"and $M_R$ = {rest:.5f}. So $v$ = {v:.6f}, $d$ = {d:.2f}, and the 95 % interval is {low:.4f} to {high:+.4f}."
    )
    assert said.replace("-", "−") in EXAMPLE.replace("-", "−")


def test_it_is_what_the_package_gives_and_both_factors_have_a_part_in_it(values):
    found = stats.crossed(values)
    assert f"$d$ = {found.df:.2f}" in EXAMPLE
    assert f"{found.low:.4f} to {found.high:+.4f}".replace("-", "−") in EXAMPLE

"""The parameters of notebooks/mechanisms.ipynb, and that the notebook shows its sections with others than published."""

import nbformat
import pytest

from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.mechanisms.settings import Settings
from bilstm_dropout.paths import project_root


@pytest.mark.parametrize(
    "bad",
    [
        {"rates": [0.5]}, {"rate": 0}, {"rate": 0.6}, {"rate": "high"}, {"rate": True}, {"high_rates": []},
        {"high_rates": [1.0]}, {"high_rates": [0.5, 0.5]}, {"steps": 9}, {"steps": 401}, {"steps": 20.0},
        {"long_steps": 1001}, {"trained_units": 1}, {"draws": 1}, {"seeds": []}, {"seeds": [-1]}, {"seeds": [[1]]},
        {"rate": float("nan")}, {"high_rates": [{}]}, {"seeds": "[" * 100_000}, {"steps": "1" * 5000},
        {"high_rates": "[" * 100_000}, {"draws": "{" * 100_000}, {"rate": "NaN"},
    ],
    ids=lambda bad: next(iter(bad)),
)  # fmt: skip
def test_bad_parameters_are_refused_in_one_line(bad):
    with pytest.raises(UserError) as caught:
        Settings.parse(**bad)
    assert "\n" not in str(caught.value) and next(iter(bad)) in str(caught.value)


def test_parameters_come_as_values_or_as_text():
    assert Settings.parse() == Settings()
    given = Settings.parse(high_rates="[0.3, 0.6]", seeds=4, rate="0.1")
    assert given == Settings(rate=0.1, high_rates=(0.3, 0.6), seeds=(4,))


def test_the_notebook_measures_and_shows_everything_with_other_parameters(shown, untrained):
    cells = nbformat.read(project_root() / "notebooks" / "mechanisms.ipynb", as_version=4).cells
    small = "steps, long_steps, trained_units, draws, seeds, high_rates, rate = 12, 20, 4, 10, [1], [0.6], 0.2"
    namespace = {}
    for cell in (cell for cell in cells if cell.cell_type == "code"):
        exec(cell.source, namespace)
        if cell.id == "parameters":
            exec(small, namespace)
    page = shown()
    assert not namespace["tables"].published and namespace["settings"].steps == 12
    assert page.count("<svg") == 8 and page.count("<table") == 3 and "Figure 7." in page

"""notebooks/mechanisms.ipynb: its parameters, and that every section shows what it promises."""

import re

import pytest

from bilstm_dropout.book.chapters import mechanisms, mechanisms_trained
from bilstm_dropout.book.chapters.mechanisms_settings import read_settings
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.mechanisms.settings import Settings
from bilstm_dropout.experiments.mechanisms.tables import Tables

SMALL = Settings(steps=12, long_steps=20, trained_units=4, draws=10, seeds=(1,), high_rates=(0.5,))


@pytest.mark.parametrize(
    ("section", "figures", "tables"),
    [
        (mechanisms.show_equations, 1, 1),
        (mechanisms.show_averaging, 1, 0),
        (mechanisms.show_survival, 1, 1),
        (mechanisms.show_explosion, 2, 1),
        (mechanisms.show_identity, 0, 0),
        (mechanisms.show_scaling, 1, 0),
        (mechanisms_trained.show_gradients, 1, 1),
        (mechanisms_trained.show_dose, 1, 1),
        (mechanisms_trained.show_monte_carlo, 1, 1),
    ],
)
@pytest.mark.parametrize("settings", [Settings(), SMALL], ids=["published", "measured"])
def test_a_section_shows_figures_tables_and_what_they_say(section, figures, tables, settings, shown, untrained):
    section(Tables(settings))
    page = shown()
    assert page.count("<svg") == figures and page.count("<table") == tables
    assert not re.search(r"\bnan\b", re.sub(r"<[^>]*>", " ", page))
    assert re.search(r"\d", re.sub(r"<(svg|table).*?</\1>", "", page, flags=re.S))


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
        read_settings(**bad)
    assert "\n" not in str(caught.value) and next(iter(bad)) in str(caught.value)


def test_parameters_come_as_values_or_as_text():
    assert read_settings() == read_settings(rate=None) == Settings()
    given = read_settings(high_rates="[0.3, 0.6]", seeds=4, rate="0.1")
    assert given == Settings(rate=0.1, high_rates=(0.3, 0.6), seeds=(4,))


@pytest.mark.parametrize(("settings", "said"), [(Settings(), "Read from"), (SMALL, "Measured here and now")])
def test_the_page_says_whether_its_tables_are_the_published_ones(settings, said, shown):
    assert mechanisms.load(settings).settings == settings
    assert shown().startswith(said) and "\n" not in shown()

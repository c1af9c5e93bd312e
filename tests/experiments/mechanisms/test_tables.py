"""What the page on mechanisms shows, as a published file: whole, checked, and what measuring again gives."""

import json
import math

import pandas as pd
import pytest

from bilstm_dropout.cli import checks
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.mechanisms import tables
from bilstm_dropout.experiments.mechanisms.settings import Settings
from bilstm_dropout.isolated import sources_of

SMALL = Settings(steps=10, draws=10, seeds=(4,))


@pytest.fixture
def told():
    return json.loads(tables.Mechanisms.file().read_text())


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Have a text in place of the published file."""
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    return (tmp_path / tables.Mechanisms.FILE).write_text


def test_every_table_of_the_page_is_published_at_its_default_settings():
    found = tables.Mechanisms.published()
    assert found.settings == Settings() and list(found.tables) == list(tables.TABLES)
    assert {"device", "made", "lock"} <= found.provenance.keys() and len(found.code) == 16
    assert "dropout/masks.py" in {"/".join(file.parts[-2:]) for file in sources_of(tables.__name__)}


@pytest.mark.parametrize("name", ["survival", "equations"])
def test_measuring_again_gives_the_published_table(name):
    published = tables.Tables(Settings())
    assert published.published
    again = tables.TABLES[name](Settings())
    pd.testing.assert_frame_equal(published[name], again, check_dtype=False, rtol=1e-4, atol=1e-6)


def test_other_settings_are_measured_once_and_only_where_they_are_asked_for(monkeypatch):
    asked = []
    monkeypatch.setitem(tables.TABLES, "survival", lambda given: asked.append(given) or pd.DataFrame({"a": [1]}))
    found = tables.Tables(SMALL)
    assert not found.published and not asked
    assert found["survival"] is found["survival"] and asked == [SMALL]


def test_what_is_measured_is_what_is_read(monkeypatch, publish, capsys):
    odd = pd.DataFrame(
        {"form": ["none", "<b>"], "steps": [1, 2], "whole": [1.0, 0.0], "wrong": [True, False],
         "far": [math.inf, -math.inf], "formula": [math.nan, 1 / 3]}
    )  # fmt: skip
    for name in tables.TABLES:
        monkeypatch.setitem(tables.TABLES, name, lambda given: odd)
    monkeypatch.setattr(checks, "ENVIRONMENT", {})  # of the process that measures; this one's stays
    checks.mechanisms()
    printed = capsys.readouterr()
    assert "12 of 12" in printed.err
    publish(json.dumps(json.loads(printed.out, parse_constant=pytest.fail)))  # neither NaN nor Infinity, as in JSON
    read = tables.Tables(Settings())
    assert read.published
    pd.testing.assert_frame_equal(read["gradients"], odd)


@pytest.mark.parametrize("missing", tables.TABLES)
def test_a_file_that_lacks_a_table_of_the_page_is_refused(missing, told, publish):
    del told["tables"][missing]
    publish(json.dumps(told))
    with pytest.raises(UserError, match=r"^The published mechanisms .*mechanisms\.json cannot be used"):
        tables.Tables(Settings())


@pytest.mark.parametrize(
    "damage",
    [
        lambda told: told["tables"]["survival"]["share"].pop(),
        lambda told: told["tables"]["survival"].update(share=[{}] * 500),
        lambda told: told["settings"].update(steps=5),
        lambda told: told.update(script="<script>"),
    ],
)
def test_a_damaged_file_is_refused_in_one_line(damage, told, publish):
    damage(told)
    publish(json.dumps(told))
    with pytest.raises(UserError, match="measure mechanisms") as raised:
        tables.Tables(Settings())
    assert "\n" not in str(raised.value)

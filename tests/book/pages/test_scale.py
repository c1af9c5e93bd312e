"""Times on the page on clusters are those of published runs."""

import json

import pandas as pd
import pytest

from bilstm_dropout.book.pages.scale import growth_part, page_part, workers_part
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import parts
from bilstm_dropout.experiments.speed import scaling
from bilstm_dropout.experiments.speed.scaling import COUNTS, Workers, measure
from bilstm_dropout.figures.growth import growth
from bilstm_dropout.results import published
from bilstm_dropout.results.about import about


def rows(dataset, units, seconds, threads="1"):
    provenance = json.dumps({"device": {"threads": threads}})
    return pd.DataFrame({"dataset": dataset, "units": units, "seconds": seconds, "provenance": provenance})


def test_a_row_for_each_data_set_and_size_with_median_and_quartiles():
    frame = pd.concat([rows("mr", 64, [10.0, 20.0, 30.0, 40.0, 500.0]), rows("mr", 32, [1.0], threads="2")])
    lines = page_part({"a1": frame, "a2": frame[:0]}).splitlines()
    assert lines[2:] == [
        "| tuning | MR | 32 | 1 | 1 | 1 to 1 | 2 |",
        "| tuning | MR | 64 | 5 | 30 | 20 to 40 | 1 |",
    ]


def test_without_published_runs_it_says_so():
    assert page_part({"a1": rows("mr", 64, [])}) == "No run is published yet."


def test_published_runs_are_all_counted():
    lines = page_part().splitlines()
    for part in ("a1", "memory"):
        counts = [line.split("|")[4].replace(",", "") for line in lines if line.startswith(f"| {about(part)} |")]
        assert sum(map(int, counts)) == len(published.read(part)) > 0


def grown(configs, time):
    """Rows of the part on growth, with seconds from a configuration."""
    return pd.DataFrame(
        {
            "key": str(number), "dataset_options": json.dumps(config.dataset_options), "units": config.units,
            "seconds": time(config),
        }
        for number, config in enumerate(configs)
    )  # fmt: skip


def law(config):
    """Seconds in proportion to steps and rows, and to the square of units; the first seed compiles."""
    steps, rows = config.dataset_options["steps"], config.dataset_options["train"]
    return steps * rows * config.units**2 / 1e8 + 30 * (config.seed == 1)


def test_growth_is_read_off_the_runs_without_the_one_that_compiles():
    configs = scaling.runs()
    assert len(configs) == 13 * 5 == sum(parts.PARTS[scaling.PART].planned().values())
    found = scaling.seconds(grown(configs, law))
    for axis, each in found.groupby("axis"):
        assert tuple(each["value"]) == scaling.AXES[axis]
        expected = 2 if axis == "units" else 1
        assert scaling.exponent(each["value"], each["seconds"]) == pytest.approx(expected, abs=0.01)
    lines = growth_part(grown(configs, law)).splitlines()
    assert lines[-3].startswith("| steps T | 20, 40, 80, 160, 320 | 0.82, 1.6, 3.3, 6.6, 13 | 1.00 |")
    assert "| units U | 16, 32, 64, 128, 256 |" in lines[-2] and lines[-2].endswith("| 2.00 |")


def test_a_size_without_all_its_seeds_is_not_shown():
    configs = [config for config in scaling.runs() if (config.units, config.seed) != (256, 5)]
    found = scaling.seconds(grown(configs, law))
    assert len(found) == 14 and 256 not in found["value"].to_list()
    nothing = grown([], law).reindex(columns=["key", "dataset_options", "units"])
    assert growth_part(nothing) == "No run is published yet."


def test_the_figure_of_growth_has_a_panel_an_axis():
    found = scaling.seconds(grown(scaling.runs(), law))
    figure = growth(found, scaling.TITLES)
    assert [axes.get_xlabel() for axes in figure.axes] == list(scaling.TITLES.values())
    for axes, (_, each) in zip(figure.axes, found.groupby("axis", sort=False), strict=True):
        assert list(axes.lines[0].get_ydata()) == each["seconds"].to_list()


def test_published_growth_is_shown_whole():
    assert len(scaling.seconds(published.read(scaling.PART))) == 15


def measured(**seconds):
    counts = [{"workers": int(name[1:]), "seconds": each} for name, each in seconds.items()]
    return {"cores": 2, "counts": counts, "provenance": {}}


def test_what_more_workers_bring_is_counted_by_the_median_run():
    found = Workers.model_validate(measured(n1=[10.0, 9.0, 90.0], n2=[12.5, 12.5, 1.0], n4=[40.0]))
    assert workers_part(found).splitlines()[2:] == [
        "| 1 | 10 | 9.5 to 50 | 360 | 1.00 |",
        "| 2 | 12.5 | 6.75 to 12.5 | 576 | 1.60 |",
        "| 4 | 40 | 40 to 40 | 360 | 1.00 |",
        "",
        "Runs that count, line by line: 3, 3, 1.",
    ]


def test_processes_train_at_once_and_the_first_run_of_each_does_not_count(monkeypatch):
    monkeypatch.setattr(scaling, "BASE", {"steps": 6, "units": 4, "rows": 40})
    (found,) = measure(counts=(2,), each=3, say=lambda _: None).counts
    assert found.workers == 2 and len(found.seconds) == 4


def test_published_workers_are_checked(tmp_path, monkeypatch):
    assert [each.workers for each in Workers.published().counts] == list(COUNTS)
    told = tmp_path / "workers.json"
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    for hostile in ("", "[]", json.dumps(measured(n2=[1.0], n1=[1.0])), json.dumps(measured(n1=[-1.0]))):
        told.write_text(hostile)
        with pytest.raises(UserError, match="cannot be used"):
            Workers.published()
    told.unlink()
    with pytest.raises(UserError, match="Restore it from a release"):
        Workers.published()

"""Findings: what a sentence may say, how its numbers are written, and what is shown where it does not hold."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bilstm_dropout.book.findings import METADATA, check_findings, filled, finding, findings_of, quote
from bilstm_dropout.errors import UserError
from bilstm_dropout.stats import Estimate, estimate

LOSS = Estimate(-0.0142, -0.0204, -0.0093, 40)
HOSTILE = "<script>*x*</script> {{ 7*7 }} a_b\n## c"


@pytest.fixture
def displayed(monkeypatch):
    """What cells hand to IPython's display: (bundle, metadata), in order."""
    found = []

    def display(bundle, metadata=None, raw=False):
        assert raw
        found.append((bundle, metadata))

    monkeypatch.setattr("IPython.display.display", display)
    return found


def say(sentence="The loss is {loss:size 3} nats lower.", *, name="input", holds=lambda d: d.loss.high < 0, **options):
    return finding(sentence, name=name, data=options.pop("data", {"loss": LOSS}), holds=holds, **options)


# ---- how numbers are written ----
@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("{x}", 0.12345, "0.123"),
        ("{x:1}", -0.25, "−0.2"),
        ("{x:2}", np.float32(-0.5), "−0.50"),
        ("{x:+2}", 0.5, "+0.50"),
        ("{x:+}", 3, "+3"),
        ("{x}", 12_345, "12,345"),
        ("{x}", np.int64(-5), "−5"),
        ("{x:size}", -5, "5"),
        ("{x:size 2}", -0.5, "0.50"),
        ("{x:0}", 48.6, "49"),
        ("{x}", "three seeds", "three seeds"),
        ("{x}", True, "True"),
        ("{x}", LOSS, "−0.014"),
        ("{x:2}", Estimate(0.5, 0.1, 0.9, 4), "+0.50"),
        ("{x:size 2}", LOSS, "0.01"),
        ("{x:interval}", LOSS, "−0.014 (95 % interval −0.020 to −0.009)"),
        ("{x:range 2}", LOSS, "95 % interval −0.02 to −0.01"),
        ("{x:ends 4}", LOSS, "−0.0204 to −0.0093"),
        ("{x.n}", LOSS, "40"),
        ("{x:ends}", estimate([0.5]), "– to –"),  # one value has no interval
        ("{x:1}", [LOSS, Estimate(1.0, 0.5, 1.5, 2)], "−0.0; +1.0"),
        ("{x}", (1, 2), "1; 2"),
        ("{x}", float("nan"), "–"),
        ("{x:+}", float("nan"), "–"),
        ("{x:size 2}", float("-inf"), "–"),
    ],
)
def test_numbers_are_written_as_print_has_them(field, value, text):
    assert filled(field, {"x": value}) == text


@pytest.mark.parametrize("specification", ["03d", ".3f", "wide", "12", "size -1", ">9"])
def test_other_formats_are_refused_naming_those_that_there_are(specification):
    with pytest.raises(UserError, match="Allowed: 3, ") as raised:
        filled(f"{{x:{specification}}}", {"x": 1.0})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("kind", ["interval", "range", "ends 2"])
def test_an_interval_of_what_has_none_is_refused(kind):
    with pytest.raises(UserError, match="needs an estimate"):
        filled(f"{{x:{kind}}}", {"x": 1.0})


@pytest.mark.parametrize("field", ["{y}", "{}", "{0}", "{x.high}"])
def test_what_the_data_lack_is_refused(field):
    with pytest.raises(UserError, match="the data have x"):
        filled(f"The loss is {field}.", {"x": 1.0})


def test_words_from_outside_are_quoted_in_markdown_alone():
    plain, quoted = filled("{x}", {"x": HOSTILE}), filled("{x}", {"x": HOSTILE}, markdown=True)
    assert plain == HOSTILE.replace("\n", " ") and "\n" not in quoted
    assert "<" not in quoted and "{{" not in quoted and r"\*x\*" in quoted and r"a\_b" in quoted and r"\#\# c" in quoted


# ---- what a finding shows ----
def test_a_finding_that_holds_shows_its_sentence_and_is_glued_under_its_name(displayed):
    found = say()
    ((bundle, metadata),) = displayed
    text = "The loss is 0.014 nats lower."
    assert bundle == {"text/markdown": f"> **{text}**", "text/plain": text}
    assert (found.name, found.text, found.holds, str(found)) == ("input", text, True, text)
    assert metadata["scrapbook"] == {"name": "input", "mime_prefix": ""}
    assert metadata[METADATA] == {
        "name": "input", "sentence": text, "holds": True, "rests_on": "published", "values": {"loss": "−0.014"},
    }  # fmt: skip
    assert found._ipython_display_() is None and len(displayed) == 1  # as a cell's last value it is not shown again


def test_one_that_does_not_hold_says_so_in_place_of_its_sentence(displayed):
    found = say(holds=lambda d: d.loss.low > 0, rests_on="here")
    ((bundle, metadata),) = displayed
    assert bundle["text/plain"] == found.text == "What stood here does not hold with these runs (loss −0.014)."
    assert "lower" not in bundle["text/markdown"] and not found.holds
    assert metadata[METADATA]["holds"] is False and "lower" in metadata[METADATA]["sentence"]


def test_one_that_a_figure_shows_as_its_title_is_glued_and_not_shown(displayed):
    say(shown=False)
    ((bundle, metadata),) = displayed
    assert set(bundle) == {
        "application/papermill.record/text/markdown", "application/papermill.record/text/plain",
    }  # fmt: skip
    assert metadata["scrapbook"] == {"name": "input", "mime_prefix": "application/papermill.record/"}


@pytest.mark.parametrize("holds", [True, False])
def test_words_from_outside_stay_words(displayed, holds):
    found = say("Best is {best}.", data={"best": HOSTILE}, holds=lambda d: holds)
    ((bundle, _),) = displayed
    plain = HOSTILE.replace("\n", " ")
    assert plain in bundle["text/plain"] and plain in found.text  # pasted as text, or escaped as a title
    assert "<script>" not in bundle["text/markdown"] and "{{" not in bundle["text/markdown"]
    assert "\n" not in bundle["text/markdown"]


@pytest.mark.parametrize("holds", [lambda d: np.bool_(True), lambda d: np.bool_(False)])
def test_a_condition_may_be_numpy_s(displayed, holds):
    assert isinstance(say(holds=holds).holds, bool)


def test_the_condition_gets_the_data_as_they_are(displayed):
    say(holds=lambda d: d.loss is LOSS and d.words == ["a"], data={"loss": LOSS, "words": ["a"]})
    assert displayed[0][1][METADATA]["holds"]


@pytest.mark.parametrize(
    ("sentence", "options", "words"),
    [
        ("The loss is 0.014 nats lower ({loss}).", {}, "number 0"),
        ("Of {loss} runs 8 diverged.", {}, "number 8"),
        ("It is {loss}.", {"name": "Input"}, "needs a name"),
        ("It is {loss}.", {"name": "in_put"}, "needs a name"),
        ("It is {loss}.", {"name": "1st"}, "needs a name"),
        ("It is {loss}.", {"rests_on": "elsewhere"}, "Allowed: published, here"),
        ("It is {gain}.", {}, "the data have loss"),
    ],
)
def test_what_a_finding_may_not_be(displayed, sentence, options, words):
    with pytest.raises(UserError, match=words):
        say(sentence, **options)
    assert not displayed


# ---- what the book makes of them ----
def executed(*outputs):
    return {"cells": [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": list(outputs)}]}


def record(name, holds=True, rests_on="published"):
    return {"name": name, "sentence": f"{name} falls.", "holds": holds, "rests_on": rests_on, "values": {"loss": "−1"}}


def test_findings_are_collected_from_outputs():
    made = [record("one"), record("two")]
    outputs = [{"metadata": {METADATA: made[0]}}, {"output_type": "stream"}, {"metadata": {METADATA: made[1]}}]
    assert list(findings_of(executed(*outputs))) == made


def test_the_book_stops_where_published_results_do_not_carry_a_finding():
    check_findings([record("one"), record("mine", holds=False, rests_on="here")], "page.ipynb")
    with pytest.raises(UserError) as raised:
        check_findings([record("one"), record("two", holds=False)], "page.ipynb")
    message = str(raised.value)
    assert all(word in message for word in ("page.ipynb", "two falls.", "loss −1")) and "\n" not in message
    assert "Neither" not in message
    with pytest.raises(UserError, match="Neither do they carry three and four"):
        check_findings([record(name, holds=False) for name in ("two", "three", "four")], "page.ipynb")


def test_a_finding_is_quoted_by_its_page_and_name():
    assert quote("generated/study/gallery", "input") == "{glue:text}`/generated/study/gallery.ipynb::input:s`"


def test_a_result_that_has_the_parts_of_an_estimate_is_one():
    assert filled("{x:ends 1}", {"x": SimpleNamespace(mean=1, low=0.5, high=1.5)}) == "+0.5 to +1.5"

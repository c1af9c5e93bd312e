"""The table of placements: complete, resolvable, and refusing what it should with what is allowed."""

import keras
import pytest

from bilstm_dropout.dropout.placements import TABLE, resolve
from bilstm_dropout.dropout.terms import SITES, Placement, Term
from bilstm_dropout.errors import UserError

ASKED_FOR = [
    "none",
    "input",
    "input-spatial",
    "input-steps",
    "input-features",
    "input-samples",
    "input-words",
    "embedding-types",
    "lstm-dropout",
    "lstm-dropout-gates",
    "recurrent",
    "recurrent-tied",
    "recurrent-stepwise",
    "candidate",
    "gates",
    "cell",
    "cell-stepwise",
    "zoneout",
    "weights",
    "between",
    "between-spatial",
    "output",
    "combined",
    "embedding-and-arguments",
    "variational",
]


def test_the_table_has_every_placement_in_order():
    assert [name for name in TABLE if name in ASKED_FOR] == ASKED_FOR


@pytest.mark.parametrize("name", TABLE)
def test_an_entry_tells_the_reader_everything(name):
    entry = TABLE[name]
    assert entry.name == name and entry.equation and entry.sentence.endswith(".") and entry.source
    assert bool(entry.keras) != bool(entry.why_not_keras)
    assert all(term.axes <= set(SITES[term.site].axes) for term in entry.terms)


@pytest.mark.parametrize("name", [name for name in TABLE if TABLE[name].keras])
def test_the_keras_line_runs(name):
    names = dict(keras=keras, x=keras.Input((6, 4)), rate=0.3, units=5, steps=6, features=4)
    exec(TABLE[name].keras, names)
    assert names["h"].shape == (None, 10)


def test_compositions_are_canonical():
    assert resolve("output+input").name == "input+output"
    assert len(resolve("input+recurrent+output").terms) == 3
    assert resolve("recurrent:feature,gate,sample").name == "recurrent:sample,gate,feature"
    assert resolve("cell:sample,feature:inverted").terms[0].scaling == "inverted"
    assert resolve("hidden:sample,feature:keep").terms[0].key == "hidden:keep"


def test_own_rates_are_those_of_the_page():
    combined, both = resolve("combined@own"), resolve("embedding-and-arguments@own")
    assert [combined.own_rate * term.factor for term in combined.terms] == pytest.approx([0.1, 0.1, 0.2])
    assert [both.own_rate * term.factor for term in both.terms] == pytest.approx([0.25, 0.5, 0.5])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("recurent", "Did you mean recurrent"),
        ("", "Allowed: none"),
        ("recurrent:sample,color", "direction, sample"),
        ("somewhere:sample", "embedding, input"),
        ("recurrent:", "at least one axis"),
        ("input+input", "each once"),
        ("none+input", "without none"),
        ("input@own", "combined@own"),
        ("recurrent:sample:loudly", "inverted"),
        ("gates:sample,feature", "gate"),
        ("input:sample:keep", "cell and hidden"),
        ("embedding:sample,type:expectation-on-hidden", "at the site embedding write 'expectation'"),
        (None, "Allowed: none"),
    ],
)
def test_what_is_no_placement_is_refused(name, says):
    with pytest.raises(UserError, match=says):
        resolve(name)


@pytest.mark.parametrize(
    ("name", "rate", "fine"),
    [
        ("input", 0.0, True),
        ("input", 0.99, True),
        ("input", 1.0, False),
        ("input", -0.1, False),
        ("input", float("nan"), False),
        ("gates", 0.5, True),
        ("gates", 0.51, False),
        ("input+gates", 0.6, False),
        ("none", 0.0, True),
        ("none", 0.1, False),
        ("combined", 0.75, True),
        ("combined@own", 0.2, True),
        ("combined@own", 0.3, False),
    ],
)
def test_rates_have_limits(name, rate, fine):
    if fine:
        resolve(name).check_rate(rate)
    else:
        with pytest.raises(UserError, match="rate"):
            resolve(name).check_rate(rate)


@pytest.mark.parametrize("factor", [0, -1.0, float("inf"), float("nan"), "1"])
def test_a_factor_is_a_finite_number_above_nothing(factor):
    with pytest.raises(UserError, match=r"factor: .* a finite number above 0"):
        Term("output", frozenset({"sample", "feature"}), factor=factor)


def test_a_factor_never_takes_a_rate_to_one():
    twice = Placement("twice", (Term("output", frozenset({"sample", "feature"}), factor=2.0),), "", "", "")
    twice.check_rate(0.49)
    with pytest.raises(UserError, match="rate"):
        twice.check_rate(0.5)


def test_needs_follow_from_the_sites():
    assert not TABLE["embedding-types"].applies(embedding=False, layers=1)
    assert TABLE["variational"].applies(embedding=False, layers=1)
    assert not TABLE["embedding-and-arguments"].applies(embedding=False, layers=1)
    assert not TABLE["between"].applies(embedding=True, layers=1)
    assert TABLE["between"].applies(embedding=False, layers=2)

"""Which NLL of a run counts is decided once: every caller gives, on what is published, the numbers it gave before."""

import hashlib

import numpy as np
import pytest

from bilstm_dropout.experiments import ledger, planted
from bilstm_dropout.experiments.confirmatory import contrasts, tuning
from bilstm_dropout.results.published import read
from bilstm_dropout.results.rows import nll


def digest(values):
    return hashlib.sha256(np.ascontiguousarray(values, dtype=float).tobytes()).hexdigest()[:16]


def of_planted(when):
    rows = read("planted")
    return [planted.losses(rows, planted.SPURIOUS, place, rate, when).to_numpy()
            for place, rate in (("none", 0.0), ("input", 0.5), ("recurrent", 0.5), ("output", 0.25))]  # fmt: skip


CALLERS = {
    **{f"effects {part}": lambda part=part: nll(read(part)) for part in "bcdefgijk"},
    "effects a3": lambda: nll(read("a3")),
    **{
        f"contrasts {part} {measure}": lambda part=part, measure=measure: contrasts.values(read(part), measure)["value"]
        for part in ("a2",)
        for measure in contrasts.MEASURES
    },
    "tuning": lambda: tuning.scored(read("a1"))["score"],
    "ledger": lambda: [ledger.losses(read("claims"), place).to_numpy() for place in ("none", "input", "recurrent")],
    "planted best": lambda: of_planted("best"),
    "planted last": lambda: of_planted("last"),
}
PINNED = {
    "effects b": "bef49e1bac809cc2", "effects c": "6ecb14ee57864282", "effects d": "df87ba34ba574df3",
    "effects e": "11fb976b08bdb64b", "effects f": "b0016a1fcd92f9e9", "effects g": "7e527680d65ae431",
    "effects i": "9bedc853f73b32c5", "effects j": "3ecfda7735c5a5dc", "effects k": "ecc954f516811085",
    "effects a3": "0f490edd1a527107", "contrasts a2 raw": "1d58fa0795370c39",
    "contrasts a2 after temperature": "2aa4ab902ed86e32", "tuning": "2ec2d1325e96b4d4",
    "ledger": "4c1996465443e7dd", "planted best": "324daa629f6b298b", "planted last": "633a27662236a703",
}  # fmt: skip


@pytest.mark.parametrize("caller", CALLERS)
def test_every_caller_gives_the_numbers_of_before(caller):
    assert digest(CALLERS[caller]()) == PINNED[caller]

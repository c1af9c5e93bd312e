"""Parts of the page on traps: each trap's code with what it prints on the installed libraries, and what traps cost.

The code runs in a process of its own, so that compiling a book needs no TensorFlow; what it printed is kept in
data/cache/ for as long as the libraries and the code stay the same.
"""

from __future__ import annotations

import math

import pandas as pd

from ...errors import UserError
from ...experiments.ledger import PART, RATES, contrast, losses
from ...isolated import output_of
from ...results.published import read
from ...stats.paired import Difference, verdict
from ...stock_keras import traps
from ...stock_keras.probe import Fact
from ...stock_keras.probe.asked import installed_facts, published_facts
from ...wording import listed, rate_text, signed
from ..markdown import table
from .keras import values_of, wrong_libraries

_NOTHING = Difference(math.nan, math.nan, math.nan, math.nan, 0)


def trap_outputs() -> dict[str, str]:
    """What each trap's code prints with the installed libraries, by the trap's name."""
    return output_of("bilstm_dropout.stock_keras.traps")


def pages() -> dict[str, str]:
    """The generated files of the page, by name. UserError where a trap's code no longer shows the trap."""
    facts, outputs = installed_facts(), trap_outputs()
    if wrong := traps.unshown(outputs):
        raise UserError(wrong_libraries(wrong))
    probed = [facts_then for facts_then in published_facts() if facts_then[0].value != facts[0].value] + [facts]
    return {
        "traps.md": "\n".join(_trap(trap, outputs[trap.name], probed) for trap in traps.TRAPS),
        "traps-effects.md": _effects(effects(read(PART))),
    }


def _trap(trap: traps.Trap, output: str, probed: list[list[Fact]]) -> str:
    """A section on one trap: what it is, the code, what it printed, the versions, and the way round."""
    lines = [f"## {trap.name}", "", trap.statement, "", "```python", trap.code.rstrip(), "```", "", "It prints:", "",
             "```text", output.rstrip(), "```", ""]  # fmt: skip
    if trap.facts:
        have, lack = [], []
        for values in map(values_of, probed):
            there = all(values.get(name) == value for name, value in trap.facts.items())
            (have if there else lack).append(str(values["versions.keras"]))
        lines += [f"**Versions.** Of those probed, Keras {listed(have)} {'has' if len(have) == 1 else 'have'} it"
                  + (f", {listed(lack)} not" if lack else "") + f". {trap.versions}", "",
                  f"Facts: {', '.join(f'`{name}`' for name in trap.facts)}.", ""]  # fmt: skip
    else:
        lines += [f"**Versions.** Run with the installed ones. {trap.versions}", ""]
    return "\n".join([*lines, f"**Instead.** {trap.way_round}", ""])


def effects(rows: pd.DataFrame) -> list[dict]:
    """A row for each trap with an effect, pair of placements and rate.

    rows: published runs of the part claims. Keys: trap, a, b, rate; mean, low, high (a - b in test NLL in nats, 95 %
    interval), n (pairs of seeds) and verdict. Where runs are missing n is 0 and the numbers are NaN.
    """
    found = []
    for trap in traps.TRAPS:
        for a, b in trap.effect:
            for rate in RATES:
                try:
                    each = contrast(losses(rows, a, rate), losses(rows, b, rate))
                except ValueError:
                    each = _NOTHING
                found.append({
                    "trap": trap.name, "a": a, "b": b, "rate": rate, "mean": each.mean, "low": each.low,
                    "high": each.high, "n": each.n, "verdict": verdict(each),
                })  # fmt: skip
    return found


def _effects(rows: list[dict]) -> str:
    """The measured differences, or a sentence that there is no run yet."""
    shown = [row for row in rows if row["n"]]
    if not shown:
        return "There is no finished run yet."
    header = ["trap", "difference of", "p", "in test NLL (nats)", "95 % interval", "seeds", "verdict"]
    lines = [
        [row["trap"], f"`{row['a']}` − `{row['b']}`", rate_text(row["rate"]), signed(row["mean"]),
         f"{signed(row['low'])} to {signed(row['high'])}", str(row["n"]), row["verdict"]]
        for row in shown
    ]  # fmt: skip
    return table(header, lines)

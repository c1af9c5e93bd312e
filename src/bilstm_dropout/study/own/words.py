"""Results of a study of one's own data as tables and figures show them."""

from __future__ import annotations

import pandas as pd

from ...datasets import TITLES
from ...figures.colours import family_of
from ...stats import Estimate
from ...wording import minus, rate_text, signed
from .design import Design
from .results import ALIKE, STOPS, alike


def as_estimate(row: pd.Series) -> Estimate:
    """The mean and interval of a row of `effects`."""
    return Estimate(row["mean"], row["low"], row["high"], int(row["n"]))


def interval(found, digits: int) -> str:
    """'−0.021 (−0.040 to −0.002)': what has mean, low and high."""
    return minus(f"{found.mean:+.{digits}f} ({found.low:+.{digits}f} to {found.high:+.{digits}f})")


def size(found, digits: int) -> str:
    """'0.538 (0.331 to 0.744)': a difference that is above zero, without its sign."""
    return f"{found.mean:.{digits}f} ({found.low:.{digits}f} to {found.high:.{digits}f})"


def intervals(frame: pd.DataFrame, column: str, digits: int) -> list[str]:
    """The same of a frame's columns `loss`, `loss_low` and `loss_high`."""
    ends = frame[[column, f"{column}_low", f"{column}_high"]].itertuples(index=False)
    return [minus(f"{mean:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})") for mean, low, high in ends]


def arm(placement: str, rate: float) -> str:
    """'input, p = 0.25'."""
    return f"{placement}, p = {rate_text(rate)}"


def in_words(table: pd.DataFrame, unit: str) -> str:
    """What stands behind a count of arms: ', most with input, p = 0.5: −3.1 points'; '' where there are none."""
    if table.empty:
        return ""
    first = table.iloc[0]
    ends = f"({signed(first['low'], 1)} to {signed(first['high'], 1)})"
    return f", most with {arm(first['placement'], first['rate'])}: {signed(first['mean'], 1)} {unit} {ends}"


def written(table: pd.DataFrame) -> pd.DataFrame:
    """`effects` as a reader's table: a row an arm and stop, loss, accuracy and confidence gap with intervals and p."""
    rows = []
    for (place, rate, stop), group in table.groupby(["placement", "rate", "stop"], sort=False):
        cells = {"case": arm(place, rate), "when": STOPS[stop]}
        for measure, head, digits in (("loss", "loss", 3), ("points", "accuracy", 1), ("gap", "confidence gap", 1)):
            for each in group[group["measure"] == measure].itertuples():
                cells[head] = f"{interval(each, digits)}, p {_p(each.p_holm)}"
        rows.append(cells)
    return pd.DataFrame(rows)


def drawn(table: pd.DataFrame) -> pd.DataFrame:
    """`effects` as figures.ranges takes them: row (the arm), mark (when), and loss and points with their ends."""
    rows = []
    for (place, rate, stop), group in table.groupby(["placement", "rate", "stop"], sort=False):
        cells = {"row": arm(place, rate), "mark": STOPS[stop], "placement": place}
        for each in group[group["measure"].isin(["loss", "points"])].itertuples():
            cells |= {each.measure: each.mean, f"{each.measure}_low": each.low, f"{each.measure}_high": each.high}
        rows.append(cells)
    return pd.DataFrame(rows)


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def spelt(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the file as a reader's table: 'line' for row, probabilities in words, no column of texts for series."""
    shown = rows if rows["text"].any() else rows.drop(columns="text")
    return shown.rename(columns={"row": "line", "true_probability": "probability of its class", "trials": "test parts"})


def families(drawn: pd.DataFrame) -> dict[str, str]:
    """Each row's colour, by its placement's site."""
    return {row: family_of(place) for row, place in zip(drawn["row"], drawn["placement"], strict=True)}


def alike_name(design: Design) -> str:
    """The published data set that is like these data, as tables have its name."""
    name = ALIKE[alike(design)][1]
    return TITLES.get(name, name)

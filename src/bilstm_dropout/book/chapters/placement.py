"""What notebooks/placement.ipynb only prints: what a placement is, and the commands that run it again."""

from __future__ import annotations

import json
from shlex import quote

from IPython.display import Math, display

from ... import figures
from ...dropout.terms import Placement
from ...runs.sweep import PARAMETERS, Sweep
from ...wording import markdown_safe, rate_text
from .. import show
from ..bibliography import citation
from .runs import middle_rate


def describe(placement: Placement) -> None:
    """Say what a placement is: a sentence, its masks in words, the equation, the Keras line or why there is none."""
    show.text(f"**{markdown_safe(placement.name)}.** {placement.sentence}")
    if placement.terms:
        what = "; ".join(
            f"at the site *{term.site}*: a{figures.sharing(term).removeprefix('A').rstrip('.')}"
            for term in placement.terms
        )
        show.text(f"In words, mask by mask: {what}.")
    display(Math(placement.equation))
    if placement.keras:
        show.text(
            "In Keras, with `x` the layer's input and `h` what the classifier's head reads:\n\n"
            f"```python\n{placement.keras}\n```"
        )
    else:
        show.text(f"Keras has no line for it. {placement.why_not_keras}")
    source = citation(placement.source)
    if source:
        show.text(f"Where it comes from: {source}.")


def show_commands(sweep: Sweep) -> None:
    """The lines that run this notebook, one of its runs, and a study of one's own, with the parameters it had."""
    given = " ".join(f"-p {name} {quote(_text(value))}" for name, value in _changed(sweep).items())
    show.text(
        "```bash\n"
        "# This notebook with other parameters, from the project's folder, and what each of them means:\n"
        f".venv/bin/papermill notebooks/placement.ipynb out.ipynb {given}\n"
        ".venv/bin/papermill --help-notebook notebooks/placement.ipynb\n\n"
        "# One run without a notebook, and the whole study with a profile that is yours to edit:\n"
        f".venv/bin/bilstm-dropout run {quote(sweep.placement)} --dataset {quote(sweep.datasets[0])} "
        f"--rate {rate_text(middle_rate(sweep.rates_on(sweep.datasets[0])))} --seed {sweep.seeds[0]}\n"
        "cp notebooks/profiles/quick.yaml mine.yaml && make study PROFILE=mine.yaml\n"
        "```"
    )


def _changed(sweep: Sweep) -> dict[str, object]:
    """What names a sweep, and its parameters that differ from the notebook's defaults."""
    always = {name: getattr(sweep, name) for name in ("placement", "rates", "seeds", "datasets")}
    given = {name: getattr(sweep, name) for name in PARAMETERS if name in sweep.model_fields_set - always.keys()}
    return always | {name: value for name, value in given.items() if value != PARAMETERS[name][0]}


def _text(value: object) -> str:
    """A parameter as papermill takes it: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value)

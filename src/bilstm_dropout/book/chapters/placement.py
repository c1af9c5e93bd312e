"""What notebooks/placement.ipynb only prints: what a placement is, and the commands that run it again."""

from __future__ import annotations

from IPython.display import Math, display

from ... import figures
from ...dropout.terms import Placement
from ...runs.sweep import Sweep
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
    placement = sweep.placement
    rates = "[" + ", ".join(rate_text(rate) for rate in sweep.rates) + "]"
    seeds = "[" + ", ".join(str(seed) for seed in sweep.seeds) + "]"
    name, names = sweep.datasets[0], "[" + ", ".join(f'"{each}"' for each in sweep.datasets) + "]"
    show.text(
        "```bash\n"
        "# This notebook with other parameters, from the project's folder, and what each of them means:\n"
        f".venv/bin/papermill notebooks/placement.ipynb out.ipynb -p placement '{placement}' -p rates '{rates}' "
        f"-p seeds '{seeds}' -p datasets '{names}'\n"
        ".venv/bin/papermill --help-notebook notebooks/placement.ipynb\n\n"
        "# One run without a notebook, and the whole study with a profile of your own:\n"
        f"bilstm-dropout run '{placement}' --dataset {name} --rate {rate_text(middle_rate(sweep.rates))} "
        f"--seed {sweep.seeds[0]}\n"
        "make study PROFILE=my-profile.yaml\n"
        "```"
    )

"""What the cells of notebooks/placement.ipynb show: the placement, its masks, and what it did to the runs.

Every number that appears is computed here from the runs; every sentence that compares goes through
stats.paired.verdict.
"""

import numpy as np
from IPython.display import Math, display

from ... import figures
from ...dropout.placements import resolve
from ...dropout.terms import SITES
from ...results import tidy
from ...runs.sweep import Sweep
from ...wording import markdown_safe, rate_text
from .. import show
from ..bibliography import citation
from .runs import Results, differences_table, middle_rate

# Sizes of the masks that are drawn for the reader: small enough to see each square.
_STEPS, _FEATURES, _SAMPLES, _WORDS = 8, 6, 3, 12


def show_placement(sweep: Sweep):
    """Say what the placement is: the sentence, the equation, the Keras line or why there is none, the source,
    the map.
    """
    placement = resolve(sweep.placement)
    name = markdown_safe(placement.name)
    show.text(f"**{name}.** {placement.sentence}")
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
    caption = (
        "Where the masks sit. A filled mark is masked, and marks with equal numbers share a draw."
        if placement.terms
        else "All sites at which a mask could sit. Here none does."
    )
    show.figure(figures.site_map(placement), alt=figures.site_map_alt(placement), caption=caption)


def show_masks(sweep: Sweep, seed: int = 1):
    """Draw the placement's masks once, small, by the function that training uses, and say what shares a
    draw.
    """
    from ...dropout.masks import Sizes, draw_masks

    placement = resolve(sweep.placement)
    if not placement.terms:
        show.text("Nothing is dropped here, so there is no mask to draw.")
        return
    rate = middle_rate(run.rate for run in sweep.runs())
    for number, term in enumerate(placement.terms, start=1):
        samples = _SAMPLES if "step" in _axes(term) else 2 * _SAMPLES
        sizes = Sizes(samples, _STEPS, _FEATURES, _FEATURES, vocabulary=_WORDS)
        (mask,) = draw_masks((term,), rate, sizes, (seed, 0)).values()
        picture = figures.mask_picture(term, np.asarray(mask), sizes.axes(term.site), rate)
        shape = " × ".join(f"{size}" for size in np.shape(mask))
        caption = (
            f"Mask {number} of {len(placement.terms)}, at the site {term.site}, drawn at p = "
            f"{rate_text(rate)}. {figures.sharing(term)} Its shape here is {shape}."
        )
        show.figure(picture, alt=figures.mask_alt(term, rate), caption=caption)


def _axes(term):
    return SITES[term.site].axes


def _per_rate(frame, column, scale=1.0, digits=3):
    """'none 0.052, p = 0.1 0.061': means over seeds, for descriptions."""
    means = (scale * frame.groupby("rate")[column].mean()).dropna()
    return ", ".join(
        f"{'none' if rate == 0 else f'p = {rate_text(rate)}'}: {value:.{digits}f}"
        for rate, value in means.items()
    )


def _seeds(frame):
    return frame["seed"].nunique()


def show_learning_curves(runs: Results):
    """Learning curves of each data set, with ``none`` beside the rates."""
    for name in runs.names:
        curves = tidy.curves(runs.records, name)
        watched = next(record.watch for record in runs.records if record.config.dataset == name)
        last = curves[curves["epoch"] == curves["epoch"].max()]
        show.figure(
            figures.learning_curves(curves, watched),
            alt=f"Learning curves on {name}: NLL in training and on the {watched} split against the epoch. "
            f"After the last epoch, mean over the seeds on {watched}: {_per_rate(last, 'watch_nll')}.",
            caption=f"{name}: a line is the mean over {_seeds(curves)} seeds, its band reaches from the "
            "lowest to the highest. "
            "Training NLL is measured with the masks on, so it lies higher where more is dropped.",
        )


def show_dose_response(runs: Results):
    """Test NLL and accuracy against the rate beside ``none``, and the paired differences as a table."""
    frame = runs.frame
    described = "; ".join(
        f"{name}, {_per_rate(frame[frame['dataset'] == name], 'nll')}" for name in runs.names
    )
    show.figure(
        figures.dose_response(frame, list(runs.names)),
        alt=f"Test NLL and accuracy against the drop rate. Mean test NLL: {described}.",
        caption="Dots are seeds. The grey band reaches over the seeds of none, the grey line is their mean.",
    )
    if not runs.placement.terms:
        return
    show.table(
        differences_table(tidy.summary(frame)),
        caption="Paired differences in test NLL: each seed with the placement minus the same seed without.",
    )


def show_prediction_changes(runs: Results):
    """Churn against ``none`` beside the churn between seeds of ``none``, the calibration gap, and what the
    numbers say.
    """
    frame, between = runs.frame, tidy.seed_churn(runs.records)
    described = "; ".join(
        f"{name}, {_per_rate(frame[frame['dataset'] == name], 'churn', 100, 1)}" for name in runs.names
    )
    show.figure(
        figures.prediction_changes(frame, between, list(runs.names)),
        alt=f"Share of test predictions that differ from none's, in per cent: {described}. "
        "Beside it the calibration gap.",
        caption="Left: predicted classes that differ from those of none with the same seed; the grey band is "
        "what another "
        "seed of none alone changes. Right: mean confidence minus accuracy; above 0 is over-confident.",
    )
    lines = []
    for name in runs.names:
        rows = frame[(frame["dataset"] == name) & (frame["rate"] > 0)]
        churn, pairs = rows["churn"].dropna(), between.get(name, np.array([]))
        if len(pairs):
            share = f"{100 * pairs.mean():.1f} % of the test examples"
            text = f"- {markdown_safe(name)}: two seeds of `none` disagree on {share}"
            lines.append(
                f"{text}; the placement and `none` with the same seed on {100 * churn.mean():.1f} %, "
                "averaged over the rates."
                if len(churn)
                else f"{text}."
            )
    if lines:
        show.text("\n".join(lines))


def show_rerun(sweep: Sweep):
    """The lines that run this chapter again with other parameters."""
    placement = sweep.placement
    rates = "[" + ", ".join(rate_text(rate) for rate in sweep.rates) + "]"
    seeds = "[" + ", ".join(str(seed) for seed in sweep.seeds) + "]"
    name, names = sweep.datasets[0], "[" + ", ".join(f'"{each}"' for each in sweep.datasets) + "]"
    show.text(
        "This notebook with other parameters, from the project's folder:\n\n"
        "```bash\n"
        f".venv/bin/papermill notebooks/placement.ipynb out.ipynb -p placement '{placement}' -p rates '{rates}' "
        f"-p seeds '{seeds}' -p datasets '{names}'\n"
        ".venv/bin/papermill --help-notebook notebooks/placement.ipynb\n"
        "```\n\n"
        "One run without a notebook, and the whole study with a profile of your own:\n\n"
        "```bash\n"
        f"bilstm-dropout run '{placement}' --dataset {name} --rate {rate_text(middle_rate(sweep.rates))} "
        f"--seed {sweep.seeds[0]}\n"
        "make study PROFILE=my-profile.yaml\n"
        "```\n\n"
        "Runs that are already in the store are not trained again."
    )

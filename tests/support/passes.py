"""Records of part m that nobody trained: made-up probabilities, and averages of passes that are less sure."""

from types import SimpleNamespace

import numpy as np
from scipy.special import entr, softmax

from bilstm_dropout import datasets
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.results.selected import SELECTED
from bilstm_dropout.runs.train import record_of


def record(dataset="mr", placement="input", seed=1, fold=2):
    """A record of a run with passes, on the data set as it is registered."""
    setting = plan.Setting(1e-3, 0.0 if placement == "none" else 0.25)
    config = plan.changed(plan.run_of(dataset, placement, setting, seed, fold), passes=50)
    data = datasets.load(dataset, **config.dataset_options)
    rng, p = np.random.default_rng([seed, fold, len(placement), len(dataset)]), {}
    for name in ("test_best", "test_last", "validation_best", "validation_last"):
        labels = getattr(data, name.split("_")[0]).labels
        logits = rng.normal(size=(len(labels), len(data.classes))) + 0.8 * np.eye(len(data.classes))[labels]
        p[name] = softmax(logits, axis=1).astype(np.float32)
    for name in (each.name for each in SELECTED.values() if each.passes and each.name.endswith("_mean")):
        bare = p["test_best" if "output" in name else name.removesuffix("_mean")]
        masked = placement != "none" or "output" in name
        p[name] = softmax(np.log(bare) / 2, axis=1) if masked else bare
        if name.startswith("test"):
            shares = rng.random((len(bare), 1)) if masked else 0
            p[name.replace("_mean", "_information")] = shares * entr(p[name]).sum(axis=1, keepdims=True)
    outcome = SimpleNamespace(
        probabilities=p, curves=[], best_epoch=3.0, last_epoch=8.0, diverged=False, seconds=9.0
    )
    return record_of(config, data, outcome)

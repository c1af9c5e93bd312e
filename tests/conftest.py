"""Settings for every test: quiet TensorFlow, one thread each, records in a folder of the test's own."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("TF_XLA_FLAGS", "")  # nothing that a test compiles is kept

import pytest


def pytest_sessionfinish():
    if "support.forked" in sys.modules:
        sys.modules["support.forked"].close()


@pytest.fixture(autouse=True)
def _own_records(tmp_path, monkeypatch):
    monkeypatch.setenv("BILSTM_DROPOUT_RUNS", str(tmp_path / "runs"))


@pytest.fixture(autouse=True)
def _own_look():
    """Leave matplotlib's settings as they were: a notebook that is run in a test sets them for good."""
    if "matplotlib" not in sys.modules:
        yield
        return
    import matplotlib

    with matplotlib.rc_context():
        yield


@pytest.fixture
def shown(monkeypatch):
    """What the cells of a notebook display, as one text."""
    pages = []
    monkeypatch.setattr("bilstm_dropout.book.show.display_html", lambda page, plain, metadata=None: pages.append(page))
    monkeypatch.setattr("bilstm_dropout.book.show.text", pages.append)
    return lambda: "\n".join(pages)


@pytest.fixture
def untrained(monkeypatch):
    """Networks as they start, in place of training."""
    # Kept out of the module's imports: most tests need no Keras.
    from bilstm_dropout.dropout.classifier import initial_weights
    from bilstm_dropout.runs import networks

    def weights(text, _):
        config = networks.RunConfig.model_validate_json(text)
        return initial_weights(networks.network(config, trained=False), config.seed)

    monkeypatch.setattr(networks, "_weights", weights)

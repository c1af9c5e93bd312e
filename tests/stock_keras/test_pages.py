"""The pages on Keras itself: what they find holds with the installed Keras, and fails where Keras does something else.

Facts of Keras do not depend on published results, so that test_findings_hold.py, which moves those, cannot hold them.
"""

import itertools

import keras
import nbformat
import papermill.cli
import pytest
import tensorflow as tf
from keras.src import backend
from keras.src.layers.rnn.lstm import LSTMCell
from keras.src.layers.rnn.rnn import RNN
from support.cells import findings_said
from support.other_keras import OTHERS

from bilstm_dropout import results
from bilstm_dropout.dropout import lstm
from bilstm_dropout.experiments.speed import cost, gpu
from bilstm_dropout.results import published
from bilstm_dropout.stock_keras.probe import asked
from bilstm_dropout.study import notebooks

PAGES = {page.name: page.notebook for page in notebooks.pages() if page.name.startswith("keras/")}
# What a processor decides: it stops nobody's book.
HERE = {("keras/traps", "last-bits")}


def test_the_pages_are_there():
    assert set(PAGES) == {"keras/arguments", "keras/layer", "keras/traps"}


# ---- other behaviour ----
def gates_share(patch):
    """As Keras was before 3.8: one mask for all gates."""
    owner, name, other, *_ = OTHERS["gates share"]
    patch.setattr(owner, name, other)


def a_mask_each_step(patch):
    owner, name, other, *_ = OTHERS["a mask each step"]
    patch.setattr(owner, name, other)


def no_fused_kernel(patch):
    """Layers that never ask for one, and never say so."""
    patch.setattr(keras.layers.LSTM, "inner_loop", RNN.inner_loop)


def other_times(patch):
    read = cost.read
    patch.setattr(cost, "read", lambda placements: read(placements).assign(ratio=1.0, low=0.9, high=1.1))


def a_gpu_that_loses_nothing(patch):
    read = gpu.read
    patch.setattr(gpu, "read", lambda: read().assign(mean=1.0, low=0.9, high=1.1))


def nothing_dropped(patch):
    patch.setattr(backend.random, "dropout", lambda x, rate, **others: x)


def all_is_kept(patch):
    """Configurations keep the implementation and no seed; masks are kept for the next call."""
    kept = OTHERS["implementation is kept"][2]

    def get_config(self):
        return {name: value for name, value in kept(self).items() if name != "seed"}

    patch.setattr(keras.layers.LSTM, "get_config", get_config)
    owner, name, other, *_ = OTHERS["masks kept for the next call"]
    patch.setattr(owner, name, other)


def quiet_inference(patch):
    """No mask is drawn in inference, and a rate of 1 drops all."""
    owner, name, other, *_ = OTHERS["inference leaves the generator alone"]
    patch.setattr(owner, name, other)
    call = LSTMCell.call

    def masked(self, x, states, training=False):
        return call(self, x * 0.0 if training and self.dropout == 1 else x, states, training=training)

    patch.setattr(LSTMCell, "call", masked)


def masks_of_padding_lost(patch):
    call = keras.layers.Bidirectional.call

    def blind(self, sequences, initial_state=None, mask=None, training=None):
        return call(self, sequences, initial_state=initial_state, training=training)

    patch.setattr(keras.layers.Bidirectional, "call", blind)
    patch.setattr(keras.layers.Embedding, "compute_mask", lambda self, x, mask=None: None)


def backends_alike(patch):
    """Other backends that do what TensorFlow does."""
    patch.setattr(asked, "published_backends", lambda: dict.fromkeys(["jax", "torch"], asked.published_facts()[-1]))


def other_tools(patch):
    """Products that are not split, so that they agree, and a papermill that reads lists."""
    split = tf.split
    patch.setattr(tf, "split", lambda x, *where, **how: [x] if x.shape[0] == 1000 else split(x, *where, **how))
    patch.setattr(papermill.cli, "_resolve_type", lambda value: [0.3])


def places_changed(patch):
    """Published runs in which what one asks for and what one gets changed places."""
    swapped = {"lstm-dropout": "input-spatial", "input-spatial": "lstm-dropout"}

    def read(part, read=published.read):
        runs = read(part)
        return runs.assign(placement=runs["placement"].replace(swapped))

    patch.setattr(results, "read", read, raising=False)


def noisy_inference(patch):
    """A layer whose inference draws, and otherwise each time that it is traced."""
    traced = itertools.count(1)
    patch.setattr(lstm, "expected_masks", lambda *_: {"hidden": tf.random.uniform((1, 1, 1, 1)) / next(traced)})


def what_a_call_gives_is_lost(patch):
    """A layer that leaves masks and padding out without a word."""
    patch.setattr(lstm.arguments, "fitting_masks", lambda *_: {})
    patch.setattr(lstm.arguments, "fitting_padding", lambda *_: None)


# By page: other behaviours together, and the findings that fail under them.
CASES = [
    ("keras/arguments", [gates_share], {"one-or-four", "side-by-side", "both-on", "versions", "facts"}),
    (
        "keras/arguments", [a_mask_each_step, no_fused_kernel, other_times, a_gpu_that_loses_nothing],
        {"once-a-sequence", "side-by-side", "cudnn", "cudnn-loud", "gpu-times", "speed", "facts"},
    ),
    ("keras/layer", [noisy_inference],
     {"it-fits", "mc-dropout-by-training", "padding-goes-through", "saved-and-loaded"}),
    ("keras/layer", [what_a_call_gives_is_lost], {"masks-are-replayed", "padding-goes-through"}),
    ("keras/traps", [gates_share, places_changed],
     {"recurrent-dropout-changes-dropout", "implementation-is-forgotten", "what-traps-cost"}),
    ("keras/traps", [nothing_dropped],
     {"recurrent-dropout-changes-dropout", "a-seed-ties-the-directions", "implementation-is-forgotten",
      "validation-changes-training", "a-rate-of-one", "stateful-draws-anew", "mc-dropout", "validation-looks-better"}),
    ("keras/traps",
     [all_is_kept, no_fused_kernel, quiet_inference, masks_of_padding_lost, backends_alike, other_tools],
     {"a-seed-ties-the-directions", "implementation-is-forgotten", "implementation-crashes", "no-fast-kernel",
      "stateful-draws-anew", "padding-without-a-mask", "a-second-tensor-hides-the-mask", "last-bits",
      "lists-as-text", "validation-changes-training", "a-rate-of-one", "other-backends"}),
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_finding_holds_and_another_behaviour_makes_it_fail(page, monkeypatch):
    found = findings_said(PAGES[page], monkeypatch)
    assert found and [name for name, each in found.items() if not each["holds"]] == []
    assert {(page, name) for name, each in found.items() if each["rests_on"] != "published"} == {
        each for each in HERE if each[0] == page
    }
    assert set().union(*(fails for of, _, fails in CASES if of == page)) == set(found)


@pytest.mark.parametrize(("page", "behaviours", "fails"), CASES)
def test_the_findings_that_another_behaviour_touches_fail(page, behaviours, fails, monkeypatch):
    for behaviour in behaviours:
        behaviour(monkeypatch)
    found = findings_said(PAGES[page], monkeypatch)
    assert {name for name, each in found.items() if not each["holds"]} == fails


# ---- traps ----
def cells_of_traps():
    cells = nbformat.read(PAGES["keras/traps"], as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"], [cell for cell in cells if cell.cell_type != "code"]


def test_the_code_of_a_trap_can_be_sent_upstream():
    code, _ = cells_of_traps()
    shown = [cell for cell in code if "in-view" in cell.metadata.get("tags", ()) and cell.id != "your-turn-answer"]
    assert len(shown) > 12
    assert not [cell.id for cell in shown if "bilstm_dropout" in cell.source or "given" in cell.source]
    names = {}
    for cell in shown:  # with nothing that stands elsewhere on the page
        exec(compile(cell.source, cell.id, "exec"), names)


def test_each_trap_is_a_belief_its_code_a_finding_and_what_to_do_instead():
    code, prose = cells_of_traps()
    beliefs = [cell.id for cell in prose if cell.source.startswith("## “")]
    assert len(beliefs) >= 11
    ids, texts = {cell.id for cell in code}, {cell.id: cell.source for cell in prose}
    for name in beliefs:
        assert {f"{name}-code", f"{name}-finding"} <= ids and texts[f"{name}-instead"].startswith("**Instead**")


def test_a_page_on_keras_is_executed_again_under_another_version(monkeypatch):
    before = {name: notebooks.shown_by(notebook) for name, notebook in PAGES.items()}
    monkeypatch.setattr(notebooks, "version", lambda name: "9.9.9")
    assert all(notebooks.shown_by(PAGES[name]) != stamp for name, stamp in before.items())
    (other,) = (page.notebook for page in notebooks.pages() if page.name == "study/gallery")
    assert "keras" not in notebooks.shown_by(other)

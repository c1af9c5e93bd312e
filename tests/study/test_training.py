"""What a study trains before it executes: in few processes, with what fails said and everything finished kept."""

import pytest

from bilstm_dropout.runs import processes
from bilstm_dropout.runs.cluster import local_client
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of
from bilstm_dropout.study import pace, training


def tiny(placement="none", rate=0.0, **others):
    return RunConfig(placement=placement, rate=rate, dataset="recall", dataset_options={"train": 40, "steps": 10},
                     units=4, epochs=1, **others)  # fmt: skip


@pytest.fixture
def learned(tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "executions_folder", lambda: tmp_path)
    return lambda: pace.pace().seen.get(pace.PROGRAM)


def test_what_lacks_is_trained_in_its_batches_and_a_program_s_seconds_are_learnt(learned, capfd):
    todo, said = [tiny(seed=1), tiny(seed=2), tiny("input", 0.5), tiny("output", 0.5)], []
    with local_client(1) as client:
        training.train_lacking(client, todo, 1, Store(), "tiny", said.append)
    assert Store().keys() == sorted(map(key_of, todo)) and not said
    assert "tiny: runs: 4 of 4" in capfd.readouterr().err and learned() > 0.5


def test_with_nothing_to_train_no_worker_is_asked(learned):
    training.train_lacking(None, [], 1, Store(), "tiny", print)
    assert learned() is None


def test_a_batch_that_fails_is_said_and_the_others_are_trained(learned, monkeypatch):
    groups = [[tiny(seed=1)], [tiny("input", 0.5)]]
    monkeypatch.setattr(training, "batches", lambda *_: groups)
    train_apart, said = processes.train_apart, []
    monkeypatch.setattr(
        processes, "train_apart",
        lambda configs, *rest: "it was made to fail" if "input" in configs[0] else train_apart(configs, *rest),
    )  # fmt: skip

    class Client:
        """Trains in this process, at once."""

        def submit(self, function, *arguments, **_):
            return processes.train_apart(*arguments)

    monkeypatch.setattr(processes, "results", lambda client, futures: [(each, each, None) for each in futures])
    training.train_lacking(Client(), [config for group in groups for config in group], 1, Store(), "t", said.append)
    assert len(said) == 1 and "it was made to fail" in said[0] and "its notebooks train what is left" in said[0]
    assert Store().keys() == [key_of(groups[0][0])]


def test_a_program_seen_once_tells_nothing(learned):
    store = Store()
    training.learn(store, {"0" * 16: tiny()})  # no record
    assert learned() is None

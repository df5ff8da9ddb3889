"""Workers load the data of a run from its config and the data folder alone."""

from __future__ import annotations

import pytest

from engine import RunConfig
from engine.data import forget, keep, read_csv
from engine.runs import states
from tests.engine.data.own_files import flowers
from tests.engine.runs.driving import small, train_headless, wait_for_state


def assert_equals_headless_training(make_manager, config: RunConfig) -> None:
    snapshots, costs = train_headless(config)
    run = make_manager().start(config)
    wait_for_state(run, states.FINISHED)
    assert run.telemetry.snapshot == snapshots[-1]
    assert run.telemetry.mini_batch_cost.line()[1].tolist() == costs.tolist()


@pytest.mark.parametrize(
    "fields",
    [
        {"dataset": "blobs", "blob_classes": 4, "data_noise": 0.1, "seed": 5},
        {"validation_share": 0.5, "pixel_noise": 0.2},
    ],
)
def test_a_worker_has_the_same_points_noise_and_split_as_headless(make_manager, fields):
    assert_equals_headless_training(make_manager, small(**fields))


def test_a_worker_trains_on_own_data_and_fails_without_it(make_manager, monkeypatch, tmp_path):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    name = keep(read_csv(flowers(200)))
    assert_equals_headless_training(make_manager, small(dataset=name))
    forget(name)
    run = make_manager().start(small(dataset=name))
    wait_for_state(run, states.FAILED)
    assert f"{name} is not on this machine: add the same file on the page" in run.reason

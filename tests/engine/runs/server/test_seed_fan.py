"""Seed fans: the same settings with several seeds, compared with headless training."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from engine import FieldError, RunConfig
from engine.runs import states
from engine.runs.server.seed_fan import SeedFan, seeds_of
from engine.runs.store.store import Store
from tests.engine.runs.driving import endless, small, train_headless, wait_for_state
from tests.processes import wait_until

WITHOUT_L2, WITH_L2 = small(l2=0.0), small(l2=2.0)


@pytest.fixture
def manager(make_manager, tmp_path):
    return make_manager(store=Store(tmp_path / "runs.sqlite"))


def trained(manager, configs=(WITHOUT_L2, WITH_L2), seed_count=5) -> SeedFan:
    fan = SeedFan(manager, configs, ["none", "L2"][: len(configs)], seed_count)
    fan.start()
    wait_until(lambda: not fan.is_running, 60)
    assert fan.error is None
    return fan


@pytest.mark.slow
def test_a_fan_has_the_results_of_its_runs_trained_one_by_one(manager):
    fan = trained(manager)
    assert fan.progress == (10, 10)
    assert fan.complete_seed_count() == 5
    for config in (WITHOUT_L2, WITH_L2):
        alone = [train_headless(replace(config, seed=seed))[0] for seed in range(1, 6)]
        assert fan.final_values(config) == [snapshots[-1].evaluation.accuracy for snapshots in alone]
        curves = np.array([[snapshot.evaluation.accuracy for snapshot in snapshots] for snapshots in alone])
        band = fan.band(config)
        np.testing.assert_array_equal(band.epochs, [0, 1, 2, 3, 4])
        np.testing.assert_allclose(band.mean, curves.mean(axis=0))
        np.testing.assert_array_equal(band.low, curves.min(axis=0))
        np.testing.assert_array_equal(band.high, curves.max(axis=0))
        assert band.seeds == fan.spread(config).seeds == 5


def test_configs_that_differ_only_in_the_seed_share_runs(manager):
    fan = trained(manager, (WITHOUT_L2, replace(WITHOUT_L2, seed=2)))
    assert len(manager.runs()) == 6, "seeds 1 to 6, each once"
    assert fan.progress == (6, 6)
    assert fan.complete_seed_count() == 5
    assert fan.final_values(WITHOUT_L2)[1:] == fan.final_values(replace(WITHOUT_L2, seed=2))[:-1]
    assert fan.band(WITHOUT_L2).seeds == fan.band(replace(WITHOUT_L2, seed=2)).seeds == 5


def test_runs_that_are_stored_already_are_not_trained_again(manager, make_manager):
    run = manager.start(WITHOUT_L2)
    wait_for_state(run, states.FINISHED)
    trained(manager, (WITHOUT_L2,))
    assert len(manager.runs()) == 5, "the earlier run is one of the five"
    assert {each.name for each in manager.runs()} == {
        "",
        "none, seed 2",
        "none, seed 3",
        "none, seed 4",
        "none, seed 5",
    }
    again = make_manager(store=manager.store)
    assert trained(again, (WITHOUT_L2,)).complete_seed_count() == 5
    assert len(manager.store.list()) == 5


@pytest.mark.slow
def test_a_run_with_live_changes_is_not_part_of_a_fan(manager):
    run = manager.start(WITHOUT_L2, steps="step")
    wait_for_state(run, states.PAUSED)
    manager.change(run, learning_rate=0.1)
    manager.resume(run)
    wait_for_state(run, states.FINISHED)
    trained(manager, (WITHOUT_L2,))
    assert len(manager.runs()) == 6


def test_stopping_a_fan_stops_its_runs(manager):
    fan = SeedFan(manager, [endless()], ["endless"], 5)
    fan.start()
    wait_until(lambda: len(manager.runs()) == 2)
    fan.stop()
    wait_until(lambda: not fan.is_running)
    for run in manager.runs():
        wait_for_state(run, states.STOPPED)
    assert fan.complete_seed_count() == 0
    assert fan.band(endless()).seeds == 0
    assert np.isnan(fan.spread(endless()).mean)


@pytest.mark.slow
def test_a_fan_trains_at_most_the_cap_of_runs_at_once(manager):
    fan = SeedFan(manager, [small(epochs=100)], ["long"], 5)
    fan.start()
    most = 0
    while fan.is_running:
        most = max(most, sum(run.state not in states.FINAL for run in manager.runs()))
        time.sleep(0.001)
    assert fan.complete_seed_count() == 5
    assert most == manager.cap


@pytest.mark.parametrize("seed_count", [1, 4, 21])
def test_too_few_or_too_many_seeds_are_refused(seed_count):
    with pytest.raises(FieldError, match="seeds must be 5 to 20"):
        seeds_of(RunConfig.demo(), seed_count)


def test_the_seeds_count_up_from_the_seed_of_the_run():
    assert seeds_of(RunConfig.demo(seed=7), 5) == [7, 8, 9, 10, 11]
    with pytest.raises(FieldError, match="choose a smaller seed"):
        seeds_of(RunConfig.demo(seed=2**63 - 3), 5)

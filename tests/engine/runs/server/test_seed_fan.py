"""Seed fans: the same settings with other seeds, against runs that are simply trained."""

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

PLAIN, SHRUNK = small(l2=0.0), small(l2=2.0)


@pytest.fixture
def manager(make_manager, tmp_path):
    return make_manager(store=Store(tmp_path / "runs.sqlite"))


def trained(manager, configs=(PLAIN, SHRUNK), many=5) -> SeedFan:
    fan = SeedFan(manager, configs, ["none", "L2"][: len(configs)], many)
    fan.start()
    wait_until(lambda: not fan.is_running, 60)
    assert fan.error is None
    return fan


@pytest.mark.slow
def test_a_fan_is_what_its_runs_come_to_one_by_one(manager):
    fan = trained(manager)
    assert fan.progress == (10, 10)
    assert fan.complete_seed_count() == 5
    for config in (PLAIN, SHRUNK):
        alone = [train_headless(replace(config, seed=seed))[0] for seed in range(1, 6)]
        assert fan.final_values(config) == [snapshots[-1].evaluation.accuracy for snapshots in alone]
        curves = np.array([[snapshot.evaluation.accuracy for snapshot in snapshots] for snapshots in alone])
        band = fan.band(config)
        np.testing.assert_array_equal(band.epochs, [0, 1, 2, 3, 4])
        np.testing.assert_allclose(band.mean, curves.mean(axis=0))
        np.testing.assert_array_equal(band.low, curves.min(axis=0))
        np.testing.assert_array_equal(band.high, curves.max(axis=0))
        assert band.seeds == fan.spread(config).seeds == 5


def test_configs_that_differ_only_in_their_seed_share_runs(manager):
    fan = trained(manager, (PLAIN, replace(PLAIN, seed=2)))
    assert len(manager.runs()) == 6, "seeds 1 to 6, each once"
    assert fan.progress == (6, 6)
    assert fan.complete_seed_count() == 5
    assert fan.final_values(PLAIN)[1:] == fan.final_values(replace(PLAIN, seed=2))[:-1]
    assert fan.band(PLAIN).seeds == fan.band(replace(PLAIN, seed=2)).seeds == 5


def test_what_was_trained_before_is_not_trained_again_also_by_another_server(manager, make_manager):
    run = manager.start(PLAIN)
    wait_for_state(run, states.FINISHED)
    trained(manager, (PLAIN,))
    assert len(manager.runs()) == 5, "the run was one of them"
    assert {each.name for each in manager.runs()} == {
        "",
        "none, seed 2",
        "none, seed 3",
        "none, seed 4",
        "none, seed 5",
    }
    again = make_manager(store=manager.store)
    assert trained(again, (PLAIN,)).complete_seed_count() == 5
    assert len(manager.store.list()) == 5


@pytest.mark.slow
def test_a_run_that_was_changed_while_it_trained_is_none_of_them(manager):
    run = manager.start(PLAIN, steps="step")
    wait_for_state(run, states.PAUSED)
    manager.change(run, learning_rate=0.1)
    manager.resume(run)
    wait_for_state(run, states.FINISHED)
    trained(manager, (PLAIN,))
    assert len(manager.runs()) == 6


def test_a_fan_that_is_stopped_stops_its_runs_and_keeps_what_it_has(manager):
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
def test_no_more_train_at_once_than_there_are_cores_for(manager):
    fan = SeedFan(manager, [small(epochs=100)], ["long"], 5)
    fan.start()
    most = 0
    while fan.is_running:
        most = max(most, sum(run.state not in states.FINAL for run in manager.runs()))
        time.sleep(0.001)
    assert fan.complete_seed_count() == 5
    assert most == manager.cap


@pytest.mark.parametrize("many", [1, 4, 21])
def test_too_few_or_too_many_seeds_are_refused(many):
    with pytest.raises(FieldError, match="seeds must be 5 to 20"):
        seeds_of(RunConfig.demo(), many)


def test_seeds_follow_the_runs_own():
    assert seeds_of(RunConfig.demo(seed=7), 5) == [7, 8, 9, 10, 11]
    with pytest.raises(FieldError, match="choose a smaller seed"):
        seeds_of(RunConfig.demo(seed=2**63 - 3), 5)

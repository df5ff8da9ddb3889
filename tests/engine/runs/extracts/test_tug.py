"""The tug of war at a run state, with the live changes of the run."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from engine import RunConfig, Training, dataset_of, select
from engine.analysis import tug_of_war
from engine.runs.extracts import EXTRACTS
from engine.runs.extracts.lmbda import LmbdaTerms, lmbda_terms
from engine.runs.extracts.run_state import RunState
from engine.runs.extracts.tug import followed_weights_of, series_values, tug_of, weight_name
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Report

CONFIG = RunConfig.demo(train_size=95, hidden=(12, 9, 8), epochs=3, l2=0.8, dtype="float64", seed=3)


def run_state_of(training: Training, initial_config: RunConfig = CONFIG) -> RunState:
    return RunState(
        training.current_config,
        initial_config,
        tuple(training.changes),
        training.data,
        training.parameters,
        training.step,
    )


def training_at(step: int, config: RunConfig = CONFIG) -> Training:
    training = Training(config, select(config, dataset_of(config)))
    while training.step < step:
        training.run(step - training.step)
    return training


@pytest.mark.parametrize("step", [0, 7, 9])
def test_the_extract_predicts_the_next_update(step):
    training = training_at(step)
    if step == 7:
        training.change(l1=0.5, l1_rule="proximal", learning_rate=0.2, drop_probability=0.2)
    value = tug_of(run_state_of(training))
    assert value is not None
    assert (value.step, value.is_finished) == (step + 1, False)
    training.run(1)
    for weight, rule in value.followed_weights:
        new = training.parameters.weights[weight.layer][weight.row, weight.column]
        assert rule.next == pytest.approx(new, abs=1e-13)
    assert len(value.layers) == 4
    assert min(sides.penalty for sides in value.layers) > 0


def test_the_followed_weights_stay_the_same_while_the_run_trains():
    training = training_at(0)
    first = followed_weights_of(run_state_of(training))
    training.run(8)
    training.change(l2=3.0)
    assert followed_weights_of(run_state_of(training)) == first
    value = tug_of(run_state_of(training))
    assert value is not None
    assert tuple(weight for weight, _ in value.followed_weights) == first
    assert first == tug_of_war.choose_candidates(training_at(0).parameters, training.data.x)


def test_the_followed_weights_are_chosen_once_per_run(monkeypatch):
    training = training_at(0, replace(CONFIG, seed=4))
    calls = []
    choose = tug_of_war.choose_candidates
    monkeypatch.setattr(tug_of_war, "choose_candidates", lambda *args: calls.append(args) or choose(*args))
    initial_config = training.current_config
    for _ in range(3):
        followed_weights_of(run_state_of(training, initial_config))
        training.run(1)
    assert len(calls) == 1
    other = training_at(0, initial_config)  # the same config with another data object
    followed_weights_of(run_state_of(other, initial_config))
    assert len(calls) == 2


def test_candidates_are_chosen_by_one_thread_at_a_time(monkeypatch):
    training = training_at(0, replace(CONFIG, seed=5))
    run_state = run_state_of(training)
    choose = tug_of_war.choose_candidates
    inside, calls = threading.Semaphore(0), []

    def choose_slowly(*arguments):
        calls.append(arguments)
        inside.release()
        if threading.current_thread() is not second:
            second.join(0.2)  # without the lock the second thread would choose, too, and end
        return choose(*arguments)

    monkeypatch.setattr(tug_of_war, "choose_candidates", choose_slowly)
    second = threading.Thread(target=lambda: inside.acquire() and followed_weights_of(run_state))
    second.start()
    followed_weights_of(run_state)
    second.join()
    assert len(calls) == 1


def test_after_the_last_epoch_the_extract_is_finished():
    value = tug_of(run_state_of(training_at(30)))
    assert value is not None
    assert (value.step, value.is_finished) == (31, True)


def test_a_network_that_is_too_large_has_no_tug_of_war(monkeypatch):
    monkeypatch.setattr(tug_of_war, "MAX_PARAMETERS", 10)
    assert tug_of(run_state_of(training_at(0))) is None


def test_both_sides_and_the_followed_weights_become_series():
    training, telemetry = training_at(0), Telemetry()
    expected_values = []
    for step in (1, 2, 3):
        training.run(1)
        value = EXTRACTS["tug"].make(run_state_of(training))
        telemetry.add_report(Report("running", step, 0.0, steps_per_epoch=10, extracts={"tug": value}))
        expected_values.append(series_values(value))
    for name, series in telemetry.over_time.items():
        x, y = series.line()
        assert x.tolist() == [0.1, 0.2, 0.3]
        assert y.tolist() == [values[name] for values in expected_values]
    expected = {f"tug.{side}.{layer}" for side in ("data", "penalty", "share") for layer in range(3)}
    expected |= {weight_name(layer, kind) for layer in range(3) for kind in ("largest", "median", "smallest")}
    expected.add(weight_name(0, "moving"))
    assert set(telemetry.over_time) == expected | {weight_name(0, "silent")}


def test_n_is_the_number_of_examples_in_use():
    for changes, n in (({"train_size": None}, 1_297), ({"expand": True}, 475), ({}, 95)):
        assert lmbda_terms(run_state_of(training_at(0, replace(CONFIG, **changes)))) == LmbdaTerms(n, 0)
    assert lmbda_terms(replace(run_state_of(training_at(0)), halvings=2)) == LmbdaTerms(95, 2)

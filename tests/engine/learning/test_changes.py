"""Live changes and checkpoints: config and changes define a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import FieldError, RunConfig, Training, dataset_of, load_dataset, masks, select
from engine.data import RunData
from engine.learning.checkpoint import Change

CONFIG = RunConfig.demo(
    train_size=73, hidden=(12, 9), epochs=4, mini_batch_size=10, l2=0.3, drop_probability=0.4, seed=5
)
CHANGES = {
    "learning_rate": 0.05,
    "l2": 2.0,
    "l1": 0.7,
    "l1_rule": "proximal",
    "max_norm": 0.5,
    "drop_probability": 0.0,
    "input_drop_probability": 0.2,
}


def data(config: RunConfig = CONFIG) -> RunData:
    return select(config, load_dataset("digits"))


def run_to(training: Training, step: int) -> None:
    while training.step < step:
        training.run(step - training.step)


def flat(training: Training) -> bytes:
    return training.parameters.flat.tobytes()


@pytest.mark.parametrize("field", CHANGES)
def test_a_change_takes_effect_in_the_next_update(field):
    plain, changed = Training(CONFIG, data()), Training(CONFIG, data())
    for training in (plain, changed):
        run_to(training, 11)
    assert flat(changed) == flat(plain)
    changed.change(**{field: CHANGES[field], "l1": CHANGES["l1"]} if field == "l1_rule" else {field: CHANGES[field]})
    assert flat(changed) == flat(plain), "a change alone does not move weights"
    for training in (plain, changed):
        run_to(training, 12)
    assert flat(changed) != flat(plain)


@pytest.mark.parametrize("field", [field for field in CHANGES if field != "l1_rule"])
def test_after_a_change_a_run_continues_like_one_with_the_new_value(field):
    changed = Training(CONFIG, data())
    run_to(changed, 11)
    start = changed.parameters.copy()
    changed.change(**{field: CHANGES[field]})
    run_to(changed, 30)
    # A run with the value in its config does the same updates from a checkpoint at step 11.
    with_value = Training(replace(CONFIG, **{field: CHANGES[field]}), data())
    run_to(with_value, 11)
    checkpoint = replace(with_value.checkpoint(), flat=start.flat)
    resumed = Training.resume(checkpoint, data())
    run_to(resumed, 30)
    assert flat(resumed) == flat(changed)


@given(at=st.lists(st.integers(0, 31), min_size=1, max_size=4), rate=st.floats(0.01, 1.0), p=st.floats(0, 0.9))
@settings(max_examples=25, deadline=None)
def test_config_and_changes_reproduce_a_run_exactly(at, rate, p):
    live = Training(CONFIG, data())
    for i, step in enumerate(sorted(at)):
        run_to(live, step)
        live.change(**({"learning_rate": rate / (i + 1)} if i % 2 else {"drop_probability": p / (i + 1)}))
    run_to(live, 32)
    again = Training(CONFIG, data(), changes=live.changes)
    run_to(again, 32)
    assert flat(again) == flat(live)
    assert again.changes == live.changes
    assert again.current_config == live.current_config


@given(stop=st.integers(0, 32), change_at=st.integers(0, 31))
@settings(max_examples=25, deadline=None)
def test_a_run_resumed_at_any_step_equals_the_uninterrupted_run(stop, change_at):
    uninterrupted = Training(CONFIG, data(), changes=[Change(change_at, {"l2": 1.5, "drop_probability": 0.2})])
    run_to(uninterrupted, 32)
    first = Training(CONFIG, data(), changes=[Change(change_at, {"l2": 1.5, "drop_probability": 0.2})])
    run_to(first, stop)
    checkpoint = first.checkpoint()
    run_to(first, 32)  # training must not change the checkpoint
    resumed = Training.resume(checkpoint, data())
    if change_at >= stop and not checkpoint.changes:
        run_to(resumed, change_at)
        resumed.change(l2=1.5, drop_probability=0.2)
    run_to(resumed, 32)
    assert flat(resumed) == flat(uninterrupted) == flat(first)
    assert resumed.mini_batch_accuracy == uninterrupted.mini_batch_accuracy


def trained(training: Training) -> Training:
    """Train to the end, with the measurement after each epoch."""
    while not training.finished:
        training.run(training.steps_per_epoch)
        training.end_epoch()
    return training


@pytest.mark.parametrize("stop_on", ["never", "accuracy"])
def test_a_finished_run_resumed_with_more_epochs_equals_one_longer_run(stop_on):
    long = replace(CONFIG, epochs=10, stop_on=stop_on, patience=5, halve_after=2)
    uninterrupted, short = trained(Training(long, data())), trained(Training(replace(long, epochs=5), data()))
    assert short.step == 40
    assert short.run(1) == 0
    resumed = Training.resume(short.checkpoint(), data(), epochs=10)
    assert not resumed.finished
    trained(resumed)
    assert flat(resumed) == flat(uninterrupted)
    assert resumed.step == uninterrupted.step > 40
    assert resumed.initial_config == long
    assert resumed.best_parameters.flat.tobytes() == uninterrupted.best_parameters.flat.tobytes()
    assert replace(resumed.early_stopping, best_flat=None) == replace(uninterrupted.early_stopping, best_flat=None)


def test_a_run_cannot_be_resumed_with_fewer_epochs_than_it_has_done():
    training = Training(CONFIG, data())
    run_to(training, 17)
    assert Training.resume(training.checkpoint(), data(), epochs=3).total_steps == 24
    with pytest.raises(FieldError, match="epochs must be at least 3, got 2: the checkpoint is in epoch 3"):
        Training.resume(training.checkpoint(), data(), epochs=2)


def test_costs_continue_without_a_gap_after_a_change():
    changed = Training(CONFIG, data())
    run_to(changed, 5)
    changed.change(drop_probability=0.7)
    run_to(changed, 8)
    assert len(changed.take_costs()) == 8


def test_the_mask_after_a_change_has_the_new_drop_probability():
    training = Training(CONFIG, data())
    run_to(training, 3)
    training.change(drop_probability=0.75)
    run_to(training, 4)
    kept = masks(training.current_config, 1, 4)
    assert (~kept).sum() == 9
    incoming = training.parameters.copy()
    run_to(training, 5)
    kept = masks(training.current_config, 1, 5)
    eta, n = CONFIG.learning_rate, 73
    decayed = incoming.weights[0] * np.float32(1 - eta * CONFIG.l2 / n)
    np.testing.assert_array_equal(training.parameters.weights[0][:, ~kept], decayed[:, ~kept])
    assert (training.parameters.weights[0][:, kept] != decayed[:, kept]).any(axis=0).all()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"hidden": (5,)}, "hidden cannot change while a run trains"),
        ({"seed": 2}, "seed cannot change while a run trains"),
        ({"epochs": 9}, "continue it with Training.resume(checkpoint, data, epochs=…)"),
        ({"learning_rate": -1}, "learning_rate must be a number"),
        ({"l2": 1e6}, "l2 must keep ηλ/n below 2"),
        ({"drop_probability": 1.0}, "dropping every neuron leaves nothing to learn from"),
    ],
)
def test_an_invalid_change_changes_nothing(fields, message):
    training = Training(CONFIG, data())
    run_to(training, 3)
    with pytest.raises(FieldError) as caught:
        training.change(**fields)
    assert message in str(caught.value)
    assert caught.value.field == next(iter(fields))
    assert training.current_config == CONFIG
    assert training.changes == []


def test_a_checkpoint_of_another_network_is_refused():
    checkpoint = Training(CONFIG, data()).checkpoint()
    with pytest.raises(FieldError, match="must hold"):
        Training.resume(replace(checkpoint, initial_config=replace(CONFIG, hidden=(5,))), data())


def test_a_recorded_change_has_plain_values():
    config = RunConfig(train_size=40, hidden=(5,))
    training = Training(config, select(config, dataset_of(config)))
    change = training.change(l2=np.float64(2), drop_probability=np.float32(0.5))
    assert {name: type(value) for name, value in change.fields.items()} == {"l2": float, "drop_probability": float}

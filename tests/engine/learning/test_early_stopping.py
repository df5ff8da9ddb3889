"""Early stopping and the learning-rate schedule, compared with a loop over the snapshots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import RunConfig, Training, load_dataset, select, train

CONFIG = RunConfig.demo(train_size=100, hidden=(20,), l2=0.0, drop_probability=0.0, epochs=200, seed=3)


def train_to_end(config: RunConfig) -> tuple[Training, list[float], list[np.ndarray]]:
    """Train to the end; return the training, and the evaluation accuracy and parameters after each epoch."""
    training = Training(config, select(config, load_dataset("digits")))
    accuracies, parameters = [], []
    while not training.finished:
        training.run(training.steps_per_epoch)
        accuracies.append(training.end_epoch().evaluation.accuracy)
        parameters.append(training.parameters.flat.copy())
    return training, accuracies, parameters


@pytest.mark.parametrize("patience", [1, 3, 8])
def test_training_stops_after_the_patience_and_keeps_the_best_epoch(patience):
    training, accuracies, parameters = train_to_end(replace(CONFIG, stop_on="accuracy", patience=patience))
    best = int(np.argmax(accuracies))
    assert len(accuracies) == best + 1 + patience < 200
    for epoch in range(1, len(accuracies)):  # it does not stop too late
        since = epoch - int(np.argmax(accuracies[: epoch + 1]))
        assert (since >= patience) == (epoch == len(accuracies) - 1)
    np.testing.assert_array_equal(training.best_parameters.flat, parameters[best])
    assert training.early_stopping.best_epoch == best + 1
    assert training.early_stopping.stopped == f"no better accuracy for {patience} epochs"
    assert training.run(10) == 0


def test_with_stop_on_cost_the_lowest_validation_cost_decides():
    config = replace(CONFIG, stop_on="cost", patience=2)
    costs = [snapshot.evaluation.cost for snapshot in train(config, select(config, load_dataset("digits")))][1:]
    assert len(costs) == int(np.argmin(costs)) + 1 + 2


def test_without_early_stopping_all_epochs_are_trained():
    training, accuracies, _ = train_to_end(replace(CONFIG, epochs=30))
    assert len(accuracies) == 30
    assert training.early_stopping.stopped is None
    assert training.best_parameters is training.parameters


def test_the_schedule_halves_without_improvement_and_then_stops():
    config = replace(CONFIG, halve_after=3, max_halvings=2)
    training = Training(config, select(config, load_dataset("digits")))
    best, stalled, rate = -1.0, 0, 0.5
    halvings = 0
    while not training.finished:
        assert training.learning_rate == rate
        training.run(training.steps_per_epoch)
        accuracy = training.end_epoch().evaluation.accuracy
        if accuracy > best:
            best, stalled = accuracy, 0
        else:
            stalled += 1
        if stalled == 3:
            if halvings == 2:
                assert training.finished
                break
            halvings, stalled, rate = halvings + 1, 0, rate / 2
    assert training.early_stopping.stopped == "the learning rate was halved 2 times"
    assert training.learning_rate == 0.125


def test_updates_use_the_halved_learning_rate():
    config = replace(CONFIG, halve_after=1)
    training = Training(config, select(config, load_dataset("digits")))
    while training.early_stopping.halvings == 0:
        training.run(training.steps_per_epoch)
        training.end_epoch()
    before = training.parameters.flat.copy()
    other = Training.resume(
        replace(training.checkpoint(), early_stopping=replace(training.early_stopping, halvings=0)), training.data
    )
    training.run(1)
    other.run(1)
    np.testing.assert_allclose(2 * (training.parameters.flat - before), other.parameters.flat - before, atol=1e-6)


def test_a_resumed_run_keeps_its_best_epoch_and_stops_at_the_same_step():
    config = replace(CONFIG, stop_on="accuracy", patience=6, halve_after=2)
    uninterrupted, accuracies, _ = train_to_end(config)
    first = Training(config, select(config, load_dataset("digits")))
    for _ in range(len(accuracies) - 2):
        first.run(first.steps_per_epoch)
        first.end_epoch()
    resumed = Training.resume(first.checkpoint(), first.data)
    while not resumed.finished:
        resumed.run(resumed.steps_per_epoch)
        resumed.end_epoch()
    assert resumed.step == uninterrupted.step
    assert resumed.early_stopping.best_epoch == uninterrupted.early_stopping.best_epoch
    np.testing.assert_array_equal(resumed.best_parameters.flat, uninterrupted.best_parameters.flat)

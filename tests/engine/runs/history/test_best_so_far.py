"""The best epoch and the end of a patience, compared with a list of all epochs and with early stopping."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import RunConfig, Snapshot
from engine.learning.early_stopping import EarlyStopping
from engine.learning.metrics import Measurement
from engine.runs.history.best_so_far import MAX_BEST_SNAPSHOTS, BestSoFar


def snapshot(epoch: int, correct: int = 5, cost: float = 1.0, step: int | None = None) -> Snapshot:
    evaluation = Measurement(cost, correct, 20)
    return Snapshot(10 * epoch if step is None else step, epoch, evaluation, None, None, evaluation, 0.0)


def by_accuracy(scores: list[int]) -> BestSoFar:
    """Epochs 1, 2, … with these numbers of correct examples, after an initial network with all 20 correct."""
    best_so_far = BestSoFar(lambda snapshot: snapshot.evaluation.accuracy)
    for epoch, correct in enumerate([20, *scores]):
        best_so_far.add(snapshot(epoch, correct))
    return best_so_far


def by_cost(costs: list[float]) -> BestSoFar:
    best_so_far = BestSoFar(lambda snapshot: -snapshot.evaluation.cost)
    for epoch, cost in enumerate(costs, start=1):
        best_so_far.add(snapshot(epoch, cost=cost))
    return best_so_far


SCORES = st.lists(st.integers(0, 20), max_size=60)


@given(SCORES)
def test_the_best_epoch_is_the_first_with_the_highest_value(scores):
    best = by_accuracy(scores).best
    if not scores:
        assert best is None
    else:
        assert best is not None
        assert best.epoch == 1 + int(np.argmax(scores))


@given(SCORES, st.integers(1, 12), st.sampled_from(["accuracy", "cost"]))
def test_a_patience_ends_where_early_stopping_would_end_the_run(scores, patience, stop_on):
    config = RunConfig.demo(stop_on=stop_on, patience=patience)
    early_stopping, end = EarlyStopping(), None
    for epoch, score in enumerate(scores, start=1):
        early_stopping = early_stopping.after_epoch(snapshot(epoch, score, 20.0 - score), config, np.zeros(1))
        if early_stopping.stopped:
            end = epoch
            break
    best_so_far = by_accuracy(scores) if stop_on == "accuracy" else by_cost([20.0 - score for score in scores])
    assert best_so_far.patience_end_epoch(patience) == end


@given(SCORES, st.integers(0, 60), st.integers(1, 12))
def test_truncation_restores_the_earlier_state(scores, epoch, patience):
    epoch = min(epoch, len(scores))
    now, then = by_accuracy(scores), by_accuracy(scores[:epoch])
    past = now.truncated_after(10 * epoch + 3, epoch)
    assert past.best == then.best
    assert past.patience_end_epoch(patience) == then.patience_end_epoch(patience)
    assert now.best == by_accuracy(scores).best, "the original is unchanged"


@pytest.mark.parametrize("costs", [[math.nan, 2.0, math.nan], [math.inf, 2.0, 2.0]])
def test_a_cost_that_is_not_finite_is_never_the_best(costs):
    best = by_cost(costs).best
    assert best is not None
    assert best.epoch == 2
    assert by_cost([math.nan] * 3).best is None


def test_a_measurement_in_the_middle_of_an_epoch_does_not_count():
    best_so_far = by_accuracy([10, 11])
    best_so_far.add(snapshot(2, 19, step=27))  # as in a diverged run
    assert best_so_far.best == snapshot(2, 11)


def test_the_memory_is_bounded_and_the_best_is_exact():
    epochs = 5 * MAX_BEST_SNAPSHOTS
    best_so_far = by_cost([1 / epoch for epoch in range(1, epochs + 1)] + [1.0] * 30)
    assert best_so_far.best == snapshot(epochs, cost=1 / epochs)
    assert best_so_far.patience_end_epoch(30) == epochs + 30
    assert best_so_far.patience_end_epoch(31) is None
    assert len(vars(best_so_far)["_best_snapshots"]) <= MAX_BEST_SNAPSHOTS
    # Looking back finds an epoch shortly before the true one.
    for epoch in (1, 100, epochs // 2, epochs):
        best = best_so_far.truncated_after(10 * epoch, epoch).best
        assert best is not None
        assert epoch - 2 * epochs / MAX_BEST_SNAPSHOTS - 1 <= best.epoch <= epoch


def test_many_waits_of_increasing_length_are_all_stored():
    scores: list[float] = []
    for wait in range(1, 40):
        scores += [-wait, *[0.0] * wait]  # one better epoch, then `wait` epochs without one
    best_so_far = by_cost(scores)
    for patience in range(1, 40):
        expected = sum(wait + 1 for wait in range(1, patience)) + 1 + patience
        assert best_so_far.patience_end_epoch(patience) == expected
    assert len(vars(best_so_far)["_waits"]) == 39

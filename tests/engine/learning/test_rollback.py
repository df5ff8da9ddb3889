"""The rollback, with given updates."""

from __future__ import annotations

import numpy as np

from engine.learning.rollback import Rollback


def test_updates_are_repeated_from_the_saved_parameters():
    flat = np.array([1.0, 2.0])
    rollback = Rollback(flat)
    flat += 10
    rollback.save(5)
    flat[:] = np.nan
    steps: list[int] = []

    def update(step: int) -> None:
        steps.append(step)
        flat[:] += 1

    assert rollback.restore_last_finite(8, update) == 8
    assert steps == [5, 6, 7]
    assert flat.tolist() == [14, 15]


def test_repeating_stops_before_an_update_with_infinite_parameters():
    flat = np.array([1.0, 2.0])
    rollback = Rollback(flat)

    def update(step: int) -> None:
        flat[:] = np.inf if step == 2 else flat + 1

    assert rollback.restore_last_finite(6, update) == 2
    assert flat.tolist() == [3, 4]


def test_without_updates_the_saved_parameters_are_restored():
    flat = np.array([1.0, 2.0])
    rollback = Rollback(flat)
    flat[:] = np.nan
    assert rollback.restore_last_finite(0, lambda step: None) == 0
    assert flat.tolist() == [1, 2]

"""The rollback by itself, on updates that are given."""

from __future__ import annotations

import numpy as np

from engine.learning.rollback import Rollback


def test_the_updates_up_to_the_end_are_repeated_from_the_saved_parameters():
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


def test_it_stops_before_the_first_update_that_gives_infinite_parameters():
    flat = np.array([1.0, 2.0])
    rollback = Rollback(flat)

    def update(step: int) -> None:
        flat[:] = np.inf if step == 2 else flat + 1

    assert rollback.restore_last_finite(6, update) == 2
    assert flat.tolist() == [3, 4]


def test_with_nothing_to_repeat_the_saved_parameters_are_back():
    flat = np.array([1.0, 2.0])
    rollback = Rollback(flat)
    flat[:] = np.nan
    assert rollback.restore_last_finite(0, lambda step: None) == 0
    assert flat.tolist() == [1, 2]

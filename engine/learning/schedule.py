"""The length of an epoch in updates, and the learning rate after halvings."""

from __future__ import annotations


def steps_per_epoch(n: int, mini_batch_size: int) -> int:
    """Return ⌈n/m⌉, the number of updates in an epoch of n examples."""
    return -(-n // mini_batch_size)


def halved_learning_rate(learning_rate: float, halvings: int) -> float:
    """Return η · ½^halvings, the learning rate after the schedule has halved it."""
    return learning_rate * 0.5**halvings

"""The length of an epoch in updates, and the learning rate after halvings."""

from __future__ import annotations

from engine.config import RunConfig
from engine.errors import FieldError


def steps_per_epoch(n: int, mini_batch_size: int) -> int:
    """Return ⌈n/m⌉, the number of updates in an epoch of n examples."""
    return -(-n // mini_batch_size)


def halved_learning_rate(learning_rate: float, halvings: int) -> float:
    """Return η · ½^halvings, the learning rate after the schedule has halved it."""
    return learning_rate * 0.5**halvings


def check_halvings(halvings: int, config: RunConfig) -> None:
    """Check a number of halvings from a file.

    Raises:
        FieldError: if the schedule of `config` would have ended the run before.
    """
    if halvings > config.max_halvings:
        raise FieldError("halvings", f"must be at most max_halvings, {config.max_halvings}, got {halvings!s:.20}")

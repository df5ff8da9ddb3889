"""The quantities besides the config that the effect of λ depends on: the number of examples, the halvings of η."""

from __future__ import annotations

from dataclasses import dataclass

from engine.runs.extracts.run_state import RunState


@dataclass(frozen=True)
class Terms:
    """The number of examples and the halvings of η.

    Attributes:
        n: training examples in use, shifted images included.
        halvings: how often the schedule has halved the learning rate.
    """

    n: int
    halvings: int


def terms_of(run_state: RunState) -> Terms:
    """Return them for a run at one step."""
    return Terms(run_state.data.n, run_state.halvings)

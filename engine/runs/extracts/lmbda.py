"""What a run's λ means depends on more than its config: the number of examples, and η as it is now."""

from __future__ import annotations

from dataclasses import dataclass

from engine.runs.extracts.run_state import RunState


@dataclass(frozen=True)
class Terms:
    """What the config leaves open.

    Attributes:
        n: training examples in use, shifted images included.
        halvings: how often the schedule has halved the learning rate.
    """

    n: int
    halvings: int


def terms_of(run_state: RunState) -> Terms:
    """Of a run at one step."""
    return Terms(run_state.data.n, run_state.halvings)

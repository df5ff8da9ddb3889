"""The quantities outside the config that the effect of λ depends on."""

from __future__ import annotations

from dataclasses import dataclass

from engine.runs.extracts.run_state import RunState


@dataclass(frozen=True)
class LmbdaTerms:
    """The number of examples and of halvings of η.

    Attributes:
        n: training examples in use, shifted images included.
        halvings: how often the schedule has halved the learning rate.
    """

    n: int
    halvings: int


def lmbda_terms(run_state: RunState) -> LmbdaTerms:
    """Return the quantities for a run at one step."""
    return LmbdaTerms(run_state.data.n, run_state.halvings)

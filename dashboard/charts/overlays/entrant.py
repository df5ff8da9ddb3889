"""One of several runs on the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine import RunConfig
from engine.runs.history.telemetry import Telemetry

NOT_BEGUN = Telemetry()


@dataclass(frozen=True)
class Entrant:
    """One of several runs.

    Attributes:
        name: plain text, for people.
        current_config: the config in force.
        telemetry: its telemetry; empty before the run begins.
    """

    name: str
    current_config: RunConfig
    telemetry: Telemetry = NOT_BEGUN


def evaluated_on(entrants: Sequence[Entrant]) -> str:
    """Return the set that all are evaluated on: "validation" or "test"; "evaluation set" if they differ."""
    sets = {entrant.current_config.evaluate_on for entrant in entrants}
    return sets.pop() if len(sets) == 1 else "evaluation set"


def longest(entrants: Sequence[Entrant]) -> int:
    """Return the number of epochs of the longest run."""
    return max((entrant.current_config.epochs for entrant in entrants), default=1)

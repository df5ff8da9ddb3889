"""An entrant: one of several runs on the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine import RunConfig
from engine.runs.history.telemetry import Telemetry

NO_TELEMETRY = Telemetry()


@dataclass(frozen=True)
class Entrant:
    """One of several runs on the same axes.

    Attributes:
        name: the name of the run as plain text.
        current_config: the config in force.
        telemetry: the telemetry of the run; empty before the run starts.
    """

    name: str
    current_config: RunConfig
    telemetry: Telemetry = NO_TELEMETRY


def evaluation_set_name(entrants: Sequence[Entrant]) -> str:
    """Return "validation" or "test", or "evaluation set" if the runs have different ones."""
    sets = {entrant.current_config.evaluate_on for entrant in entrants}
    return sets.pop() if len(sets) == 1 else "evaluation set"


def max_epochs(entrants: Sequence[Entrant]) -> int:
    """Return the number of epochs of the longest run, at least 1."""
    return max((entrant.current_config.epochs for entrant in entrants), default=1)

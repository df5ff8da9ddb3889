"""An entrant: one of the runs that stand on the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine import RunConfig
from engine.runs.history.telemetry import Telemetry

NOTHING = Telemetry()  # of a run that has not begun


@dataclass(frozen=True)
class Entrant:
    """One of several runs.

    Attributes:
        name: what people call it; plain text. current_config: the config in force.
        telemetry: what is known of it; that of a run that has not begun where left out.
    """

    name: str
    current_config: RunConfig
    telemetry: Telemetry = NOTHING


def judge_of(entrants: Sequence[Entrant]) -> str:
    """What all are judged on: "validation", "test", or "judge" where they differ."""
    sets = {entrant.current_config.evaluate_on for entrant in entrants}
    return sets.pop() if len(sets) == 1 else "judge"


def longest(entrants: Sequence[Entrant]) -> int:
    """The epochs of the longest run: all share one axis."""
    return max((entrant.current_config.epochs for entrant in entrants), default=1)

"""A view: what one panel of a board needs to know of a run at one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.runs.extracts.run_state import RunState


@dataclass(frozen=True)
class View:
    """One view.

    Attributes:
        name: of the part of the telemetry that it is.
        make: from a run_state to a value, copies only; None where a run has nothing to show in it.
        every: seconds between two of them while it trains. One that takes long comes more seldom:
            see `engine.runs.worker.recorder`.
        masks_only: whether it needs no weights: it is then exact at any step of the past.
        trend: what of a value is also kept over time, by name: it goes into `Telemetry.over_time`.
    """

    name: str
    make: Callable[[RunState], Any]
    every: float
    masks_only: bool = False
    trend: Callable[[Any], Mapping[str, float]] | None = None

    def trend_of(self, value: Any) -> Mapping[str, float]:
        """What of a value is kept over time; nothing of one that a run has nothing to show in."""
        return {} if value is None or self.trend is None else self.trend(value)

"""The kind of an extract, the data of one panel of a board at one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.runs.extracts.run_state import RunState


@dataclass(frozen=True)
class Extract:
    """One kind of extract.

    Attributes:
        name: of its part of the telemetry.
        make: computes it from a `RunState`, as copies; returns None if there is nothing to show.
        every: seconds between two of them while the run trains. A slow one is made less often, see
            `engine.runs.worker.recorder`.
        masks_only: whether it needs no weights, and so is exact at every earlier step.
        trend: the parts of a value that are kept over time, by name, in `Telemetry.over_time`.
    """

    name: str
    make: Callable[[RunState], Any]
    every: float
    masks_only: bool = False
    trend: Callable[[Any], Mapping[str, float]] | None = None

    def trend_of(self, value: Any) -> Mapping[str, float]:
        """Return the parts of a value that are kept over time; none if the value is None."""
        return {} if value is None or self.trend is None else self.trend(value)

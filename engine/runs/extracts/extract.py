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
        name: the key in `Telemetry.extracts`.
        make: computes the extract from a `RunState`. Arrays are copies. Returns None if there is nothing to show.
        interval: seconds between two extracts while the run trains. A slow extract is made less often, see
            `engine.runs.worker.recorder`.
        masks_only: whether the extract needs no weights, so that it is exact at every earlier step.
        series_values: returns the numbers of an extract that become series in `Telemetry.over_time`, by name.
    """

    name: str
    make: Callable[[RunState], Any]
    interval: float
    masks_only: bool = False
    series_values: Callable[[Any], Mapping[str, float]] | None = None

    def series_values_of(self, value: Any) -> Mapping[str, float]:
        """Return the numbers of an extract that become series; empty if the extract is None."""
        return {} if value is None or self.series_values is None else self.series_values(value)

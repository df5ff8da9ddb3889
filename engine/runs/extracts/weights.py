"""The weights of each layer, counted."""

from __future__ import annotations

from engine.learning.metrics import Histogram, weight_histogram
from engine.runs.extracts.run_state import RunState


def weights_of(run_state: RunState) -> Histogram:
    """Every layer's histogram, on one axis."""
    return weight_histogram(run_state.parameters)

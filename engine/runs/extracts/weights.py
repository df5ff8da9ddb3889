"""Histograms of the weights of each layer."""

from __future__ import annotations

from engine.learning.metrics import Histogram, weight_histogram
from engine.runs.extracts.run_state import RunState


def weights_of(run_state: RunState) -> Histogram:
    """Return the histograms of all layers."""
    return weight_histogram(run_state.parameters)

"""The predictions of a network with two inputs over the plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.boundary import Extent, boundary_grid, extent_of
from engine.runs.extracts.run_state import RunState

SHADES = 20  # per region; up to 12 classes fit into a byte
MAX_CLASSES = 6  # more regions cannot be distinguished


@dataclass(frozen=True)
class Plane:
    """The predictions of a network with two inputs over the plane.

    Attributes:
        step: updates done.
        extent: the rectangle; the first and last rows and columns are on its edges.
        regions: class · SHADES + shade, uint8 (rows, columns), the lowest row first. The shade is the certainty of
            the answer, from 0 (all classes equal) to SHADES − 1.
    """

    step: int
    extent: Extent
    regions: Array


def plane_of(run_state: RunState) -> Plane | None:
    """Return the predictions of the full network; None without two inputs or with too many classes."""
    data = run_state.data
    if data.dataset.features != 2 or data.dataset.classes > MAX_CLASSES:
        return None
    extent = extent_of(data.x, data.evaluation.x)
    return Plane(
        run_state.step, extent, regions_of(boundary_grid(run_state.full_network, run_state.architecture, extent))
    )


def regions_of(outputs: Array) -> Array:
    """Return the `regions` of a `Plane` from the outputs (rows, columns, classes), which sum to 1."""
    classes = outputs.shape[-1]
    predictions = outputs.argmax(axis=-1)
    certainty = (outputs.max(axis=-1) - 1 / classes) / (1 - 1 / classes)
    return (predictions * SHADES + np.clip(np.floor(certainty * SHADES), 0, SHADES - 1)).astype(np.uint8)

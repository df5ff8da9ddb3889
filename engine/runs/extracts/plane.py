"""The answers of a network of two inputs over the plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.boundary import Extent, boundary_grid, extent_of
from engine.runs.extracts.run_state import RunState

SHADES = 20  # of a region; 12 classes of them fit into a byte
MAX_CLASSES = 6  # more regions cannot be distinguished


@dataclass(frozen=True)
class Plane:
    """The answers of a network of two inputs over the plane.

    Attributes:
        step: the update it was taken after.
        extent: the rectangle; the first and last rows and columns lie on its edges.
        regions: uint8 (rows, columns), the lowest row first: class · SHADES + shade; the shade is the
            certainty, from 0 (all classes equal) to SHADES − 1.
    """

    step: int
    extent: Extent
    regions: Array


def plane_of(run_state: RunState) -> Plane | None:
    """Return the answers of the full network; None for data of other dimensions or too many classes."""
    data = run_state.data
    if data.dataset.features != 2 or data.dataset.classes > MAX_CLASSES:
        return None
    extent = extent_of(data.x, data.evaluation.x)
    return Plane(run_state.step, extent, regions_of(boundary_grid(run_state.full, run_state.architecture, extent)))


def regions_of(shares: Array) -> Array:
    """Return the `regions` of a `Plane` from the outputs (rows, columns, classes), which sum to 1."""
    classes = shares.shape[-1]
    winner = shares.argmax(axis=-1)
    surplus = (shares.max(axis=-1) - 1 / classes) / (1 - 1 / classes)
    return (winner * SHADES + np.clip(np.floor(surplus * SHADES), 0, SHADES - 1)).astype(np.uint8)

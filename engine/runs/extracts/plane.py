"""What a network of two inputs answers, all over the plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.boundary import Extent, boundary_grid, extent_of
from engine.runs.extracts.run_state import RunState

SHADES = 20  # steps of a region's shading; 12 classes of them fit a byte
MOST_CLASSES = 6  # more regions cannot be told apart


@dataclass(frozen=True)
class Plane:
    """What a network of two inputs answers, all over the plane.

    Attributes:
        step: the update it was taken after.
        extent: the rectangle; the first and last rows and columns lie on its edges.
        regions: uint8 (rows, columns), the lowest row first: class · SHADES + how sure it is, from 0
            (no class stands out) to SHADES − 1.
    """

    step: int
    extent: Extent
    regions: Array


def plane_of(run_state: RunState) -> Plane | None:
    """What the full network answers all over the data's rectangle; None of other data, or too many classes."""
    data = run_state.data
    if data.dataset.features != 2 or data.dataset.classes > MOST_CLASSES:
        return None
    extent = extent_of(data.x, data.judge.x)
    return Plane(run_state.step, extent, regions_of(boundary_grid(run_state.full, run_state.architecture, extent)))


def regions_of(shares: Array) -> Array:
    """The `regions` of a `Plane`, from each class's share (rows, columns, classes)."""
    classes = shares.shape[-1]
    winner = shares.argmax(axis=-1)
    surplus = (shares.max(axis=-1) - 1 / classes) / (1 - 1 / classes)
    return (winner * SHADES + np.clip(np.floor(surplus * SHADES), 0, SHADES - 1)).astype(np.uint8)

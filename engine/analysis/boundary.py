"""The outputs of a network of two inputs on a grid over the plane, for its decision boundaries."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array

from engine.errors import FieldError
from engine.learning.metrics import CHUNK_EXAMPLES
from engine.learning.network import Architecture, Parameters, weighted_outputs

MARGIN = 0.08  # share of the data's width on each side: keeps the outermost points off the edge


class Extent(NamedTuple):
    """A rectangle of the plane, in the units of the network's inputs."""

    left: float
    right: float
    bottom: float
    top: float


def extent_of(*parts: Array) -> Extent:
    """Return the rectangle around all points, each part (n, 2), with a margin.

    Raises:
        FieldError: for points with another number of features than two.
    """
    for x in parts:
        if x.ndim != 2 or x.shape[1] != 2:
            raise FieldError("x", f"must be (n, 2), got {x.shape}: only points with two features lie in a plane")
    low = np.min([x.min(axis=0) for x in parts], axis=0).astype(np.float64)
    high = np.max([x.max(axis=0) for x in parts], axis=0).astype(np.float64)
    # a constant feature has width 0
    margin = np.where(high > low, MARGIN * (high - low), 1.0)
    (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
    return Extent(left, right, bottom, top)


def boundary_grid(parameters: Parameters, architecture: Architecture, extent: Extent, resolution: int = 60) -> Array:
    """Return the share of each class in the outputs on a grid of points.

    Softmax outputs are the shares themselves; sigmoid outputs are divided by their sum.

    Args:
        parameters: of a network of two inputs, for inference: `Training.inference_parameters()`.
        architecture: its activation and cost.
        extent: the area of the grid, edges included.
        resolution: points in each direction.

    Returns:
        (resolution, resolution, classes): row i at height bottom + i · (top − bottom) / (resolution − 1),
        columns from left to right likewise; the shares of a point add up to 1.

    Raises:
        FieldError: for another number of inputs than two, or fewer than two points in a direction.
    """
    if parameters.sizes[0] != 2:
        raise FieldError(
            "parameters",
            f"must be of a network of 2 inputs, got {parameters.sizes[0]}: only a plane can be drawn",
        )
    if resolution < 2:
        raise FieldError("resolution", f"must be at least 2, got {resolution}: the edges alone take two points")
    dtype = parameters.flat.dtype
    points = np.empty((resolution, resolution, 2), dtype)
    points[..., 0] = np.linspace(extent.left, extent.right, resolution)
    points[..., 1] = np.linspace(extent.bottom, extent.top, resolution)[:, np.newaxis]
    x = points.reshape(-1, 2)
    z = np.empty((len(x), parameters.sizes[-1]), dtype)
    with np.errstate(over="ignore"):  # e^−z of a saturated neuron; 1/∞ is the right 0
        for first in range(0, len(x), CHUNK_EXAMPLES):
            z[first : first + CHUNK_EXAMPLES] = weighted_outputs(
                architecture, parameters, x[first : first + CHUNK_EXAMPLES]
            )
        shares = output_shares(architecture, z)
    return shares.reshape(resolution, resolution, -1)


def output_shares(architecture: Architecture, z: Array) -> Array:
    """Return the share of each class in the outputs.

    Args:
        z: weighted inputs of the outputs (n, classes).

    Returns:
        (n, classes); rows add up to 1.

    Call it with overflow warnings off: e^−z may overflow, and 1/∞ is the right 0 of a saturated neuron.
    """
    a = z.copy()
    architecture.cost.output_activation(a, a)
    total = a.sum(axis=1, keepdims=True)
    # A sigmoid close to 0 is e^z, so the shares are the softmax of z. It can be computed even where all
    # activations are 0 in this precision.
    is_underflowing = total[:, 0] < 1e-30
    if is_underflowing.any():
        max_z = z[is_underflowing].max(axis=1, keepdims=True)
        a[is_underflowing] = np.exp(z[is_underflowing] - max_z)
        total[is_underflowing] = a[is_underflowing].sum(axis=1, keepdims=True)
    a /= total
    return a

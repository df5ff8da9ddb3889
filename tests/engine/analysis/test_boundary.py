"""The outputs of a network over the plane, compared with a loop over single points."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import FieldError, Parameters, RunConfig, Training, dataset_of, initial_parameters, select
from engine.analysis.boundary import Extent, boundary_grid, extent_of
from engine.learning.network import Architecture
from tests.engine import by_hand
from tests.engine.toys import toy_config

EXTENT = Extent(-1.5, 2.0, -0.5, 1.0)


def shares_of_point(config: RunConfig, parameters: Parameters, x: float, y: float) -> list[float]:
    """The outputs at one point, divided by their sum."""
    net, a = by_hand.Net.of(parameters), [x, y]
    for layer, (W, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        z = [b[k] + sum(a[j] * W[j][k] for j in range(len(a))) for k in range(len(b))]
        if layer < len(net.weights) - 1:
            a = [by_hand.activation(config.activation, value) for value in z]
    if config.cost == "log-likelihood":
        outputs = [math.exp(value - max(z)) for value in z]
    else:
        outputs = [by_hand.sigmoid(value) for value in z]
    return [output / math.fsum(outputs) for output in outputs]


@pytest.mark.parametrize("cost", ["cross-entropy", "quadratic", "log-likelihood"])
@pytest.mark.parametrize(("activation", "hidden"), [("sigmoid", (7,)), ("tanh", (6, 5)), ("relu", (8,)), ("relu", ())])
def test_every_point_of_the_grid_has_the_outputs_of_the_network(
    cost: str, activation: str, hidden: tuple[int, ...]
) -> None:
    config = toy_config(cost=cost, activation=activation, hidden=hidden, initializer="large")
    parameters = initial_parameters(config, 2, 3)
    grid = boundary_grid(parameters, Architecture.of(config), EXTENT, resolution=9)
    assert grid.shape == (9, 9, 3)
    for row in range(9):
        for column in range(9):
            x, y = -1.5 + 3.5 * column / 8, -0.5 + 1.5 * row / 8
            assert grid[row, column] == pytest.approx(shares_of_point(config, parameters, x, y), abs=1e-12)


def test_a_large_float32_grid_adds_up_to_one_and_agrees_with_float64() -> None:
    grids = []
    for dtype in ("float32", "float64"):
        config = toy_config(dtype=dtype, hidden=(100,), initializer="large")
        grids.append(boundary_grid(initial_parameters(config, 2, 10), Architecture.of(config), EXTENT))
    assert grids[0].shape == (60, 60, 10)
    assert grids[0].dtype == np.float32
    assert grids[0].sum(axis=2) == pytest.approx(np.ones((60, 60)), abs=1e-5)
    assert grids[0] == pytest.approx(grids[1], abs=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_outputs_that_are_all_nearly_zero_have_shares(dtype: str) -> None:
    config = toy_config(dtype=dtype, hidden=())
    parameters = Parameters.empty((2, 3), dtype)
    parameters.biases[0][:] = [-5000, -5001, -5000]
    grid = boundary_grid(parameters, Architecture.of(config), EXTENT, resolution=2)
    total = 2 + math.exp(-1)
    assert grid[0, 0] == pytest.approx([1 / total, math.exp(-1) / total, 1 / total], rel=1e-5)


def test_the_boundary_of_a_trained_network_separates_the_circles() -> None:
    config = RunConfig(
        dataset="circles",
        train_size=300,
        label_noise=0.0,
        data_noise=0.05,
        drop_probability=0.5,
        l2=0.0,
        activation="tanh",
        learning_rate=0.1,
    )
    data = select(config, dataset_of(config))
    training = Training(config, data)
    while not training.finished:
        training.run(training.steps_per_epoch)
    extent = extent_of(data.x, data.evaluation.x)
    grid = boundary_grid(training.inference_parameters(), training.architecture, extent, resolution=41)
    x = np.linspace(extent.left, extent.right, 41)
    y = np.linspace(extent.bottom, extent.top, 41)
    radius = np.hypot(x[np.newaxis], y[:, np.newaxis])
    inner = grid.argmax(axis=2) == 1
    assert inner[radius < 0.55].mean() > 0.95
    assert inner[(radius > 0.95) & (radius < 1.1)].mean() < 0.05


def test_the_extent_contains_all_points_with_a_margin() -> None:
    one, two = np.array([[0.0, 5.0], [2.0, 5.0]]), np.array([[-2.0, 5.0]])
    left, right, bottom, top = extent_of(one, two)
    assert left < -2 < 2 < right
    assert right - 2 == pytest.approx(-2 - left) == pytest.approx(0.32)
    assert bottom < 5 < top


def test_inputs_that_are_not_two_dimensional_are_refused() -> None:
    config = toy_config()
    with pytest.raises(FieldError, match="must be of a network of 2 inputs, got 4"):
        boundary_grid(initial_parameters(config, 4, 3), Architecture.of(config), EXTENT)
    with pytest.raises(FieldError, match="resolution must be at least 2, got 1"):
        boundary_grid(initial_parameters(config, 2, 3), Architecture.of(config), EXTENT, resolution=1)
    with pytest.raises(FieldError, match=r"x must be \(n, 2\), got \(5, 3\)"):
        extent_of(np.zeros((5, 3)))

"""Sums, shares and quantiles of the weights, compared with plain counting."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import Parameters, RunConfig
from engine.analysis.magnitudes import (
    MAX_MEASUREMENTS,
    QUANTILES,
    SAMPLE_SIZE,
    evenly_spaced,
    is_measured,
    magnitudes,
    magnitudes_by_series,
    quantile_name,
    series_name,
    zero_tolerance,
)

SIZES = [(3, 2), (64, 100, 10), (200, 100, 3, 7)]  # the first layer of the last network has more than one chunk


def parameters_of(sizes: tuple[int, ...], dtype: str = "float32") -> Parameters:
    """Weights with some values of exactly 0 and −0.125, and large biases, which must not count."""
    flat = np.random.default_rng(3).normal(0, 0.2, Parameters.length(sizes)).astype(dtype)
    flat[::5], flat[1::7] = 0.0, -0.125
    parameters = Parameters(sizes, flat)
    parameters.flat_biases[...] = 1e9
    return parameters


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", SIZES)
def test_sums_and_shares_count_every_weight_of_a_layer(sizes, dtype):
    parameters = parameters_of(sizes, dtype)
    for W, found in zip(parameters.weights, magnitudes(parameters, 0.125), strict=True):
        weights = W.ravel().tolist()
        assert found.squares == pytest.approx(math.fsum(w * w for w in weights), rel=1e-5)
        assert found.absolute == pytest.approx(math.fsum(abs(w) for w in weights), rel=1e-5)
        assert found.zeros == sum(w == 0 for w in weights) / len(weights)
        assert found.within == sum(abs(w) <= 0.125 for w in weights) / len(weights)
        assert found.within > found.zeros > 0


@pytest.mark.parametrize("sizes", [(3, 2), (64, 10, 10)])
def test_the_quantiles_of_a_small_layer_are_exact(sizes):
    parameters = parameters_of(sizes)
    for W, found in zip(parameters.weights, magnitudes(parameters, 0.0), strict=True):
        np.testing.assert_allclose(found.quantiles, np.quantile(W, QUANTILES), atol=1e-6)


def test_the_quantiles_of_a_large_layer_are_those_of_a_sample():
    flat = np.random.default_rng(1).normal(size=Parameters.length((784, 100))).astype(np.float32)
    (found,) = magnitudes(Parameters((784, 100), flat), 0.0)
    below = [float((flat[:78_400] < value).mean()) for value in found.quantiles]
    np.testing.assert_allclose(below, QUANTILES, atol=0.03)


@pytest.mark.parametrize("shape", [(784, 100), (784, 800), (800, 10), (64, 100), (10_000, 7), (1, 1)])
def test_the_sample_has_equally_many_weights_of_every_neuron(shape):
    neurons = np.broadcast_to(np.arange(shape[1]), shape).copy()
    sample = evenly_spaced(neurons, SAMPLE_SIZE)
    assert min(neurons.size, SAMPLE_SIZE / 2) <= sample.size <= SAMPLE_SIZE
    counts = np.bincount(sample, minlength=shape[1])
    assert counts.max() - counts.min() <= 1


def test_without_a_penalty_the_weights_within_a_step_are_exact_zeros():
    config = RunConfig.demo(l1=0.0, l2=0.0)
    step = zero_tolerance(config, 0.5, 500)
    assert step == 0
    for found in magnitudes(parameters_of((64, 10)), step):
        assert found.within == found.zeros > 0


@pytest.mark.parametrize(("l1", "l2", "lmbda"), [(2.0, 0.0, 2.0), (0.0, 3.0, 3.0), (2.0, 3.0, 2.0)])
def test_the_zero_tolerance_is_the_step_of_l1_or_of_l2_at_1(l1, l2, lmbda):
    assert zero_tolerance(RunConfig.demo(l1=l1, l2=l2, learning_rate=9.0), 0.25, 500) == 0.25 * lmbda / 500


def test_the_values_of_each_layer_have_unique_names():
    parameters = parameters_of((64, 12, 10))
    values = magnitudes_by_series(parameters, 0.125)
    quantities = [
        "squares",
        "absolute",
        "zeros",
        "within",
        "zero_neurons",
        *(quantile_name(share) for share in QUANTILES),
    ]
    assert set(values) == {series_name(layer, quantity) for layer in (0, 1) for quantity in quantities}
    for layer, found in enumerate(magnitudes(parameters, 0.125)):
        assert values[series_name(layer, "squares")] == found.squares
        assert values[series_name(layer, "quantile 5")] == found.quantiles[0]
        assert values[series_name(layer, "quantile 95")] == found.quantiles[-1]


@pytest.mark.parametrize("epochs", [1, 5, 200, 201, 1_000, 100_000])
def test_the_measured_epochs_are_evenly_spaced_and_limited(epochs):
    measured = [epoch for epoch in range(1, epochs + 1) if is_measured(epoch, epochs)]
    assert min(epochs, MAX_MEASUREMENTS / 2) <= len(measured) <= MAX_MEASUREMENTS
    assert len(set(np.diff([0, *measured]).tolist())) == 1

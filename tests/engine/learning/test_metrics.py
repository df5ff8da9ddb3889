"""Measurements and histograms, compared with plain counting."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Measurement, Parameters, RunConfig, Training, initial_parameters, select, weight_histogram
from engine.data import Dataset
from engine.learning.metrics import CHUNK_EXAMPLES, evaluate, summarize
from engine.learning.network import Architecture
from tests.engine import by_hand
from tests.engine.by_hand import COSTS, Net
from tests.engine.toys import toy_config


@pytest.mark.parametrize("cost", COSTS)
def test_costs_and_classifications_equal_those_of_single_examples(cost: str) -> None:
    config = toy_config(hidden=(5, 4), cost=cost)
    parameters, rng = initial_parameters(config, 4, 3), np.random.default_rng(0)
    x, y = rng.normal(size=(CHUNK_EXAMPLES + 40, 4)), np.eye(3)[rng.integers(0, 3, CHUNK_EXAMPLES + 40)]
    costs, correct = evaluate(Architecture.of(config), parameters, x, y)
    net = Net.of(parameters)
    for i in [*range(30), *range(CHUNK_EXAMPLES - 10, CHUNK_EXAMPLES + 40)]:  # on both sides of a chunk boundary
        a = by_hand.outputs(cost, by_hand.forward(config, net, x[i].tolist()).z[-1])
        assert costs[i] == pytest.approx(by_hand.cost_of(cost, a, y[i].tolist()), rel=1e-11)
        assert correct[i] == (a.index(max(a)) == list(y[i]).index(1))
    assert 0 < correct.sum() < len(x)


def test_a_measurement_has_the_mean_cost_and_the_correct_count() -> None:
    measured = summarize(np.array([1.0, 2.0, 6.0]), np.array([True, False, True]))
    assert measured == Measurement(cost=3.0, correct=2, size=3)
    assert measured.accuracy == 2 / 3


def test_a_measurement_without_examples_is_nan_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        empty = summarize(np.empty(0), np.empty(0, dtype=bool))
    assert math.isnan(empty.cost)
    assert math.isnan(empty.accuracy)
    assert (empty.correct, empty.size) == (0, 0)


WEIGHTS = st.lists(st.floats(-100, 100, width=32), min_size=6, max_size=6)


@given(w=WEIGHTS, bins=st.integers(1, 80), at_least=st.sampled_from([0.0, 0.5, 1000.0]))
def test_a_histogram_counts_every_weight_once_in_its_bin(w: list[float], bins: int, at_least: float) -> None:
    parameters = Parameters((2, 2, 1), np.array([*w, 9e9, 9e9, 9e9]))  # biases are not counted
    histogram = weight_histogram(parameters, bins, at_least)
    for layer, weights in enumerate((w[:4], w[4:])):
        limit = float(histogram.limits[layer])
        assert limit >= max(at_least, *(abs(v) for v in weights)) * (1 - 1e-12)  # 99 % of so few are all
        counts = np.rint(histogram.shares[layer] * len(weights)).astype(int)
        assert counts.sum() == len(weights)
        for v in weights:
            exact = (v + limit) * bins / (2 * limit)
            near = {min(max(math.floor(exact + by), 0), bins - 1) for by in (-1e-6, 0, 1e-6)}
            assert any(counts[k] for k in near)
        inner = [v for v in weights if abs((v + limit) * bins / (2 * limit) % 1 - 0.5) < 0.4]
        for k in range(bins):
            inside = sum(math.floor((v + limit) * bins / (2 * limit)) == k for v in inner)
            assert inside <= counts[k] <= inside + len(weights) - len(inner)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_histogram_equals_that_of_numpy_with_the_rest_in_the_end_bins(dtype: str) -> None:
    parameters = initial_parameters(toy_config(hidden=(50, 30), dtype=dtype), 64, 10)
    histogram = weight_histogram(parameters)
    for i, W in enumerate(parameters.weights):
        limit, shares = histogram.limits[i], histogram.shares[i]
        counts, _ = np.histogram(W.astype(float), bins=81, range=(-limit, limit))
        counts[0] += np.count_nonzero(limit < -W)
        counts[-1] += np.count_nonzero(limit < W)
        moved = np.abs(np.rint(shares * W.size) - counts).sum()
        assert moved <= (4 if dtype == "float32" else 0)  # rounding can move a weight at an edge
        assert shares.sum() == pytest.approx(1, abs=1e-6)
        assert histogram.deviations[i] == pytest.approx(W.std(), rel=1e-4)
        assert histogram.bin_width(i) == pytest.approx(2 * limit / 81)


@pytest.mark.parametrize("size", [100, 10_000, 1_000_000])
def test_at_most_one_weight_in_a_hundred_is_outside_of_the_limits(size: int) -> None:
    parameters = Parameters.empty((size, 1), "float32")
    w = np.random.default_rng(size).standard_cauchy(size)  # a few are thousands of times larger than the others
    parameters.weights[0][:, 0] = w
    (limit,) = weight_histogram(parameters).limits
    assert (np.abs(w) > limit).mean() <= 0.0105  # 0.01 in the sample that decides
    smaller = {1.0: 8 / 10, 1.2: 1 / 1.2, 1.5: 1.2 / 1.5, 2: 1.5 / 2, 2.5: 2 / 2.5, 3: 2.5 / 3, 4: 3 / 4, 5: 4 / 5}
    digit = limit / 10 ** np.floor(np.log10(limit))
    factor = next((value for key, value in smaller.items() if key == pytest.approx(digit)), 5 / 6)
    assert (np.abs(w) > factor * limit).mean() >= 0.0095, "the next smaller round number leaves out too many"


def test_the_limit_is_the_largest_weight_if_nearly_all_are_exactly_zero() -> None:
    parameters = Parameters.empty((1000, 1), "float32")
    parameters.flat[:] = 0
    parameters.weights[0][7, 0] = -0.25
    histogram = weight_histogram(parameters)
    assert histogram.limits[0] == 0.25
    assert histogram.shares[0][[0, 40]] * 1000 == pytest.approx([1, 999])


@pytest.mark.mnist
@pytest.mark.parametrize("lmbda", [0.0, 5.0])
def test_no_bar_holds_more_than_a_third_of_the_weights_on_mnist(lmbda: float, mnist: Dataset) -> None:
    """A quarter of these weights are close to 0, because their pixels are always black."""
    config = RunConfig(dataset="mnist", hidden=(30,), l2=lmbda, epochs=30)
    training = Training(config, select(config, mnist))
    for epoch in range(config.epochs + 1):
        if epoch:
            training.run(training.steps_per_epoch)
        histogram = weight_histogram(training.parameters)
        assert histogram.shares.max() <= 1 / 3, epoch
        assert ((histogram.shares[0] > 0.002).sum()) >= 40, "bars that can be seen"


def test_zero_is_in_the_middle_bin() -> None:
    parameters = Parameters.empty((3, 2), "float32")
    assert weight_histogram(parameters).shares[0].nonzero()[0].tolist() == [40]


@pytest.mark.parametrize(
    ("largest", "limit"),
    [(0.0, 0.1), (0.07, 0.08), (0.1, 0.1), (0.11, 0.12), (0.9, 1), (1.0, 1), (1.01, 1.2), (4.5, 5), (7, 8), (12, 12)],
)
def test_the_limit_is_the_next_round_number(largest: float, limit: float) -> None:
    parameters = Parameters.empty((3, 2), "float64")
    parameters.weights[0][1, 1] = -largest
    assert weight_histogram(parameters).limits[0] == pytest.approx(limit, rel=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("tiny", [5e-324, 1e-310, 1e-45, 1e-40, 1e-20])
def test_tiny_weights_are_counted_around_zero(tiny: float, dtype: str) -> None:
    parameters = Parameters.empty((3, 2), dtype)
    parameters.flat[:] = tiny
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        histogram = weight_histogram(parameters)
    assert histogram.shares.sum() == pytest.approx(1)
    assert histogram.limits[0] > 0

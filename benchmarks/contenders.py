"""The contenders without other libraries: the engine, the matrix products, and the book's loop.

A contender is a function of a case and data, which returns a function that trains k mini-batches.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from benchmarks.cases import LAMBDA, LEARNING_RATE, Case
from engine import Training, select
from engine.data.dataset import Dataset
from engine.runs import states
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Report

RunBatches = Callable[[int], None]

PREPARED_INPUTS = 64  # inputs used in turn, so that they are not always in the cache


def engine_bare(case: Case, data: Dataset) -> RunBatches:
    """Return a function that trains with the engine, without recording."""
    training = Training(case.config, select(case.config, data))

    def run(k: int) -> None:
        while k > 0:
            k -= training.run(k)
            training.take_costs()

    return run


def engine_recorded(case: Case, data: Dataset) -> RunBatches:
    """Return a function that trains with the engine and records costs, measurements and series."""
    training = Training(case.config, select(case.config, data))
    telemetry = Telemetry()

    def run(k: int) -> None:
        while k > 0:
            k -= training.run(k)
            is_epoch_end = training.step % training.steps_per_epoch == 0
            snapshots = (training.end_epoch(),) if is_epoch_end else ()
            costs = training.take_costs()
            telemetry.add_report(
                Report(
                    state=states.RUNNING,
                    step=training.step,
                    steps_per_second=0.0,
                    snapshots=snapshots,
                    first_cost_step=training.step - len(costs) + 1,
                    costs=costs,
                )
            )

    return run


def matrix_products_only(case: Case, data: Dataset) -> RunBatches:
    """Return a function that computes only the matrix products of updates of the full network."""
    rng = np.random.default_rng(0)

    def random_array(rows: int, columns: int) -> np.ndarray:
        return rng.random((rows, columns), dtype=np.float32) * np.float32(1e-3)

    m, shapes = case.batch, list(pairwise(case.sizes))
    x = [random_array(m, case.sizes[0]) for _ in range(PREPARED_INPUTS)]
    weights = [random_array(*shape) for shape in shapes]
    gradients = [random_array(*shape) for shape in shapes]
    a = [random_array(m, n) for n in case.sizes[1:]]
    delta = [random_array(m, n) for n in case.sizes[1:]]
    lower_deltas = [random_array(m, n) for n in case.sizes[1:-1]]
    transposed = [W.T for W in weights]
    transposed_inputs = [[x_i.T, *(each.T for each in a)] for x_i in x]
    last_layer = len(weights) - 1

    def run(k: int) -> None:
        for step in range(k):
            i = step % PREPARED_INPUTS
            out = x[i]
            for layer, W in enumerate(weights):
                out = np.dot(out, W, a[layer])
            for layer in range(last_layer, -1, -1):
                np.dot(transposed_inputs[i][layer], delta[layer], gradients[layer])
                if layer:
                    np.dot(delta[layer], transposed[layer], lower_deltas[layer - 1])

    return run


def book_loop(case: Case, data: Dataset) -> RunBatches | None:
    """Return a function that trains with the loop of chapter 3; None with dropout.

    The loop uses column vectors and computes the gradient of one example at a time.
    """
    if case.dropout:
        return None
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((b, a)) / np.sqrt(a) for a, b in pairwise(case.sizes)]
    biases = [rng.standard_normal((b, 1)) for b in case.sizes[1:]]
    n, m = len(data.training), case.batch
    examples = [
        (data.training.x[i].reshape(-1, 1).astype(float), np.eye(10)[data.training.labels[i]].reshape(-1, 1))
        for i in range(n)
    ]

    def sigmoid(z: np.ndarray) -> np.ndarray:
        return 1.0 / (1.0 + np.exp(-z))

    def gradient(x: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        activations = [x]
        for W, b in zip(weights, biases, strict=True):
            activations.append(sigmoid(W @ activations[-1] + b))
        delta = activations[-1] - y
        bias_gradients, weight_gradients = [delta], [delta @ activations[-2].T]
        for layer in range(len(weights) - 1, 0, -1):
            a = activations[layer]
            delta = (weights[layer].T @ delta) * a * (1 - a)
            bias_gradients.insert(0, delta)
            weight_gradients.insert(0, delta @ activations[layer - 1].T)
        return bias_gradients, weight_gradients

    def run(k: int) -> None:
        for _ in range(k):
            sum_b = [np.zeros_like(b) for b in biases]
            sum_w = [np.zeros_like(W) for W in weights]
            for i in rng.integers(0, n, m):
                bias_gradients, weight_gradients = gradient(*examples[i])
                sum_b = [s + g for s, g in zip(sum_b, bias_gradients, strict=True)]
                sum_w = [s + g for s, g in zip(sum_w, weight_gradients, strict=True)]
            decay = 1 - LEARNING_RATE * LAMBDA / n
            weights[:] = [decay * W - LEARNING_RATE / m * g for W, g in zip(weights, sum_w, strict=True)]
            biases[:] = [b - LEARNING_RATE / m * g for b, g in zip(biases, sum_b, strict=True)]

    return run

"""The contenders without other libraries: the engine, the floor, and the loop of the book.

A contender makes, from a case and data, a function that does k mini-batches.
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

Run = Callable[[int], None]

PREPARED = 64  # inputs that the floor uses in turn, so that they are not always in the cache


def engine_bare(case: Case, data: Dataset) -> Run:
    """Run the updates of the engine, with order, masks, gathering and the check for finite values."""
    training = Training(case.config, select(case.config, data))

    def run(k: int) -> None:
        while k > 0:
            k -= training.run(k)
            training.take_costs()

    return run


def engine_recorded(case: Case, data: Dataset) -> Run:
    """Run the same with the records of a run: mini-batch costs, the measurements of each epoch, and their series."""
    training = Training(case.config, select(case.config, data))
    telemetry = Telemetry()

    def run(k: int) -> None:
        while k > 0:
            k -= training.run(k)
            at_end = training.step % training.steps_per_epoch == 0
            snapshots = (training.end_epoch(),) if at_end else ()
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


def floor(case: Case, data: Dataset) -> Run:
    """Run only the matrix products of an update of the full network, into preallocated arrays."""
    rng = np.random.default_rng(0)

    def room(rows: int, columns: int) -> np.ndarray:
        return rng.random((rows, columns), dtype=np.float32) * np.float32(1e-3)

    m, shapes = case.batch, list(pairwise(case.sizes))
    x = [room(m, case.sizes[0]) for _ in range(PREPARED)]
    weights = [room(*shape) for shape in shapes]
    gradients = [room(*shape) for shape in shapes]
    a = [room(m, n) for n in case.sizes[1:]]
    delta = [room(m, n) for n in case.sizes[1:]]
    below = [room(m, n) for n in case.sizes[1:-1]]
    transposed = [W.T for W in weights]
    into = [[x_i.T, *(each.T for each in a)] for x_i in x]
    last = len(weights) - 1

    def run(k: int) -> None:
        for step in range(k):
            i = step % PREPARED
            out = x[i]
            for layer, W in enumerate(weights):
                out = np.dot(out, W, a[layer])
            for layer in range(last, -1, -1):
                np.dot(into[i][layer], delta[layer], gradients[layer])
                if layer:
                    np.dot(delta[layer], transposed[layer], below[layer - 1])

    return run


def book_loop(case: Case, data: Dataset) -> Run | None:
    """Run the loop of chapter 3: one example at a time, column vectors, and a new gradient for each."""
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
        by_b, by_w = [delta], [delta @ activations[-2].T]
        for layer in range(len(weights) - 1, 0, -1):
            a = activations[layer]
            delta = (weights[layer].T @ delta) * a * (1 - a)
            by_b.insert(0, delta)
            by_w.insert(0, delta @ activations[layer - 1].T)
        return by_b, by_w

    def run(k: int) -> None:
        for _ in range(k):
            sum_b = [np.zeros_like(b) for b in biases]
            sum_w = [np.zeros_like(W) for W in weights]
            for i in rng.integers(0, n, m):
                by_b, by_w = gradient(*examples[i])
                sum_b = [s + g for s, g in zip(sum_b, by_b, strict=True)]
                sum_w = [s + g for s, g in zip(sum_w, by_w, strict=True)]
            decay = 1 - LEARNING_RATE * LAMBDA / n
            weights[:] = [decay * W - LEARNING_RATE / m * g for W, g in zip(weights, sum_w, strict=True)]
            biases[:] = [b - LEARNING_RATE / m * g for b, g in zip(biases, sum_b, strict=True)]

    return run

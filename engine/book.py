"""The book's own runs, reproduced digit for digit.

Chapter 3 of *Neural Networks and Deep Learning* plots the cost and accuracy of [784, 30, 10] networks trained on
1,000 and on 50,000 images, without and with L2. The book's repository has the numbers of the first two. They are
trained here with the engine's ordinary update code; only the initial weights and the order of examples are drawn with
the generators of the book's program.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.data import data_folder, load_dataset, select
from engine.errors import FieldError
from engine.learning.network import Parameters
from engine.learning.snapshot import Snapshot
from engine.learning.training import train

SEED = 12345678  # of both random generators of the book's program

# name: training images, λ, epochs
BOOK_RUNS: dict[str, tuple[int, float, int]] = {
    "overfitting": (1_000, 0.0, 400),
    "regularized": (1_000, 0.1, 400),
    "overfitting-full": (50_000, 0.0, 30),
    "regularized-full": (50_000, 5.0, 30),
}


@dataclass
class Curves:
    """The published curves of a run, with one number per epoch; accuracies are counts of correct answers.

    The costs are those that the book plots: the data cost plus ½ · λ / (size of the measured set) · Σ w². The test
    cost can therefore not be compared with the training cost.
    """

    test_cost: list[float]
    test_accuracy: list[int]
    training_cost: list[float]
    training_accuracy: list[int]

    @classmethod
    def empty(cls) -> Curves:
        return cls([], [], [], [])

    def append(self, snapshot: Snapshot, n: int) -> None:
        """Append a snapshot of a run on n training images."""
        penalty = snapshot.penalty * n  # ½ λ Σ w²
        self.test_cost.append(snapshot.evaluation.cost + penalty / snapshot.evaluation.size)
        self.test_accuracy.append(snapshot.evaluation.correct)
        self.training_cost.append(snapshot.training.cost + penalty / snapshot.training.size)
        self.training_accuracy.append(snapshot.training.correct)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def book_config(name: str, epochs: int | None = None) -> RunConfig:
    """Return the config of one of the book's runs.

    Args:
        name: one of `BOOK_RUNS`. epochs: number of epochs; default that of the book.

    Raises:
        FieldError: for an unknown name.
    """
    if name not in BOOK_RUNS:
        raise FieldError("name", f"must be one of {', '.join(BOOK_RUNS)}, got {name!r}")
    n, lmbda, default_epochs = BOOK_RUNS[name]
    return RunConfig(
        dataset="mnist",
        train_size=n,
        hidden=(30,),
        initializer="large",
        l2=lmbda,
        epochs=default_epochs if epochs is None else epochs,
        seed=SEED,
        dtype="float64",
        measure_all=True,
        evaluate_on="test",
    )


def train_book_run(name: str, epochs: int | None = None) -> Iterator[Snapshot]:
    """Train one of the book's runs and yield a snapshot after each epoch.

    Args:
        name: one of `BOOK_RUNS`. epochs: number of epochs; default that of the book.

    Raises:
        FieldError: for an unknown name, or if MNIST's files are missing.
    """
    config = book_config(name, epochs)
    data = select(config, load_dataset("mnist"))
    run = train(config, data, parameters=book_parameters((784, 30, 10)), order=BookOrder(data.n))
    next(run)  # the book does not measure before the first epoch
    yield from run


def book_parameters(sizes: tuple[int, ...]) -> Parameters:
    """Return the initial parameters of the book's program, drawn from N(0, 1).

    The program draws them twice: first in the constructor of the network, then in the large initializer that the
    script calls. The second draw is used. The program's matrices are (n_out, n_in), so they are transposed here.
    """
    rng = np.random.RandomState(SEED)
    parameters = Parameters.empty(sizes, "float64")
    for _ in range(2):
        for b in parameters.biases:
            b[...] = rng.randn(len(b), 1)[:, 0]
        for W in parameters.weights:
            W[...] = rng.randn(*W.shape[::-1]).T
    return parameters


class BookOrder:
    """The order of examples: every epoch shuffles the previous order with the algorithm of Python 2."""

    def __init__(self, n: int) -> None:
        self._random = random.Random(SEED)
        self._order = list(range(n))
        self._epoch = 0

    def __call__(self, epoch: int) -> Array:
        """Return the order in epoch `epoch`. Epochs count from 1 and must be requested in sequence."""
        if epoch != self._epoch + 1:
            raise ValueError(f"epoch must be {self._epoch + 1}, the next epoch, got {epoch}")
        self._epoch = epoch
        order = self._order
        for i in range(len(order) - 1, 0, -1):
            j = int(self._random.random() * (i + 1))
            order[i], order[j] = order[j], order[i]
        return np.array(order)


def published_curves(name: str, folder: Path | None = None) -> Curves | None:
    """Return the published curves of a run, or None if their file does not exist.

    Args:
        folder: the folder with the book's `overfitting.json` and `regularized.json`; default `book` in the data
            folder.

    Raises:
        FieldError: if the file does not hold four equally long lists of numbers.
    """
    path = (folder or data_folder() / "book") / f"{name}.json"
    if not path.is_file():
        return None
    message = "must hold four equally long lists of numbers, as the book publishes them: fetch it again"
    try:
        lists = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FieldError(str(path), message) from error
    is_valid = isinstance(lists, list) and len(lists) == 4 and all(isinstance(each, list) for each in lists)
    if not is_valid or len({len(each) for each in lists}) != 1:
        raise FieldError(str(path), message)
    return Curves(*lists)


@dataclass(frozen=True)
class CurveDifference:
    """The difference between two sets of curves.

    Attributes:
        epochs: number of epochs compared.
        max_cost_difference: largest difference between two costs.
        differing_counts: number of accuracy counts that differ.
    """

    epochs: int
    max_cost_difference: float
    differing_counts: int


def compare_curves(curves: Curves, published: Curves) -> CurveDifference:
    """Compare the curves of two runs over the epochs that both have."""
    epochs = min(len(curves.test_cost), len(published.test_cost))

    def largest_difference(first: list[float], second: list[float]) -> float:
        return max((abs(a - b) for a, b in zip(first, second, strict=False)), default=0.0)

    return CurveDifference(
        epochs=epochs,
        max_cost_difference=max(
            largest_difference(curves.test_cost, published.test_cost),
            largest_difference(curves.training_cost, published.training_cost),
        ),
        differing_counts=sum(
            a != b
            for counts, published_counts in (
                (curves.test_accuracy, published.test_accuracy),
                (curves.training_accuracy, published.training_accuracy),
            )
            for a, b in zip(counts, published_counts, strict=False)
        ),
    )

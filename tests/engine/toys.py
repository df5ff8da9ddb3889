"""Small runs, and the same runs computed with by_hand.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import Dataset, Labelled, Parameters, RunConfig, RunData, Training, masks, select
from engine.randomness import order_of_examples
from tests.engine import by_hand
from tests.engine.by_hand import Masks, Net


def toy_dataset(n: int = 13, features: int = 4, classes: int = 3, seed: int = 0) -> Dataset:
    """Random examples, with every class in each part."""
    rng = np.random.default_rng(seed)

    def part(size: int) -> Labelled:
        return Labelled(rng.random((size, features), dtype=np.float32), np.arange(size) % classes)

    return Dataset("toy", "Toy", part(n), part(7), part(5), classes)


def toy_config(**changes: Any) -> RunConfig:
    """13 examples in mini-batches of 4, so that the last one is short, without regularizers."""
    values: dict[str, Any] = {
        "dataset": "toy",
        "train_size": None,
        "label_noise": 0.0,
        "hidden": (5,),
        "l2": 0.0,
        "drop_probability": 0.0,
        "mini_batch_size": 4,
        "epochs": 3,
        "dtype": "float64",
    }
    return RunConfig(**{**values, **changes})


def toy_training(config: RunConfig, dataset: Dataset | None = None, **options: Any) -> Training:
    return Training(config, select(config, dataset or toy_dataset()), **options)


def run_all(training: Training) -> np.ndarray:
    """Train to the end; return the recorded costs of all mini-batches."""
    while not training.finished:
        training.run(training.steps_per_epoch)
    return training.take_costs()


def trained(config: RunConfig, dataset: Dataset | None = None) -> Parameters:
    training = toy_training(config, dataset)
    run_all(training)
    return training.parameters


def masks_of_example(config: RunConfig, step: int, row: int, widths: tuple[int, ...]) -> Masks:
    """The factors of the activations of each layer, for one example of a mini-batch."""
    found: list[list[float] | None] = []
    for layer, width in enumerate(widths):
        p = config.drop_probability if layer else config.input_drop_probability
        if not p:
            found.append(None)
            continue
        mask = masks(config, layer, step, width)
        example_mask = mask[row] if config.dropout_mask == "example" else mask
        scale = 1 / (1 - p) if config.dropout_scaling == "inverted" else 1.0
        found.append([scale * float(k) for k in example_mask])
    return found


def examples_of_step(
    config: RunConfig, data: RunData, step: int, widths: tuple[int, ...]
) -> list[tuple[list[float], list[float], Masks]]:
    """x, y and masks of each example of the mini-batch of update `step`, counted from 1."""
    m = config.mini_batch_size
    epoch, at = divmod(step - 1, -(-data.n // m))
    order = order_of_examples(config.seed, epoch + 1, data.n)[at * m : (at + 1) * m]
    return [
        (data.x[i].tolist(), data.y[i].tolist(), masks_of_example(config, step, row, widths))
        for row, i in enumerate(order)
    ]


def run_by_hand(config: RunConfig, start: Parameters, data: RunData) -> tuple[Net, list[float]]:
    """Train a whole run example by example; return the network and the cost of every mini-batch."""
    net, costs = Net.of(start), []
    for step in range(1, config.epochs * -(-data.n // config.mini_batch_size) + 1):
        net, cost = by_hand.update(config, net, data.n, examples_of_step(config, data, step, start.sizes[:-1]))
        costs.append(cost)
    return net, costs

"""The networks of the benchmark, and random data of the shape of MNIST."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import RunConfig
from engine.data.dataset import Dataset, Labelled

EXAMPLES = 5_000  # an epoch of 500 mini-batches of 10; 16 MB, between the book's 1,000 and its 50,000 images
INPUTS, CLASSES = 784, 10


@dataclass(frozen=True)
class Case:
    """One network and mini-batch size, with its targets.

    Attributes:
        hidden: the widths of the hidden layers.
        batch: the mini-batch size.
        dropout: whether half of the hidden neurons drop; without it the penalty is L2.
        against_peers: how many times faster than the fastest peer it should be.
        over_floor: how many times the floor's time it may take.
    """

    hidden: tuple[int, ...]
    batch: int
    dropout: bool
    against_peers: float
    over_floor: float

    @property
    def name(self) -> str:
        sizes = "-".join(map(str, self.sizes))
        return f"{sizes}, {self.batch}, {'dropout ½' if self.dropout else 'L2'}"

    @property
    def sizes(self) -> tuple[int, ...]:
        return (INPUTS, *self.hidden, CLASSES)

    @property
    def config(self) -> RunConfig:
        return RunConfig(
            train_size=EXAMPLES,
            label_noise=0.0,
            hidden=self.hidden,
            mini_batch_size=self.batch,
            l2=0.0 if self.dropout else LAMBDA,
            drop_probability=0.5 if self.dropout else 0.0,
            learning_rate=LEARNING_RATE,
            epochs=1_000_000,
        )


LEARNING_RATE = 0.1
LAMBDA = 5.0 * EXAMPLES / 50_000  # the chapter's λ = 5 at 50,000 images

CASES = (
    Case((30,), 10, False, 6.0, 1.9),
    Case((100,), 10, False, 3.5, 1.6),
    Case((100, 100), 10, True, 3.5, 1.75),
    Case((800, 800), 100, False, 1.3, 1.06),
    Case((800, 800), 100, True, 2.6, 0.60),
    Case((100,), 128, False, 1.6, 1.2),
)


def mnist_shaped(examples: int = EXAMPLES, inputs: int = INPUTS) -> Dataset:
    """Return random images, a fifth of their pixels not 0 as in MNIST, with random labels."""
    rng = np.random.default_rng(0)
    x = rng.random((examples, inputs), dtype=np.float32)
    x *= rng.random((examples, inputs), dtype=np.float32) < 0.2
    labels = rng.integers(0, CLASSES, examples)
    evaluation = Labelled(x[: examples // 5], labels[: examples // 5])  # as MNIST has 10,000 for 50,000
    return Dataset(
        name="random", title="Random", training=Labelled(x, labels), validation=evaluation, test=None, classes=CLASSES
    )

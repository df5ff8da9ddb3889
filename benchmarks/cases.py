"""The networks of the benchmark, and random data of the shape of MNIST."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import RunConfig
from engine.data.dataset import Dataset, Labelled

EXAMPLES = 5_000  # 16 MB, an epoch of 500 mini-batches of 10; between the book's 1,000 and 50,000 images
INPUTS, CLASSES = 784, 10


@dataclass(frozen=True)
class Case:
    """One network and mini-batch size, with target ratios.

    Attributes:
        hidden: the widths of the hidden layers.
        batch: the mini-batch size.
        dropout: whether half of the hidden neurons are dropped; without dropout the penalty is L2.
        against_peers: target for the speed as a multiple of the speed of the fastest peer.
        over_floor: limit for the time as a multiple of the time of the matrix products.
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
    """Return random images and labels; a fifth of the pixels are not 0, as in MNIST."""
    rng = np.random.default_rng(0)
    x = rng.random((examples, inputs), dtype=np.float32)
    x *= rng.random((examples, inputs), dtype=np.float32) < 0.2
    labels = rng.integers(0, CLASSES, examples)
    # a fifth, as in MNIST with 10,000 test and 50,000 training images
    evaluation = Labelled(x[: examples // 5], labels[: examples // 5])
    return Dataset(
        name="random", title="Random", training=Labelled(x, labels), validation=evaluation, test=None, classes=CLASSES
    )

"""Generated data sets with two features, so that the outputs of a network can be drawn in a plane.

The points are drawn from the seed of a run. Each set has a shape within −1 … 1 in both directions, and Gaussian noise
is added to it. The points of the shape and the directions of the noise do not depend on the noise level: with more
noise every point moves further along the same line.

A new set is a function here and an entry in `PLANAR` (docs/extending.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.data.dataset import Dataset, Labelled
from engine.errors import FieldError
from engine.randomness import Stream, generator

TRAINING_SIZE = 2_000  # enough to learn such a shape without any regularization
VALIDATION_SIZE = 1_000  # the standard error of an accuracy is then about a point

TURNS = 1.25  # of each arm of the spirals: a small network cannot learn more
SPREAD = 0.25  # radius of a blob; the centres of six are 0.7 apart
GAP = 0.05  # between the squares of xor and the axes, so that without noise no point is ambiguous


def _moons(labels: Array, draws: Array, classes: int) -> Array:
    """Two interlocking half circles, the second upside down."""
    angle = np.pi * draws[:, 0]
    x, y = np.cos(angle), np.sin(angle)
    x, y = np.where(labels == 0, x, 1 - x), np.where(labels == 0, y, 0.5 - y)
    return np.stack([x - 0.5, y - 0.25], axis=1) / 1.5


def _circles(labels: Array, draws: Array, classes: int) -> Array:
    """A circle of radius ½ inside a circle of radius 1."""
    return _polar(np.where(labels == 0, 1.0, 0.5), 2 * np.pi * draws[:, 0])


def _spirals(labels: Array, draws: Array, classes: int) -> Array:
    """Two arms from the middle outwards, opposite to each other."""
    radius = np.sqrt(draws[:, 0])  # uniform in length along an arm, not in angle
    return _polar(radius, 2 * np.pi * TURNS * radius + np.pi * labels)


def _xor(labels: Array, draws: Array, classes: int) -> Array:
    """Four squares: one class if both coordinates have the same sign, the other if the signs differ."""
    x, y = GAP + (1 - GAP) * draws[:, 0], GAP + (1 - GAP) * draws[:, 1]
    sign = np.where(draws[:, 2] < 0.5, -1, 1)
    return np.stack([sign * x, sign * np.where(labels == 0, y, -y)], axis=1)


def _blobs(labels: Array, draws: Array, classes: int) -> Array:
    """A disc for each class, with the centres evenly spaced on a circle."""
    centre = _polar(np.full(len(labels), 0.7), 2 * np.pi * labels / classes)
    return centre + _polar(SPREAD * np.sqrt(draws[:, 0]), 2 * np.pi * draws[:, 1])


def _polar(radius: Array, angle: Array) -> Array:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


Shape = Callable[[Array, Array, int], Array]  # labels (n,), uniform draws (n, 3), classes → points (n, 2)


@dataclass(frozen=True)
class PlanarSet:
    """A generated set of points.

    Attributes:
        title: its displayed name.
        shape: returns the points without noise.
        classes: the number of classes; None if `RunConfig.blob_classes` sets it.
        noise: the `data_noise` of its demonstration.
    """

    title: str
    shape: Shape
    classes: int | None = 2
    noise: float = 0.15

    @property
    def demo_fields(self) -> Mapping[str, Any]:
        """The fields in which its demonstration differs from `RunConfig.demo()`.

        Measured on the spirals after 1,000 epochs: without a penalty the network memorizes half of the wrong labels
        and the validation accuracy falls from 98 to 94 %; with L2 it memorizes none and ends at 97 %.
        """
        return {
            "train_size": 200,
            "data_noise": self.noise,
            "label_noise": 0.1,
            "hidden": (30, 30),  # one layer bends too little to reach around single points
            "activation": "tanh",
            "learning_rate": 0.1,
            "l2": 0.5,
            "drop_probability": 0.0,  # half of 30 neurons are too few for a spiral
            "epochs": 1_000,
        }

    def classes_of(self, blob_classes: int) -> int:
        """Return the number of classes for a run with this `blob_classes`."""
        return blob_classes if self.classes is None else self.classes


# By the value of `RunConfig.dataset`, in the order in which the page lists them.
PLANAR: dict[str, PlanarSet] = {
    "moons": PlanarSet("Two moons", _moons),
    "circles": PlanarSet("Circle in a circle", _circles),
    "spirals": PlanarSet("Two spirals", _spirals, noise=0.05),  # the arms are close to each other
    "xor": PlanarSet("Exclusive or", _xor),
    "blobs": PlanarSet("Blobs", _blobs, classes=None),
}


def planar_points(name: str, n: int, noise: float, classes: int, seed: int) -> tuple[Array, Array]:
    """Return n labelled points of a set. The same arguments give the same points.

    Fewer points are the first of more points. The classes alternate, so any number of first points is balanced.

    Args:
        name: one of `PLANAR`. n: the number of points.
        noise: the standard deviation of the noise in each direction; the shape is about 2 across.
        classes: the number of classes. seed: of the run.

    Returns:
        the points, float32 (n, 2), and their labels (n,).

    Raises:
        FieldError: for a name that is not in `PLANAR`.
    """
    if name not in PLANAR:
        raise FieldError("name", f"must be one of {', '.join(PLANAR)}, got {name!r}")
    labels = np.arange(n) % classes
    shape = PLANAR[name].shape(labels, generator(seed, Stream.PLANAR_POINTS, 0).random((n, 3)), classes)
    noisy_points = shape + noise * generator(seed, Stream.PLANAR_POINTS, 1).standard_normal((n, 2))
    return noisy_points.astype(np.float32), labels


@lru_cache(maxsize=16)  # 30 kB each; a user may move a slider back and forth
def planar_dataset(name: str, noise: float, classes: int, seed: int) -> Dataset:
    """Return a generated data set: 2,000 points for training and 1,000 for validation, with noise on both.

    For the arguments and errors see `planar_points`.
    """
    x, labels = planar_points(name, TRAINING_SIZE + VALIDATION_SIZE, noise, classes, seed)
    return Dataset(
        name=name,
        title=PLANAR[name].title,
        training=Labelled(x[:TRAINING_SIZE], labels[:TRAINING_SIZE]),
        validation=Labelled(x[TRAINING_SIZE:], labels[TRAINING_SIZE:]),
        test=None,
        classes=classes,
        feature_names=("x₁", "x₂"),
    )

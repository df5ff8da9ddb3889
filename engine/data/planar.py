"""Data sets of two features, drawn from a run's seed: what a network makes of them fits on a picture.

Each has a shape without noise, within −1 … 1 in both directions, and Gaussian noise on top. The
shape's points and the draws of the noise do not depend on the noise's level: with more of it every
point moves further along the same line.

Adding one is a function here and an entry in `PLANAR` (docs/extending.md).
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

TRAINING = 2_000  # the most a run can take: enough that such a shape is learnt from it without any regularization
VALIDATION = 1_000  # an accuracy is then good to about a point

TURNS = 1.25  # of each arm of the spirals: more, and a small network does not learn them
SPREAD = 0.25  # radius of a blob; the centres of six are 0.7 apart
GAP = 0.05  # between xor's squares and the axes: without noise no point is ambiguous


def _moons(labels: Array, u: Array, classes: int) -> Array:
    """Two half circles that reach into each other, the second upside down."""
    angle = np.pi * u[:, 0]
    x, y = np.cos(angle), np.sin(angle)
    x, y = np.where(labels == 0, x, 1 - x), np.where(labels == 0, y, 0.5 - y)
    return np.stack([x - 0.5, y - 0.25], axis=1) / 1.5


def _circles(labels: Array, u: Array, classes: int) -> Array:
    """A circle of radius ½ within one of radius 1."""
    return _polar(np.where(labels == 0, 1.0, 0.5), 2 * np.pi * u[:, 0])


def _spirals(labels: Array, u: Array, classes: int) -> Array:
    """Two arms from the middle outwards, one opposite the other."""
    along = np.sqrt(u[:, 0])  # as many points on each length of an arm, not on each angle
    return _polar(along, 2 * np.pi * TURNS * along + np.pi * labels)


def _xor(labels: Array, u: Array, classes: int) -> Array:
    """Four squares: one class where both coordinates have the same sign, the other where they differ."""
    x, y = GAP + (1 - GAP) * u[:, 0], GAP + (1 - GAP) * u[:, 1]
    left = np.where(u[:, 2] < 0.5, -1, 1)
    return np.stack([left * x, left * np.where(labels == 0, y, -y)], axis=1)


def _blobs(labels: Array, u: Array, classes: int) -> Array:
    """A disc for each class, their centres evenly around the middle."""
    centre = _polar(np.full(len(labels), 0.7), 2 * np.pi * labels / classes)
    return centre + _polar(SPREAD * np.sqrt(u[:, 0]), 2 * np.pi * u[:, 1])


def _polar(radius: Array, angle: Array) -> Array:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


Shape = Callable[[Array, Array, int], Array]  # labels (n,), uniform draws (n, 3), classes → points (n, 2)


@dataclass(frozen=True)
class PlanarSet:
    """A generated set of points.

    Attributes:
        title: its name for people.
        shape: the function of its points without noise.
        classes: the number of classes; None if the run's `blob_classes` sets it.
        noise: the `data_noise` of its demonstration.
    """

    title: str
    shape: Shape
    classes: int | None = 2
    noise: float = 0.15

    @property
    def demo(self) -> Mapping[str, Any]:
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
    "spirals": PlanarSet("Two spirals", _spirals, noise=0.05),  # its arms are close to each other
    "xor": PlanarSet("Exclusive or", _xor),
    "blobs": PlanarSet("Blobs", _blobs, classes=None),
}


def points(name: str, n: int, noise: float, classes: int, seed: int) -> tuple[Array, Array]:
    """n labelled points of a set, a function of its arguments alone; fewer are the first of more.

    The classes take turns, so that the first so many are balanced, however many.

    Args:
        name: one of `PLANAR`.
        noise: the standard deviation of the noise in each direction; the shape is about 2 across.
        classes: the number of classes.

    Returns:
        float32 (n, 2) and their labels (n,).

    Raises:
        FieldError: for a name that is not in `PLANAR`.
    """
    if name not in PLANAR:
        raise FieldError("name", f"must be one of {', '.join(PLANAR)}, got {name!r}")
    labels = np.arange(n) % classes
    shape = PLANAR[name].shape(labels, generator(seed, Stream.PLANE, 0).random((n, 3)), classes)
    moved = shape + noise * generator(seed, Stream.PLANE, 1).standard_normal((n, 2))
    return moved.astype(np.float32), labels


@lru_cache(maxsize=16)  # 30 kB each; a slider goes back and forth
def planar(name: str, noise: float, classes: int, seed: int) -> Dataset:
    """A set as a run takes it: 2,000 points to train from and 1,000 that validate, noise on both.

    Args and errors as in `points`.
    """
    x, labels = points(name, TRAINING + VALIDATION, noise, classes, seed)
    return Dataset(
        name=name,
        title=PLANAR[name].title,
        training=Labelled(x[:TRAINING], labels[:TRAINING]),
        validation=Labelled(x[TRAINING:], labels[TRAINING:]),
        test=None,
        classes=classes,
        feature_names=("x₁", "x₂"),
    )

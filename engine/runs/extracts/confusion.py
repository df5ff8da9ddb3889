"""The confusion matrix of the full network on the evaluation set, and its most confident mistakes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.confusion import Mistake, confusion_matrix, most_confident_mistakes, predict
from engine.runs.extracts.run_state import RunState

MAX_EXAMPLES = 2_000  # the first examples of the evaluation set; 200 for each of ten classes
MAX_MISTAKES = 8
MAX_PIXELS = 1_296  # maximum per picture: eight pictures with captions need less than 25 kB


@dataclass(frozen=True)
class Confusion:
    """The predictions of the full network on the evaluation set.

    Attributes:
        step: updates done.
        matrix: counts (classes, classes); rows are the true classes, columns the predicted classes.
        mistakes: the most confident wrong predictions.
        pictures: the images of the mistakes, uint8 (mistakes, height, width), 255 the brightest. Large images have
            fewer pixels, see `pixel_interval`. None if the examples are not images.
        example_count: the number of examples.
        is_whole_set: whether they are the whole evaluation set.
    """

    step: int
    matrix: Array
    mistakes: tuple[Mistake, ...]
    pictures: Array | None
    example_count: int
    is_whole_set: bool


def confusion_of(run_state: RunState) -> Confusion:
    """Return the predictions for the first examples of the evaluation set."""
    data = run_state.data
    x, labels = data.evaluation.x[:MAX_EXAMPLES], data.evaluation.labels[:MAX_EXAMPLES]
    predictions, confidences = predict(run_state.architecture, run_state.full_network, x)
    mistakes = most_confident_mistakes(labels, predictions, confidences, MAX_MISTAKES)
    pictures = None
    if data.dataset.image_shape is not None:
        interval = pixel_interval(data.dataset.image_shape)
        images = x[[mistake.example for mistake in mistakes]].reshape(-1, *data.dataset.image_shape)
        images = images[:, ::interval, ::interval]
        maximum = float(images.max()) if images.size else 1.0
        pictures = np.rint(255 * np.clip(images / (maximum or 1.0), 0, 1)).astype(np.uint8)
    matrix = confusion_matrix(labels, predictions, data.dataset.classes)
    return Confusion(
        run_state.step, matrix, tuple(mistakes), pictures, len(labels), len(labels) == len(data.evaluation.labels)
    )


def pixel_interval(shape: tuple[int, int]) -> int:
    """Return k if every k-th row and column of an image of shape (height, width) is drawn."""
    return max(1, math.ceil(math.sqrt(math.prod(shape) / MAX_PIXELS)))

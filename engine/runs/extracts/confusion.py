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
MAX_PIXELS = 1_296  # of one picture; eight pictures with captions are smaller than 25 kB


@dataclass(frozen=True)
class Confusion:
    """The answers of the full network on the evaluation set.

    Attributes:
        step: updates done.
        matrix: counts (classes, classes); rows are the right classes, columns the answers.
        mistakes: the most confident wrong answers.
        pictures: the images of the mistakes, uint8 (mistakes, height, width), 255 the brightest. Large images have
            fewer pixels, see `pixel_interval`. None if the examples are not images.
        example_count: the number of examples. is_whole_set: whether they are the whole evaluation set.
    """

    step: int
    matrix: Array
    mistakes: tuple[Mistake, ...]
    pictures: Array | None
    example_count: int
    is_whole_set: bool


def confusion_of(run_state: RunState) -> Confusion:
    """Return the answers on the first examples of the evaluation set."""
    data = run_state.data
    x, labels = data.evaluation.x[:MAX_EXAMPLES], data.evaluation.labels[:MAX_EXAMPLES]
    answers, confidences = predict(run_state.architecture, run_state.full_network, x)
    mistakes = most_confident_mistakes(labels, answers, confidences, MAX_MISTAKES)
    pictures = None
    if data.dataset.image_shape is not None:
        interval = pixel_interval(data.dataset.image_shape)
        images = x[[mistake.example for mistake in mistakes]].reshape(-1, *data.dataset.image_shape)
        images = images[:, ::interval, ::interval]
        maximum = float(images.max()) if images.size else 1.0
        pictures = np.rint(255 * np.clip(images / (maximum or 1.0), 0, 1)).astype(np.uint8)
    matrix = confusion_matrix(labels, answers, data.dataset.classes)
    return Confusion(
        run_state.step, matrix, tuple(mistakes), pictures, len(labels), len(labels) == len(data.evaluation.labels)
    )


def pixel_interval(shape: tuple[int, int]) -> int:
    """Return the interval of the drawn pixels of an image (height, width), the same in both directions."""
    return max(1, math.ceil(math.sqrt(math.prod(shape) / MAX_PIXELS)))

"""The confusion matrix of the full network on the evaluation set, and its most confident mistakes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.confusion import Mistake, confusion_matrix, most_confident_mistakes, predict
from engine.runs.extracts.run_state import RunState

MAX_EXAMPLES = 2_000  # of the evaluation set, the first ones: 200 for each of ten classes
MAX_MISTAKES = 8
MAX_PIXELS = 1_296  # of one picture: eight of them with captions stay below 25 kB


@dataclass(frozen=True)
class Confusion:
    """The answers of the full network on the evaluation set.

    Attributes:
        step: the update it was taken after.
        matrix: (classes, classes), rows the right class, columns the answer.
        mistakes: the most confident wrong answers.
        pictures: uint8 (mistakes, height, width), 255 the brightest; of large images every second pixel
            or fewer, see `pixel_step`. None if examples are not images.
        size: how many examples. whole: whether they are the whole evaluation set.
    """

    step: int
    matrix: Array
    mistakes: tuple[Mistake, ...]
    pictures: Array | None
    size: int
    whole: bool


def confusion_of(run_state: RunState) -> Confusion:
    """Return the answers on the first examples of the evaluation set."""
    data = run_state.data
    x, labels = data.evaluation.x[:MAX_EXAMPLES], data.evaluation.labels[:MAX_EXAMPLES]
    answers, sure = predict(run_state.architecture, run_state.full, x)
    mistakes = most_confident_mistakes(labels, answers, sure, MAX_MISTAKES)
    pictures = None
    if data.dataset.image_shape is not None:
        every = pixel_step(data.dataset.image_shape)
        images = x[[mistake.example for mistake in mistakes]].reshape(-1, *data.dataset.image_shape)
        images = images[:, ::every, ::every]
        top = float(images.max()) if images.size else 1.0
        pictures = np.rint(255 * np.clip(images / (top or 1.0), 0, 1)).astype(np.uint8)
    matrix = confusion_matrix(labels, answers, data.dataset.classes)
    return Confusion(
        run_state.step, matrix, tuple(mistakes), pictures, len(labels), len(labels) == len(data.evaluation.labels)
    )


def pixel_step(shape: tuple[int, int]) -> int:
    """Return the distance of the drawn pixels of an image (height, width), the same both ways."""
    return max(1, math.ceil(math.sqrt(math.prod(shape) / MAX_PIXELS)))

"""The confusion matrix, and the mistakes with the highest confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.boundary import output_shares
from engine.learning.metrics import CHUNK_EXAMPLES
from engine.learning.network import Architecture, Parameters, weighted_outputs


@dataclass(frozen=True)
class Mistake:
    """A misclassified example.

    Attributes:
        example: its index. label: the true class. predicted: the predicted class.
        confidence: the share of the predicted class in all outputs, 0 … 1.
    """

    example: int
    label: int
    predicted: int
    confidence: float


def predict(architecture: Architecture, parameters: Parameters, x: Array) -> tuple[Array, Array]:
    """Return the predicted class of each example of x (n, features), and its confidence.

    The predicted class has the largest weighted input, as in accuracies: two sigmoid outputs may both be rounded to
    1. The confidence is its share of all outputs: its probability with softmax, the output divided by the sum of all
    outputs with sigmoids.

    Args:
        parameters: of the full network, for inference.

    Returns:
        the classes (n,) and their confidence (n,).
    """
    predicted, confidence = np.empty(len(x), np.intp), np.empty(len(x), parameters.flat.dtype)
    with np.errstate(over="ignore"):  # e^−z of a saturated neuron; 1/∞ is the right 0
        for first in range(0, len(x), CHUNK_EXAMPLES):
            rows = slice(first, first + CHUNK_EXAMPLES)
            z = weighted_outputs(architecture, parameters, x[rows])
            predicted[rows] = z.argmax(axis=1)
            shares = output_shares(architecture, z)
            confidence[rows] = np.take_along_axis(shares, predicted[rows, np.newaxis], axis=1)[:, 0]
    return predicted, confidence


def confusion_matrix(labels: Array, predicted: Array, classes: int) -> Array:
    """Return the number of examples of each class (rows) by predicted class (columns): (classes, classes)."""
    cells = labels.astype(np.intp) * classes + predicted  # labels may be bytes, which overflow above 255
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def most_confident_mistakes(labels: Array, predicted: Array, confidence: Array, count: int) -> list[Mistake]:
    """Return the mistakes with the highest confidence, the most confident first; ties in the order of the examples.

    Args:
        labels: the true classes (n,). predicted, confidence: from `predict`. count: the largest number of mistakes.
    """
    wrong_examples = np.flatnonzero(predicted != labels)
    most_confident = wrong_examples[np.argsort(-confidence[wrong_examples], kind="stable")[:count]]
    return [Mistake(int(i), int(labels[i]), int(predicted[i]), float(confidence[i])) for i in most_confident]

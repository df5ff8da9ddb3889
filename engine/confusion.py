"""What a network takes for what: the confusion matrix, and the mistakes it is surest of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.activations import Array
from engine.metrics import CHUNK
from engine.network import Architecture, Parameters, weighted_outputs


@dataclass(frozen=True)
class Mistake:
    """An example that was answered wrongly.

    Attributes:
        example: its number. label: the right class. answer: the one given.
        share: the answer's share of all outputs, 0 … 1: how sure the network was.
    """

    example: int
    label: int
    answer: int
    share: float


def shares(architecture: Architecture, parameters: Parameters, x: Array) -> Array:
    """Each class's share of the outputs for x (n, features): (n, classes), every row adding up to 1.

    With softmax outputs they are the class probabilities; sigmoid outputs are divided by their sum.

    Args:
        parameters: of the full network, as for inference.
    """
    parts = []
    with np.errstate(over="ignore"):  # e^−z of a saturated neuron; 1/∞ is the right 0
        for at in range(0, len(x), CHUNK):
            z = weighted_outputs(architecture, parameters, x[at : at + CHUNK])
            order = z.argmax(axis=1)
            architecture.cost.output(z, z)
            total = z.sum(axis=1, keepdims=True)
            nothing = total[:, 0] == 0  # every sigmoid so far below that it is 0: the highest still is the answer
            z[nothing, order[nothing]] = 1
            total[nothing] = 1
            parts.append(z / total)
    return np.concatenate(parts) if parts else np.empty((0, parameters.sizes[-1]), parameters.flat.dtype)


def confusion_matrix(labels: Array, answers: Array, classes: int) -> Array:
    """How many examples of each class (rows) were answered as each class (columns): (classes, classes)."""
    return np.bincount(labels * classes + answers, minlength=classes * classes).reshape(classes, classes)


def surest_mistakes(found: Array, labels: Array, count: int) -> list[Mistake]:
    """The wrong answers that a network is surest of, the surest first.

    Args:
        found: each class's share (n, classes). labels: the right classes (n,). count: at most so many.
    """
    answers = found.argmax(axis=1)
    wrong = np.flatnonzero(answers != labels)
    sure = found[wrong, answers[wrong]]
    return [
        Mistake(int(wrong[i]), int(labels[wrong[i]]), int(answers[wrong[i]]), float(sure[i]))
        for i in np.argsort(-sure, kind="stable")[:count]
    ]

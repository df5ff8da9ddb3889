"""What a network takes for what: the confusion matrix, and the mistakes it is surest of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.boundary import shares_of
from engine.learning.metrics import CHUNK
from engine.learning.network import Architecture, Parameters, weighted_outputs


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


def answered(architecture: Architecture, parameters: Parameters, x: Array) -> tuple[Array, Array]:
    """What a network answers to x (n, features), and how surely.

    The answer is that of the largest weighted input, as accuracies are counted: two sigmoids may both
    be 1 as far as the numbers go. How sure is the answer's share of all outputs: with softmax its
    probability, with sigmoids the output divided by the sum of all.

    Args:
        parameters: of the full network, as for inference.

    Returns:
        the answers (n,) and their shares (n,).
    """
    answers, sure = np.empty(len(x), np.intp), np.empty(len(x), parameters.flat.dtype)
    with np.errstate(over="ignore"):  # e^−z of a saturated neuron; 1/∞ is the right 0
        for at in range(0, len(x), CHUNK):
            part = slice(at, at + CHUNK)
            z = weighted_outputs(architecture, parameters, x[part])
            answers[part] = z.argmax(axis=1)
            sure[part] = np.take_along_axis(shares_of(architecture, z), answers[part, np.newaxis], axis=1)[:, 0]
    return answers, sure


def confusion_matrix(labels: Array, answers: Array, classes: int) -> Array:
    """How many examples of each class (rows) were answered as each class (columns): (classes, classes)."""
    cells = labels.astype(np.intp) * classes + answers  # labels may be bytes, which go no further than 255
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def surest_mistakes(labels: Array, answers: Array, sure: Array, count: int) -> list[Mistake]:
    """The wrong answers that a network is surest of, the surest first; of equals, the first example.

    Args:
        labels: the right classes (n,). answers, sure: as `answered` gives them. count: at most so many.
    """
    wrong = np.flatnonzero(answers != labels)
    surest = wrong[np.argsort(-sure[wrong], kind="stable")[:count]]
    return [Mistake(int(i), int(labels[i]), int(answers[i]), float(sure[i])) for i in surest]

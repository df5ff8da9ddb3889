"""A keyframe: the weights of a run after one of its updates."""

from __future__ import annotations

from dataclasses import dataclass

from numpy import ndarray as Array


@dataclass(frozen=True)
class Keyframe:
    """The weights of a run after one of its updates. All arrays are copies.

    Attributes:
        step: updates done. flat: the parameters, as in `Parameters.flat`.
        halvings: how often the schedule had halved the learning rate.
        training_counts: for each hidden layer, the number of mini-batches each neuron was trained on (n,).
    """

    step: int
    flat: Array
    halvings: int = 0
    training_counts: tuple[Array, ...] = ()

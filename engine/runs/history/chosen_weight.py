"""The weight that a person has chosen on the board, and its values so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.runs.extracts.keyframe import Keyframe
from engine.runs.history.series import Series


@dataclass(frozen=True)
class ChosenWeight:
    """A weight, with its values over the epochs.

    Attributes:
        layer: layer of weights, from 0. row, column: it leads from neuron `row` of the layer below to neuron `column`.
        line: its values over the epochs: those of the keyframes when it was chosen, and every later measurement.
    """

    layer: int
    row: int
    column: int
    line: Series = field(default_factory=Series, compare=False)

    @property
    def position(self) -> tuple[int, int, int]:
        return self.layer, self.row, self.column

    def truncated_after(self, epoch: float) -> ChosenWeight:
        """Return a copy without the values after an epoch."""
        return replace(self, line=self.line.truncated_after(epoch))


def choose_weight(
    position: object, sizes: Sequence[int], keyframes: Iterable[Keyframe], steps_per_epoch: int
) -> ChosenWeight | None:
    """Return a weight with its values at the keyframes; None if there is no such weight.

    Args:
        position: layer, row and column as a sequence; any other value is refused, because it comes from a browser.
        sizes: the number of neurons of each layer, inputs and outputs included.
        keyframes: of the run, in order. steps_per_epoch: updates in an epoch.
    """
    if not isinstance(position, list | tuple) or len(position) != 3 or not all(type(each) is int for each in position):
        return None
    layer, row, column = position
    if not (0 <= layer < len(sizes) - 1 and 0 <= row < sizes[layer] and 0 <= column < sizes[layer + 1]):
        return None
    index = sum(sizes[i] * sizes[i + 1] for i in range(layer)) + row * sizes[layer + 1] + column
    chosen = ChosenWeight(layer, row, column)
    points = [(keyframe.step / max(1, steps_per_epoch), float(keyframe.flat[index])) for keyframe in keyframes]
    if points:
        chosen.line.extend(*np.array(points).T)
    return chosen

"""The return of a diverged run to its last finite update.

Costs are checked once per block of mini-batches, so a run may do a few more updates after the first
non-finite one. The block's updates are then repeated from the parameters saved before it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy import ndarray as Array


class Diverged(ArithmeticError):
    """A mini-batch's cost, or a parameter, was not finite. The run is back at its last finite update.

    Attributes:
        step: the update that had a non-finite cost or gave non-finite parameters; the parameters
            are those before it.
    """

    def __init__(self, step: int) -> None:
        super().__init__(
            f"update {step} has a cost or gives weights that are not finite: the weights grew without bound; "
            "take a smaller learning rate or a smaller λ"
        )
        self.step = step

    def __reduce__(self) -> tuple[type[Diverged], tuple[int]]:
        return type(self), (self.step,)  # the default would pass the message as the step when unpickled


class Rollback:
    """The parameters before the current block of mini-batches.

    Args:
        flat: the run's parameters as one vector; updated in place by training.

    Attributes:
        step: the update after which the parameters were saved.
    """

    def __init__(self, flat: Array) -> None:
        self.step = 0
        self._flat = flat
        self._saved = flat.copy()

    def save(self, step: int) -> None:
        """Save the parameters as they are after update `step`."""
        self.step = step
        np.copyto(self._saved, self._flat)

    def restore_last_finite(self, end: int, update: Callable[[int], None]) -> int:
        """Restore the saved parameters and repeat updates while the parameters stay finite.

        Args:
            end: the last update to repeat.
            update: step -> do the update that follows it, on the parameters in place.

        Returns:
            the last update that gave finite parameters; the parameters are those after it.
        """
        np.copyto(self._flat, self._saved)
        last_finite = self._saved.copy()
        step = self.step
        while step < end:
            update(step)
            if not np.isfinite(self._flat).all():
                break
            step += 1
            np.copyto(last_finite, self._flat)
        np.copyto(self._flat, last_finite)
        return step

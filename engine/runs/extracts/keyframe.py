"""A keyframe: the weights of a run after one of its updates."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray as Array

EXACT_BYTES = 1 << 20  # of weights; the earlier keyframes of larger networks are rounded
ROUNDED = np.dtype("float16")


@dataclass(frozen=True)
class Keyframe:
    """The weights of a run after one of its updates. All arrays are copies.

    Attributes:
        step: updates done. flat: the parameters, as in `Parameters.flat`, exact or rounded to `ROUNDED`.
        halvings: how often the schedule had halved the learning rate.
        training_counts: for each hidden layer, the number of mini-batches each neuron was trained on (n,).
    """

    step: int
    flat: Array
    halvings: int = 0
    training_counts: tuple[Array, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the weights are those of the run, to the last bit."""
        return bool(self.flat.dtype != ROUNDED)

    def weights(self, dtype: str) -> Array:
        """Return the parameters in the dtype of the run."""
        return self.flat.astype(dtype, copy=False)

    def as_stored(self) -> Keyframe:
        """Return the keyframe as it is kept once there is a later one: rounded if the network is large."""
        if not self.exact or self.flat.nbytes <= EXACT_BYTES:
            return self
        rounded = round_weights(self.flat)
        return self if rounded is None else replace(self, flat=rounded)


def round_weights(flat: Array) -> Array | None:
    """Return weights rounded to float16: 11 binary digits, a relative error of at most 2⁻¹¹ above 6.1e-5.

    Zeros stay zero, and no other weight becomes zero: panels count exact zeros. None if a weight is too large.
    """
    with np.errstate(over="ignore"):
        rounded = flat.astype(ROUNDED)
    if not np.isfinite(rounded).all():
        return None
    lost = (rounded == 0) & (flat != 0)
    rounded[lost] = np.copysign(np.finfo(ROUNDED).smallest_subnormal, flat[lost])
    return rounded


def stored_bytes(nbytes: int, itemsize: int = 4) -> int:
    """Return the bytes that a keyframe takes once it is kept.

    Args:
        nbytes: of the weights. itemsize: of one weight.
    """
    return nbytes if nbytes <= EXACT_BYTES else nbytes // itemsize * ROUNDED.itemsize

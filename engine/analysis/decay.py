"""The effect of the penalty alone on a weight that no data gradient moves.

With `decay_share` and `shift` of `DecayStep`, and a = |1 − decay_share|, one update changes |w| to
max(a |w| − shift, 0), and k updates change it to

    max(aᵏ |w| − shift (1 + a + … + aᵏ⁻¹), 0)

A sequence of such steps has the same form again. A whole run, with all its live changes, is therefore described by two
numbers: an initial weight w₀ becomes sgn(w₀) · max(factor · |w₀| − shift, 0). Near zero, some penalties leave weights
at a distance of up to `max_error` from this value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.families.penalties import penalty_of
from engine.families.penalties.penalty import DecayStep
from engine.learning.checkpoint import Change, config_at


@dataclass(frozen=True)
class Decay:
    """The effect of some updates on a weight that only the penalty moves.

    Attributes:
        factor: factor on the weight; negative if the updates have flipped its sign.
        shift: length that is then subtracted from its magnitude, at least 0.
        max_error: distance from the formula that a weight may have near zero.
        error_cause: what keeps the weight at that distance, in words.
    """

    factor: float = 1.0
    shift: float = 0.0
    max_error: float = 0.0
    error_cause: str = ""

    def __call__(self, w: Array) -> Array:
        """Return the weights that started as w, of any shape."""
        return np.sign(self.factor * w) * np.maximum(np.abs(self.factor * w) - self.shift, 0)

    def followed_by(self, later: Decay) -> Decay:
        """Return the effect of this and then `later`.

        max(A max(a|w| − b, 0) − B, 0) = max(Aa|w| − (Ab + B), 0).
        """
        shift = abs(later.factor) * self.shift + later.shift
        larger_error = max(self, later, key=lambda each: each.max_error)
        return Decay(self.factor * later.factor, shift, larger_error.max_error, larger_error.error_cause)

    @property
    def dead_zone(self) -> float:
        """Largest initial magnitude of a weight that is 0 now."""
        return self.shift / abs(self.factor) if self.factor else np.inf


def decay_after(updates: int, decay_step: DecayStep) -> Decay:
    """Return the effect of `updates` equal updates.

    Args:
        updates: their number. decay_step: one of them; `decay_share` is from 0 to below 2, and at most 1 with a shift.
    """
    factor = (1 - decay_step.decay_share) ** updates
    if not decay_step.shift:
        return Decay(factor)
    # 1 + a + … + aᵏ⁻¹ = (1 − aᵏ)/(1 − a), computed so that a tiny share loses no digits
    with np.errstate(divide="ignore"):  # log 0 if an update sets the weight to zero
        geometric_sum = (
            -np.expm1(updates * np.log1p(-decay_step.decay_share)) / decay_step.decay_share
            if decay_step.decay_share
            else updates
        )
    return Decay(factor, decay_step.shift * float(geometric_sum), decay_step.max_error, decay_step.error_cause)


def config_periods(initial_config: RunConfig, changes: Sequence[Change], step: int) -> list[tuple[int, RunConfig]]:
    """Split the updates 1 … step into periods of constant config: (number of updates, config)."""
    boundaries = sorted({0, step, *(change.step for change in changes if change.step < step)})
    return [(end - first, config_at(initial_config, changes, first + 1)) for first, end in pairwise(boundaries)]


def decay_over(
    initial_config: RunConfig, changes: Sequence[Change], n: int, step: int, halvings: int = 0
) -> Decay | str:
    """Return the effect of the penalty alone over a run, live changes included.

    Args:
        initial_config: the config the run started with. changes: its live changes.
        n: training examples in use. step: updates done.
        halvings: how often the schedule has halved η by then.

    Returns:
        the effect, or the reason why there is no formula for it.
    """
    if halvings:
        return "the schedule has halved η, at epochs that are not recorded"
    decay = Decay()
    for updates, config in config_periods(initial_config, changes, step):
        decay_step = penalty_of(config, n).decay_step(config.learning_rate)
        if isinstance(decay_step, str):
            return decay_step
        decay = decay.followed_by(decay_after(updates, decay_step))
    return decay

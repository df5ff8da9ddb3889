"""What a penalty alone makes of a weight: the course of a weight that no data gradient ever moves.

With a = |1 − ηλ₂/n| and p = ηλ₁/n one update takes |w| to max(a |w| − p, 0), and k of them to
max(aᵏ |w| − p (1 − aᵏ)/(1 − a), 0). Steps of this form one after another are one of the same form,
so that a whole run, with all that was changed in it, is two numbers: w₀ has become

    sgn(w₀) · max(factor · |w₀| − shift, 0)

L2 alone has no shift: w₀ · Π(1 − ηλ/n), the chapter's weight decay. L1 alone has the factor 1 and the
shift Σ ηλ/n. Of the L1 rules "clip" and "proximal" keep to it exactly; under the sub-gradient a weight
goes on chattering around zero within one step ηλ₁/n where the formula says 0.
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
    """What a number of updates make of a weight that only the penalty moves.

    Attributes:
        factor: what is left of it; negative where ηλ₂/n above 1 has flipped its sign.
        shift: what is taken from its size after that, at least 0.
        stray: how far from the formula a weight may be: the longest step ηλ₁/n of a sub-gradient.
    """

    factor: float = 1.0
    shift: float = 0.0
    stray: float = 0.0

    def __call__(self, w: Array) -> Array:
        """The weights that started as w, of any shape."""
        return np.sign(self.factor * w) * np.maximum(np.abs(self.factor * w) - self.shift, 0)

    def then(self, later: Decay) -> Decay:
        """Both, this one first: max(A max(a|w| − b, 0) − B, 0) = max(Aa|w| − (Ab + B), 0)."""
        shift = abs(later.factor) * self.shift + later.shift
        return Decay(self.factor * later.factor, shift, max(self.stray, later.stray))

    @property
    def dead_zone(self) -> float:
        """Weights that started no larger than this are 0 by now."""
        return self.shift / abs(self.factor) if self.factor else np.inf


def decay_of(updates: int, step: DecayStep) -> Decay:
    """Return what `updates` equal updates make of a weight.

    Args:
        step: one of them; its share from 0 to below 2, and to 1 where it has a shift.
    """
    factor = (1 - step.taken) ** updates
    if not step.shift:
        return Decay(factor)
    # p (1 + a + … + aᵏ⁻¹), written so that a tiny ηλ₂/n loses no digits
    with np.errstate(divide="ignore"):  # log 0, of a decay that leaves nothing at all
        total = -np.expm1(updates * np.log1p(-step.taken)) / step.taken if step.taken else updates
    return Decay(factor, step.shift * float(total), step.stray)


def stretches(initial_config: RunConfig, changes: Sequence[Change], step: int) -> list[tuple[int, RunConfig]]:
    """The updates 1 … step cut where something changed: how many, and the config they were made with."""
    cuts = sorted({0, step, *(change.step for change in changes if change.step < step)})
    return [(end - first, config_at(initial_config, changes, first + 1)) for first, end in pairwise(cuts)]


def decay_over(
    initial_config: RunConfig, changes: Sequence[Change], n: int, step: int, halvings: int = 0
) -> Decay | str:
    """What the penalty alone has made of a weight by an update, with the λ and η in force at each one.

    Args:
        initial_config: the config the run began with. changes: what was changed while it trained.
        n: training examples in use. step: updates done.
        halvings: how often the schedule has halved η by then.

    Returns:
        or in words why there is no such formula.
    """
    if halvings:
        return "the schedule has halved η, at epochs that are not kept"
    decay = Decay()
    for updates, config in stretches(initial_config, changes, step):
        each = penalty_of(config, n).decay_step(config.learning_rate)
        if isinstance(each, str):
            return each
        decay = decay.then(decay_of(updates, each))
    return decay

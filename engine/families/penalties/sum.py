"""The sum of several penalties on the same weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from numpy import ndarray as Array

from engine.families.penalties.penalty import (
    CHUNK_WEIGHTS,
    Caption,
    DecayStep,
    Penalty,
    ZeroTolerance,
    lowercase_unless_acronym,
)


class PenaltySum:
    """Penalties that act together. Their values add up, and each takes its step at the old weights.

    A sum without members has no effect and is false in a condition.

    Attributes:
        members: the penalties, in the order of the table.
        elementwise: members whose step on a weight depends on that weight alone.
        has_explicit_steps: True if `step_before` or `step_after` does anything; else `decay` is the whole step.
        neuron_members: members whose step needs all weights of a neuron, see `take_neuron_steps`.
        scratch_rows: rows of scratch that `step_before` and `step_after` need.
    """

    def __init__(self, members: Iterable[Penalty] = ()) -> None:
        self.members = tuple(members)
        self.elementwise = tuple(member for member in self.members if member.elementwise)
        self._explicit_members = tuple(member for member in self.elementwise if member.acts_before or member.acts_after)
        self.neuron_members = tuple(member for member in self.members if not member.elementwise)
        self.has_explicit_steps = bool(self._explicit_members)
        self.scratch_rows = max(1, len(self._explicit_members))

    def __bool__(self) -> bool:
        return bool(self.members)

    @property
    def adds_cost(self) -> bool:
        """True if it adds to the cost."""
        return any(member.adds_cost for member in self.members)

    @property
    def exact_zeros(self) -> bool:
        """True if one of its steps leaves weights at exactly zero."""
        return any(member.exact_zeros for member in self.members)

    @property
    def zero_neurons(self) -> bool:
        """True if one of its steps leaves all incoming weights of a neuron at exactly zero at once."""
        return any(member.zero_neurons for member in self.members)

    def value(self, weights: Sequence[Array], flat: Array) -> float:
        """Return the penalty's part of the cost; see `Penalty.value`."""
        return sum((member.value(weights, flat) for member in self.members), 0.0)

    # The order of an update: `step_before`, W ← decay · W + the data's step and `step_after` for each layer;
    # then `take_neuron_steps` for all layers.

    def decay(self, learning_rate: float) -> float:
        """Return the factor on the old weight, applied together with the data gradient's step."""
        # explicit members depend on the old weight or on the weight after all steps, so `step_before` decays instead
        return 1.0 if self.has_explicit_steps else self._decay_factor(learning_rate)

    def step_before(self, W: Array, learning_rate: float, scratch: Array) -> None:
        """Take the explicit steps at the old weights of a layer; scratch is (rows, at least W.size)."""
        if not self._explicit_members:
            return
        factor = self._decay_factor(learning_rate)
        if factor == 1.0 and len(self._explicit_members) == 1:
            self._explicit_members[0].step_before(W, learning_rate, scratch[0])
            return
        first_member, *other_members = self._explicit_members
        w = W.reshape(-1)
        for start in range(0, len(w), CHUNK_WEIGHTS):
            chunk = w[start : start + CHUNK_WEIGHTS]
            rows = [row[start : start + len(chunk)] for row in scratch]
            if factor > 0 and not other_members:  # decay keeps the sign that the step depends on, so it may come first
                chunk *= factor
                first_member.step_before(chunk, learning_rate, rows[0])
                continue
            old_weights = chunk.copy()
            first_member.step_before(chunk, learning_rate, rows[0])
            for member, member_scratch in zip(other_members, rows[1:], strict=False):
                stepped_weights = old_weights.copy()
                member.step_before(stepped_weights, learning_rate, member_scratch)
                chunk += stepped_weights - old_weights
            chunk += (factor - 1) * old_weights

    def step_after(self, W: Array, learning_rate: float, scratch: Array) -> None:
        """Take the steps that follow the data gradient's step on a layer's weights."""
        for member, member_scratch in zip(self._explicit_members, scratch, strict=False):
            member.step_after(W, learning_rate, member_scratch)

    def take_neuron_steps(self, weights: Sequence[Array], learning_rate: float, scratch: Array) -> None:
        """Take the steps of the members in `neuron_members`, on every layer they concern."""
        for member in self.neuron_members:
            for W in weights[:-1] if member.hidden_layers_only else weights:
                member.step_after(W, learning_rate, scratch[0])

    def _decay_factor(self, learning_rate: float) -> float:
        return math.prod(member.decay(learning_rate) for member in self.elementwise)

    # its effect, in numbers and words

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        """Return one update of a weight without data gradient, or why there is no formula for it."""
        steps = []
        for member in self.members:
            step = member.decay_step(learning_rate)
            if isinstance(step, str):
                return step
            steps.append(step)
        shares = [step.decay_share for step in steps if step.decay_share]
        # a single share is used unchanged: 1 − (1 − 1e-17) would be 0
        decay_share = shares[0] if len(shares) == 1 else 1 - math.prod(1 - share for share in shares)
        shift = sum(step.shift for step in steps)
        if shift and decay_share > 1:
            names = [
                lowercase_unless_acronym(member.name)
                for member, step in zip(self.members, steps, strict=True)
                if step.shift
            ]
            return f"each update flips the sign that the step of {' and '.join(names)} depends on"
        return DecayStep(
            decay_share, shift, *max(((step.max_error, step.error_cause) for step in steps), default=(0.0, ""))
        )

    def zero_tolerance(self, learning_rate: float) -> ZeroTolerance | None:
        """Return the zero tolerance of a member, preferably one that is the length of a step."""
        tolerances = [
            tolerance for member in self.members if (tolerance := member.zero_tolerance(learning_rate)) is not None
        ]
        return min(tolerances, key=lambda tolerance: not tolerance.is_step, default=None)

    def caption(self, panel: str, default: str) -> str:
        """Return the caption of a panel, of one short line, or `default` if no member has one."""
        text = "; ".join(caption.clause for caption in self._captions(panel))
        return f"{text[0].upper()}{text[1:]}." if text else default

    def explanations(self, panel: str) -> tuple[str, ...]:
        """Return what to look for in a panel, in a sentence for each member."""
        return tuple(caption.sentence for caption in self._captions(panel))

    def _captions(self, panel: str) -> list[Caption]:
        return [member.captions[panel] for member in self.members if panel in member.captions]

"""Several penalties on the same weights, as one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from numpy import ndarray as Array

from engine.families.penalties.penalty import PART, DecayStep, Penalty, Yardstick, in_sentence


class Sum:
    """Penalties that act together: their values add up, each takes its step at the old weights.

    An empty sum is no penalty; it is false in a condition.

    Attributes:
        members: the penalties, in the order of the table.
        elementwise: members whose step on a weight depends on that weight alone.
        explicit: True if `before` or `after` does anything; else `decay` is the whole step.
        whole: members whose step needs all weights of a neuron; `finish` takes it when an update is done.
        rows: rows of scratch that `before` and `after` need.
    """

    def __init__(self, members: Iterable[Penalty] = ()) -> None:
        self.members = tuple(members)
        self.elementwise = tuple(member for member in self.members if member.elementwise)
        self._explicit = tuple(member for member in self.elementwise if member.acts_before or member.acts_after)
        self.whole = tuple(member for member in self.members if not member.elementwise)
        self.explicit = bool(self._explicit)
        self.rows = max(1, len(self._explicit))

    def __bool__(self) -> bool:
        return bool(self.members)

    @property
    def charges(self) -> bool:
        """True if it adds to the cost."""
        return any(member.charges for member in self.members)

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

    # one update, in this order: `before`, W ← decay · W + the data's step, `after`; `finish` for all layers

    def decay(self, learning_rate: float) -> float:
        """Return the factor on the old weight, applied together with the data gradient's step."""
        # explicit members depend on the old weight or on the weight after all steps, so `before` decays instead
        return 1.0 if self.explicit else self._factor(learning_rate)

    def before(self, W: Array, learning_rate: float, scratch: Array) -> None:
        """Take the explicit steps at the old weights of a layer; scratch is (rows, at least W.size)."""
        if not self._explicit:
            return
        factor = self._factor(learning_rate)
        if factor == 1.0 and len(self._explicit) == 1:
            self._explicit[0].before(W, learning_rate, scratch[0])
            return
        first, *others = self._explicit
        w = W.reshape(-1)
        for at in range(0, len(w), PART):
            part = w[at : at + PART]
            rows = [row[at : at + len(part)] for row in scratch]
            if factor > 0 and not others:  # decay keeps the sign that the step depends on, so it may come first
                part *= factor
                first.before(part, learning_rate, rows[0])
                continue
            old = part.copy()
            first.before(part, learning_rate, rows[0])
            for member, own in zip(others, rows[1:], strict=False):
                moved = old.copy()
                member.before(moved, learning_rate, own)
                part += moved - old
            part += (factor - 1) * old

    def after(self, W: Array, learning_rate: float, scratch: Array) -> None:
        """Take the steps that follow the data gradient's step on a layer's weights."""
        for member, room in zip(self._explicit, scratch, strict=False):
            member.after(W, learning_rate, room)

    def finish(self, weights: Sequence[Array], learning_rate: float, scratch: Array) -> None:
        """Take the steps of the members in `whole`, on every layer they concern."""
        for member in self.whole:
            for W in weights[:-1] if member.hidden_only else weights:
                member.after(W, learning_rate, scratch[0])

    def _factor(self, learning_rate: float) -> float:
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
        shares = [step.taken for step in steps if step.taken]
        # a single share is passed on as it is: 1 − (1 − 1e-17) would be 0
        taken = shares[0] if len(shares) == 1 else 1 - math.prod(1 - share for share in shares)
        shift = sum(step.shift for step in steps)
        if shift and taken > 1:
            names = [in_sentence(member.name) for member, step in zip(self.members, steps, strict=True) if step.shift]
            return f"each update flips the sign that the step of {' and '.join(names)} depends on"
        return DecayStep(taken, shift, *max(((step.max_error, step.error_cause) for step in steps), default=(0.0, "")))

    def yardstick(self, learning_rate: float) -> Yardstick | None:
        """Return the yardstick of a member, preferably one that is the length of a step."""
        found = [length for member in self.members if (length := member.yardstick(learning_rate)) is not None]
        return min(found, key=lambda length: not length.is_step, default=None)

    def caption(self, panel: str, without: str) -> str:
        """Return what to look for in a panel; `without` if no member has a caption for it."""
        found = [member.captions[panel] for member in self.members if panel in member.captions]
        if len(found) == 1:
            return found[0].alone
        text = "; ".join(caption.together for caption in found)
        return f"{text[0].upper()}{text[1:]}." if text else without

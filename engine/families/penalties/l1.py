"""L1 with its three rules: Tibshirani 1996; Nielsen, chapter 3."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy import ndarray as Array

from engine.families.penalties.penalty import (
    Caption,
    DecayStep,
    Penalty,
    UpdateEffect,
    ZeroTolerance,
    number_as_code,
    weight_chunks,
)


class L1(Penalty):
    """(λ/n) Σ |w|. An update moves each weight by the constant ηλ/n towards zero.

    The chapter's rule is the sub-gradient, with sgn(0) = 0. With it weights oscillate around zero within ηλ/n and are
    hardly ever exactly zero. `of` returns the class of the rule in `l1_rule`.
    """

    field, name, short_name = "l1", "L1", "L1"
    summary = "L1 shrinks every weight by the same amount."
    options = ("l1_rule",)
    raced_options: ClassVar[Mapping[str, tuple[str, ...]]] = {"l1_rule": ("subgradient", "proximal")}
    in_chapter = True
    light_colour, dark_colour, dash = "#E69F00", "#F2B84B", "5px,2px"
    demo_strength = 0.5
    acts_before = True
    captions: ClassVar[Mapping[str, Caption]] = {
        "weights": Caption(
            "L1 pulls every weight by the same amount: small ones gather at zero.", "L1 gathers small weights at zero"
        ),
        "norms": Caption(
            "The sub-gradient brings weights within a step of zero, hardly any to zero.", "L1 reduces Σ|w|"
        ),
        "spread": Caption("L1 narrows the inner band; the outer band stays wide.", "L1 narrows the inner band"),
        "pictures": Caption("L1 keeps a few strokes; pixels that do not matter fade.", "L1 keeps a few strokes"),
        "tug": Caption(
            "L1 pulls every weight equally: small ones go to zero, large ones remain.", "L1 pulls all equally"
        ),
    }

    @classmethod
    def of(cls, strength: float, n: int, **options: str) -> Penalty:
        return L1_CLASSES[options.get("l1_rule", "subgradient")](strength, n)

    def value(self, weights: Sequence[Array], flat: Array) -> float:
        return self.strength / self.n * float(np.abs(flat).sum())

    def step_before(self, W: Array, learning_rate: float, scratch: Array) -> None:
        length = self.step_length(learning_rate)
        for chunk, step in weight_chunks(W, scratch):
            np.sign(chunk, out=step)
            step *= length
            chunk -= step

    def step_length(self, learning_rate: float) -> float:
        """Return ηλ/n, the length of one step."""
        return learning_rate * self.strength / self.n

    def warning(self, learning_rate: float, largest_gradient: float) -> str | None:
        if self.strength / self.n < largest_gradient:
            return None
        return (
            f"makes λ/n = {self.strength / self.n:.3g}: from {largest_gradient:g} on the penalty is stronger than the "
            f"data gradient of any output weight, and only the biases learn; take λ below {largest_gradient * self.n:g}"
        )

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        length = self.step_length(learning_rate)
        return DecayStep(shift=length, max_error=length, error_cause="of the sub-gradient")

    def effect(self, learning_rate: float) -> UpdateEffect | None:
        length = self.step_length(learning_rate)
        return UpdateEffect(
            length,
            is_relative=False,
            formula="ηλ/n",
            milestone="From 1 to 0 in",
            updates=1 / length if length else math.inf,
        )

    def zero_tolerance(self, learning_rate: float) -> ZeroTolerance | None:
        return ZeroTolerance(
            self.step_length(learning_rate),
            is_step=True,
            symbol="ηλ/n",
            explanation="ηλ/n with the λ of L1: the length of one step of L1.",
        )

    def network2_terms(self) -> tuple[str, str] | None:
        return "", f"-eta*({number_as_code(self.strength)}/n)*np.sign(w)"

    def keras_arguments(self) -> dict[str, float] | None:
        """Keras adds x Σ |w|. Source: keras.io/api/layers/regularizers."""
        return {"l1": self.strength / self.n}

    def pytorch_loss(self) -> tuple[str, str] | None:
        code = (
            f"{number_as_code(self.strength / self.n)} * sum(W.abs().sum() for W in model.parameters() if W.ndim > 1)"
        )
        return "λ/n·Σ|w|", code

    def playground_setting(self) -> tuple[str, float] | None:
        """Return ("L1", λ/n). A weight that reaches zero in Playground stays at zero.

        Source: github.com/tensorflow/playground, src/nn.ts.
        """
        return "L1", self.strength / self.n


class ClippedL1(L1):
    """L1 that stops at zero: a weight whose sign the step would flip becomes 0.

    The penalty has no step on a weight at zero, so a data gradient can move it again.
    """

    acts_after = True
    exact_zeros = True
    rule_note = "; the plain sub-gradient"
    captions: ClassVar[Mapping[str, Caption]] = {
        **L1.captions,
        "norms": Caption("Clipped L1 sets weights to exactly 0: choose exact zeros and watch.", "L1 sets weights to 0"),
    }

    def step_before(self, W: Array, learning_rate: float, scratch: Array) -> None:
        length = self.step_length(learning_rate)
        for chunk, step in weight_chunks(W, scratch):  # the step has the weight's sign, which `step_after` needs
            np.sign(chunk, out=step)
            step *= length
            chunk -= step

    def step_after(self, W: Array, learning_rate: float, scratch: Array) -> None:
        for chunk, step in weight_chunks(W, scratch):
            step *= chunk
            np.greater_equal(step, 0, out=step, casting="unsafe")
            chunk *= step

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        return DecayStep(shift=self.step_length(learning_rate))

    def zero_note(self, weight_before: float, weight_after: float) -> str:
        return "stopped at 0" if weight_after == 0.0 != weight_before else ""


class ProximalL1(L1):
    """L1 by soft threshold: w ← sgn(u) · max(|u| − ηλ/n, 0), where u is w after the data step."""

    acts_before, acts_after = False, True
    exact_zeros = True
    rule_note = "; the plain sub-gradient"
    captions: ClassVar[Mapping[str, Caption]] = {
        **L1.captions,
        "norms": Caption(
            "Proximal L1 sets weights to exactly 0: choose exact zeros and watch.", "L1 sets weights to 0"
        ),
    }

    def step_before(self, W: Array, learning_rate: float, scratch: Array) -> None:
        """Do nothing: the step is taken in `step_after`."""

    def step_after(self, W: Array, learning_rate: float, scratch: Array) -> None:
        threshold = self.step_length(learning_rate)
        for chunk, step in weight_chunks(W, scratch):
            np.clip(chunk, -threshold, threshold, out=step)
            chunk -= step  # w − w is exactly 0 inside the threshold

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        return DecayStep(shift=self.step_length(learning_rate))

    def pytorch_loss(self) -> tuple[str, str] | None:
        return None

    def pytorch_step(self, learning_rate: float) -> str:
        return f"W.copy_(torch.nn.functional.softshrink(W, {number_as_code(self.step_length(learning_rate))}))"


L1_CLASSES: dict[str, type[L1]] = {"subgradient": L1, "clip": ClippedL1, "proximal": ProximalL1}
L1_RULES = tuple(L1_CLASSES)  # the choices of the field `l1_rule`

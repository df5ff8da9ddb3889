"""L2, weight decay: Krogh & Hertz 1992; Nielsen, chapter 3."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy import ndarray as Array

from engine.families.penalties.penalty import (
    Caption,
    DecayStep,
    EquivalentEarlyStopping,
    Penalty,
    UpdateEffect,
    ZeroTolerance,
    number_as_code,
)


class L2(Penalty):
    """(λ/2n) Σ w². An update multiplies each weight by 1 − ηλ/n."""

    field, name, short_name = "l2", "L2", "L2"
    summary = "L2 shrinks every weight by the same factor."
    light_colour, dark_colour, dash = "#0072B2", "#5CB3E8", "9px,3px"
    in_chapter = True
    demo_strength = 1.0
    captions: ClassVar[Mapping[str, Caption]] = {
        "weights": Caption("L2 shrinks all weights towards zero; the tails shrink fastest.", "L2 shrinks the tails"),
        "norms": Caption(
            "L2 adds Σw² to the cost: Σw² levels off where the data balance it.",
            "L2 limits Σw²",
        ),
        "spread": Caption(
            "L2 limits the spread: updates shrink all weights by the same factor.", "L2 limits the spread"
        ),
        "pictures": Caption(
            "L2 smooths the pictures: speckle is a sign of memorized examples.", "L2 smooths the pictures"
        ),
        "tug": Caption("L2 pulls large weights most, until both pulls are equal.", "L2 pulls large weights most"),
    }

    def value(self, weights: Sequence[Array], flat: Array) -> float:
        return self.strength / (2 * self.n) * float(np.dot(flat, flat))

    def decay(self, learning_rate: float) -> float:
        return 1 - learning_rate * self.strength / self.n

    def check(self, learning_rate: float) -> str | None:
        share = self.decay_share(learning_rate)
        if share < 2:
            return None
        return (
            f"must keep ηλ/n below 2, got {learning_rate:g} · {self.strength:g} / {self.n} = {share:g}: "
            f"from 2 on the penalty alone does not shrink the weights; take λ below {2 * self.n / learning_rate:g}"
        )

    def warning(self, learning_rate: float, largest_gradient: float) -> str | None:
        share = self.decay_share(learning_rate)
        if share <= 1:
            return None
        return (
            f"makes ηλ/n = {share:.3g}, more than 1: every update flips the sign of a weight "
            f"instead of shrinking it; take λ below {self.n / learning_rate:g}"
        )

    def decay_share(self, learning_rate: float) -> float:
        """Return ηλ/n, the share by which one update shrinks a weight."""
        return learning_rate * self.strength / self.n

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        return DecayStep(decay_share=self.decay_share(learning_rate))

    def effect(self, learning_rate: float) -> UpdateEffect | None:
        decay_share = self.decay_share(learning_rate)
        note = (
            "it sets a weight to zero" if decay_share == 1 else "each update flips the sign" if decay_share > 1 else ""
        )
        return UpdateEffect(
            decay_share,
            is_relative=True,
            formula="ηλ/n",
            milestone="A weight halves in",
            updates=half_life(decay_share),
            note=note,
        )

    def zero_tolerance(self, learning_rate: float) -> ZeroTolerance | None:
        explanation = "ηλ/n with the λ of L2: the step of L2 on a weight of 1."
        return ZeroTolerance(self.decay_share(learning_rate), is_step=False, symbol="ηλ/n", explanation=explanation)

    def equivalent_early_stopping(self, learning_rate: float) -> EquivalentEarlyStopping | None:
        """Return τ = n/(ηλ): near a minimum, stopping after τ updates has about the effect of L2.

        Source: Bishop 1995, *Regularization and complexity control in feed-forward networks*.
        """
        product = learning_rate * self.strength
        return EquivalentEarlyStopping(self.n / product if product else math.inf, "n/(ηλ)")

    def network2_terms(self) -> tuple[str, str] | None:
        return f"(1-eta*({number_as_code(self.strength)}/n))", ""

    def network2_lmbda(self) -> float | None:
        return self.strength

    def keras_arguments(self) -> dict[str, float] | None:
        """Keras adds x Σ w² to a loss that is a mean over the mini-batch; its gradient is 2xw.

        Source: keras.io/api/layers/regularizers.
        """
        return {"l2": self.strength / (2 * self.n)}

    def pytorch_decay(self) -> float:
        """SGD adds weight_decay · w to the gradient, for every parameter of the group: biases, too.

        Source: documentation of torch.optim.SGD.
        """
        return self.strength / self.n

    def sklearn_alpha(self, mini_batch_size: int) -> float | None:
        """scikit-learn adds (alpha/2) Σ w² to a sum over the mini-batch and divides both by its length.

        Source: sklearn/neural_network/_multilayer_perceptron.py.
        """
        return self.strength * mini_batch_size / self.n

    def playground_setting(self) -> tuple[str, float] | None:
        """Playground subtracts learning_rate · rate · w in each update, after the step of the data gradient.

        Source: github.com/tensorflow/playground, src/nn.ts.
        """
        return "L2", self.strength / self.n


def half_life(decay_share: float) -> float:
    """Return the number of updates that halve the magnitude of a weight: ln 2 / −ln |1 − decay_share|.

    The result is 0 for a share of 1, where one update sets the weight to zero. It is ∞ without decay, and for shares
    of 2 or more, where the weight does not shrink. Between 1 and 2 the weight also changes its sign in every update.
    """
    if decay_share <= 0 or decay_share >= 2:
        return math.inf
    if decay_share == 1:
        return 0.0
    # log1p: 1 − 1e-17 would be 1
    return math.log(2) / -(math.log1p(-decay_share) if decay_share < 1 else math.log(decay_share - 1))

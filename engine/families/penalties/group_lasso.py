"""Group lasso over neurons: Yuan & Lin 2006; Scardapane et al. 2017 for the neurons of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy import ndarray as Array

from engine.families.penalties.penalty import Caption, DecayStep, Penalty, exact


class GroupLasso(Penalty):
    """(λ/n) Σ √n_in ‖incoming weights‖₂ over the hidden neurons, by the proximal rule.

    After the data gradient's step the incoming weights of each hidden neuron shrink together: their norm by
    ηλ√n_in/n, and to exactly zero where it is smaller. So whole neurons go out. Output weights are not penalized.
    """

    field, name, short_name = "group_lasso", "Group lasso", "Group"
    summary = "The group lasso shrinks the incoming weights of a neuron together, to exactly zero at last."
    light, dark, dash = "#8C510A", "#D8A26A", "7px,2px,2px,2px"
    demo = 0.5
    elementwise = False
    acts_after = True
    hidden_only = True
    exact_zeros = True
    zero_neurons = True
    about = "shortens the incoming weights of a hidden neuron by ηλ√n_in/n, and to exactly 0 below that"
    captions: ClassVar[Mapping[str, Caption]] = {
        "weights": Caption(
            "The group lasso empties whole neurons: their weights pile up at 0.",
            "whole neurons pile up at zero",
        ),
        "norms": Caption(
            "The group lasso brings whole neurons to exact zeros: count them.", "whole neurons go to zero"
        ),
        "spread": Caption(
            "The group lasso shrinks neurons as wholes; those left keep their fan.", "whole neurons shrink"
        ),
        "pictures": Caption("The group lasso blanks whole pictures and leaves few.", "whole pictures go blank"),
        "tug": Caption(
            "The group lasso scales a neuron's weights together, to zero at last.", "neurons shrink as wholes"
        ),
    }

    def value(self, weights: Sequence[Array], flat: Array) -> float:
        norms = sum(float(np.sqrt(len(W)) * np.linalg.norm(W, axis=0).sum()) for W in weights[:-1])
        return self.strength / self.n * norms

    def after(self, W: Array, learning_rate: float, scratch: Array) -> None:
        threshold = learning_rate * self.strength / self.n * np.sqrt(len(W))
        norms = np.sqrt(np.einsum("ij,ij->j", W, W))  # as small as a layer's biases
        W *= np.maximum(0, 1 - threshold / np.maximum(norms, threshold or 1)).astype(W.dtype)

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        return "the group lasso shrinks whole neurons"

    def stop(self, unpenalized: float, now: float) -> str:
        return "set to 0" if now == 0.0 != unpenalized else ""

    def pytorch_after(self, learning_rate: float) -> str:
        """A PyTorch matrix is (n_out, n_in): a neuron's incoming weights are a row."""
        threshold = f"{exact(learning_rate * self.strength / self.n)} * W.shape[1] ** 0.5"
        return f"W.mul_((1 - {threshold} / W.norm(dim=1, keepdim=True)).clamp(min=0).nan_to_num(0))"

"""Group lasso over neurons: Yuan & Lin 2006; Scardapane et al. 2017 for the neurons of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy import ndarray as Array

from engine.families.penalties.penalty import Caption, DecayStep, Penalty, number_as_code


class GroupLasso(Penalty):
    """(λ/n) Σ √n_in ‖incoming weights‖₂ over the hidden neurons, by the proximal rule.

    After the data gradient's step the incoming weights of each hidden neuron shrink together: their norm by
    ηλ√n_in/n, and to exactly zero if it is smaller. So whole neurons are switched off. Output weights are not
    penalized.
    """

    field, name, short_name = "group_lasso", "Group lasso", "Group"
    summary = "The group lasso shrinks the incoming weights of a neuron together, down to exactly zero."
    light_colour, dark_colour, dash = "#8C510A", "#D8A26A", "7px,2px,2px,2px"
    demo_strength = 0.5
    elementwise = False
    acts_after = True
    hidden_layers_only = True
    exact_zeros = True
    zero_neurons = True
    step_phrase = "shortens the incoming weights of a hidden neuron by ηλ√n_in/n, and to exactly 0 below that"
    captions: ClassVar[Mapping[str, Caption]] = {
        "weights": Caption(
            "The group lasso sets all weights of a neuron to 0: the peak at 0 grows.",
            "whole neurons become zero",
        ),
        "norms": Caption(
            "The group lasso sets whole neurons to exactly 0: choose them and watch.", "whole neurons become zero"
        ),
        "spread": Caption(
            "The group lasso shrinks whole neurons; the others keep their spread.", "whole neurons shrink"
        ),
        "pictures": Caption(
            "With the group lasso whole pictures turn blank and few remain.", "whole pictures turn blank"
        ),
        "tug": Caption("The group lasso scales a neuron's weights together, down to zero.", "whole neurons shrink"),
    }

    def value(self, weights: Sequence[Array], flat: Array) -> float:
        norms = sum(float(np.sqrt(len(W)) * np.linalg.norm(W, axis=0).sum()) for W in weights[:-1])
        return self.strength / self.n * norms

    def step_after(self, W: Array, learning_rate: float, scratch: Array) -> None:
        threshold = learning_rate * self.strength / self.n * np.sqrt(len(W))
        norms = np.sqrt(np.einsum("ij,ij->j", W, W))  # small: one number for each neuron
        W *= np.maximum(0, 1 - threshold / np.maximum(norms, threshold or 1)).astype(W.dtype)

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        return "the group lasso shrinks whole neurons"

    def zero_note(self, weight_before: float, weight_after: float) -> str:
        return "set to 0" if weight_after == 0.0 != weight_before else ""

    def pytorch_step(self, learning_rate: float) -> str:
        """A PyTorch matrix is (n_out, n_in): a neuron's incoming weights are a row."""
        threshold = f"{number_as_code(learning_rate * self.strength / self.n)} * W.shape[1] ** 0.5"
        return f"W.mul_((1 - {threshold} / W.norm(dim=1, keepdim=True)).clamp(min=0).nan_to_num(0))"

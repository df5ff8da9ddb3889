"""Max-norm: Srebro & Shraibman 2005; Srivastava et al. 2014."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy import ndarray as Array

from engine.families.penalties.penalty import Caption, DecayStep, Penalty, number_as_code


class MaxNorm(Penalty):
    """The norm of a hidden neuron's incoming weights is scaled back to c after each update."""

    field, name, short_name = "max_norm", "Max-norm", "Max-norm"
    summary = "Max-norm bounds the incoming weights of each hidden neuron."
    symbol, off_value = "c", None
    light_colour, dark_colour, outlined = "#F0E442", "#F0E442", True
    adds_cost = False
    elementwise = False
    acts_after = True
    hidden_layers_only = True
    step_phrase = "scales a hidden neuron's incoming weights back to norm c"
    captions: ClassVar[Mapping[str, Caption]] = {
        "weights": Caption(
            "Max-norm limits the norm of a neuron; single weights are not limited.", "max-norm limits neurons"
        ),
        "norms": Caption("Max-norm adds no cost: it scales back neurons above the bound.", "max-norm limits neurons"),
        "spread": Caption(
            "The spread grows until the norms of the neurons reach the bound.", "max-norm limits the spread"
        ),
        "pictures": Caption("Max-norm scales whole pictures and does not smooth them.", "max-norm scales pictures"),
        "tug": Caption("Only the data pull, until the norm of a neuron reaches the bound.", "max-norm limits norms"),
    }

    def step_after(self, W: Array, learning_rate: float, scratch: Array) -> None:
        norms = np.einsum("ij,ij->j", W, W)  # small: one number for each neuron
        np.sqrt(norms, out=norms)
        if (norms > self.strength).any():
            W *= (self.strength / np.maximum(norms, self.strength)).astype(W.dtype)

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        return "max-norm also rescales the weights"

    def keras_constraint(self) -> str:
        """Keras bounds the norm of a column of the kernel. Source: keras.io/api/layers/constraints."""
        return f"keras.constraints.MaxNorm({number_as_code(self.strength)})"

    def pytorch_step(self, learning_rate: float) -> str:
        """A PyTorch matrix is (n_out, n_in): a neuron's incoming weights are a row."""
        return f"W.copy_(torch.renorm(W, 2, 0, {number_as_code(self.strength)}))"

"""Max-norm: Srebro & Shraibman 2005; Srivastava et al. 2014."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy import ndarray as Array

from engine.families.penalties.penalty import Caption, DecayStep, Penalty, exact


class MaxNorm(Penalty):
    """After each update the incoming weights of a hidden neuron are scaled back to norm c if theirs is larger."""

    field, name, short_name = "max_norm", "Max-norm", "Max-norm"
    summary = "Max-norm bounds the incoming weights of each hidden neuron."
    symbol, off = "c", None
    light, dark, outlined = "#F0E442", "#F0E442", True
    charges = False
    elementwise = False
    acts_after = True
    hidden_only = True
    about = "scales a hidden neuron's incoming weights back to norm c"
    captions: ClassVar[Mapping[str, Caption]] = {
        "weights": Caption(
            "Max-norm bounds whole neurons; inside the bound every weight is free.", "max-norm bounds neurons"
        ),
        "norms": Caption(
            "Max-norm charges nothing: it scales back neurons beyond the bound.", "max-norm bounds neurons"
        ),
        "spread": Caption("The fan opens until the norms of the neurons meet their bound.", "max-norm bounds the fan"),
        "pictures": Caption("Max-norm scales whole pictures: it does not smooth them.", "max-norm scales all"),
        "tug": Caption(
            "Nothing but the data pulls, until the norm of a neuron meets its bound.", "max-norm bounds norms"
        ),
    }

    def after(self, W: Array, learning_rate: float, scratch: Array) -> None:
        norms = np.einsum("ij,ij->j", W, W)  # as small as a layer's biases
        np.sqrt(norms, out=norms)
        if (norms > self.strength).any():
            W *= (self.strength / np.maximum(norms, self.strength)).astype(W.dtype)

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        return "max-norm also rescales the weights"

    def keras_constraint(self) -> str:
        """Keras bounds the norm of a column of the kernel. Source: keras.io/api/layers/constraints."""
        return f"keras.constraints.MaxNorm({exact(self.strength)})"

    def pytorch_after(self, learning_rate: float) -> str:
        """A PyTorch matrix is (n_out, n_in): a neuron's incoming weights are a row."""
        return f"W.copy_(torch.renorm(W, 2, 0, {exact(self.strength)}))"

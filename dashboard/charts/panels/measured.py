"""Sentences about when and on what a quantity is measured, which several panels share."""

from __future__ import annotations

from engine import RunConfig
from engine.analysis.regularizers import has_dropout

AFTER_EPOCH = "Measured after every epoch with all neurons: dropout is off while measuring."
AT_STEP = "Measured several times a second at the newest mini-batch."


def mini_batch_sentence(config: RunConfig) -> str:
    """Return how the cost of a mini-batch is measured."""
    network = "with the neurons that its mask keeps" if has_dropout(config) else "with all neurons"
    return f"Grey, in the background: the cost of each mini-batch before its update, {network}."

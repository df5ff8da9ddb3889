"""The caption of the dropout panels for a run that drops no hidden neuron."""

from __future__ import annotations

from engine import RunConfig


def no_dropout_caption(config: RunConfig, consequence: str) -> str | None:
    """Return a caption with the reason and the consequence; None if hidden neurons are dropped.

    Args:
        config: the config of the run.
        consequence: the end of the caption, such as "all hidden neurons train".
    """
    if not config.hidden:
        return "There is no hidden layer, so there is nothing to drop."
    if config.drop_probability:
        return None
    cause = "Only inputs are dropped" if config.input_drop_probability else "Dropout is off"
    return f"{cause}: {consequence}."

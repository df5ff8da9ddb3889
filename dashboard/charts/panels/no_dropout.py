"""The caption of the panels about dropout for a run that drops no hidden neuron."""

from __future__ import annotations

from engine import RunConfig


def nothing_to_drop(config: RunConfig, consequence: str) -> str | None:
    """Return why no hidden neuron is dropped, and the consequence; None if some are dropped."""
    if not config.hidden:
        return "There is no hidden layer, so there is nothing to drop."
    if config.drop_probability:
        return None
    cause = "Only inputs are dropped" if config.input_drop_probability else "Dropout is off"
    return f"{cause}: {consequence}."

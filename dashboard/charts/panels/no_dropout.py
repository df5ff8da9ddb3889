"""What the panels about dropout say where there is none."""

from __future__ import annotations

from engine import RunConfig


def nothing_to_drop(config: RunConfig, then: str) -> str | None:
    """Why no neuron is dropped, and what happens then; None where some are."""
    if not config.hidden:
        return "There is no hidden layer, so there is nothing to drop."
    return None if config.drop_probability else f"Dropout is off: {then}."

"""Checks of a config against the number of training examples: errors and warnings."""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.config import RunConfig
from engine.errors import FieldError
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.families.penalties import penalty_of


def check_against_data(config: RunConfig, n: int) -> None:
    """Check the settings whose limits depend on n, the number of training examples in use.

    Raises:
        FieldError: for a mini-batch larger than the training set, and for a penalty whose step alone makes the weights
            diverge, see `Penalty.check`.
    """
    if config.mini_batch_size > n:
        raise FieldError(
            "mini_batch_size",
            f"must be at most the number of training examples, {n}, got {config.mini_batch_size}: "
            "use a smaller mini-batch or more examples",
        )
    for member in penalty_of(config, n).members:
        if (problem := member.check(config.learning_rate)) is not None:
            raise FieldError(member.field, problem)


def warnings(config: RunConfig, n: int, features: int | None = None) -> list[str]:
    """Return warnings about settings that are valid but probably a mistake; each starts with the field's name.

    Args:
        config: the run. n: the number of training examples in use.
        features: the number of inputs, if it is known.
    """
    messages = []
    for member in penalty_of(config, n).members:
        if (problem := member.warning(config.learning_rate, _largest_gradient(config))) is not None:
            messages.append(f"{member.field} {problem}")
    messages += _rounding_warnings("drop_probability", config, config.hidden, "neurons of hidden layer")
    if features is not None:
        messages += _rounding_warnings("input_drop_probability", config, (features,), "inputs")
    return messages


def _largest_gradient(config: RunConfig) -> float:
    """Return a bound on the mean gradient of the data cost by an output weight that is 0.

    The gradient is the mean of a δ over the examples. That is the covariance of a and δ once the bias has made the
    mean of δ 0, so it is at most the product of their standard deviations. It is ∞ if one of them is unbounded.
    """
    if not config.hidden:
        return math.inf
    activation_scale = config.keep_probability if config.dropout_scaling == "inverted" else 1.0
    return ACTIVATIONS[config.activation].max_deviation / activation_scale * COSTS[config.cost].max_error_deviation


def _rounding_warnings(field: str, config: RunConfig, widths: tuple[int, ...], unit: str) -> list[str]:
    """Return warnings of a drop probability that the exact count rounds to all neurons of a layer, or to none."""
    p = getattr(config, field)
    if not p or config.dropout_count != "exact":
        return []
    layers = dict(enumerate(widths, start=1))
    all_dropped = {layer: width for layer, width in layers.items() if round(p * width) == width}
    none_dropped = {layer: width for layer, width in layers.items() if round(p * width) == 0}
    messages = []
    if all_dropped:
        upper_limit = min((width - 0.5) / width for width in all_dropped.values())
        messages.append(
            f"{field} of {p:g} rounds to every one of {_units_in_layers(unit, all_dropped)}: nothing gets through; "
            f"{_advice(f'less than {upper_limit:.4g}', all_dropped)}"
        )
    if none_dropped:
        lower_limit = max(0.5 / width for width in none_dropped.values())
        messages.append(
            f"{field} of {p:g} rounds to none of {_units_in_layers(unit, none_dropped)}: nothing is dropped; "
            f"{_advice(f'more than {lower_limit:.4g}', none_dropped)}"
        )
    return messages


def _units_in_layers(unit: str, layers: Mapping[int, int]) -> str:
    """Return layers as "the 10 neurons of hidden layer 1"; the inputs have no number."""
    if not unit.endswith("layer"):
        return f"the {layers[1]} {unit}"
    return " and ".join(f"the {width} {unit} {layer}" for layer, width in layers.items())


def _advice(limit: str, layers: Mapping[int, int]) -> str:
    """Return what to change. No probability helps a single neuron, which is always or never dropped."""
    probability_advice = f"{limit}, " if min(layers.values()) > 1 else ""
    return f"use {probability_advice}more of them, or the count bernoulli"

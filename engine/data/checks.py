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
    """Return warnings of settings that are valid but probably a mistake; each starts with the field's name.

    Args:
        config: the run. n: the number of training examples in use.
        features: the number of inputs, if it is known.
    """
    found = []
    for member in penalty_of(config, n).members:
        if (problem := member.warn(config.learning_rate, _largest_gradient(config))) is not None:
            found.append(f"{member.field} {problem}")
    found += _rounded_away("drop_probability", config, config.hidden, "neurons of hidden layer")
    if features is not None:
        found += _rounded_away("input_drop_probability", config, (features,), "inputs")
    return found


def _largest_gradient(config: RunConfig) -> float:
    """Return a bound on the mean gradient of the data cost by an output weight that is 0.

    The gradient is the mean of a δ over the examples. That is the covariance of a and δ once the bias has made the
    mean of δ 0, so it is at most the product of their standard deviations. It is ∞ if one of them is unbounded.
    """
    if not config.hidden:
        return math.inf
    grown = config.keep_probability if config.dropout_scaling == "inverted" else 1.0
    return ACTIVATIONS[config.activation].max_deviation / grown * COSTS[config.cost].max_error_deviation


def _rounded_away(field: str, config: RunConfig, widths: tuple[int, ...], what: str) -> list[str]:
    """Return warnings of a drop probability that the exact count rounds to all neurons of a layer, or to none."""
    p = getattr(config, field)
    if not p or config.dropout_count != "exact":
        return []
    layers = dict(enumerate(widths, start=1))
    all_of = {layer: width for layer, width in layers.items() if round(p * width) == width}
    none_of = {layer: width for layer, width in layers.items() if round(p * width) == 0}
    found = []
    if all_of:
        below = min((width - 0.5) / width for width in all_of.values())
        found.append(
            f"{field} of {p:g} rounds to every one of {_these(what, all_of)}: nothing gets through; "
            f"{_way_out(f'less than {below:.4g}', all_of)}"
        )
    if none_of:
        above = max(0.5 / width for width in none_of.values())
        found.append(
            f"{field} of {p:g} rounds to none of {_these(what, none_of)}: nothing is dropped; "
            f"{_way_out(f'more than {above:.4g}', none_of)}"
        )
    return found


def _these(what: str, layers: Mapping[int, int]) -> str:
    """Return layers as "the 10 neurons of hidden layer 1"; the inputs have no number."""
    if not what.endswith("layer"):
        return f"the {layers[1]} {what}"
    return " and ".join(f"the {width} {what} {layer}" for layer, width in layers.items())


def _way_out(limit: str, layers: Mapping[int, int]) -> str:
    """Return what to change; a single neuron is always or never dropped, whatever the probability."""
    shares = f"{limit}, " if min(layers.values()) > 1 else ""
    return f"use {shares}more of them, or the count bernoulli"

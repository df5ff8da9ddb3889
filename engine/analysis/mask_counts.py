"""The number of thinned networks that dropout can make of a network, and the number it has trained.

There are 10²⁹ ways to drop half of 100 neurons, so hardly any thinned network is trained twice. They share all their
weights.
"""

from __future__ import annotations

import math

from engine.config import RunConfig


def log10_possible_masks(config: RunConfig) -> float:
    """Return log₁₀ of the number of different masks of the hidden neurons.

    A layer of H neurons of which exactly K are kept has C(H, K) masks; with independent neurons it has 2^H.
    """
    return sum(_log_possible_masks(config, width) for width in config.hidden) / math.log(10)


def expected_distinct_masks(config: RunConfig, draws: int) -> float:
    """Return the expected number of different masks among `draws` masks.

    A mask of probability P is among them with probability 1 − (1 − P)^draws. The sum is over all masks, with masks of
    equal probability taken together.

    Args:
        draws: number of mini-batches, or of examples if each has its own mask.
    """
    if not draws:
        return 0.0
    p, neurons = config.drop_probability, sum(config.hidden)
    if config.dropout_count == "exact" or not p:
        log_mask_count = sum(_log_possible_masks(config, width) for width in config.hidden)
        return math.exp(_log_expected_masks(log_mask_count, -log_mask_count, draws))
    total = 0.0
    for dropped in range(neurons + 1):
        log_probability = dropped * math.log(p) + (neurons - dropped) * math.log1p(-p)
        total += math.exp(_log_expected_masks(_log_binomial(neurons, dropped), log_probability, draws))
    return total


def _log_expected_masks(log_mask_count: float, log_probability: float, draws: int) -> float:
    """Return the log of the expected number of distinct masks, for masks of equal probability."""
    probability = math.exp(log_probability)
    if probability == 1:
        return log_mask_count
    drawn_probability = -math.expm1(draws * math.log1p(-probability))
    # a mask this improbable is drawn at most once: the expectation is draws · P
    return log_mask_count + (
        math.log(drawn_probability) if drawn_probability > 1e-300 else math.log(draws) + log_probability
    )


def _log_possible_masks(config: RunConfig, width: int) -> float:
    if not config.drop_probability:
        return 0.0
    if config.dropout_count == "bernoulli":
        return width * math.log(2)
    return _log_binomial(width, round(config.drop_probability * width))


def _log_binomial(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)

"""How many thinned networks dropout could make of a network, and how many of them it has trained.

Dropping half of 100 neurons can be done in 10²⁹ ways: hardly any thinned network is ever trained twice,
and yet they share all their weights.
"""

from __future__ import annotations

import math

from engine.config import RunConfig


def possible(config: RunConfig) -> float:
    """log₁₀ of the number of different masks of the hidden neurons.

    With an exact count a layer of H neurons that keeps K has C(H, K); with a coin for each it has 2^H.
    """
    return sum(_log_choices(config, width) for width in config.hidden) / math.log(10)


def visited(config: RunConfig, draws: int) -> float:
    """How many different masks are expected among so many draws.

    A mask of probability P is among them with probability 1 − (1 − P)^draws; the sum goes over all masks,
    those of equal probability together.

    Args:
        draws: mini-batches, or examples where each has a mask of its own.
    """
    if not draws:
        return 0.0
    p, neurons = config.drop_probability, sum(config.hidden)
    if config.dropout_count == "exact" or not p:
        log_number = sum(_log_choices(config, width) for width in config.hidden)
        return math.exp(_log_met(log_number, -log_number, draws))
    total = 0.0
    for dropped in range(neurons + 1):
        log_probability = dropped * math.log(p) + (neurons - dropped) * math.log1p(-p)
        total += math.exp(_log_met(_log_comb(neurons, dropped), log_probability, draws))
    return total


def _log_met(log_number: float, log_probability: float, draws: int) -> float:
    """The log of how many of equally probable masks are expected among the draws."""
    probability = math.exp(log_probability)
    if probability == 1:
        return log_number
    met = -math.expm1(draws * math.log1p(-probability))
    # so improbable a mask is met once at the most: draws · P
    return log_number + (math.log(met) if met > 1e-300 else math.log(draws) + log_probability)


def _log_choices(config: RunConfig, width: int) -> float:
    if not config.drop_probability:
        return 0.0
    if config.dropout_count == "bernoulli":
        return width * math.log(2)
    return _log_comb(width, round(config.drop_probability * width))


def _log_comb(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)

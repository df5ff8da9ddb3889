"""Penalties: their cost, their step on the weights, and all their names, texts and equivalents.

Adding a penalty is a file here, an entry in `PENALTIES` and a field of `RunConfig` (docs/extending.md).
No code outside this folder depends on which penalty a run has.
"""

from collections.abc import Sequence
from typing import Protocol

from engine.families.penalties.group_lasso import GroupLasso
from engine.families.penalties.l1 import L1
from engine.families.penalties.l2 import L2
from engine.families.penalties.max_norm import MaxNorm
from engine.families.penalties.penalty import Penalty
from engine.families.penalties.sum import PenaltySum

# By the config field of their strength, in the order in which they act and are listed.
PENALTIES: dict[str, type[Penalty]] = {
    member.field: member
    for member in (
        L2,
        L1,
        GroupLasso,
        MaxNorm,
    )
}

# Sums with a name of their own.
NAMED_SUMS: dict[frozenset[str], str] = {frozenset({"l1", "l2"}): "Elastic net"}


class HasPenalties(Protocol):
    """A config such as `RunConfig`: it also has the fields in `PENALTIES` and those in their `options`."""

    @property
    def hidden(self) -> Sequence[int]:
        """Number of neurons of each hidden layer."""


def penalty_of(config: HasPenalties, n: int) -> PenaltySum:
    """Return the penalties that are in effect, as one.

    A penalty on hidden neurons is not in effect in a network without any.

    Args:
        config: the config in force.
        n: number of training examples in use.
    """
    return PenaltySum(
        member.of(strength, n, **{option: getattr(config, option) for option in member.options})
        for field, member in PENALTIES.items()
        if (strength := getattr(config, field)) and (config.hidden or not member.hidden_layers_only)
    )


__all__ = ["NAMED_SUMS", "PENALTIES", "HasPenalties", "penalty_of"]

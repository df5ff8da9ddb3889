"""Penalties: what they cost, how they move the weights, and everything else that is asked about one.

Adding a penalty is a file here, an entry in `PENALTIES` and a field of `RunConfig` (docs/extending.md).
Nothing outside this folder asks which penalty a run has.
"""

from engine.families.penalties.group_lasso import GroupLasso
from engine.families.penalties.l1 import L1
from engine.families.penalties.l2 import L2
from engine.families.penalties.max_norm import MaxNorm
from engine.families.penalties.penalty import Penalty
from engine.families.penalties.sum import Sum

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


def penalty_of(config: object, n: int) -> Sum:
    """Return the penalties that are on, as one.

    Args:
        config: a `RunConfig`, or anything with the fields of `PENALTIES`.
        n: number of training examples in use.
    """
    return Sum(
        member.of(strength, n, **{option: getattr(config, option) for option in member.options})
        for field, member in PENALTIES.items()
        if (strength := getattr(config, field)) and (getattr(config, "hidden", True) or not member.hidden_only)
    )


__all__ = ["NAMED_SUMS", "PENALTIES", "penalty_of"]

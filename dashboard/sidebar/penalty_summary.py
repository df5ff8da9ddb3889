"""The effect of all penalties of a run in one sentence."""

from __future__ import annotations

from engine.analysis.equivalents import epochs_of
from engine.families.penalties.penalty import UpdateEffect, lowercase_unless_acronym
from engine.families.penalties.sum import PenaltySum


def summarize_penalties(penalties: PenaltySum, learning_rate: float, n: int, mini_batch_size: int) -> str:
    """Return a sentence on one update of a weight without data gradient.

    Args:
        penalties: the penalties in force. learning_rate: η.
        n: training examples in use. mini_batch_size: m, for the duration in epochs.
    """
    effects = [member.effect(learning_rate) for member in penalties.members]
    if not effects:
        return "No penalty: no weight decays."
    if len(effects) == 1:
        effect = effects[0]
        return (
            f"Each update {penalties.members[0].step_phrase}"
            if effect is None
            else _single_penalty_text(effect, n, mini_batch_size)
        )
    amounts = [_amount_text(effect) for effect in effects if effect is not None]
    clauses = [f"{' and '.join(amounts)} off a weight"] if amounts else []
    clauses += [
        f"{lowercase_unless_acronym(member.name)} {member.step_phrase}"
        for member, effect in zip(penalties.members, effects, strict=True)
        if effect is None
    ]
    return f"Each update: {'; '.join(clauses)}"


def _single_penalty_text(effect: UpdateEffect, n: int, mini_batch_size: int) -> str:
    """Return the sentence of a single penalty."""
    if not effect.is_relative:
        return f"{effect.formula} = {effect.amount:.2g} off every weight, each update"
    if effect.amount >= 1:
        return f"{effect.formula} = {effect.amount:.3g} of every weight, each update"
    milestone = f"{effect.milestone[0].lower()}{effect.milestone[1:]}"
    epochs = epochs_of(effect.updates, n, mini_batch_size)
    return f"{effect.formula} = {effect.amount:.2g} · {milestone} {epochs:.3g} epochs"


def _amount_text(effect: UpdateEffect) -> str:
    return f"{float(f'{100 * effect.amount:.2g}'):g} %" if effect.is_relative else f"{effect.amount:.2g}"

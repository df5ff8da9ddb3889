"""The effect of λ on a weight, and equivalent code for other libraries."""

from __future__ import annotations

import math

from dashboard.charts import numbers
from dashboard.charts.update import Row, Update
from engine import RunConfig
from engine.analysis.equivalents import StepTerms, epochs_of, equivalents, four_digits
from engine.families.penalties import penalty_of
from engine.families.penalties.penalty import UpdateEffect
from engine.families.penalties.sum import PenaltySum
from engine.learning.schedule import halved_learning_rate
from engine.runs.extracts.lmbda import LmbdaTerms
from engine.runs.history.telemetry import Telemetry


def caption(config: RunConfig) -> str:
    return "One update of a weight, and other libraries."


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        "What the penalty does to a weight in one update, how long that takes, and the setting with the same effect in "
        "other libraries, whose penalties have other factors.",
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    terms: LmbdaTerms | None = telemetry.extracts.get("lmbda")
    if terms is None:
        return Update([], rows=[])
    rate = halved_learning_rate(config.learning_rate, terms.halvings)
    penalties = penalty_of(config, terms.n)
    effects = effect_rows(penalties, rate, terms.n, config.mini_batch_size)
    text = "; ".join(f"{row.label}: {row.value}" for row in effects)
    step_terms = StepTerms(rate, terms.n, config.mini_batch_size, config.epochs)
    rows = [Row(each.library, each.setting, each.code) for each in equivalents(penalties, step_terms)]
    return Update([], text=f"{text}.", rows=[*effects, *rows])


def effect_rows(penalties: PenaltySum, rate: float, n: int, mini_batch_size: int) -> list[Row]:
    """Return rows with the step of each penalty and the duration of its effect.

    Args:
        penalties: the penalties of the run.
        rate: the learning rate η in force.
        n: the number of training examples in use.
        mini_batch_size: the number of examples of a mini-batch.
    """
    rows = []
    for member in penalties.members:
        if (effect := member.effect(rate)) is not None:
            rows.append(Row(f"{member.name} in one update", _describe_amount(effect)))
            rows.append(Row(effect.milestone, _describe_duration(effect, n, mini_batch_size)))
        elif member.step_phrase:
            rows.append(Row(member.name, member.step_phrase))
    return rows or [Row("No penalty", "a weight without a gradient stays as it is")]


def _describe_amount(effect: UpdateEffect) -> str:
    if effect.is_relative:
        return f"{_format_share(effect.amount)} of a weight: {effect.formula} = {four_digits(effect.amount)}"
    return f"{four_digits(effect.amount)} towards zero: {effect.formula}"


def _describe_duration(effect: UpdateEffect, n: int, mini_batch_size: int) -> str:
    if math.isinf(effect.updates):
        return "never: ∞"
    if not effect.updates:
        return f"one update: {effect.note}"
    epochs = epochs_of(effect.updates, n, mini_batch_size)
    duration = f"{_format_count(effect.updates)} updates, {_format_count(epochs)} epochs"
    return f"{duration}, {effect.note}" if effect.note else duration


def _format_share(share: float) -> str:
    return f"{100 * share:.3g}{numbers.THIN_SPACE}%".replace("-", "−")


def _format_count(value: float) -> str:
    return numbers.count(value) if value >= 100 else f"{value:.3g}".replace("-", "−")

"""λ in words: what it does to a weight, and the same setting in other libraries, to be copied."""

from __future__ import annotations

import math

from dashboard.charts import numbers
from dashboard.charts.update import Row, Update
from engine import RunConfig
from engine.analysis import equivalents
from engine.analysis.equivalents import epochs_of, short
from engine.families.penalties import penalty_of
from engine.families.penalties.penalty import Effect
from engine.families.penalties.sum import Sum
from engine.runs.extracts.lmbda import Terms
from engine.runs.history.telemetry import Telemetry


def look(config: RunConfig) -> str:
    return "What λ takes from a weight in an update, and what others call the same."


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    terms: Terms | None = telemetry.views.get("lmbda")
    if terms is None:
        return Update([], rows=[])
    rate = config.learning_rate * 0.5**terms.halvings
    penalties = penalty_of(config, terms.n)
    meaning = rows_of_meaning(penalties, rate, terms.n, config.mini_batch_size)
    text = "; ".join(f"{row.label}: {row.value}" for row in meaning)
    others = equivalents.equivalents(penalties, equivalents.Terms(rate, terms.n, config.mini_batch_size, config.epochs))
    rows = [Row(each.library, each.setting, each.code) for each in others]
    return Update([], text=f"{text}.", rows=[*meaning, *rows])


def rows_of_meaning(penalties: Sum, rate: float, n: int, mini_batch_size: int) -> list[Row]:
    """Return what the penalties do in an update and how long it takes; `rate` is η as it is now."""
    rows = []
    for member in penalties.members:
        if (effect := member.effect(rate)) is not None:
            rows.append(Row(f"{member.name} in one update", _amount(effect)))
            rows.append(Row(effect.milestone, _duration(effect, n, mini_batch_size)))
        elif member.about:
            rows.append(Row(member.name, member.about))
    return rows or [Row("No penalty", "a weight without a gradient stays as it is")]


def _amount(effect: Effect) -> str:
    if effect.relative:
        return f"{_share(effect.amount)} of a weight: ηλ/n = {short(effect.amount)}"
    return f"{short(effect.amount)} towards zero: ηλ/n"


def _duration(effect: Effect, n: int, mini_batch_size: int) -> str:
    if math.isinf(effect.updates):
        return "never: ∞"
    if not effect.updates:
        return f"one update: {effect.note}"
    epochs = epochs_of(effect.updates, n, mini_batch_size)
    said = f"{_count(effect.updates)} updates, {_count(epochs)} epochs"
    return f"{said}, {effect.note}" if effect.note else said


def _share(share: float) -> str:
    return f"{100 * share:.3g}{numbers.THIN}%".replace("-", "−")


def _count(value: float) -> str:
    return numbers.count(value) if value >= 100 else f"{value:.3g}".replace("-", "−")

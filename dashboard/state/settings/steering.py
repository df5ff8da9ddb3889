"""The regularizer set with keys and buttons of the projector mode: which one, and a weaker or stronger one."""

from __future__ import annotations

from typing import Any

from dashboard.state.settings import suggested, widgets
from dashboard.state.settings.page_settings import PACES
from dashboard.state.settings.regularizer_choice import (
    CHOICES,
    COMBINE,
    DROPOUT,
    LAMBDA_FIELDS,
    NAMES,
    NONE,
    PARTS,
)
from engine.config import SETTINGS

STRENGTHS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
DROP_PROBABILITIES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def choose(choice: str, train_size: int | None) -> None:
    """Switch on a regularizer of the row; allowed only in a callback.

    Args:
        choice: one of `CHOICES`. train_size: the number of training examples in use, for the suggested strength.
    """
    widgets.set_widget("regularizer", choice)
    prepare_choice(train_size)


def prepare_choice(train_size: int | None) -> None:
    """Prepare the regularizers that were just switched on in the row; allowed only in a callback."""
    choice = widgets.widget_value("regularizer")
    before = widgets.exchange_previous("regularizer", choice)
    if choice == COMBINE and before != COMBINE and not widgets.widget_value("parts"):
        # the one that was on, with one of the other kind
        others = {NAMES[LAMBDA_FIELDS[0]]} if before in (None, NONE, NAMES[DROPOUT]) else {before}
        widgets.set_widget("parts", [part for part in PARTS if part in {*others, NAMES[DROPOUT]}])
    if choice not in (before, NONE, COMBINE):  # measured is each regularizer alone
        suggested.apply_where_untouched(widgets.active_regularizers(), train_size)


def steered_field() -> str | None:
    """Return the field that `change_strength` changes: the first λ that is on, or dropout; None without either."""
    return next((field for field in (*LAMBDA_FIELDS, DROPOUT) if field in widgets.active_regularizers()), None)


def change_strength(direction: int) -> None:
    """Make the regularizer stronger (1) or weaker (−1) by one step of its list; allowed only in a callback."""
    field = steered_field()
    if field is None:
        return
    value = widgets.widget_value(field)
    values = DROP_PROBABILITIES if field == DROPOUT else STRENGTHS
    beyond = [other for other in values if (other - value) * direction > 1e-9]
    if beyond:
        widgets.set_widget(field, min(beyond) if direction > 0 else max(beyond))
        suggested.mark_moved(field)


def change_pace(direction: int) -> None:
    """Choose the next faster (1) or slower (−1) pace of the page; allowed only in a callback."""
    names = list(PACES)
    index = names.index(widgets.widget_value("pace")) + direction
    widgets.set_widget("pace", names[max(0, min(index, len(names) - 1))])


def summary() -> dict[str, Any]:
    """Return what the projector mode shows: the choices, the one that is on, its strength in words, and the pace."""
    field = steered_field()
    strength = SETTINGS[field].assignment(widgets.widget_value(field)) if field else ""
    return {
        "choices": list(CHOICES),
        "choice": widgets.widget_value("regularizer"),
        "strength": strength,
        "pace": str(widgets.widget_value("pace")),
        "canSteer": field is not None,
    }

"""The table of metrics of several runs: one row per run, with its line style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dashboard.charts import numbers
from dashboard.charts.overlays.entrant import Entrant, evaluation_set_name
from dashboard.charts.overlays.gaps import gap
from dashboard.charts.overlays.line_styles import line_styles_of
from dashboard.charts.palette import OUTLINE
from engine.errors import format_duration
from engine.runs import states

UNSUCCESSFUL_STATES = (states.FAILED, states.DIVERGED)


def column_titles(entrants: Sequence[Entrant]) -> list[str]:
    """Return the column titles; the first column has the names of the runs."""
    return ["Run", "State", "Epoch", evaluation_set_name(entrants).capitalize(), "Best", "Gap", "Computing", "Step"]


def row_cells(entrant: Entrant, state: str) -> list[str]:
    """Return a run's row, one text per column."""
    telemetry = entrant.telemetry
    snapshot, best = telemetry.snapshot, telemetry.best_by_accuracy.best
    no_value = numbers.NO_VALUE
    return [
        entrant.name,
        state,
        f"{numbers.count(snapshot.epoch if snapshot else 0)} / {numbers.count(entrant.current_config.epochs)}",
        numbers.percent(snapshot.evaluation.accuracy) if snapshot else no_value,
        f"{numbers.percent(best.evaluation.accuracy)} at {numbers.count(best.epoch)}" if best else no_value,
        numbers.points(gap(snapshot)) if snapshot else no_value,
        format_duration(telemetry.seconds) if telemetry.seconds else no_value,
        numbers.count(telemetry.step),
    ]


def line_swatches(entrants: Sequence[Entrant]) -> list[dict[str, Any]]:
    """Return the line style of each run, for the swatch beside its name."""
    styles = line_styles_of([entrant.current_config for entrant in entrants])
    return [asdict(style) | {"outline": OUTLINE if style.outlined else None} for style in styles]


def screen_reader_text(entrants: Sequence[Entrant]) -> str:
    """Return a sentence with the accuracy of each run, for screen readers; "" before the first measurement."""
    descriptions = [
        f"{entrant.name} {numbers.percent(snapshot.evaluation.accuracy)} after {numbers.count(snapshot.epoch)} epochs"
        for entrant in entrants
        if (snapshot := entrant.telemetry.snapshot)
    ]
    if not descriptions:
        return ""
    return f"Accuracy on {evaluation_set_name(entrants)}: {', '.join(descriptions)}."

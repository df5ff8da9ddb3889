"""The table of metrics of several runs: a row for each, with the colour and dash of its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dashboard.charts import numbers
from dashboard.charts.overlays.entrant import Entrant, evaluated_on
from dashboard.charts.overlays.gaps import gap
from dashboard.charts.overlays.looks import looks_of
from dashboard.charts.palette import OUTLINE
from engine.runs import states

ENDED_BADLY = (states.FAILED, states.DIVERGED)


def head(entrants: Sequence[Entrant]) -> list[str]:
    """Return the head of each column; the first column has the names of the runs."""
    return ["Run", "State", "Epoch", evaluated_on(entrants).capitalize(), "Best", "Gap", "Seconds", "Step"]


def cells(entrant: Entrant, state: str) -> list[str]:
    """Return a run's row, column by column."""
    telemetry = entrant.telemetry
    snapshot, best = telemetry.snapshot, telemetry.best_by_accuracy.best
    none = numbers.NONE
    return [
        entrant.name,
        state,
        f"{numbers.count(snapshot.epoch if snapshot else 0)} / {numbers.count(entrant.current_config.epochs)}",
        numbers.percent(snapshot.evaluation.accuracy) if snapshot else none,
        f"{numbers.percent(best.evaluation.accuracy)} at {numbers.count(best.epoch)}" if best else none,
        numbers.points(gap(snapshot)) if snapshot else none,
        f"{telemetry.seconds:.1f}" if telemetry.seconds else none,
        numbers.count(telemetry.step),
    ]


def swatches(entrants: Sequence[Entrant]) -> list[dict[str, Any]]:
    """Return the look of each run's line, for the swatch beside its name."""
    looks = looks_of([entrant.current_config for entrant in entrants])
    return [asdict(look) | {"outline": OUTLINE if look.outlined else None} for look in looks]


def spoken(entrants: Sequence[Entrant]) -> str:
    """Return the runs in one sentence for screen readers; "" before the first measurement."""
    words = [
        f"{entrant.name} {numbers.percent(snapshot.evaluation.accuracy)} after {numbers.count(snapshot.epoch)}"
        for entrant in entrants
        if (snapshot := entrant.telemetry.snapshot)
    ]
    return f"Correct on {evaluated_on(entrants)}, by epochs: {', '.join(words)}." if words else ""

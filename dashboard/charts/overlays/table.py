"""The line of figures of several runs: one line each, as text, with the look that is its line's in every panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dashboard.charts import numbers
from dashboard.charts.overlays.entrant import Entrant, judge_of
from dashboard.charts.overlays.gaps import gap
from dashboard.charts.overlays.looks import looks_of
from dashboard.charts.palette import OUTLINE
from engine.runs import states

ENDED_BADLY = (states.FAILED, states.DIVERGED)


def head(entrants: Sequence[Entrant]) -> list[str]:
    """What stands above each column; the first is the run's name."""
    return ["Run", "State", "Epoch", judge_of(entrants).capitalize(), "Best", "Gap", "Seconds", "Step"]


def cells(entrant: Entrant, state: str) -> list[str]:
    """A run's line, column by column."""
    telemetry = entrant.telemetry
    snapshot, best = telemetry.snapshot, telemetry.most_accurate.best
    none = numbers.NONE
    return [
        entrant.name,
        state,
        f"{numbers.count(snapshot.epoch if snapshot else 0)} / {numbers.count(entrant.current_config.epochs)}",
        numbers.percent(snapshot.judge.accuracy) if snapshot else none,
        f"{numbers.percent(best.judge.accuracy)} at {numbers.count(best.epoch)}" if best else none,
        numbers.points(gap(snapshot)) if snapshot else none,
        f"{telemetry.seconds:.1f}" if telemetry.seconds else none,
        numbers.count(telemetry.step),
    ]


def swatches(entrants: Sequence[Entrant]) -> list[dict[str, Any]]:
    """How each run's line looks, for those who draw it beside its name."""
    looks = looks_of([entrant.current_config for entrant in entrants])
    return [asdict(look) | {"outline": OUTLINE if look.outlined else None} for look in looks]


def spoken(entrants: Sequence[Entrant]) -> str:
    """The runs in one sentence, for those who listen; empty before anything was measured."""
    words = [
        f"{entrant.name} {numbers.percent(snapshot.judge.accuracy)} after {numbers.count(snapshot.epoch)}"
        for entrant in entrants
        if (snapshot := entrant.telemetry.snapshot)
    ]
    return f"Correct on {judge_of(entrants)}, by epochs: {', '.join(words)}." if words else ""

"""The verdict on compared runs in words."""

from __future__ import annotations

import math

from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.verdict import verdict
from engine import RunConfig
from engine.learning.metrics import Measurement
from engine.learning.snapshot import Snapshot
from engine.runs.history.telemetry import Telemetry


def entrant(name: str, correct: int | None, size: int = 500) -> Entrant:
    """Return a run whose newest accuracy is `correct` of `size`; None for a run that is not measured."""
    telemetry = Telemetry()
    if correct is not None:
        measurement = Measurement(0.5, correct, size)
        telemetry.snapshot = Snapshot(
            step=45, epoch=9, training=measurement, evaluation=measurement, clean=None, corrupted=None, penalty=0.0
        )
    return Entrant(name, RunConfig(), telemetry)


def test_the_best_is_first_and_differences_are_in_points():
    runs = [entrant("no regularization", 395), entrant("L2 λ 1", 430), entrant("dropout ½", 456)]
    assert verdict(runs).replace("\u202f", " ") == (
        "Dropout ½ ends highest, 91.2 % on the validation set: L2 λ 1 (−5.2 points), no regularization (−12.2 points)."
    )


def test_a_difference_within_two_errors_is_called_unclear():
    error = math.hypot(*(math.sqrt(p * (1 - p) / 504) for p in (452 / 504, 449 / 504)))
    text = verdict([entrant("L1", 447), entrant("L2", 450), entrant("none", 300)])
    assert "L2 ends highest" in text
    assert f"No clear difference from L1 (−0.6 ± {100 * error:.1f})." in text
    assert "none (−30.0 points)" in text


def test_there_is_no_verdict_on_fewer_than_two_measured_runs():
    assert verdict([]) == verdict([entrant("a", 5)]) == verdict([entrant("a", 5), entrant("b", None)]) == ""

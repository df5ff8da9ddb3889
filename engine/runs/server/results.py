"""What a run has come to beside others: its figures, their errors, and whether it differs from the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.analysis.evidence import Verdict, standard_error, verdict_of_examples
from engine.errors import FieldError
from engine.runs.server.run import Run
from engine.runs.server.run_status import Standing, judged_alike, standing_of


@dataclass(frozen=True)
class Result:
    """A run's figures.

    Attributes:
        best, best_epoch: the highest accuracy on the judge, 0 … 1, and when it was reached.
        last: the newest. error: its standard error, by the number of examples it was judged on.
        gap: training minus judge. cost: on the judge. seconds: spent on training.
        verdict: against the first run of the comparison, on the same examples; None for the first, and where they
            were judged on different ones. Its newest kept weights are what was judged.
    """

    best: float
    best_epoch: int
    last: float
    error: float
    gap: float
    cost: float
    seconds: float
    verdict: Verdict | None = None


def results_of(runs: Sequence[Run]) -> list[Result | None]:
    """The result of every run; None of one that has not been measured yet."""
    standings = [_standing(run) for run in runs]
    return [
        _result(run, standing, standings[0] if i else None)
        for i, (run, standing) in enumerate(zip(runs, standings, strict=True))
    ]


def _result(run: Run, standing: Standing | None, first: Standing | None) -> Result | None:
    with run.lock:
        telemetry = run.telemetry
        snapshot, best, seconds = telemetry.snapshot, telemetry.most_accurate.best, telemetry.seconds
    if snapshot is None:
        return None
    verdict = None
    if first is not None and standing is not None and judged_alike(first, standing):
        verdict = verdict_of_examples(first.right, standing.right)
    best = best or snapshot
    return Result(
        best=best.judge.accuracy,
        best_epoch=best.epoch,
        last=snapshot.judge.accuracy,
        error=standard_error(snapshot.judge.accuracy, snapshot.judge.size),
        # labels that are right on both sides, where some of the training labels are not
        gap=(snapshot.clean or snapshot.training).accuracy - snapshot.judge.accuracy,
        cost=snapshot.judge.cost,
        seconds=seconds,
        verdict=verdict,
    )


def _standing(run: Run) -> Standing | None:
    try:
        return standing_of(run)
    except FieldError:  # its data have been removed: its figures are known all the same
        return None

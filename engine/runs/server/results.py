"""The metrics of several runs, each compared with the first run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.analysis.evidence import Comparison, compare_on_examples, standard_error
from engine.errors import FieldError
from engine.runs.server.evaluated_network import EvaluatedNetwork, evaluated_network_of, same_evaluation_set
from engine.runs.server.run import Run


@dataclass(frozen=True)
class Result:
    """The metrics of one run.

    Attributes:
        best_accuracy, best_epoch: the highest accuracy on the evaluation set, from 0 to 1, and its epoch.
        newest_accuracy: the newest accuracy. accuracy_error: its standard error, from the number of examples.
        gap: training accuracy minus evaluation accuracy. cost: the newest cost on the evaluation set.
        seconds: total time of updates and measurements.
        verdict: the comparison with the first run on the same examples, for the networks at their newest
            keyframes; None for the first run, or if the examples differ.
    """

    best_accuracy: float
    best_epoch: int
    newest_accuracy: float
    accuracy_error: float
    gap: float
    cost: float
    seconds: float
    verdict: Comparison | None = None


def results_of(runs: Sequence[Run]) -> list[Result | None]:
    """Return the result of every run, None for a run without a measurement."""
    networks = [_network_or_none(run) for run in runs]
    return [
        _result_of(run, network, networks[0] if i else None)
        for i, (run, network) in enumerate(zip(runs, networks, strict=True))
    ]


def _result_of(run: Run, network: EvaluatedNetwork | None, first: EvaluatedNetwork | None) -> Result | None:
    with run.lock:
        telemetry = run.telemetry
        snapshot, best_snapshot, seconds = telemetry.snapshot, telemetry.best_by_accuracy.best, telemetry.seconds
    if snapshot is None:
        return None
    verdict = None
    if first is not None and network is not None and same_evaluation_set(first, network):
        verdict = compare_on_examples(first.correct, network.correct)
    best_snapshot = best_snapshot or snapshot
    return Result(
        best_accuracy=best_snapshot.evaluation.accuracy,
        best_epoch=best_snapshot.epoch,
        newest_accuracy=snapshot.evaluation.accuracy,
        accuracy_error=standard_error(snapshot.evaluation.accuracy, snapshot.evaluation.size),
        # if some training labels are corrupted, the accuracy on the correct ones
        gap=(snapshot.clean or snapshot.training).accuracy - snapshot.evaluation.accuracy,
        cost=snapshot.evaluation.cost,
        seconds=seconds,
        verdict=verdict,
    )


def _network_or_none(run: Run) -> EvaluatedNetwork | None:
    try:
        return evaluated_network_of(run)
    except FieldError:  # the data set was removed; the telemetry still has the metrics
        return None

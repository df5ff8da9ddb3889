"""Results of runs as plain values, in the form of the recorded files, and their comparison."""

from __future__ import annotations

import hashlib
import json
import math
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from engine import Change, Diverged, Measurement, Parameters, RunConfig, Snapshot, Training, dataset_of, select
from tests.compatibility import places
from tests.compatibility.machine import probe

FOLDER = Path(__file__).parent
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}  # relative; only where the probe gives other bits
COUNT_TOLERANCE = {"float64": 0, "float32": 3}  # correct examples, in the same case


@cache
def recorded(name: str) -> Any:
    """The content of a recorded JSON file."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


# Results as plain values. Every measured number is recorded in decimals and in hexadecimal.


def run_case(case: Mapping[str, Any]) -> dict[str, Any]:
    """Train a case of runs.json and return its results.

    Args:
        case: the config and the live changes; `resumed_at` is the step at which the run is
            interrupted and resumed from its checkpoint, or None.
    """
    config = RunConfig.from_dict(case["config"])
    data = select(config, dataset_of(config))
    changes = [Change(change["step"], change["fields"]) for change in case["changes"]]
    training = Training(config, data, changes=changes)
    resumed_at = case["resumed_at"]
    snapshots, costs, diverged_at = [training.measure()], [], None
    try:
        while not training.finished:
            if resumed_at is not None and training.epoch == resumed_at // training.steps_per_epoch:
                training.run(resumed_at - training.step)
                costs.append(training.take_costs())
                training, resumed_at = Training.resume(training.checkpoint(), data), None
            training.run(training.steps_per_epoch)
            snapshots.append(training.end_epoch())
            costs.append(training.take_costs())
    except Diverged as error:
        diverged_at = error.step
        costs.append(training.take_costs())
        snapshots.append(training.measure())
    last = len(snapshots) - 1
    return {
        "steps_per_epoch": training.steps_per_epoch,
        "last_step": training.step,
        "finished": training.finished,
        "diverged_at": diverged_at,
        **number("learning_rate", training.learning_rate),
        "snapshots": [snapshot_values(snapshots[at]) for at in sorted({0, 1, last // 2, last})],
        "mini_batch_costs": cost_values(np.concatenate(costs)),
        "parameters": parameter_values(training.parameters),
        "best_parameters": parameter_values(places.best_parameters(training)) if config.stop_on != "never" else None,
    }


def snapshot_values(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as plain values."""
    penalty, evaluation_penalty = places.penalties_of(snapshot)
    return {
        "step": snapshot.step,
        "epoch": snapshot.epoch,
        "training": _measurement(snapshot.training),
        "clean": _measurement(snapshot.clean),
        "corrupted": _measurement(snapshot.corrupted),
        "evaluation": _measurement(places.evaluation_of(snapshot)),
        **number("penalty", penalty),
        **number("evaluation_penalty", evaluation_penalty),
    }


def cost_values(costs: np.ndarray) -> dict[str, Any]:
    """The costs of the mini-batches: their number, exact sum and checksum."""
    return {"count": len(costs), **number("sum", math.fsum(costs)), "sha256": sha256(costs)}


def parameter_values(parameters: Parameters) -> dict[str, Any]:
    """A checksum of the parameters, and sums of |w| and |b| to compare where rounding differs."""
    return {
        "sha256": sha256(parameters.flat),
        "weight_sums": [math.fsum(np.abs(W.ravel())) for W in parameters.weights],
        "bias_sums": [math.fsum(np.abs(b)) for b in parameters.biases],
        "zeros": int(np.count_nonzero(parameters.flat == 0)),
    }


def record_values(record: places.Record) -> dict[str, Any]:
    """A run of the store as plain values."""
    snapshots, keyframes, lines = places.snapshots_of(record), places.keyframes_of(record), places.lines_of(record)
    checkpoint = places.checkpoint_of(record)
    return {
        "about": places.about_values(record.about),
        "snapshots": len(snapshots),
        "last_snapshot": snapshot_values(snapshots[-1]) if snapshots else None,
        "changes": places.changes_of(record),
        "events": [{"step": event.step, "kind": event.kind, "body": event.body} for event in record.events],
        "keyframe_steps": [step for step, _ in keyframes],
        "keyframes_sha256": sha256(*(flat for _, flat in keyframes)),
        "lines": {name: {"points": len(line[0]), "sha256": sha256(*line)} for name, line in lines.items()},
        "checkpoint": checkpoint
        and {"step": checkpoint.step, "parameters_sha256": sha256(places.parameters_of(checkpoint))},
        "trained_counts": [float(layer.sum()) for layer in places.trained_counts(record)],
    }


def number(name: str, value: float) -> dict[str, Any]:
    """A number as `name` in decimals and `name`_hex in hexadecimal."""
    return {name: value if math.isfinite(value) else str(value), f"{name}_hex": float(value).hex()}


def sha256(*arrays: np.ndarray) -> str:
    """The SHA-256 of the arrays' bytes, in order."""
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def _measurement(measured: Measurement | None) -> dict[str, Any] | None:
    if measured is None:
        return None
    return {**number("cost", measured.cost), "correct": measured.correct, "size": measured.size}


# Comparing


def trained_differences(expected: Any, found: Any, dtype: str) -> list[str]:
    """Compare results of training: to the last bit, or with a tolerance where rounding differs.

    The tolerance is used only where the probe of this machine differs from the recorded one.
    A warning then reports it.
    """
    if probe(dtype) == recorded("runs.json")["probe"][dtype]:
        return differences(expected, found)
    warnings.warn(f"other {dtype} rounding than on the recording machine: compared with a tolerance", stacklevel=2)
    return differences(expected, found, dtype)


def differences(expected: Any, found: Any, rounded: str | None = None, place: str = "") -> list[str]:
    """Return the differences, one line each. Keys that were not recorded are ignored.

    Args:
        expected: the recorded values. found: the values of this version.
        rounded: a dtype to compare with its tolerance and without checksums; None compares exactly.
        place: the path to these values, for the messages.
    """
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        lines = []
        for key, value in expected.items():
            if rounded and key.endswith(("_hex", "sha256", "zeros")):
                continue
            if key not in found:
                lines.append(f"{place}/{key}: missing")
            elif rounded and key == "correct":
                if abs(value - found[key]) > COUNT_TOLERANCE[rounded]:
                    lines.append(f"{place}/{key}: recorded {value}, got {found[key]}")
            else:
                lines += differences(value, found[key], rounded, f"{place}/{key}")
        return lines
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            line
            for at, (one, other) in enumerate(zip(expected, found, strict=True))
            for line in differences(one, other, rounded, f"{place}/{at}")
        ]
    if rounded and isinstance(expected, float) and isinstance(found, float):
        equal = math.isclose(expected, found, rel_tol=TOLERANCE[rounded], abs_tol=1e-12)
    else:
        equal = type(expected) is type(found) and expected == found
    return [] if equal else [f"{place}: recorded {expected!r}, got {found!r}"]

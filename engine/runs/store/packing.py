"""Converts a run to plain values and arrays and back, for the store, files and workers.

    pack(record) → {"about": {…}, "series": {name: array}, "events": […], "keyframes": […], "checkpoint": {…}}

Nothing is pickled. `unpack` checks every value, because files are untrusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.learning.checkpoint import Change, Checkpoint, check_changeable, config_at
from engine.learning.early_stopping import EarlyStopping
from engine.learning.schedule import check_halvings
from engine.learning.snapshot import ROW_LENGTH, Snapshot
from engine.runs.extracts.keyframe import ROUNDED, Keyframe
from engine.runs.history.series import Series
from engine.runs.history.telemetry import EPOCH_SERIES, Telemetry
from engine.runs.store.checks import check_date, check_finite, check_text, check_whole
from engine.runs.store.columns import pack_fields, unpack_fields
from engine.runs.store.record import About, Event, Record, check_texts
from engine.runs.store.weight_rows import CheckpointRow, KeyframeRow

MAX_SERIES = 200  # per run: ten magnitudes for each layer of weights, at most 110, and about 40 others
MAX_SERIES_NAME_LENGTH = 100  # characters


def pack(record: Record) -> dict[str, Any]:
    """Return a run as plain JSON types and arrays."""
    about = record.about
    checkpoint = record.checkpoint
    return {
        "about": pack_fields(about),
        "widest": record.telemetry.max_histogram_limit,
        "series": pack_series(record.telemetry),
        "events": [pack_fields(event) for event in record.events],
        "keyframes": [pack_fields(KeyframeRow.of(keyframe)) for keyframe in record.telemetry.keyframes],
        "checkpoint": checkpoint
        and {
            **pack_fields(CheckpointRow.of(checkpoint, record.training_counts)),
            "best": checkpoint.early_stopping.best_flat,
        },
    }


def unpack(packed: Mapping[str, Any]) -> Record:
    """Return the record from the result of `pack`.

    Raises:
        ValueError: if the values are not a packed run; a `FieldError` if one field is the cause.
    """
    try:
        return _unpack_checked(packed)
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError(f"not a packed run ({type(error).__name__}: {error})") from error


def _unpack_checked(packed: Mapping[str, Any]) -> Record:
    about = _unpack_about(packed["about"])
    telemetry = Telemetry()
    telemetry.step, telemetry.steps_per_epoch = about.step, about.steps_per_epoch
    telemetry.reported_at, telemetry.seconds = about.updated, about.seconds
    telemetry.max_histogram_limit = check_finite(packed["widest"])
    unpack_series(packed["series"], telemetry)
    events = tuple(_unpack_event(each) for each in packed["events"])
    telemetry.changes = [Change(event.step, event.body) for event in events if event.kind == "change"]
    if any(later.step < change.step for change, later in pairwise(telemetry.changes)):
        raise ValueError("the changes are out of order")
    config_at(about.initial_config, telemetry.changes, about.step + 1)  # raises for invalid values
    widths = about.initial_config.hidden
    for each in packed["keyframes"]:
        flat = _check_flat(each["flat"], about.initial_config, ROUNDED.name)
        trained = _split_counts(each["trained"], widths)
        step, halvings = check_whole(each["step"]), check_whole(each["halvings"])
        check_halvings(halvings, about.initial_config)
        telemetry.keyframes.add(Keyframe(step, flat, halvings, trained))
    steps = [keyframe.step for keyframe in telemetry.keyframes]
    if sorted(set(steps)) != steps or any(step > about.step for step in steps):
        raise ValueError("the keyframes are out of order")
    if len({keyframe.flat.size for keyframe in telemetry.keyframes}) > 1:
        raise ValueError("the keyframes have different sizes")
    telemetry.sequence_numbers.update(["status", "epochs", "over_time", "costs"])
    packed = packed["checkpoint"]
    if packed is None:
        return Record(about, telemetry, events=events)
    best = None if packed["best"] is None else _check_flat(packed["best"], about.initial_config)
    checkpoint = Checkpoint(
        about.initial_config,
        tuple(telemetry.changes),
        check_whole(packed["step"]),
        _check_flat(packed["flat"], about.initial_config),
        _unpack_early_stopping(packed["vigil"], best),
        _check_epoch_correct(packed.get("epoch_correct")),
    )
    check_halvings(checkpoint.early_stopping.halvings, about.initial_config)
    if any(keyframe.flat.size != checkpoint.flat.size for keyframe in telemetry.keyframes):
        raise ValueError("the keyframes and the checkpoint have different sizes")
    return Record(about, telemetry, checkpoint, _split_counts(packed["trained"], widths), events)


# Series and measurements


def pack_series(telemetry: Telemetry) -> dict[str, Array]:
    """Return all series and measurements of a run as float64 arrays by name."""
    arrays_by_name = {f"epochs/{name}": series.to_array() for name, series in telemetry.epochs.items()}
    arrays_by_name |= {f"over_time/{name}": series.to_array() for name, series in telemetry.over_time.items()}
    arrays_by_name["mini_batch_cost"] = telemetry.mini_batch_cost.to_array()
    rows = [snapshot.to_array() for snapshot in telemetry.snapshots]
    arrays_by_name["snapshots"] = np.concatenate(rows) if rows else np.empty(0)
    arrays_by_name["most_accurate"] = telemetry.best_by_accuracy.to_array()
    arrays_by_name["cheapest"] = telemetry.best_by_cost.to_array()
    return arrays_by_name


def unpack_series(arrays: Mapping[str, Array], telemetry: Telemetry) -> None:
    """Set the series and measurements of a new telemetry from the arrays of `pack_series`.

    Raises:
        ValueError: if the arrays are not from `pack_series`.
    """
    if len(arrays) > MAX_SERIES:
        raise ValueError(f"a run must have at most {MAX_SERIES} series, got {len(arrays)}")
    for name in arrays:
        if not name.isprintable() or len(name) > MAX_SERIES_NAME_LENGTH:
            raise ValueError(f"a series must have a short printable name, got {name[:40]!r}")
    telemetry.epochs = {name: _unpack_one_series(arrays, f"epochs/{name}") or Series() for name in EPOCH_SERIES}
    for name in arrays:
        kind, _, rest = name.partition("/")
        if kind == "over_time" and rest and (arrays_by_name := _unpack_one_series(arrays, name)):
            telemetry.over_time[rest] = arrays_by_name
    telemetry.mini_batch_cost = _unpack_one_series(arrays, "mini_batch_cost") or telemetry.mini_batch_cost
    if "snapshots" in arrays:
        rows = np.asarray(arrays["snapshots"], dtype=np.float64).reshape(-1, ROW_LENGTH)
        telemetry.snapshots = [Snapshot.from_array(row) for row in rows]
        telemetry.snapshot = telemetry.snapshots[-1] if telemetry.snapshots else None
    for name, best in (("most_accurate", telemetry.best_by_accuracy), ("cheapest", telemetry.best_by_cost)):
        if name in arrays:
            best.load_array(np.asarray(arrays[name], dtype=np.float64))


def _unpack_one_series(arrays: Mapping[str, Array], name: str) -> Series | None:
    array = arrays.get(name)
    return None if array is None else Series.from_array(np.asarray(array, dtype=np.float64))


# Weights


def _split_counts(counts: Array, widths: tuple[int, ...]) -> tuple[Array, ...]:
    """Return the counts of each hidden layer, the inverse of `join_counts`."""
    counts = np.asarray(counts, dtype=np.float64)
    if not len(counts):
        return ()
    if counts.shape != (sum(widths),) or not np.isfinite(counts).all():
        raise ValueError(f"expected counts of {sum(widths)} neurons, got {counts.size}")
    return tuple(np.split(counts, np.cumsum(widths)[:-1]))


def _check_flat(array: Array, config: RunConfig, *more: str) -> Array:
    """Return checked weights. `more`: dtypes that they may have beside that of the run."""
    flat = np.asarray(array)
    if flat.ndim != 1 or flat.dtype not in (config.dtype, *more) or not np.isfinite(flat).all():
        raise ValueError(f"weights must be finite {config.dtype} numbers")
    return np.ascontiguousarray(flat)


# Plain values


def _unpack_early_stopping(packed: Mapping[str, Any], best_flat: Array | None) -> EarlyStopping:
    stopped = packed["stopped"]
    if stopped is not None:
        check_text(stopped)
    counts = {name: check_whole(packed[name]) for name in ("best_epoch", "waited", "stalled", "halvings")}
    best = float("-inf") if packed["best"] is None else check_finite(packed["best"])
    return EarlyStopping(best=best, best_flat=best_flat, stopped=stopped, **counts)


def _check_epoch_correct(value: Any) -> int | None:
    return None if value is None else check_whole(value)


def _unpack_about(packed: Mapping[str, Any]) -> About:
    about = About(**unpack_fields(About, packed))
    check_texts(about.name, about.note, about.tags)
    return about


def _unpack_event(packed: Mapping[str, Any]) -> Event:
    kind, body = packed["kind"], packed["body"]
    if kind == "change":
        if not isinstance(body, Mapping):
            raise ValueError("a change must have fields")
        check_changeable(body)
    elif kind != "state" or not isinstance(body, str):
        raise ValueError(f"unknown kind of event: {str(kind)[:40]!r}")
    return Event(check_whole(packed["step"]), check_date(packed["at"]), kind, body)

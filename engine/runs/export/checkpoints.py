"""Reads and writes checkpoints as `.npz` files, never pickle.

The arrays are `flat`, the parameters as in `Parameters.flat`, and `best_flat`, those of the best epoch, if early
stopping keeps them. Everything else is JSON, an array of bytes named `checkpoint`.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.errors import FieldError, format_limit
from engine.learning.checkpoint import Change, Checkpoint, check_changeable, config_at
from engine.learning.early_stopping import EarlyStopping
from engine.learning.schedule import check_halvings
from engine.runs.export.weights import MAX_BYTES, write_atomically

# the fields of `EarlyStopping` that are counts
COUNT_NAMES = ("best_epoch", "waited", "stalled", "halvings")


def save_checkpoint(path: Path | str, checkpoint: Checkpoint) -> None:
    """Write a checkpoint to an `.npz` file.

    The file is written under a temporary name and then renamed, so an interruption keeps the old file.

    Raises:
        FieldError: if the file name does not end in .npz. OSError: if the file cannot be written.
    """
    path = Path(path)
    _check_ending(path)
    state = checkpoint.early_stopping
    early_stopping_values = {
        field.name: getattr(state, field.name) for field in fields(state) if field.name != "best_flat"
    }
    text = json.dumps(
        {
            "initial_config": checkpoint.initial_config.to_dict(),
            "changes": [{"step": change.step, "fields": dict(change.fields)} for change in checkpoint.changes],
            "step": checkpoint.step,
            "epoch_correct": checkpoint.epoch_correct,
            "early_stopping": early_stopping_values | {"best": state.best if math.isfinite(state.best) else None},
        },
        ensure_ascii=False,
        allow_nan=False,
    )
    arrays = {"checkpoint": np.frombuffer(text.encode(), np.uint8), "flat": checkpoint.flat}
    if state.best_flat is not None:
        arrays["best_flat"] = state.best_flat
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    write_atomically(path, buffer.getvalue())


def load_checkpoint(path: Path | str) -> Checkpoint:
    """Return a checkpoint from a file of `save_checkpoint`.

    `Training.resume` continues it.

    Raises:
        FieldError: if the file cannot be read, is damaged or contains no checkpoint. The message names the file.
    """
    path = Path(path)
    _check_ending(path)
    try:
        arrays = _read_arrays(path)
        return _build_checkpoint(json.loads(arrays["checkpoint"].tobytes()), arrays["flat"], arrays.get("best_flat"))
    except Exception as error:  # a damaged file can raise zlib.error, NotImplementedError, OverflowError, …
        cause = f"{error!s:.200}"  # that of an archive may repeat any part of the file
        raise FieldError(str(path), f"does not contain a checkpoint ({cause}): save it again") from error


def _check_ending(path: Path) -> None:
    if path.suffix != ".npz":
        raise FieldError("path", f"must end in .npz, got {path.name!r}")


def _read_arrays(path: Path) -> dict[str, Array]:
    with np.load(path, allow_pickle=False) as stored:
        unpacked_bytes = sum(member.file_size for member in stored.zip.infolist())
        if unpacked_bytes > MAX_BYTES:  # checked before the file is unpacked
            limit, size = format_limit(MAX_BYTES, unpacked_bytes)
            raise ValueError(f"it may unpack to {limit}, got {size}")
        return {name: stored[name] for name in ("checkpoint", "flat", "best_flat") if name in stored.files}


def _build_checkpoint(values: Mapping[str, Any], flat: Array, best_flat: Array | None) -> Checkpoint:
    """Return a checkpoint from the content of a file. Every value is checked: the file is untrusted."""
    config = RunConfig.from_dict(values["initial_config"])
    changes = tuple(Change(_check_count(change["step"]), dict(change["fields"])) for change in values["changes"])
    step = _check_count(values["step"])
    for change in changes:
        check_changeable(change.fields)
    if any(change.step > later.step for change, later in pairwise((*changes, Change(step, {})))):
        raise ValueError("the changes are out of order")
    config_at(config, changes, step + 1)  # refuses invalid values
    for array in (flat, best_flat):
        if array is not None and (array.ndim != 1 or array.dtype != config.dtype or not np.isfinite(array).all()):
            raise ValueError(f"weights must be finite {config.dtype} numbers")
    if best_flat is not None and best_flat.shape != flat.shape:
        raise ValueError(f"the best weights have shape {best_flat.shape}, the current weights {flat.shape}")
    state = values["early_stopping"]
    best = -math.inf if state["best"] is None else float(state["best"])
    stopped = state["stopped"]
    if math.isnan(best) or not (stopped is None or isinstance(stopped, str)):
        raise ValueError("the state of early stopping is damaged")
    counts = {name: _check_count(state[name]) for name in COUNT_NAMES}
    check_halvings(counts["halvings"], config)
    correct = values.get("epoch_correct")  # not in files of earlier versions
    return Checkpoint(
        config,
        changes,
        step,
        flat,
        EarlyStopping(best=best, best_flat=best_flat, stopped=stopped, **counts),
        None if correct is None else _check_count(correct),
    )


def _check_count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"expected a whole number of at least 0, got {str(value)[:40]!r}")
    return value

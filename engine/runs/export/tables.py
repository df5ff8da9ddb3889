"""Exports the series of a run as tables, for spreadsheets and data frames.

A table has one row per epoch and one column per quantity. For a short run every row is one epoch. For a long run
neighbouring points were merged: a row covers the epochs from `epoch` to `epoch_end` and contains the last value.
"""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.runs.history.telemetry import Telemetry

FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # and their full-width forms


def epochs_table(telemetry: Telemetry) -> dict[str, Array]:
    """Return the table over the epochs: columns (k,) by name, NaN where nothing was measured.

    The columns are `epoch`, `epoch_end`, every series of `EPOCH_SERIES` and every other quantity. Values that an
    extract measured within an epoch have no row and are left out.
    """
    epoch_buckets = next(iter(telemetry.epochs.values())).buckets()
    table = {"epoch": epoch_buckets["x"], "epoch_end": epoch_buckets["end"]}
    for name, series in telemetry.epochs.items():
        table[name] = series.buckets()["last"]
    for name, series in telemetry.over_time.items():
        buckets = series.buckets()
        table[name] = _last_values_in_rows(buckets["end"], buckets["last"], epoch_buckets["x"], epoch_buckets["end"])
    return table


def costs_table(telemetry: Telemetry) -> dict[str, Array]:
    """Return the table of mini-batch costs.

    The columns are `step`, `step_end`, and the lowest, highest and last cost of these steps.
    """
    buckets = telemetry.mini_batch_cost.buckets()
    return {
        "step": buckets["x"],
        "step_end": buckets["end"],
        "low": buckets["low"],
        "high": buckets["high"],
        "last": buckets["last"],
    }


def csv_bytes(table: dict[str, Array]) -> bytes:
    """Return a table as CSV in UTF-8.

    Numbers are exact, with as few digits as possible. NaN is an empty cell. A spreadsheet reads no name as a formula.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_neutralize_formula(name) for name in table])
    for row in zip(*table.values(), strict=True):
        writer.writerow([_format_number(float(value)) for value in row])
    return buffer.getvalue().encode()


def parquet_bytes(table: dict[str, Array]) -> bytes:
    """Return a table as Parquet with float64 columns."""
    import pyarrow as pa  # imported here: the import takes a tenth of a second and is rarely needed
    from pyarrow import parquet

    buffer: Any = pa.BufferOutputStream()
    parquet.write_table(pa.table({name: np.asarray(column, np.float64) for name, column in table.items()}), buffer)
    return bytes(buffer.getvalue().to_pybytes())


def _neutralize_formula(text: str) -> str:
    """Return text that a spreadsheet shows as it is. An imported run may contain any name of a series."""
    return f"'{text}" if text.startswith(FORMULA_BEGINNINGS) else text


def _format_number(value: float) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _last_values_in_rows(x: Array, y: Array, starts: Array, ends: Array) -> Array:
    """Return the last value within the epochs of each row (k,), NaN if a row has none."""
    last_values = np.full(len(starts), np.nan)
    indices = np.searchsorted(x, ends, side="right") - 1
    has_value = (indices >= 0) & (x[np.maximum(indices, 0)] >= starts) if len(x) else np.zeros(len(starts), dtype=bool)
    last_values[has_value] = y[indices[has_value]]
    return last_values

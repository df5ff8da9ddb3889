"""The lines of a run as tables, for spreadsheets and data frames.

One row per epoch, one column per quantity. Values of a short run are exact. Of a long run, neighbouring
points were merged: a row covers the epochs from `epoch` to `epoch_end` and holds the last value.
"""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.runs.history.telemetry import Telemetry


def epochs_table(telemetry: Telemetry) -> dict[str, Array]:
    """Return the columns over the epochs by name, all (k,); NaN where a quantity was not measured.

    The first are `epoch` and `epoch_end`, then every series of `EPOCH_SERIES` and every other quantity.
    Values measured within an epoch, as in extracts, have no row and are left out.
    """
    main = next(iter(telemetry.epochs.values())).buckets()
    table = {"epoch": main["x"], "epoch_end": main["end"]}
    for name, series in telemetry.epochs.items():
        table[name] = series.buckets()["last"]
    for name, series in telemetry.over_time.items():
        buckets = series.buckets()
        table[name] = _at(buckets["end"], buckets["last"], main["x"], main["end"])
    return table


def costs_table(telemetry: Telemetry) -> dict[str, Array]:
    """Return the mini-batch costs: `step`, `step_end`, and the lowest, highest and last cost between them."""
    buckets = telemetry.mini_batch_cost.buckets()
    return {
        "step": buckets["x"],
        "step_end": buckets["end"],
        "low": buckets["low"],
        "high": buckets["high"],
        "last": buckets["last"],
    }


def csv_bytes(table: dict[str, Array]) -> bytes:
    """Return a table as CSV in UTF-8: exact numbers with as few digits as possible, empty cells for NaN."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table)
    for row in zip(*table.values(), strict=True):
        writer.writerow([_written(float(value)) for value in row])
    return out.getvalue().encode()


def parquet_bytes(table: dict[str, Array]) -> bytes:
    """Return a table as Parquet with float64 columns."""
    import pyarrow as pa  # importing it takes a tenth of a second, and it is rarely used
    from pyarrow import parquet

    out: Any = pa.BufferOutputStream()
    parquet.write_table(pa.table({name: np.asarray(column, np.float64) for name, column in table.items()}), out)
    return bytes(out.getvalue().to_pybytes())


def _written(value: float) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _at(x: Array, y: Array, starts: Array, ends: Array) -> Array:
    """Return the last value within the epochs of each row (k,); NaN if there is none."""
    found = np.full(len(starts), np.nan)
    at = np.searchsorted(x, ends, side="right") - 1
    inside = (at >= 0) & (x[np.maximum(at, 0)] >= starts) if len(x) else np.zeros(len(starts), dtype=bool)
    found[inside] = y[at[inside]]
    return found

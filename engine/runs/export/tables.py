"""A run's lines as tables, for spreadsheets and data frames.

One row an epoch, one column a quantity. While a run is short every value is exact; of a long one neighbouring points
have been merged, and a row then stands for the epochs from `epoch` to `epoch_end`: the value is the last of them.
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
    """Columns over the epochs, by name, all of one length (k,); NaN where a quantity was not measured.

    The first are `epoch` and `epoch_end`; then every series of `EPOCH_SERIES`, and what else was measured. What was
    measured in the middle of an epoch, as views are, is left out: it has no row.
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
    """The mini-batches' costs: `step`, `step_end`, and the lowest, highest and last cost of those in between."""
    buckets = telemetry.mini_batch_cost.buckets()
    return {
        "step": buckets["x"],
        "step_end": buckets["end"],
        "low": buckets["low"],
        "high": buckets["high"],
        "last": buckets["last"],
    }


def csv_bytes(table: dict[str, Array]) -> bytes:
    """A table as CSV in UTF-8: numbers in as few digits as give the same number again, nothing for NaN."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table)
    for row in zip(*table.values(), strict=True):
        writer.writerow([_written(float(value)) for value in row])
    return out.getvalue().encode()


def parquet_bytes(table: dict[str, Array]) -> bytes:
    """A table as Parquet: float64 columns."""
    import pyarrow as pa  # it takes a tenth of a second to load, and few ask for it
    from pyarrow import parquet

    out: Any = pa.BufferOutputStream()
    parquet.write_table(pa.table({name: np.asarray(column, np.float64) for name, column in table.items()}), out)
    return bytes(out.getvalue().to_pybytes())


def _written(value: float) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _at(x: Array, y: Array, starts: Array, ends: Array) -> Array:
    """The last value within each row's epochs (k,); NaN where none is."""
    found = np.full(len(starts), np.nan)
    at = np.searchsorted(x, ends, side="right") - 1
    inside = (at >= 0) & (x[np.maximum(at, 0)] >= starts) if len(x) else np.zeros(len(starts), dtype=bool)
    found[inside] = y[at[inside]]
    return found

"""Sums and shares over all weights of a run, from the measurements of each layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy import ndarray as Array

from dashboard.charts import style
from dashboard.charts.overlays import run_lines
from dashboard.charts.overlays.entrant import Entrant
from engine import FieldError, RunConfig, dataset_of
from engine.analysis.magnitudes import series_name


def sum_over_weights(entrant: Entrant, quantity: str) -> tuple[Array, Array] | None:
    """Return (epochs, sums over all weights), both (k,); None before the first measurement."""
    return _weighted_sum_over_layers(entrant, quantity, [1.0] * _layer_count(entrant.current_config))


def share_of_weights(entrant: Entrant, quantity: str) -> tuple[Array, Array] | None:
    """Return (epochs, shares of all weights from 0 to 1), both (k,).

    None if nothing was measured or the data set has been removed.
    """
    sizes = weight_counts(entrant.current_config)
    return _weighted_sum_over_layers(entrant, quantity, [size / sum(sizes) for size in sizes]) if sizes else None


def line_data(points: tuple[Array, Array] | None, scale: float = 1.0) -> dict[str, Any]:
    """Return the points of a line as x and y of a trace, with y multiplied by `scale`."""
    if points is None:
        return run_lines.EMPTY_LINE
    x, y = style.downsample(*points, style.MAX_LINE_POINTS)
    return {"x": style.encode_array(x), "y": style.encode_array(scale * y)}


def latest_value(points: tuple[Array, Array] | None) -> float | None:
    """Return the newest value; None if nothing was measured."""
    return float(points[1][-1]) if points is not None and len(points[1]) else None


def line_data_of_runs(
    entrants: Sequence[Entrant],
    quantities: Iterable[str],
    measure: Callable[[Entrant, str], tuple[Array, Array] | None],
    scale: float = 1.0,
) -> list[dict[str, Any]]:
    """Return the line data of all runs, by quantity, in the order of `run_lines.empty_traces`.

    Args:
        entrants: the runs.
        quantities: the names of measured quantities.
        measure: `sum_over_weights` or `share_of_weights`.
        scale: the factor on the values.
    """
    return [
        data
        for quantity in quantities
        for data in run_lines.trace_data(
            entrants, partial(_line_data_of_run, quantity=quantity, measure=measure, scale=scale)
        )
    ]


def _line_data_of_run(
    entrant: Entrant,
    quantity: str,
    measure: Callable[[Entrant, str], tuple[Array, Array] | None],
    scale: float,
) -> dict[str, Any]:
    return line_data(measure(entrant, quantity), scale)


@lru_cache(maxsize=64)
def weight_counts(config: RunConfig) -> tuple[int, ...]:
    """Return the number of weights of each layer; () if the data set has been removed."""
    try:
        dataset = dataset_of(config)
    except FieldError:
        return ()
    layer_sizes = (dataset.features, *config.hidden, dataset.classes)
    return tuple(n_in * n_out for n_in, n_out in pairwise(layer_sizes))


def _layer_count(config: RunConfig) -> int:
    return len(config.hidden) + 1


def _weighted_sum_over_layers(entrant: Entrant, quantity: str, factors: list[float]) -> tuple[Array, Array] | None:
    layer_series = [entrant.telemetry.over_time.get(series_name(layer, quantity)) for layer in range(len(factors))]
    lines = [series.line() for series in layer_series if series is not None]
    if len(lines) < len(factors):
        return None
    # all layers are measured at the same epochs, so their series have the same x
    x = lines[0][0]
    return x, np.sum([factor * y for factor, (_, y) in zip(factors, lines, strict=True)], axis=0)

"""Sums and shares over all weights of a run, from the measurements of each layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy import ndarray as Array

from dashboard.charts import style
from dashboard.charts.overlays import strokes
from dashboard.charts.overlays.entrant import Entrant
from engine import FieldError, RunConfig, dataset_of
from engine.analysis.magnitudes import series_name


def total(entrant: Entrant, quantity: str) -> tuple[Array, Array] | None:
    """Return (epochs, sums over all weights), both (k,); None before the first measurement."""
    return _over_layers(entrant, quantity, [1.0] * _layers(entrant.current_config))


def share(entrant: Entrant, quantity: str) -> tuple[Array, Array] | None:
    """Return (epochs, shares of all weights from 0 to 1), both (k,).

    None if nothing was measured or the data set has been removed.
    """
    sizes = sizes_of_layers(entrant.current_config)
    return _over_layers(entrant, quantity, [size / sum(sizes) for size in sizes]) if sizes else None


def line(found: tuple[Array, Array] | None, scale: float = 1.0) -> dict[str, Any]:
    """Return a measured quantity as x and y of a trace."""
    if found is None:
        return strokes.EMPTY
    x, y = style.thinned(*found, style.MAX_POINTS)
    return {"x": style.typed(x), "y": style.typed(scale * y)}


def latest(found: tuple[Array, Array] | None) -> float | None:
    """Return the newest value; None if nothing was measured."""
    return float(found[1][-1]) if found is not None and len(found[1]) else None


def lines_of(
    entrants: Sequence[Entrant],
    quantities: Iterable[str],
    measured: Callable[[Entrant, str], tuple[Array, Array] | None],
    scale: float = 1.0,
) -> list[dict[str, Any]]:
    """Return the line data of all runs, by quantity, in the order of `strokes.traces`.

    Args:
        entrants: the runs.
        quantities: names of measured quantities.
        measured: `total` or `share`.
        scale: factor on the values.
    """
    return [
        each
        for quantity in quantities
        for each in strokes.data(entrants, partial(_line_of, quantity=quantity, measured=measured, scale=scale))
    ]


def _line_of(
    entrant: Entrant,
    quantity: str,
    measured: Callable[[Entrant, str], tuple[Array, Array] | None],
    scale: float,
) -> dict[str, Any]:
    return line(measured(entrant, quantity), scale)


@lru_cache(maxsize=64)
def sizes_of_layers(config: RunConfig) -> tuple[int, ...]:
    """Return the number of weights of each layer; () if the data set has been removed."""
    try:
        dataset = dataset_of(config)
    except FieldError:
        return ()
    widths = (dataset.features, *config.hidden, dataset.classes)
    return tuple(before * width for before, width in pairwise(widths))


def _layers(config: RunConfig) -> int:
    return len(config.hidden) + 1


def _over_layers(entrant: Entrant, quantity: str, weights: list[float]) -> tuple[Array, Array] | None:
    known = [entrant.telemetry.over_time.get(series_name(layer, quantity)) for layer in range(len(weights))]
    lines = [series.line() for series in known if series is not None]
    if len(lines) < len(weights):
        return None
    # all layers are measured at the same epochs, so their series have the same x
    x = lines[0][0]
    return x, np.sum([weight * y for weight, (_, y) in zip(weights, lines, strict=True)], axis=0)

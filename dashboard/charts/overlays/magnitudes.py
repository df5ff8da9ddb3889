"""How large all weights of a run are together, from what is measured of each of its layers."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy import ndarray as Array

from dashboard.charts import style
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.strokes import EMPTY
from engine import FieldError, RunConfig, dataset_of
from engine.analysis.magnitudes import series_name


def total(entrant: Entrant, quantity: str) -> tuple[Array, Array] | None:
    """A sum over all weights at each epoch measured: both (k,); None where nothing was."""
    return _over_layers(entrant, quantity, [1.0] * _layers(entrant.current_config))


def share(entrant: Entrant, quantity: str) -> tuple[Array, Array] | None:
    """A share of all weights, 0 … 1, at each epoch measured; None where nothing was, or the data are removed."""
    sizes = sizes_of_layers(entrant.current_config)
    return _over_layers(entrant, quantity, [size / sum(sizes) for size in sizes]) if sizes else None


def line(found: tuple[Array, Array] | None, scale: float = 1.0) -> dict[str, Any]:
    """As x and y of a trace."""
    if found is None:
        return EMPTY
    x, y = style.thinned(*found, style.MOST)
    return {"x": style.typed(x), "y": style.typed(scale * y)}


def latest(found: tuple[Array, Array] | None) -> float | None:
    """The newest value."""
    return float(found[1][-1]) if found is not None and len(found[1]) else None


@lru_cache(maxsize=64)
def sizes_of_layers(config: RunConfig) -> tuple[int, ...]:
    """The number of weights of each layer; none where the data are no longer there."""
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
    # all layers are measured at once, at most `MAX_MEASUREMENTS` times: their series keep every point
    x = lines[0][0]
    return x, np.sum([weight * y for weight, (_, y) in zip(weights, lines, strict=True)], axis=0)

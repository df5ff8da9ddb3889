"""Hidden units as pictures: the incoming weights of the first hidden layer, for image data."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.panels.mosaic import columns_for, mosaic
from dashboard.charts.update import Update
from engine import FieldError, RunConfig, dataset_of
from engine.families.penalties import penalty_of
from engine.runs.extracts.pictures import ZERO_LEVEL, WeightPictures
from engine.runs.history.telemetry import Telemetry


def shown(config: RunConfig) -> bool:
    """Return True if the inputs are images and there is a hidden layer."""
    return bool(config.hidden) and image_shape(config) is not None


def image_shape(config: RunConfig) -> tuple[int, int] | None:
    """Return (height, width) of a run's inputs; None if they are no images or the data set has been removed."""
    try:
        return dataset_of(config).image_shape
    except FieldError:
        return None


def look(config: RunConfig) -> str:
    without = "Without a penalty the random speckle of the initial weights stays."
    return penalty_of(config, n=1).caption("pictures", without)


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    scale = [[0, palette.negative], [0.5, palette.zero], [1, palette.positive]]
    hidden = {"visible": False, "constrain": "domain"}
    return style.figure(
        palette,
        [go.Heatmap(z=[], zmin=0, zmax=2 * ZERO_LEVEL, colorscale=scale, showscale=False, hoverinfo="skip")],
        x=hidden,
        y={**hidden, "autorange": "reversed", "scaleanchor": "x"},
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 6, "b": 8},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    found: WeightPictures | None = telemetry.extracts.get("pictures")
    if found is None:
        return Update([])
    whole = mosaic(found.images, columns_for(*found.images.shape), ZERO_LEVEL)
    some = len(found.neurons)
    which = f"{some} of {numbers.count(found.layer_width)}" if some < found.layer_width else f"all {some}"
    limit = numbers.cost(found.limit)
    return Update(
        [{"z": style.typed(whole)}],
        {},
        f"The incoming weights of {which} neurons of the first hidden layer; the strongest are about {limit}.",
        f"{which} neurons; blue positive, to ±{limit}",
    )

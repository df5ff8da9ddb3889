"""Hidden units as images: the incoming weights of the first hidden layer, for image data."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.panels.mosaic import GAP, columns_for, mosaic
from dashboard.charts.panels.neuron_names import can_choose_weights, neuron_name
from dashboard.charts.update import Update
from engine import FieldError, RunConfig, dataset_of
from engine.families.penalties import penalty_of
from engine.runs.extracts.pictures import ZERO_LEVEL, WeightPictures
from engine.runs.history.telemetry import Telemetry


def applies_to(config: RunConfig) -> bool:
    """Return True if the inputs are images and there is a hidden layer."""
    return bool(config.hidden) and image_shape(config) is not None


def image_shape(config: RunConfig) -> tuple[int, int] | None:
    """Return (height, width) of the input images; None without images or if the data set has been removed."""
    try:
        return dataset_of(config).image_shape
    except FieldError:
        return None


def caption(config: RunConfig) -> str:
    return penalty_of(config, n=1).caption("pictures", "Without a penalty the initial noise remains.")


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        "Each picture shows the weights from the inputs to one neuron of the first hidden layer, at the place of the "
        "pixel. Blue weights are positive, orange ones negative. Point at a pixel for its weight, to within "
        f"{numbers.decimal(100 / ZERO_LEVEL)} % of the strongest colour"
        + ("; on the live board, a click chooses the weight for Tug of war." if can_choose_weights(config) else "."),
        *penalty_of(config, n=1).explanations("pictures"),
        measured.AT_STEP,
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    scale = [[0, palette.negative], [0.5, palette.zero], [1, palette.positive]]
    hidden = {"visible": False, "constrain": "domain"}
    return style.figure(
        palette,
        [
            go.Heatmap(
                z=[],
                zmin=0,
                zmax=2 * ZERO_LEVEL,
                colorscale=scale,
                showscale=False,
                hovertemplate="%{text}<extra></extra>",
            )
        ],
        x=hidden,
        y={**hidden, "scaleanchor": "x"},
        showlegend=False,
        hovermode="closest",
        margin={"l": 8, "r": 8, "t": 6, "b": 8},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    pictures: WeightPictures | None = telemetry.extracts.get("pictures")
    if pictures is None:
        return Update([])
    columns = columns_for(*pictures.images.shape)
    image = mosaic(pictures.images, columns, ZERO_LEVEL)
    drawn_count = len(pictures.neurons)
    drawn_of_all = (
        f"{drawn_count} of {numbers.count(pictures.layer_width)}"
        if drawn_count < pictures.layer_width
        else f"all {drawn_count}"
    )
    limit = numbers.cost(pictures.limit)
    return Update(
        [{"z": style.encode_array(image), "meta": _cell_texts(config, pictures, columns)}],
        # not left to Plotly.js, which takes the range of the chart without data at the first drawing
        {"xaxis.range": [-0.5, image.shape[1] - 0.5], "yaxis.range": [image.shape[0] - 0.5, -0.5]},
        f"The incoming weights of {drawn_of_all} neurons of the first hidden layer; the strongest are about {limit}.",
        f"{drawn_of_all} neurons; blue positive, to ±{limit}",
    )


def _cell_texts(config: RunConfig, pictures: WeightPictures, columns: int) -> dict[str, Any]:
    """Return what the hover labels of the pixels are made of; see cell_texts.js."""
    _, height, width = pictures.images.shape
    return {
        "dtype": "tiles",
        "names": [neuron_name(config, 1, int(neuron)) for neuron in pictures.neurons],
        "height": height,
        "width": width,
        "gap": GAP,
        "columns": columns,
        "zero": ZERO_LEVEL,
        "unit": pictures.limit / ZERO_LEVEL,
        # for clicks that choose a weight
        **({"neurons": pictures.neurons.tolist()} if can_choose_weights(config) else {}),
    }

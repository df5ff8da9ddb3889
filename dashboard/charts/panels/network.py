"""The thinned network of the newest mini-batch: its neurons and connections."""

from __future__ import annotations

import html
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.panels.neuron_names import dataset_or_none, drawn_neuron_names, input_name
from dashboard.charts.panels.no_dropout import no_dropout_caption
from dashboard.charts.update import Update
from engine import RunConfig
from engine.data import Dataset
from engine.learning.network import layer_sizes_of
from engine.runs.extracts.network import NetworkDrawing, drawn_neuron_indices
from engine.runs.history.telemetry import Telemetry

MAX_LABEL_LENGTH = 14  # characters of the name of an input beside its neuron; the label under the pointer has all
CHARACTER_WIDTH = 6.2  # pixels of the font of ticks, on average


def caption(config: RunConfig) -> str:
    if (reason := no_dropout_caption(config, "every hidden neuron trains")) is not None:
        return reason
    return "Hollow neurons are dropped in this mini-batch."


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        "Some neurons of each layer and their strongest connections, with the mask of the newest mini-batch. Hollow "
        "neurons are dropped with all their connections.",
        "The connections are those with the largest |w|, coloured by their sign. Point at a neuron for its name: an "
        "input is called by its feature, an output by its class.",
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    line = {"mode": "lines", "x": [], "y": [], "hoverinfo": "skip"}
    marker = {"size": 8, "line": {"width": 1.5, "color": palette.neuron}}
    traces: list[Any] = [
        go.Scatter(name="dropped connection", showlegend=False, line={"color": palette.grid, "width": 1}, **line),
        go.Scatter(name="positive", line={"color": palette.positive, "width": 1.4}, **line),
        go.Scatter(name="negative", line={"color": palette.negative, "width": 1.4, "dash": "4px,2px"}, **line),
        go.Scatter(
            name="trained", mode="markers", x=[], y=[], hoverinfo="skip", marker={**marker, "color": palette.neuron}
        ),
        go.Scatter(
            name="dropped",
            mode="markers",
            x=[],
            y=[],
            hoverinfo="skip",
            marker={**marker, "color": palette.neuron, "symbol": "circle-open"},
        ),
    ]
    dataset = dataset_or_none(config)
    if dataset is not None:
        traces.append(_hover_labels(config, dataset))
    input_labels = _input_labels(config, dataset)
    layers = len(config.hidden) + 2
    hidden = ["hidden"] if layers == 3 else [f"hidden {i}" for i in range(1, layers - 1)]
    return style.figure(
        palette,
        traces,
        x={
            "range": [-0.25, layers - 0.75],
            "showgrid": False,
            "tickvals": list(range(layers)),
            "ticktext": ["inputs", *hidden, "outputs"]
            if layers <= 6
            else ["in", *map(str, range(1, layers - 1)), "out"],
        },
        y={"range": [-0.06, 1.06], "showgrid": False, "showticklabels": bool(input_labels), **input_labels},
        hovermode="closest",
        margin={"l": _label_width(input_labels), "r": 10, "t": 6, "b": 22},
    )


def _hover_labels(config: RunConfig, dataset: Dataset) -> go.Scatter:
    """Return the trace with the names of all drawn neurons; it is invisible and never changes."""
    names = drawn_neuron_names(config, dataset)
    return go.Scatter(
        name="",
        mode="markers",
        x=[layer for layer, layer_names in enumerate(names) for _ in layer_names],
        y=[float(height) for layer_names in names for height in _neuron_heights(len(layer_names))],
        hovertext=[name for layer_names in names for name in layer_names],
        hoverinfo="text",
        marker={"size": 14, "opacity": 0},
        showlegend=False,
    )


def _input_labels(config: RunConfig, dataset: Dataset | None) -> dict[str, Any]:
    """Return the names of the drawn inputs as ticks of the y axis; {} if the features have no names."""
    if dataset is None or not dataset.feature_names:
        return {}
    inputs = drawn_neuron_indices(layer_sizes_of(config, dataset.features, dataset.classes))[0]
    return {
        "tickmode": "array",
        "tickvals": _neuron_heights(len(inputs)).tolist(),
        "ticktext": [input_name(dataset, int(index), MAX_LABEL_LENGTH) for index in inputs],
    }


def _label_width(labels: dict[str, Any]) -> int:
    """Return the width of the margin for the names of the inputs, in pixels."""
    longest = max((len(html.unescape(text)) for text in labels.get("ticktext", ())), default=0)
    return 10 + math.ceil(CHARACTER_WIDTH * longest)


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    if "network" not in telemetry.extracts:
        return Update([])
    network: NetworkDrawing | None = telemetry.extracts["network"]
    if network is None:  # at step 0 there is no mask: remove the network of later steps
        return Update([_point_data(np.empty((2, 0))) for _ in range(5)])
    heights = [_neuron_heights(len(layer_mask)) for layer_mask in network.kept_neurons]
    dropped_links, positive, negative = [], [], []
    for layer, links in enumerate(network.links):
        is_kept = network.kept_neurons[layer][links.sources] & network.kept_neurons[layer + 1][links.targets]
        x = np.tile([layer, layer + 1, np.nan], (len(is_kept), 1))
        end_heights = heights[layer][links.sources], heights[layer + 1][links.targets], np.full(len(is_kept), np.nan)
        segments = np.stack([x, np.stack(end_heights, axis=1)])
        dropped_links.append(segments[:, ~is_kept])
        positive.append(segments[:, is_kept & (links.weights >= 0)])
        negative.append(segments[:, is_kept & (links.weights < 0)])
    positions = np.concatenate([np.stack([np.full(len(y), i), y]) for i, y in enumerate(heights)], axis=1)
    is_kept_neuron = np.concatenate(network.kept_neurons)
    traces = [_segment_data(segments) for segments in (dropped_links, positive, negative)]
    traces += [_point_data(positions[:, is_kept_neuron]), _point_data(positions[:, ~is_kept_neuron])]
    dropped = sum(int((~layer_mask).sum()) for layer_mask in network.kept_neurons[1:-1])
    hidden_count = sum(len(layer_mask) for layer_mask in network.kept_neurons[1:-1])
    mask_source = "the first example" if network.is_first_example_mask else f"mini-batch {numbers.count(network.step)}"
    text = f"In {mask_source} {dropped} of {hidden_count} hidden neurons drawn were dropped."
    return Update(traces, {}, text, _drawn_note(config, network))


def _drawn_note(config: RunConfig, network: NetworkDrawing) -> str:
    """Return a note on which neurons and connections are drawn."""
    dataset = dataset_or_none(config)
    if dataset is None:
        return ""
    sizes = layer_sizes_of(config, dataset.features, dataset.classes)
    drawn_indices = drawn_neuron_indices(sizes)
    parts = [
        f"{len(neurons)} of {numbers.count(size)}"
        for neurons, size in zip(drawn_indices, sizes, strict=True)
        if len(neurons) < size
    ]
    note = f"drawn: {', '.join(parts)}; the strongest connections" if parts else "the strongest connections"
    return f"the mask of one example, {note}" if network.is_first_example_mask else note


def _neuron_heights(count: int) -> np.ndarray:
    return np.array([0.5]) if count == 1 else np.linspace(1, 0, count)


def _segment_data(parts: list[np.ndarray]) -> dict[str, Any]:
    return _point_data(np.concatenate(parts, axis=1).reshape(2, -1))


def _point_data(points: np.ndarray) -> dict[str, Any]:
    return {
        "x": style.encode_array(points[0].astype(np.float32)),
        "y": style.encode_array(points[1].astype(np.float32)),
    }

"""The thinned network of the newest mini-batch: its neurons and connections."""

from __future__ import annotations

import html
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.panels.neuron_names import can_choose_weights, dataset_or_none, drawn_neuron_names, input_name
from dashboard.charts.panels.no_dropout import no_dropout_caption
from dashboard.charts.update import Update
from engine import RunConfig
from engine.data import Dataset
from engine.learning.network import layer_sizes_of
from engine.runs.extracts.network import Links, NetworkDrawing, drawn_neuron_indices
from engine.runs.history.telemetry import SLOW_PACE, Telemetry

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
        "input is called by its feature, an output by its class. Point at the middle of a connection for its weight"
        + (
            "; on the live board, a click on it chooses this weight for Tug of war."
            if can_choose_weights(config)
            else "."
        ),
        f"At {SLOW_PACE:g} mini-batches a second or fewer, the {MAX_EMPHASIZED} drawn connections that the newest "
        "mini-batch changed most are thick for a moment, dotted if |w| shrank, and dropped neurons fade, at most three "
        "times in a second. While the run is paused they stay.",
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    line = {"mode": "lines", "x": [], "y": [], "hoverinfo": "skip"}
    marker = {"size": 8, "line": {"width": 1.5, "color": palette.neuron}}
    traces: list[Any] = [
        go.Scatter(name="dropped connection", showlegend=False, line={"color": palette.grid, "width": 1}, **line),
        go.Scatter(name="positive", line={"color": palette.positive, "width": 1.4}, **line),
        go.Scatter(name="negative", line={"color": palette.negative, "width": 1.4, "dash": "4px,2px"}, **line),
        go.Scatter(
            name="trained",
            mode="markers",
            x=[],
            y=[],
            hovertemplate="%{text}<br>trained on this mini-batch<extra></extra>",
            marker={**marker, "color": palette.neuron},
        ),
        go.Scatter(
            name="dropped",
            mode="markers",
            x=[],
            y=[],
            hovertemplate="%{text}<br>dropped in this mini-batch<extra></extra>",
            marker={**marker, "color": palette.neuron, "symbol": "circle-open"},
        ),
        *(_connection_trace(layer) for layer in range(len(config.hidden) + 1)),
        # drawn for a moment in slow motion
        go.Scatter(name="grew", showlegend=False, line={"color": palette.text, "width": 4}, **line),
        go.Scatter(
            name="shrank", showlegend=False, line={"color": palette.text, "width": 4, "dash": "2px,4px"}, **line
        ),
        go.Scatter(
            name="just dropped",
            mode="markers",
            x=[],
            y=[],
            hoverinfo="skip",
            showlegend=False,
            marker={**marker, "color": palette.neuron},
        ),
    ]
    dataset = dataset_or_none(config)
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


def _connection_trace(layer: int) -> go.Scatter:
    """Return the invisible points in the middle of the connections after a layer, with their hover labels."""
    return go.Scatter(
        name=f"connections {layer + 1}",
        mode="markers",
        x=[],
        y=[],
        showlegend=False,
        marker={"size": 9, "opacity": 0},
        hovertemplate="%{text}<br>weight %{customdata[2]:.4f}<extra></extra>",
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    if "network" not in telemetry.extracts:
        return Update([])
    network: NetworkDrawing | None = telemetry.extracts["network"]
    if network is None:  # at step 0 there is no mask: remove the network of later steps
        kinds: list[tuple[int, dict[str, Any]]] = [
            (3, {}),
            (2, {"text": []}),
            (len(config.hidden) + 1, {"customdata": [], "meta": None}),
            (3, {"meta": None}),
        ]
        return Update([{**_EMPTY, **attributes} for count, attributes in kinds for _ in range(count)])
    heights = [_neuron_heights(len(layer_mask)) for layer_mask in network.kept_neurons]
    dropped_links, positive, negative, hover_points = [], [], [], []
    all_segments = []
    names, is_clickable = _neuron_names(config, network), can_choose_weights(config)
    for layer, links in enumerate(network.links):
        is_kept = network.kept_neurons[layer][links.sources] & network.kept_neurons[layer + 1][links.targets]
        x = np.tile([layer, layer + 1, np.nan], (len(is_kept), 1))
        end_heights = heights[layer][links.sources], heights[layer + 1][links.targets], np.full(len(is_kept), np.nan)
        segments = np.stack([x, np.stack(end_heights, axis=1)])
        all_segments.append(segments)
        dropped_links.append(segments[:, ~is_kept])
        positive.append(segments[:, is_kept & (links.weights >= 0)])
        negative.append(segments[:, is_kept & (links.weights < 0)])
        meta: dict[str, Any] = {"dtype": "links", "sources": names[layer], "targets": names[layer + 1]}
        if is_clickable:
            meta["weight_layer"] = layer
        hover_points.append({**_hover_points(layer, network, links, end_heights[:2]), "meta": meta})
    positions = np.concatenate([np.stack([np.full(len(y), i), y]) for i, y in enumerate(heights)], axis=1)
    is_kept_neuron = np.concatenate(network.kept_neurons)
    traces = [_segment_data(segments) for segments in (dropped_links, positive, negative)]
    all_names = np.array([name for layer_names in names for name in layer_names.values()], dtype=object)
    for is_drawn in (is_kept_neuron, ~is_kept_neuron):
        traces.append({**_point_data(positions[:, is_drawn]), "text": all_names[is_drawn].tolist()})
    traces += hover_points
    traces += _momentary_traces(telemetry, network, all_segments, positions[:, ~is_kept_neuron])
    has_changes = telemetry.is_slow and any(links.changes is not None for links in network.links)
    dropped = sum(int((~layer_mask).sum()) for layer_mask in network.kept_neurons[1:-1])
    hidden_count = sum(len(layer_mask) for layer_mask in network.kept_neurons[1:-1])
    mask_source = "the first example" if network.is_first_example_mask else f"mini-batch {numbers.count(network.step)}"
    text = f"In {mask_source} {dropped} of {hidden_count} hidden neurons drawn were dropped."
    return Update(traces, {}, text, _drawn_note(config, network), caption=CHANGES if has_changes else "")


CHANGES = "A thick line means |w| grew, thick dots that it shrank."  # true when they have faded, too
MAX_EMPHASIZED = 12  # connections
SHOWN_SHARE = 0.9  # of the time until the next mini-batch, in which the changes are shown and fade
MAX_SHOWN = 0.9  # seconds


_EMPTY: dict[str, Any] = {"x": [], "y": []}


def _momentary_traces(
    telemetry: Telemetry, network: NetworkDrawing, segments: list[np.ndarray], dropped: np.ndarray
) -> list[dict[str, Any]]:
    """Return what the newest mini-batch did, which flash.js lets fade: weights that grew, that shrank, dropped neurons.

    Args:
        telemetry: of the run; the traces are empty unless it is in slow motion. network: what is drawn.
        segments: the lines of the connections (2, k, 3), by layer. dropped: positions of the dropped neurons (2, k).
    """
    if not telemetry.is_slow or telemetry.pace is None:
        return [{**_EMPTY, "meta": None} for _ in range(3)]
    meta = {"flash": round(1000 * min(MAX_SHOWN, SHOWN_SHARE / telemetry.pace)), "step": network.step}
    lines = np.concatenate(segments, axis=1)
    changes = np.concatenate(
        [np.zeros(len(each.weights)) if each.changes is None else each.changes for each in network.links]
    )
    weights = np.concatenate([each.weights for each in network.links])
    growth = np.abs(weights) - np.abs(weights - changes)
    largest = np.zeros(len(growth), bool)
    largest[np.argsort(-np.abs(growth))[:MAX_EMPHASIZED]] = True
    parts = [lines[:, largest & (growth > 0)], lines[:, largest & (growth < 0)]]
    return [{**_point_data(part.reshape(2, -1)), "meta": meta} for part in (*parts, dropped)]


def _hover_points(
    layer: int, network: NetworkDrawing, links: Links, heights: tuple[np.ndarray, np.ndarray]
) -> dict[str, Any]:
    """Return the points on the connections after a layer that have a hover label."""
    # connections cross in the middle, so the points are spread over the middle third
    share = 0.35 + 0.3 * np.modf(np.arange(len(links.weights)) * 0.618)[0]
    points = np.stack([layer + share, (1 - share) * heights[0] + share * heights[1]])
    numbers_and_weight = [network.neurons[layer][links.sources] + 1, network.neurons[layer + 1][links.targets] + 1]
    customdata = np.stack([*numbers_and_weight, links.weights], axis=1).astype(np.float32)
    return {**_point_data(points), "customdata": style.encode_array(customdata)}


def _neuron_names(config: RunConfig, network: NetworkDrawing) -> list[dict[str, str]]:
    """Return the names of the drawn neurons by their numbers from 1, for each layer from the inputs to the outputs."""
    names = drawn_neuron_names(config, network.neurons)
    return [
        {str(int(index) + 1): name for index, name in zip(indices, layer_names, strict=True)}
        for indices, layer_names in zip(network.neurons, names, strict=True)
    ]


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

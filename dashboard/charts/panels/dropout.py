"""The masks of the newest mini-batches, one column per mini-batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import TRANSPARENT, Palette
from dashboard.charts.panels.neuron_names import neuron_name
from dashboard.charts.panels.no_dropout import no_dropout_caption
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.extracts.recent_masks import MAX_SHOWN_NEURONS, SHOWN_MINI_BATCHES, RecentMasks
from engine.runs.history.telemetry import SLOW_PACE, Telemetry

SLOW_MINI_BATCHES = 12  # columns in slow motion
SLOW_GAP = 2  # pixels between the cells in slow motion


def caption(config: RunConfig) -> str:
    if (no_dropout := no_dropout_caption(config, "every hidden neuron trains")) is not None:
        return no_dropout
    neuron_interval = -(-sum(config.hidden) // MAX_SHOWN_NEURONS)
    if neuron_interval == 1:
        return "A column is a mini-batch. Empty: dropped."
    return f"Empty: dropped. 1 in {neuron_interval} neurons is shown."


def about(config: RunConfig) -> tuple[str, ...]:
    rescaling = "Kept activations are scaled so that their mean stays the same; the whole network is used to classify."
    return (
        "One column is the mask of one mini-batch, one row a hidden neuron. Filled neurons trained on the mini-batch, "
        "empty ones were dropped for it, with all their connections.",
        *((rescaling,) if config.drop_probability else ()),
        f"At {SLOW_PACE:g} mini-batches a second or fewer, the newest {SLOW_MINI_BATCHES} are shown, and the newest "
        "one is framed.",
        "Point at a cell for its mini-batch, epoch and neuron.",
        "Drawn from the seed of the run: the same settings drop the same neurons again.",
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    neuron_interval = max(1, -(-sum(config.hidden) // MAX_SHOWN_NEURONS))
    rows = [len(range(0, width, neuron_interval)) for width in config.hidden]
    row_count = sum(rows)
    boundaries = np.cumsum(rows)[:-1] + 0.5
    cell_gap = _cell_gap(row_count)
    return style.figure(
        palette,
        [
            go.Heatmap(
                z=[],
                x0=1,
                dx=1,
                y0=1,
                dy=1,
                zmin=0,
                zmax=100 if _has_mask_per_example(config) else 1,
                colorscale=[[0, TRANSPARENT], [1, palette.neuron]],
                showscale=False,
                xgap=cell_gap,
                ygap=cell_gap,
                hovertemplate="%{text}<extra></extra>",
            ),
            go.Scatter(
                name="newest mini-batch",
                mode="lines",
                x=[],
                y=[],
                line={"color": palette.text, "width": 3},
                hoverinfo="skip",
                cliponaxis=False,
            ),
        ],
        x={
            **style.named_axis("mini-batch"),
            "range": [0.5, SHOWN_MINI_BATCHES + 0.5],
            "showgrid": False,
            "tickformat": "d",
        },
        y={
            "title": {"text": "hidden neuron"},
            "range": [0.5, max(row_count, 1) + 0.5],
            "showgrid": False,
            "tickformat": "d",
        },
        showlegend=False,
        hovermode="closest",
        shapes=[
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": y,
                "y1": y,
                "line": {"color": palette.text, "width": 1},
            }
            for y in boundaries
        ],
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    recent_masks = telemetry.extracts.get("recent_masks")
    if "recent_masks" not in telemetry.extracts:
        return Update([])
    if recent_masks is None:  # at step 0 there is no mask: remove the masks of later steps
        empty: dict[str, Any] = {"z": [], "x0": 1, "meta": None, "xgap": 0, "ygap": 0}
        return Update([empty, {"x": [], "y": []}], {"xaxis.range": [0.5, SHOWN_MINI_BATCHES + 0.5]})
    columns = SLOW_MINI_BATCHES if telemetry.is_slow else SHOWN_MINI_BATCHES
    shown = recent_masks.kept_percentages[:, -columns:]
    row_count, last_step = len(shown), recent_masks.first_step + recent_masks.kept_percentages.shape[1] - 1
    axis_maximum = max(last_step, columns)
    gap = SLOW_GAP if telemetry.is_slow else _cell_gap(row_count)
    newest_mask = recent_masks.kept_percentages[:, -1]
    dropped = int((newest_mask == 0).sum())
    text = f"Mini-batch {numbers.count(last_step)}: {dropped} of {len(newest_mask)} neurons shown were dropped."
    return Update(
        [
            {
                "z": _encode_masks(config, shown),
                "x0": last_step - shown.shape[1] + 1,
                "meta": _cell_texts(config, recent_masks, telemetry.steps_per_epoch),
                "xgap": gap,
                "ygap": min(gap, _cell_gap(row_count)),
            },
            _frame_of_column(last_step, row_count) if telemetry.is_slow and row_count else {"x": [], "y": []},
        ],
        {"xaxis.range": [axis_maximum - columns + 0.5, axis_maximum + 0.5]},
        text if config.hidden else "",
        caption=FRAMED if telemetry.is_slow and config.drop_probability and config.hidden else "",
    )


FRAMED = "The framed column is the newest. Empty: dropped."


def _cell_gap(row_count: int) -> int:
    """Return the pixels between two cells; without gaps Plotly draws one image, which is several times faster."""
    return 1 if row_count <= 20 else 0


def _frame_of_column(step: int, row_count: int) -> dict[str, Any]:
    """Return a line around the column of a step."""
    left, right, top = step - 0.5, step + 0.5, row_count + 0.5
    return {"x": [left, right, right, left, left], "y": [0.5, 0.5, top, top, 0.5]}


def _has_mask_per_example(config: RunConfig) -> bool:
    """Return True if each example of a mini-batch has its own mask."""
    return config.dropout_mask == "example"


def _cell_texts(config: RunConfig, recent_masks: RecentMasks, steps_per_epoch: int) -> dict[str, Any]:
    """Return the hover labels, such as "mini-batch 812 · epoch 17 · hidden neuron 7 · dropped"; see arrays.js."""
    rows = [
        neuron_name(config, layer, row * recent_masks.neuron_interval)
        for layer, count in enumerate(recent_masks.rows_per_layer, start=1)
        for row in range(count)
    ]
    if _has_mask_per_example(config):
        values = ["dropped", *(f"kept for {percentage} % of the examples" for percentage in range(1, 101))]
    else:
        values = ["dropped", "trained"]
    return {
        "dtype": "cells",
        "column": "mini-batch",
        "group": style.EPOCH,
        "group_size": steps_per_epoch,
        "rows": rows,
        "values": values,
    }


def _encode_masks(config: RunConfig, kept_percentages: np.ndarray) -> Any:
    """Return the encoded percentages, or bits if all examples of a mini-batch share one mask."""
    if _has_mask_per_example(config) or not kept_percentages.size:
        return style.encode_array(kept_percentages)
    return style.encode_bits(kept_percentages > 0)

"""The committee: the accuracy of single thinned networks, of their average, and of the full network."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.panels.no_dropout import no_dropout_caption
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.committee import Committee
from engine.runs.extracts.committee import MAX_EXAMPLES, MAX_MEMBERS
from engine.runs.history.telemetry import Telemetry

CURRENT_TRACES = 3  # number of traces at the current step; the other traces are over time
# the number of thinned networks, with room for the names of the lines
MEMBERS_AXIS: dict[str, Any] = {
    "range": [0.5, MAX_MEMBERS * (1 + style.LABEL_ROOM)],
    "tickvals": [1, *range(5, MAX_MEMBERS + 1, 5)],
    "ticktext": ["1 network", *map(str, range(5, MAX_MEMBERS + 1, 5))],
    "hoverformat": "d",
}
SERIES_OVER_TIME = ("committee.single", "committee.average", "committee.full")


def caption(config: RunConfig) -> str:
    if (reason := no_dropout_caption(config, "nothing to average")) is not None:
        return reason
    return "The average comes close to the full network."


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        "A thinned network is the network with the neurons of one random mask. Averaged are their outputs; a class is "
        "then predicted from the average.",
        f"Accuracy in percent, on at most {numbers.count(MAX_EXAMPLES)} {config.evaluate_on} examples.",
        measured.AT_STEP,
    )


def choices(config: RunConfig) -> list[Choice]:
    def option(label: str, is_current: bool, axis: dict[str, Any]) -> Option:
        visibility = {i: {"visible": (i < CURRENT_TRACES) == is_current} for i in range(2 * CURRENT_TRACES)}
        return Option(
            label,
            visibility,
            {f"xaxis.{name}": axis.get(name) for name in ("range", "tickvals", "ticktext", "unifiedhovertitle")},
        )

    return [
        Choice(
            "time",
            "Current step, or over time",
            (
                option("now", True, MEMBERS_AXIS),
                option("over time", False, style.epoch_axis(config.epochs, style.LABEL_ROOM)),
            ),
        )
    ]


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    line = {"mode": "lines", "x": [], "y": [], "hovertemplate": "%{y:.1f} %"}
    single = {"color": palette.neuron, "size": 6, "symbol": "circle-open"}
    average = {"color": palette.committee, "width": 2}
    full = {"color": palette.validation, "width": 2}
    traces: list[Any] = [
        go.Scatter(
            name="one network", mode="markers", x0=1, dx=1, y=[], marker=single, hovertemplate="one network: %{y:.1f} %"
        ),
        go.Scatter(name="average", line=average, x0=1, dx=1, **{k: v for k, v in line.items() if k != "x"}),
        go.Scatter(name="full network", line=full, **line),
        go.Scatter(name="one, mean", line={"color": palette.neuron, "width": 1.5}, **line),
        go.Scatter(name=f"average of {MAX_MEMBERS}", line=average, **line),
        go.Scatter(name="full network", line=full, **line),
    ]
    for trace in traces[CURRENT_TRACES:]:
        trace.visible = False
    return style.figure(
        palette,
        traces,
        x=MEMBERS_AXIS,
        y={"title": {"text": "correct, %"}},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    over_time = [
        style.line_data(telemetry.over_time[name], 100) if name in telemetry.over_time else {}
        for name in SERIES_OVER_TIME
    ]
    committee: Committee | None = telemetry.extracts.get("committee")
    if committee is None:
        if "committee" not in telemetry.extracts:
            return Update([{}, {}, {}, *over_time])
        # no neuron is dropped at this step: clear the traces
        return Update([{"y": []}, {"y": []}, {"x": [], "y": []}, *over_time])
    full_line = np.array([committee.full, committee.full], np.float32)
    traces = [
        {"y": style.encode_array((100 * committee.single_accuracies).astype(np.float32))},
        {"y": style.encode_array((100 * committee.average_accuracies).astype(np.float32))},
        {"x": [0.5, MAX_MEMBERS + 0.5], "y": style.encode_array(100 * full_line)},
        *over_time,
    ]
    accuracies = (committee.single_accuracies.mean(), committee.average_accuracies[-1], committee.full)
    single, average, full = (numbers.percent(float(accuracy)) for accuracy in accuracies)
    text = f"On {committee.size} {config.evaluate_on} examples: one thinned network {single}, the average of "
    text += f"{len(committee.single_accuracies)} {average}, the full network {full}."
    note = f"on {numbers.count(committee.size)} {config.evaluate_on} examples"
    return Update(traces, {}, text, note + (", the first ones" if committee.size == MAX_EXAMPLES else ""))

"""Dropout as a committee: the accuracy of thinned networks alone and averaged, and of the full network."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
from dashboard.charts.panels.no_dropout import nothing_to_drop
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.committee import Committee
from engine.runs.extracts.committee import MAX_EXAMPLES, MAX_MEMBERS
from engine.runs.history.telemetry import Telemetry

NOW = 3  # traces of the first option; the others are over time
OVER_TIME = ("committee.single", "committee.average", "committee.full")


def look(config: RunConfig) -> str:
    if (why := nothing_to_drop(config, "there are no thinned networks to average")) is not None:
        return why
    return "The average of many thinned networks is close to the full network."


def choices(config: RunConfig) -> list[Choice]:
    def option(label: str, now: bool, title: str, right: float) -> Option:
        shown = {i: {"visible": (i < NOW) == now} for i in range(2 * NOW)}
        return Option(label, shown, {"xaxis.title.text": title, "xaxis.range": [0 if not now else 0.5, right]})

    return [
        Choice(
            "time",
            "Now, or over time",
            (
                option("now", True, "thinned networks averaged", MAX_MEMBERS + 0.5),
                option("over time", False, "epoch", config.epochs),
            ),
        )
    ]


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    line = {"mode": "lines", "x": [], "y": [], "hovertemplate": "%{y:.1f} %"}
    single = {"color": palette.neuron, "size": 6, "symbol": "circle-open"}
    average = {"color": palette.committee, "width": 2}
    full = {"color": palette.validation, "width": 2, "dash": "6px,3px"}
    traces: list[Any] = [
        go.Scatter(
            name="one network", mode="markers", x0=1, dx=1, y=[], marker=single, hovertemplate="one network: %{y:.1f} %"
        ),
        go.Scatter(
            name="average of all so far", line=average, x0=1, dx=1, **{k: v for k, v in line.items() if k != "x"}
        ),
        go.Scatter(name="the full network", line=full, **line),
        go.Scatter(name="one network, mean", line={"color": palette.neuron, "width": 1.5, "dash": "1px,3px"}, **line),
        go.Scatter(name=f"average of {MAX_MEMBERS}", line=average, **line),
        go.Scatter(name="the full network", line=full, **line),
    ]
    for trace in traces[NOW:]:
        trace.visible = False
    return style.figure(
        palette,
        traces,
        x={"title": {"text": "thinned networks averaged"}, "range": [0.5, MAX_MEMBERS + 0.5], "hoverformat": "d"},
        y={"title": {"text": "correct, %"}},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    over_time = [style.line(telemetry.over_time[n], 100) if n in telemetry.over_time else {} for n in OVER_TIME]
    found: Committee | None = telemetry.extracts.get("committee")
    if found is None:
        if "committee" not in telemetry.extracts:
            return Update([{}, {}, {}, *over_time])
        # no neuron is dropped at this step: clear the traces
        return Update([{"y": []}, {"y": []}, {"x": [], "y": []}, *over_time])
    full = np.array([found.full, found.full], np.float32)
    traces = [
        {"y": style.typed((100 * found.single_accuracies).astype(np.float32))},
        {"y": style.typed((100 * found.average_accuracies).astype(np.float32))},
        {"x": [0.5, MAX_MEMBERS + 0.5], "y": style.typed(100 * full)},
        *over_time,
    ]
    every = (found.single_accuracies.mean(), found.average_accuracies[-1], found.full)
    one, together, whole = (numbers.percent(float(accuracy)) for accuracy in every)
    text = f"On {found.size} {config.evaluate_on} examples: one thinned network {one}, the average of "
    text += f"{len(found.single_accuracies)} {together}, the full network {whole}."
    note = f"on {numbers.count(found.size)} {config.evaluate_on} examples"
    return Update(traces, {}, text, note + (", the first ones" if found.size == MAX_EXAMPLES else ""))

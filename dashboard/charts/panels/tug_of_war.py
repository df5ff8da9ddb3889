"""Tug of war: the step of the data against the step of the penalty in the next update."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.panels.neuron_names import dataset_or_none, input_name
from dashboard.charts.panels.weights import layer_names
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.tug_of_war import (
    CANDIDATE_KINDS,
    CANDIDATE_LAYERS,
    MAX_PARAMETERS,
    Candidate,
    MeanSteps,
    UpdatePart,
    WeightUpdate,
)
from engine.families.penalties import penalty_of
from engine.runs.extracts.tug import TugOfWar, weight_name
from engine.runs.history.series import Series
from engine.runs.history.telemetry import Telemetry

CHART_HEIGHT = 0.68  # share of the plot's height; the update rule is above the chart
MAX_INPUT_NAME_LENGTH = 24  # characters, so that the comparison of the two steps fits beside it
MAX_RULE_LINE_LENGTH = 44  # characters, which fit on a third of a small screen
MAX_LINE_BUCKETS = 25  # buckets of a line: a frame with all sixteen lines must be small
KIND_LABELS = {
    "largest": "largest initial weight",
    "median": "median initial weight",
    "smallest": "smallest initial weight",
    "silent": "weight from an input that is always 0",
}


def caption(config: RunConfig) -> str:
    return penalty_of(config, n=1).caption("tug", default="Without a penalty only the data pull.")


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        "The next update of a weight in two parts: the step of the data, −η ∂C₀/∂w, and the step of the penalty.",
        *penalty_of(config, n=1).explanations("tug"),
        measured.AT_STEP,
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    names = layer_names(config)
    line: dict[str, Any] = {"mode": "lines", "x": [], "y": []}
    text_trace = {"mode": "text", "x": [0.5], "y": [], "xaxis": "x2", "yaxis": "y2", "cliponaxis": False}
    text_trace |= {"textposition": "middle center", "hoverinfo": "skip", "showlegend": False}
    data_marker, penalty_marker = {"color": palette.training}, {"color": palette.penalty, "pattern": {"shape": "/"}}
    bars: dict[str, Any] = {"x": [], "y": [], "visible": False, "hovertemplate": "%{y:.2g}"}
    traces: list[Any] = []
    for i, (layer, kind) in enumerate(_weight_keys(config)):
        plotly_line = {"color": palette.layers[layer % 4], "width": 2}
        name = f"{KIND_LABELS[kind]}, {names[layer]}"
        is_default = i == 0
        traces.append(
            go.Scatter(
                name=name, line=plotly_line, visible=is_default, showlegend=False, hovertemplate="%{y:.4f}", **line
            )
        )
        traces.append(go.Scatter(name=f"{name}: update rule", visible=is_default, **text_trace))
    for layer in range(_layer_count(config)):
        initially_hidden = {"visible": False, "hovertemplate": "%{y:.2g}"}
        traces += [
            go.Scatter(name="data's step", line={"color": palette.training, "width": 2}, **initially_hidden, **line),
            go.Scatter(
                name="penalty's step",
                line={"color": palette.penalty, "width": 2},
                **initially_hidden,
                **line,
            ),
            go.Scatter(name=f"{names[layer]}: comparison", visible=False, **text_trace),
        ]
    traces += [
        go.Bar(name="data's step", marker=data_marker, **bars),
        go.Bar(name="penalty's step", marker=penalty_marker, **bars),
    ]
    hidden_axis = {"visible": False, "range": [0, 1], "fixedrange": True}
    return style.figure(
        palette,
        traces,
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": "weight"}, "domain": [0, CHART_HEIGHT]},
        xaxis2={**hidden_axis, "domain": [0, 1], "anchor": "y2"},
        yaxis2={**hidden_axis, "domain": [CHART_HEIGHT, 1], "anchor": "x2"},
    )


def choices(config: RunConfig) -> list[Choice]:
    """Return the drop-down list: single weights, all weights of a layer, or all layers side by side."""
    names, weights, layers = layer_names(config), _weight_keys(config), _layer_count(config)
    trace_count = 2 * len(weights) + 3 * layers + 2
    epoch_axis: dict[str, Any] = {
        "xaxis.range": [0, config.epochs],
        "xaxis.tickmode": "auto",
        "xaxis.tickprefix": "epoch ",
    }
    weight_axis = {"yaxis.type": "linear", "yaxis.title.text": "weight", "yaxis.range": None}
    step_axis = {"yaxis.type": "log", "yaxis.title.text": "mean step", "yaxis.range": None}

    def visibility_of(first: int, count: int) -> dict[int, dict[str, Any]]:
        return {i: {"visible": first <= i < first + count} for i in range(trace_count)}

    options = [
        Option(f"{KIND_LABELS[kind]}, {names[layer]}", visibility_of(2 * i, 2), epoch_axis | weight_axis)
        for i, (layer, kind) in enumerate(weights)
    ]
    options += [
        Option(f"all weights, {names[layer]}", visibility_of(2 * len(weights) + 3 * layer, 3), epoch_axis | step_axis)
        for layer in range(layers)
    ]
    # the axis of layers has no epochs, and therefore no marks of changes
    layer_axis = {
        "xaxis.range": [-0.5, len(names) - 0.5],
        "xaxis.tickmode": "array",
        "xaxis.tickprefix": "",
        "shapes": [],
        "annotations": [],
    }
    options.append(Option("all layers, now", visibility_of(trace_count - 2, 2), layer_axis | step_axis))
    return [Choice("weight", "Weight or layer", tuple(options))]


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    tug: TugOfWar | None = telemetry.extracts.get("tug")
    if tug is None:
        return Update([], text=_no_update_text()) if "tug" in telemetry.extracts else Update([])
    followed_weights = {(each.layer, each.kind): (each, rule) for each, rule in tug.followed_weights}
    traces: list[dict[str, Any]] = []
    for layer, kind in _weight_keys(config):
        text = "No input is always 0 in these data."
        if (layer, kind) in followed_weights:
            weight, rule = followed_weights[layer, kind]
            text = "<br>".join([*_wrap_rule(rule_text(rule)), _describe_weight(config, weight, rule, tug.is_finished)])
        traces += [_series_data(telemetry.over_time.get(weight_name(layer, kind))), {"y": [0.5], "text": [text]}]
    for layer in range(_layer_count(config)):
        traces += [
            _series_data(telemetry.over_time.get(f"tug.data.{layer}")),
            _series_data(telemetry.over_time.get(f"tug.penalty.{layer}")),
            {"y": [0.5], "text": [_describe_layer(tug.layers[layer])]},
        ]
    for side in ("data", "penalty"):
        steps = np.array([getattr(sides, side) for sides in tug.layers], np.float32)
        traces.append({"x": style.encode_array(np.arange(len(steps), dtype=np.int32)), "y": style.encode_array(steps)})
    ticks = [name.replace(" layer", "") for name in layer_names(config)]
    layout = {
        **marks.marks_layout(marks.change_marks(telemetry, config.epochs), top=CHART_HEIGHT),
        "xaxis.tickvals": list(range(len(ticks))),
        "xaxis.ticktext": ticks,
    }
    return Update(traces, layout, _screen_reader_text(config, tug))


def rule_text(rule: WeightUpdate) -> str:
    """Return a weight's next update, such as "w = 0.8312 → ×0.99995 → −0.0121 → 0.8190"."""
    change = abs(rule.next - rule.w)
    # enough digits to show the difference between the first and the last number
    digits = min(8, max(4, 1 - math.floor(math.log10(change)))) if change else 4
    first, last = (f"{value:.{digits}f}".replace("-", "−") if value else "0" for value in (rule.w, rule.next))
    return " → ".join([f"w = {first}", *map(_move_text, rule.parts), last])


def _move_text(move: UpdatePart) -> str:
    if move.note:
        return move.note
    return f"×{_format_factor(move.factor)}" if move.factor != 1 else _format_step(move.summand)


def _weight_keys(config: RunConfig) -> list[tuple[int, str]]:
    """Return (layer, kind) of each followed weight, in the order of the options."""
    from_zero_input = CANDIDATE_KINDS[-1]
    kinds = [kind for kind in CANDIDATE_KINDS if kind != from_zero_input]
    return [*((layer, kind) for layer in range(_layer_count(config)) for kind in kinds), (0, from_zero_input)]


def _layer_count(config: RunConfig) -> int:
    return min(CANDIDATE_LAYERS, len(config.hidden) + 1)


def _series_data(series: Series | None) -> dict[str, Any]:
    if series is None:
        return {"x": [], "y": []}
    x, y = series.line()
    merged_series = Series(MAX_LINE_BUCKETS)
    merged_series.extend(x, y)
    return style.line_data(merged_series)


def _describe_weight(config: RunConfig, weight: Candidate, rule: WeightUpdate, is_one_more: bool) -> str:
    source = f"neuron {weight.row + 1}"
    if weight.layer == 0:
        source = input_name(dataset_or_none(config), weight.row, MAX_INPUT_NAME_LENGTH)
    position = f"{source} to neuron {weight.column + 1}"
    return f"{position}: {_compare_steps(abs(rule.data), abs(rule.penalty))}" + (
        ", in one more update" if is_one_more else ""
    )


def _compare_steps(data: float, penalty: float) -> str:
    if not data and not penalty:
        return "no step"
    if not penalty:
        return "only the data's step"
    if not data:
        return "only the penalty's step"
    side, ratio = ("data", data / penalty) if data >= penalty else ("penalty", penalty / data)
    return f"{side}'s step {_format_ratio(ratio)} × as large" if ratio >= 1.05 else "both steps are equal"


def _format_ratio(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio < 10 else numbers.count(float(f"{ratio:.2g}"))


def _describe_layer(sides: MeanSteps) -> str:
    return (
        f"data {_format_number(sides.data)} and penalty {_format_number(sides.penalty)}<br>"
        f"the penalty's step is larger for {numbers.percent(sides.share)} of the weights"
    )


def _screen_reader_text(config: RunConfig, tug: TugOfWar) -> str:
    update = (
        f"One more update, number {numbers.count(tug.step)},"
        if tug.is_finished
        else f"Update {numbers.count(tug.step)}"
    )
    layers = "; ".join(
        f"{name}, data {_format_number(sides.data)}, penalty {_format_number(sides.penalty)}, "
        f"the penalty's step larger for {numbers.percent(sides.share)}"
        for name, sides in zip(layer_names(config), tug.layers, strict=True)
    )
    return f"{update} changes a weight by these mean steps: {layers}."


def _no_update_text() -> str:
    """Return the reason why no next update was computed."""
    limit = numbers.count(MAX_PARAMETERS)
    return f"The next update is not computed: the weights are not finite, or there are more than {limit} of them."


def _wrap_rule(text: str) -> list[str]:
    """Return an update rule as lines that start with an arrow, except the first."""
    lines, line = [], ""
    for part in text.split(" → "):
        longer = f"{line} → {part}" if line else part
        if len(longer) > MAX_RULE_LINE_LENGTH:
            lines.append(line)
            longer = f"→ {part}"
        line = longer
    return [*lines, line]


def _format_factor(factor: float) -> str:
    """Return a factor with three digits of its difference from 1, such as "0.99995"."""
    difference = abs(1 - factor)
    digits = min(12, max(2, 2 - math.floor(math.log10(difference)))) if difference else 1
    text = f"{factor:.{digits}f}".rstrip("0").replace("-", "−")
    return text + "0" if text.endswith(".") else text


def _format_step(step: float) -> str:
    return "0" if not step else _format_number(step, sign="+")


def _format_number(value: float, sign: str = "") -> str:
    """Return a number with three digits and without "e", such as "−0.0121" or "3.2·10⁻⁷"."""
    text = f"{value:{sign}#.3g}" if abs(value) >= 1e-4 or not value else f"{value:{sign}.2g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}·10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    return text.replace("-", "−").rstrip(".") if value else "0"


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

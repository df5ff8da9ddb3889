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
from dashboard.charts.panels.neuron_names import can_choose_weights, dataset_or_none, neuron_name
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
    update_of_weight,
)
from engine.families.penalties import penalty_of
from engine.runs.extracts.tug import MAX_CHOOSABLE_WEIGHTS, TugOfWar, weight_name
from engine.runs.history.series import Series
from engine.runs.history.telemetry import Telemetry

CHART_HEIGHT = 0.34  # share of the plot's height; the arrows and the update rule are above the chart
MAX_NAME_LENGTH = 24  # characters of the name of a feature or a class
MAX_LINE_BUCKETS = 25  # buckets of a line: a frame with all sixteen lines must be small
CHOSEN = "chosen weight"
KIND_LABELS = {
    "moving": "weight from the strongest input",
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
        "The arrows point to the right if the step makes the weight larger. Their lengths have one scale, but no arrow "
        "is shorter than its head. Below them is the same update as an equation.",
        "The first weight is the largest one from the input with the largest mean square over the training examples: "
        "it moves in nearly every update, while a weight from a pixel that is nearly always black hardly does.",
        "On the live board, a click on a pixel of Hidden units as pictures, or on the middle of a connection of The "
        "thinned network, chooses any other weight."
        if can_choose_weights(config)
        else f"In networks of up to {numbers.count(MAX_CHOOSABLE_WEIGHTS)} weights any other weight can be chosen.",
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
    labels = [(layer, f"{KIND_LABELS[kind]}, {names[layer]}") for layer, kind in _weight_keys(config)]
    for i, (layer, name) in enumerate([*labels, (0, CHOSEN)]):
        plotly_line = {"color": palette.layers[layer % 4], "width": 2}
        is_default = i == 0
        traces.append(
            go.Scatter(
                name=name, line=plotly_line, visible=is_default, showlegend=False, hovertemplate="%{y:.4f}", **line
            )
        )
        arrows = {"data's step": palette.training, "penalty's step": palette.penalty}
        traces += [_arrow_trace(name, colour, palette, is_default) for name, colour in arrows.items()]
        equation = {**text_trace, "textfont": {"color": palette.text, "size": 11}}
        traces.append(go.Scatter(name=f"{name}: update rule", visible=is_default, **equation))
    for layer in range(_layer_count(config)):
        initially_hidden = {"visible": False, "hovertemplate": "%{y:.2g}"}
        traces += [
            go.Scatter(name="data's step", line={"color": palette.training, "width": 2}, **initially_hidden, **line),
            go.Scatter(name="penalty's step", line={"color": palette.penalty, "width": 2}, **initially_hidden, **line),
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
    names, layers = layer_names(config), _layer_count(config)
    labels = [*(f"{KIND_LABELS[kind]}, {names[layer]}" for layer, kind in _weight_keys(config)), CHOSEN]
    per_weight = TRACES_PER_WEIGHT
    trace_count = per_weight * len(labels) + 3 * layers + 2
    epoch_axis: dict[str, Any] = {
        "xaxis.range": [0, config.epochs],
        "xaxis.unifiedhovertitle": style.epoch_axis(config.epochs)["unifiedhovertitle"],
        "xaxis.tickmode": "auto",
        "xaxis.tickprefix": "epoch ",
    }
    weight_axis = {"yaxis.type": "linear", "yaxis.title.text": "weight", "yaxis.range": None}
    step_axis = {"yaxis.type": "log", "yaxis.title.text": "mean step", "yaxis.range": None}

    def visibility_of(first: int, count: int) -> dict[int, dict[str, Any]]:
        return {i: {"visible": first <= i < first + count} for i in range(trace_count)}

    options = [
        Option(label, visibility_of(per_weight * i, per_weight), epoch_axis | weight_axis, is_stored=label != CHOSEN)
        for i, label in enumerate(labels)
    ]
    options += [
        Option(
            f"all weights, {names[layer]}",
            visibility_of(per_weight * len(labels) + 3 * layer, 3),
            epoch_axis | step_axis,
        )
        for layer in range(layers)
    ]
    # the axis of layers has no epochs, and therefore no marks of changes
    layer_axis = {
        "xaxis.range": [-0.5, len(names) - 0.5],
        "xaxis.unifiedhovertitle": {"text": ""},  # the name of the layer, as on the axis
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
        traces.append(_series_data(telemetry.over_time.get(weight_name(layer, kind))))
        if (layer, kind) in followed_weights:
            weight, rule = followed_weights[layer, kind]
            traces += [*arrows_of(rule), equation_of(rule, _describe_weight(config, weight, rule, tug.is_finished))]
        else:
            traces += [_EMPTY_ARROW, _EMPTY_ARROW, _equation_trace([(0.5, 0.5, "No input is always 0 in these data.")])]
    traces += _chosen_traces(config, telemetry, tug)
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


def _chosen_traces(config: RunConfig, telemetry: Telemetry, tug: TugOfWar) -> list[dict[str, Any]]:
    """Return the traces of the weight that a person has chosen, or of a text that explains how to choose one."""
    chosen = telemetry.chosen_weight
    if chosen is None or tug.update is None:
        text = (
            f"A weight can be chosen in networks<br>of up to {numbers.count(MAX_CHOOSABLE_WEIGHTS)} weights."
            if tug.update is None
            else "No weight is chosen. On the live board,<br>click a pixel of Hidden units as pictures<br>"
            "or a connection of The thinned network."
        )
        return [{**_series_data(None), "meta": None}, _EMPTY_ARROW, _EMPTY_ARROW, _equation_trace([(0.5, 0.5, text)])]
    rule = update_of_weight(tug.update, *chosen.position)
    weight = Candidate(chosen.layer, CHOSEN, chosen.row, chosen.column)
    return [
        {**_series_data(chosen.line), "meta": {"chosen_weight": list(chosen.position)}},
        *arrows_of(rule),
        equation_of(rule, _describe_weight(config, weight, rule, tug.is_finished)),
    ]


TRACES_PER_WEIGHT = 4  # the line, two arrows and the equation
ARROW_LENGTH = 0.42  # of the longer one, as a share of the width; a half is for the number
MIN_ARROW_LENGTH = 0.05  # the head
ARROW_ROWS = (0.93, 0.75)  # heights of the arrows of data and penalty
_EMPTY_ARROW: dict[str, Any] = {"x": [], "y": [], "text": []}


def _arrow_trace(name: str, colour: str, palette: Palette, visible: bool) -> go.Scatter:
    """Return the empty trace of an arrow: a point at its beginning, a head at its end, and its number."""
    return go.Scatter(
        name=name,
        mode="lines+markers+text",
        x=[],
        y=[],
        line={"color": colour, "width": 4},
        marker={
            "color": colour,
            "size": [6, 14, 0, 0],
            "symbol": ["circle", "arrow", "circle", "circle"],
            "angleref": "previous",
        },
        textfont={"color": palette.text, "size": 15},
        xaxis="x2",
        yaxis="y2",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
        visible=visible,
        connectgaps=False,
    )


def arrows_of(rule: WeightUpdate) -> list[dict[str, Any]]:
    """Return the arrows of the steps of data and penalty, from the middle, each with its number on the other side."""
    longest = max(abs(rule.data), abs(rule.penalty)) or 1.0
    traces = []
    for name, step, row in zip(("data", "penalty"), (rule.data, rule.penalty), ARROW_ROWS, strict=True):
        length = max(MIN_ARROW_LENGTH, ARROW_LENGTH * abs(step) / longest) if step else 0.0
        end = 0.5 + math.copysign(length, step)
        side, text_place = ("left", 0.46) if step >= 0 else ("right", 0.54)
        traces.append(
            {
                "x": style.encode_array(np.array([0.5, end if step else np.nan, np.nan, text_place])),
                "y": style.encode_array(np.array([row, row, np.nan, row])),
                "text": ["", "", "", f"{name} <b>{_format_step(step)}</b>"],
                "textposition": f"middle {side}",
            }
        )
    return traces


def terms_of(rule: WeightUpdate) -> list[tuple[str, str]]:
    """Return the terms of the update as an equation, each with its label: the weight, the steps, the next weight."""
    first, *moves, last = rule_text(rule).removeprefix("w = ").split(" → ")
    labels = [part.cause for part in rule.parts]
    return [(first, "w"), *zip(moves, labels, strict=True), (f"= {last}", "next w")]


def equation_of(rule: WeightUpdate, description: str) -> dict[str, Any]:
    """Return the texts of the equation, each number above its label, and the description below."""
    terms = terms_of(rule)
    rows = [terms] if len(terms) <= MAX_TERMS_PER_ROW else [terms[: -(-len(terms) // 2)], terms[-(-len(terms) // 2) :]]
    heights = [(0.56, 0.43)] if len(rows) == 1 else [(0.64, 0.53), (0.42, 0.31)]
    texts = []
    for row, (number_height, label_height) in zip(rows, heights, strict=True):
        for i, (number, label) in enumerate(row):
            x = (i + 0.5) / len(row)
            texts += [(x, number_height, number), (x, label_height, f"<i>{label}</i>")]
    return _equation_trace([*texts, (0.5, 0.19 if len(rows) == 1 else 0.14, description)])


MAX_TERMS_PER_ROW = 4  # of an equation


def _equation_trace(texts: list[tuple[float, float, str]]) -> dict[str, Any]:
    """Return the trace of some texts, each with its place."""
    x, y, text = (list(column) for column in zip(*texts, strict=True))
    return {"x": [round(each, 4) for each in x], "y": y, "text": text}


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
    kinds = CANDIDATE_KINDS[1:-1]
    return [
        (0, CANDIDATE_KINDS[0]),
        *((layer, kind) for layer in range(_layer_count(config)) for kind in kinds),
        (0, from_zero_input),
    ]


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
    dataset = dataset_or_none(config)
    source, target = (
        neuron_name(config, layer, index, dataset, MAX_NAME_LENGTH)
        for layer, index in ((weight.layer, weight.row), (weight.layer + 1, weight.column))
    )
    return f"{source} → {target}:<br>{_compare_steps(abs(rule.data), abs(rule.penalty))}" + (
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

"""Tug of war: the data's step against the penalty's step in the next update, for a weight and for layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
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

TOP = 0.68  # of the plot's height; the rule in numbers is above
WIDTH = 44  # characters of a line of the rule: a third of a small screen
COARSE = 25  # buckets of a line, so that sixteen lines of a whole run stay a small frame
WORDS = {
    "largest": "largest at the start",
    "median": "median at the start",
    "smallest": "smallest at the start",
    "silent": "from an input that is always 0",
}


def look(config: RunConfig) -> str:
    return penalty_of(config, n=1).caption("tug", default="Without a penalty only the data move the weights.")


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    names = layer_names(config)
    line: dict[str, Any] = {"mode": "lines", "x": [], "y": []}
    text = {"mode": "text", "x": [0.5], "y": [], "xaxis": "x2", "yaxis": "y2", "cliponaxis": False}
    text |= {"textposition": "middle center", "hoverinfo": "skip", "showlegend": False}
    data, penalty = {"color": palette.training}, {"color": palette.penalty, "pattern": {"shape": "/"}}
    bars: dict[str, Any] = {"x": [], "y": [], "visible": False, "hovertemplate": "%{y:.2g}"}
    traces: list[Any] = []
    for i, (layer, kind) in enumerate(_weights(config)):
        look = {"color": palette.layers[layer % 4], "width": 2}
        name = f"{WORDS[kind]}, {names[layer]}"
        first = i == 0
        traces.append(
            go.Scatter(name=name, line=look, visible=first, showlegend=False, hovertemplate="%{y:.4f}", **line)
        )
        traces.append(go.Scatter(name=f"{name}: the rule", visible=first, **text))
    for layer in range(_layers(config)):
        shown = {"visible": False, "hovertemplate": "%{y:.2g}"}
        traces += [
            go.Scatter(name="data's step", line={"color": palette.training, "width": 2}, **shown, **line),
            go.Scatter(
                name="penalty's step", line={"color": palette.penalty, "width": 2, "dash": "6px,3px"}, **shown, **line
            ),
            go.Scatter(name=f"{names[layer]}: who wins", visible=False, **text),
        ]
    traces += [
        go.Bar(name="data's step", marker=data, **bars),
        go.Bar(name="penalty's step", marker=penalty, **bars),
    ]
    hidden = {"visible": False, "range": [0, 1], "fixedrange": True}
    return style.figure(
        palette,
        traces,
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": "weight"}, "domain": [0, TOP]},
        xaxis2={**hidden, "domain": [0, 1], "anchor": "y2"},
        yaxis2={**hidden, "domain": [TOP, 1], "anchor": "x2"},
    )


def choices(config: RunConfig) -> list[Choice]:
    """Return the options: a weight, all weights of a layer, or the layers side by side."""
    names, weights, layers = layer_names(config), _weights(config), _layers(config)
    count = 2 * len(weights) + 3 * layers + 2
    epochs: dict[str, Any] = {"xaxis.range": [0, config.epochs], "xaxis.tickmode": "auto", "xaxis.title.text": "epoch"}
    weight = {"yaxis.type": "linear", "yaxis.title.text": "weight", "yaxis.range": None}
    steps = {"yaxis.type": "log", "yaxis.title.text": "mean step", "yaxis.range": None}

    def seen(first: int, number: int) -> dict[int, dict[str, Any]]:
        return {i: {"visible": first <= i < first + number} for i in range(count)}

    options = [
        Option(f"{WORDS[kind]}, {names[layer]}", seen(2 * i, 2), epochs | weight)
        for i, (layer, kind) in enumerate(weights)
    ]
    options += [
        Option(f"all weights, {names[layer]}", seen(2 * len(weights) + 3 * layer, 3), epochs | steps)
        for layer in range(layers)
    ]
    # this axis has no epochs, so it has no marks of changes
    side_by_side = {
        "xaxis.range": [-0.5, len(names) - 0.5],
        "xaxis.tickmode": "array",
        "xaxis.title.text": "layer of weights",
        "shapes": [],
        "annotations": [],
    }
    options.append(Option("all layers, now", seen(count - 2, 2), side_by_side | steps))
    return [Choice("weight", "Weight or layer", tuple(options))]


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    tug: TugOfWar | None = telemetry.extracts.get("tug")
    if tug is None:
        return Update([], text=_no_update()) if "tug" in telemetry.extracts else Update([])
    followed = {(each.layer, each.kind): (each, rule) for each, rule in tug.followed_weights}
    traces: list[dict[str, Any]] = []
    for layer, kind in _weights(config):
        rule_text = "No input is always 0 in these data."
        if (layer, kind) in followed:
            weight, rule = followed[layer, kind]
            rule_text = "<br>".join([*_wrapped(chain(rule)), _about(weight, rule, tug.is_finished)])
        traces += [_line(telemetry.over_time.get(weight_name(layer, kind))), {"y": [0.5], "text": [rule_text]}]
    for layer in range(_layers(config)):
        traces += [
            _line(telemetry.over_time.get(f"tug.data.{layer}")),
            _line(telemetry.over_time.get(f"tug.penalty.{layer}")),
            {"y": [0.5], "text": [_larger(tug.layers[layer])]},
        ]
    for side in ("data", "penalty"):
        steps = np.array([getattr(sides, side) for sides in tug.layers], np.float32)
        traces.append({"x": style.typed(np.arange(len(steps), dtype=np.int32)), "y": style.typed(steps)})
    ticks = [name.replace(" layer", "") for name in layer_names(config)]
    layout = {
        **_below_the_rule(marks.layout(marks.of_changes(telemetry, config.epochs))),
        "xaxis.tickvals": list(range(len(ticks))),
        "xaxis.ticktext": ticks,
    }
    return Update(traces, layout, _text(config, tug))


def chain(rule: WeightUpdate) -> str:
    """Return the steps of a weight's next update: w = 0.8312 → ×0.99995 → −0.0121 → 0.8190."""
    change = abs(rule.next - rule.w)
    # as many digits as it takes to see the difference
    digits = min(8, max(4, 1 - math.floor(math.log10(change)))) if change else 4
    first, last = (f"{value:.{digits}f}".replace("-", "−") if value else "0" for value in (rule.w, rule.next))
    return " → ".join([f"w = {first}", *map(_moved, rule.parts), last])


def _moved(move: UpdatePart) -> str:
    if move.note:
        return move.note
    return f"×{_factor(move.factor)}" if move.factor != 1 else _step(move.summand)


def _weights(config: RunConfig) -> list[tuple[int, str]]:
    """Return layer and kind of every weight that can be followed, in the order of the options."""
    silent = CANDIDATE_KINDS[-1]
    kinds = [kind for kind in CANDIDATE_KINDS if kind != silent]
    return [*((layer, kind) for layer in range(_layers(config)) for kind in kinds), (0, silent)]


def _layers(config: RunConfig) -> int:
    return min(CANDIDATE_LAYERS, len(config.hidden) + 1)


def _line(series: Series | None) -> dict[str, Any]:
    if series is None:
        return {"x": [], "y": []}
    x, y = series.line()
    coarse = Series(COARSE)
    coarse.extend(x, y)
    return style.line(coarse)


def _about(weight: Candidate, rule: WeightUpdate, over: bool) -> str:
    below = "input" if weight.layer == 0 else "neuron"
    place = f"{below} {weight.row + 1} to neuron {weight.column + 1}"
    return f"{place}: {_harder(abs(rule.data), abs(rule.penalty))}" + (", in one more update" if over else "")


def _harder(data: float, penalty: float) -> str:
    if not data and not penalty:
        return "no step"
    if not penalty:
        return "only the data's step"
    if not data:
        return "only the penalty's step"
    side, ratio = ("data", data / penalty) if data >= penalty else ("penalty", penalty / data)
    return f"{side}'s step {_ratio(ratio)} × as large" if ratio >= 1.05 else "both steps are equal"


def _ratio(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio < 10 else numbers.count(float(f"{ratio:.2g}"))


def _larger(sides: MeanSteps) -> str:
    return (
        f"data {_plain(sides.data)} and penalty {_plain(sides.penalty)}<br>"
        f"the penalty's step is larger for {numbers.percent(sides.share)} of the weights"
    )


def _text(config: RunConfig, tug: TugOfWar) -> str:
    update = (
        f"One more update, number {numbers.count(tug.step)},"
        if tug.is_finished
        else f"Update {numbers.count(tug.step)}"
    )
    layers = "; ".join(
        f"{name}, data {_plain(sides.data)}, penalty {_plain(sides.penalty)}, "
        f"the penalty's step larger for {numbers.percent(sides.share)}"
        for name, sides in zip(layer_names(config), tug.layers, strict=True)
    )
    return f"{update} moves a weight on average by: {layers}."


def _no_update() -> str:
    """Return why there is no next update."""
    most = numbers.count(MAX_PARAMETERS)
    return f"The next update is not computed: its weights are not finite, or there are more than {most} of them."


def _below_the_rule(layout: dict[str, Any]) -> dict[str, Any]:
    """Return the marks of changes, shortened to end below the rule in numbers."""
    for shape in layout["shapes"]:
        shape["y1"] *= TOP
    for annotation in layout["annotations"]:
        annotation["y"] *= TOP
    return layout


def _wrapped(chain: str) -> list[str]:
    lines, line = [], ""
    for part in chain.split(" → "):
        longer = f"{line} → {part}" if line else part
        if len(longer) > WIDTH:
            lines.append(line)
            longer = f"→ {part}"
        line = longer
    return [*lines, line]


def _factor(factor: float) -> str:
    """Return a factor with three digits of its difference from 1, as 0.99995."""
    taken = abs(1 - factor)
    digits = min(12, max(2, 2 - math.floor(math.log10(taken)))) if taken else 1
    text = f"{factor:.{digits}f}".rstrip("0").replace("-", "−")
    return text + "0" if text.endswith(".") else text


def _step(step: float) -> str:
    return "0" if not step else _plain(step, sign="+")


def _plain(value: float, sign: str = "") -> str:
    """Return a number with three digits and no e: −0.0121, 3.2·10⁻⁷."""
    text = f"{value:{sign}#.3g}" if abs(value) >= 1e-4 or not value else f"{value:{sign}.2g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}"
    return text.replace("-", "−").rstrip(".") if value else "0"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

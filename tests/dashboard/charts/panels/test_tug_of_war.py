"""The panel Tug of war: the rule with numbers, the lines and the options."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.charts.palette import DARK, LIGHT
from dashboard.charts.panels import network, pictures, tug_of_war
from dashboard.live.single_run import SingleRun
from engine import RunConfig
from engine.analysis.tug_of_war import MAX_PARAMETERS, UpdatePart, WeightUpdate
from engine.learning.checkpoint import Change
from engine.runs.extracts.tug import weight_name
from engine.runs.history.chosen_weight import choose_weight
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Command, Report, RunSetup, Verb
from engine.runs.server.run import Run
from engine.runs.worker.channel import receive
from engine.runs.worker.worker import Worker
from tests.dashboard import watching
from tests.dashboard.watching import CONFIGS, config_of, decoded

on_every_network = pytest.mark.parametrize("name", CONFIGS)


def telemetry_of(config: RunConfig, steps: int = 13) -> Telemetry:
    """Return the telemetry of a run whose tug of war is watched for `steps` updates."""
    out, telemetry = io.BytesIO(), Telemetry()
    worker = Worker(RunSetup(config.to_dict(), watched_extracts=("tug",), first_order=Verb.STEP), out)
    for _ in range(steps):
        worker.apply(Command(Verb.STEP))
    out.seek(0)
    while out.tell() < len(out.getvalue()):
        telemetry.add_report(receive(out))
    return telemetry


def number(text: str) -> float:
    """Return the value of a number as the panel formats it."""
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(re.sub(r"·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: "e" + m[1].translate(raised), text).replace("−", "-"))


def equations(traces: list[dict[str, Any]]) -> list[list[str]]:
    """Return the texts of the equation of each weight."""
    return [trace["text"] for trace in traces[3 :: tug_of_war.TRACES_PER_WEIGHT] if "text" in trace]


# the rule with numbers


DATA = UpdatePart(summand=-0.0121)


def rule(*parts: UpdatePart, w: float = 0.8312, last: float = 0.819) -> str:
    return tug_of_war.rule_text(WeightUpdate(w, parts, data=-0.0121, penalty=0.0, next=last))


def test_the_rule_is_written_with_factors_and_summands():
    assert rule(UpdatePart(factor=0.99995), DATA) == "w = 0.8312 → ×0.99995 → −0.0121 → 0.8190"
    assert rule(UpdatePart(summand=-0.0005), DATA, last=0.8186) == "w = 0.8312 → −0.000500 → −0.0121 → 0.8186"
    assert rule(DATA, last=0.8191) == "w = 0.8312 → −0.0121 → 0.8191"
    assert rule(DATA, UpdatePart(factor=0.97), last=0.7945) == "w = 0.8312 → −0.0121 → ×0.97 → 0.7945"
    assert rule(UpdatePart(factor=0.9875), DATA, last=0.8087) == "w = 0.8312 → ×0.9875 → −0.0121 → 0.8087"


def test_parts_are_written_in_their_order_and_a_stop_in_words():
    text = rule(UpdatePart(factor=0.999), DATA, UpdatePart(summand=-0.0005), last=0.8178)
    assert text == "w = 0.8312 → ×0.999 → −0.0121 → −0.000500 → 0.8178"
    clipped = [UpdatePart(summand=-0.0005), UpdatePart(), UpdatePart(factor=0.0, note="stopped at 0")]
    assert rule(*clipped, w=0.0003, last=0.0) == "w = 0.00030 → −0.000500 → 0 → stopped at 0 → 0"


def test_a_small_change_has_enough_digits():
    text = rule(UpdatePart(factor=0.99999), UpdatePart(), w=0.15888118, last=0.15887959)
    assert text == "w = 0.1588812 → ×0.99999 → 0 → 0.1588796"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"l1": 0.5},
        {"l1": 0.5, "l1_rule": "proximal"},
        {"l2": 0.0},
        {"l2": 0.0, "l1": 0.5, "l1_rule": "proximal"},
        {"max_norm": 0.3},
        {"l2": 60.0, "train_size": 40},
    ],
)
def test_the_steps_of_the_rule_give_the_next_value(changes):
    config = config_of("default", **changes)
    telemetry = telemetry_of(config)
    rules = equations(tug_of_war.update(config, telemetry).traces)[:8]
    for texts, (_, update) in zip(rules, telemetry.extracts["tug"].followed_weights, strict=True):
        first, *parts, last = texts[:-1:2]
        labels = [label.removeprefix("<i>").removesuffix("</i>") for label in texts[1:-1:2]]
        assert labels == ["w", *(part.cause for part in update.parts), "next w"]
        assert labels.count("data") == 1
        assert all(labels)
        value = number(first)
        assert value == pytest.approx(update.w, abs=1e-4)
        for part in parts:
            value = value * number(part[1:]) if part.startswith("×") else value + number(part)
        assert value == pytest.approx(number(last.removeprefix("= ")), abs=3e-4 * max(1, abs(update.data)))
        assert number(last.removeprefix("= ")) == pytest.approx(update.next, abs=1e-4)


# what is drawn


@on_every_network
def test_an_update_has_every_trace_and_plotly_accepts_it_with_every_option(name):
    config = config_of(name)
    update = tug_of_war.update(config, telemetry_of(config))
    figure = tug_of_war.figure(config, LIGHT)
    assert len(update.traces) == len(figure.data)
    figure = figure.to_dict()
    for trace, new in zip(figure["data"], update.traces, strict=True):
        trace.update(new)
    (choice,) = tug_of_war.choices(config)
    for option in choice.options:
        assert set(option.traces) == set(range(len(update.traces)))
        for i, attributes in option.traces.items():
            figure["data"][i].update(attributes)
        go.Figure(figure)
        visible = [trace for trace in figure["data"] if trace["visible"]]
        assert all(
            decoded(trace["y"]).size
            for trace in visible
            if trace.get("mode") == "lines" and not option.label.startswith(("chosen", "weight from an input"))
        )
    json.dumps(update.traces, allow_nan=False)


@on_every_network
def test_every_option_sets_the_same_keys(name):
    (choice,) = tug_of_war.choices(config_of(name))
    set_by_updates = {"shapes", "annotations"}
    assert len({frozenset(set(option.layout) - set_by_updates) for option in choice.options}) == 1
    assert len({option.label for option in choice.options}) == len(choice.options) <= 16
    telemetry = telemetry_of(config_of(name), 1)
    assert set_by_updates <= set(tug_of_war.update(config_of(name), telemetry).layout)


@on_every_network
def test_the_figure_starts_with_the_first_option(name):
    config = config_of(name)
    figure = tug_of_war.figure(config, DARK)
    first = tug_of_war.choices(config)[0].options[0]
    assert {i: {"visible": trace.visible} for i, trace in enumerate(figure.data)} == first.traces
    assert figure.layout.yaxis.title.text == first.layout["yaxis.title.text"]
    assert figure.layout.yaxis.type is None
    assert first.layout["yaxis.type"] == "linear"


def test_each_option_shows_the_quantity_in_its_label():
    config = config_of("three hidden layers")
    telemetry = telemetry_of(config)
    traces = tug_of_war.update(config, telemetry).traces
    layers = ["hidden layer 1", "hidden layer 2", "hidden layer 3", "output layer"]
    kinds = {label: kind for kind, label in tug_of_war.KIND_LABELS.items()}
    for option in tug_of_war.choices(config)[0].options:
        visible = [traces[i] for i, attributes in option.traces.items() if attributes["visible"]]
        if option.label == tug_of_war.CHOSEN:
            continue
        quantity, layer_name = option.label.split(", ")
        if quantity == "all layers":
            sides = telemetry.extracts["tug"].layers
            for trace, values in zip(visible, [[s.data for s in sides], [s.penalty for s in sides]], strict=True):
                np.testing.assert_allclose(decoded(trace["y"]), values, rtol=1e-6)
            continue
        layer = layers.index(layer_name)
        if quantity == "all weights":
            names = [f"tug.data.{layer}", f"tug.penalty.{layer}"]
        else:
            names = [weight_name(layer, kinds[quantity])]
        for trace, name in zip(visible, names, strict=False):
            x, y = telemetry.over_time[name].line()
            assert decoded(trace["x"]).tolist() == x.astype(np.float32).tolist()
            assert decoded(trace["y"]).tolist() == y.astype(np.float32).tolist()
        assert len(visible) == (3 if quantity == "all weights" else 4)


def test_the_text_of_a_layer_has_both_steps_and_the_share_of_the_penalty():
    config = config_of("default")
    telemetry = telemetry_of(config)
    sides = telemetry.extracts["tug"].layers[1]
    text = tug_of_war.update(config, telemetry).traces[-3]["text"][0]
    data, penalty = re.findall(r"(?:data|penalty) (\S+?)(?=<br>| )", text)[:2]
    assert number(data) == pytest.approx(sides.data, rel=0.05)
    assert number(penalty) == pytest.approx(sides.penalty, rel=0.05)
    assert f"{100 * sides.share:.1f}" in text


def test_a_text_reports_that_no_input_is_always_0():
    config = config_of("two features")
    lines = equations(tug_of_war.update(config, telemetry_of(config)).traces)
    assert [text for (text, *_) in lines if "always 0" in text] == ["No input is always 0 in these data."]
    lines = equations(tug_of_war.update(config_of("default"), telemetry_of(config_of("default"))).traces)
    assert not any("always 0" in text for (text, *_) in lines)


def test_the_arrows_point_in_the_direction_of_their_steps_on_one_scale():
    config = config_of("default")
    telemetry = telemetry_of(config)
    traces = tug_of_war.update(config, telemetry).traces
    for i, (_, update) in enumerate(telemetry.extracts["tug"].followed_weights):
        arrows = traces[4 * i + 1 : 4 * i + 3]
        lengths = []
        for arrow, step, name in zip(arrows, (update.data, update.penalty), ("data", "penalty"), strict=True):
            start, end, gap, place = decoded(arrow["x"])
            assert np.isnan(gap)
            assert start == 0.5
            assert arrow["text"][-1].startswith(f"{name} <b>")
            assert number(arrow["text"][-1].removeprefix(f"{name} <b>").removesuffix("</b>")) == pytest.approx(
                step, rel=0.05
            )
            lengths.append(0 if np.isnan(end) else end - start)
            assert (lengths[-1] > 0, lengths[-1] < 0) == (step > 0, step < 0)
            assert (place > 0.5) == (step < 0), "the number is on the other side"
        longest = max(abs(update.data), abs(update.penalty))
        for length, step in zip(lengths, (update.data, update.penalty), strict=True):
            expected = max(tug_of_war.MIN_ARROW_LENGTH, tug_of_war.ARROW_LENGTH * abs(step) / longest) if step else 0
            assert abs(length) == pytest.approx(expected, abs=1e-4)


def test_a_long_equation_has_two_rows():
    parts = [UpdatePart(0.999, cause="L2"), UpdatePart(summand=-0.01, cause="L1"), UpdatePart(cause="data")]
    rule_of_one = WeightUpdate(0.5, tuple(parts), 0.0, -0.0105, 0.4895)
    trace = tug_of_war.equation_of(rule_of_one, "input 1")
    assert [text for text in trace["text"] if text.startswith("<i>")] == [
        f"<i>{label}</i>" for label in ("w", "L2", "L1", "data", "next w")
    ]
    assert len(set(trace["y"])) == 5
    for number_text, label in zip(range(0, 10, 2), range(1, 10, 2), strict=True):
        assert trace["x"][number_text] == trace["x"][label]
        assert trace["y"][number_text] > trace["y"][label], "a label is below its number"


def test_any_weight_can_be_chosen():
    config = config_of("default")
    telemetry = telemetry_of(config)
    place = 4 * (len(tug_of_war._weight_keys(config)))
    explained = tug_of_war.update(config, telemetry).traces[place : place + 4]
    assert explained[3]["text"][0].startswith("No weight is chosen. On the live board,<br>click a pixel")
    telemetry.chosen_weight = choose_weight([1, 2, 3], [64, *config.hidden, 10], telemetry.keyframes, 4)
    line, *arrows, equation = tug_of_war.update(config, telemetry).traces[place : place + 4]
    update = telemetry.extracts["tug"].update
    assert number(equation["text"][0]) == pytest.approx(update.before[1][2, 3], abs=1e-4)
    assert equation["text"][-1].startswith("hidden neuron 3 → output for 3:")
    assert len(arrows) == 2
    assert line["meta"] == {"chosen_weight": [1, 2, 3]}
    assert explained[0]["meta"] is None
    assert decoded(line["y"])[-1] == np.float32(update.before[1][2, 3])
    large = replace(telemetry.extracts["tug"], update=None)
    telemetry.extracts = {"tug": large}
    assert "up to 100" in tug_of_war.update(config, telemetry).traces[place + 3]["text"][0]


def test_a_finished_run_shows_one_more_update():
    config = config_of("default", epochs=2)
    update = tug_of_war.update(config, telemetry_of(config, 8))
    assert all(texts[-1].endswith("in one more update") for texts in equations(update.traces)[:8])
    assert update.text.startswith("One more update, number 9,")
    assert tug_of_war.update(config, telemetry_of(config, 7)).text.startswith("Update 8 ")


def test_the_rule_uses_the_settings_of_its_step():
    telemetry = telemetry_of(config_of("default"))
    without = tug_of_war.update(config_of("no penalty"), telemetry)  # the config changed after the extract
    assert "<i>L2</i>" in equations(without.traces)[0]


def test_marks_of_changes_end_below_the_rule():
    config = config_of("default")
    telemetry = telemetry_of(config)
    telemetry.add_report(Report("paused", 13, 0.0, changes=(Change(8, {"l2": 3.0}),)))
    layout = tug_of_war.update(config, telemetry).layout
    (shape,), (annotation,) = layout["shapes"], layout["annotations"]
    assert shape["x0"] == 2.0
    assert shape["y1"] == annotation["y"] == tug_of_war.CHART_HEIGHT
    assert "λ of L2 3" in annotation["hovertext"]


def test_the_text_explains_why_the_next_update_is_not_computed():
    telemetry = Telemetry()
    telemetry.add_report(Report("paused", 1, 0.0, extracts={"tug": None}))
    update = tug_of_war.update(config_of("default"), telemetry)
    assert update.traces == []
    assert f"{MAX_PARAMETERS:,}".replace(",", "\u202f") in update.text


def test_the_update_of_a_long_run_is_small_and_has_every_extreme():
    config = config_of("three hidden layers", epochs=4_000)
    telemetry = telemetry_of(config, 1)
    value = telemetry.extracts["tug"]
    telemetry.steps_per_epoch = 1
    for step in range(2, 4_000):
        telemetry.step = step
        telemetry.add_extracts({"tug": value})
    telemetry.over_time["tug.data.0"].append(4_000, 17.0)
    traces = tug_of_war.update(config, telemetry).traces
    assert len(json.dumps(traces)) < 25_000
    first_layer_line = 4 * (len(tug_of_war._weight_keys(config)) + 1)
    assert max(decoded(traces[first_layer_line]["y"])) == 17.0


@on_every_network
def test_the_caption_fits_a_line(name):
    for changes in ({}, {"max_norm": 1.0}, {"l1": 0.3}, {"l2": 0.0}):
        assert len(tug_of_war.caption(config_of(name, **changes))) <= 75


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0121, "0.0121"), (-0.5, "−0.500"), (3.24e-7, "3.2·10⁻⁷"), (0.0, "0"), (123.4, "123"), (2.5e10, "2.50·10¹⁰")],
)
def test_numbers_are_written_without_exponential_notation(value, text):
    assert tug_of_war._format_number(value) == text


@pytest.mark.parametrize(("hidden", "is_choosable"), [((30,), True), ((1200,), True), ((1400,), False)])
def test_only_panels_of_choosable_weights_have_clicks_and_mention_them(hidden, is_choosable):
    """The network has 74 weights for each hidden neuron."""
    config = RunConfig.demo(train_size=40, hidden=hidden, epochs=1, drop_probability=0.5)
    telemetry = watching.telemetry_of(config, 2)
    for panel in (pictures, network):
        assert any("click" in text for text in panel.about(config)) == is_choosable
        metas = [trace.get("meta") or {} for trace in panel.update(config, telemetry).traces]
        assert any("neurons" in meta or "weight_layer" in meta for meta in metas) == is_choosable
    run = Run(config, None)
    run.telemetry = telemetry
    SingleRun(run).choose_weight([0, 0, 0])
    assert (telemetry.chosen_weight is not None) == is_choosable
    assert (telemetry.extracts["tug"].update is not None) == is_choosable


def test_the_browser_does_not_store_that_the_chosen_weight_is_selected():
    (choice,) = tug_of_war.choices(config_of("default"))
    assert [option.label for option in choice.options if not option.is_stored] == [tug_of_war.CHOSEN]


def test_a_text_about_a_click_is_true_in_a_replay():
    config = config_of("default")
    for panel in (pictures, network, tug_of_war):
        for sentence in re.split(r"[.;] ", " ".join(panel.about(config))):
            assert "click" not in sentence.lower() or sentence.lower().startswith("on the live board")

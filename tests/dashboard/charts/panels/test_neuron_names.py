"""The inputs of own data are called by their features in the network and in the tug of war."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest

from dashboard.charts.palette import LIGHT
from dashboard.charts.panels import network, tug_of_war
from dashboard.charts.panels.neuron_names import drawn_neuron_names, input_name
from engine import RunConfig, dataset_of
from engine.data import keep, read_csv
from engine.runs.extracts.network import drawn_neuron_indices
from tests.dashboard.watching import decoded, telemetry_of

LONG_NAME = "length of the petal in millimetres"
HOSTILE_NAME = "<b>width</b> %{x} & co"


@pytest.fixture
def own_config(tmp_path, monkeypatch) -> RunConfig:
    """A run on a table with a plain, a long and a hostile name of a feature."""
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    rng = np.random.default_rng(1)
    header = f"sepal length,{LONG_NAME},{HOSTILE_NAME},species"
    rows = [",".join([*(f"{value:.3f}" for value in rng.normal(size=3)), "ab"[i % 2]]) for i in range(60)]
    name = keep(read_csv("\n".join([header, *rows]).encode(), label="species", title="Flowers"))
    return RunConfig(dataset=name, hidden=(4,), epochs=2, l2=1.0, drop_probability=0.5)


def test_inputs_have_short_names_beside_them(own_config):
    axis = network.figure(own_config, LIGHT).layout.yaxis
    assert axis.showticklabels
    assert list(axis.tickvals) == [1.0, 0.5, 0.0], "the first input is at the top"
    assert [html.unescape(text) for text in axis.ticktext] == ["sepal length", "length of the…", "<b>width</b>…"]
    assert not any("<" in text for text in axis.ticktext)


def test_every_neuron_has_its_whole_name_under_the_pointer(own_config):
    drawn = network.update(own_config, telemetry_of(own_config, 4)).traces[3:5]  # trained and dropped neurons
    names = {}
    for trace in drawn:
        assert not any("<" in text for text in trace["text"])
        places = zip(decoded(trace["x"]), decoded(trace["y"]), strict=True)
        names |= {place: html.unescape(text) for place, text in zip(places, trace["text"], strict=True)}
    assert len(names) == 3 + 4 + 2
    assert names[0, 1.0] == "sepal length (input 1)"
    assert names[0, 0.5] == f"{LONG_NAME} (input 2)"
    assert names[0, 0.0] == "<b>width</b> % {x} & co (input 3)", "no placeholder of Plotly is left"
    assert names[1, 1.0] == "hidden neuron 1"
    assert (names[2, 1.0], names[2, 0.0]) == ("output for a", "output for b")


def test_the_tug_of_war_names_the_input_of_a_followed_weight(own_config):
    telemetry = telemetry_of(own_config, 4)
    texts = [text for trace in tug_of_war.update(own_config, telemetry).traces for text in trace.get("text", [])]
    first_layer = [text for text in texts if " → hidden neuron " in text]
    names = (
        "sepal length (input 1)",
        "length of the petal in… (input 2)",
        "&lt;b&gt;width&lt;/b&gt; % {x} &amp; co (input 3)",
    )
    assert first_layer
    assert all(text.startswith(names) for text in first_layer)
    assert any(re.match(r"hidden neuron \d → output for [ab]:<br>", text) for text in texts)


@pytest.mark.parametrize("dataset", ["own", "digits"])
def test_a_connection_has_the_names_of_its_neurons(own_config, dataset):
    config = own_config if dataset == "own" else RunConfig(dataset=dataset, hidden=(4,), epochs=2)
    telemetry = telemetry_of(config, 4)
    traces = network.update(config, telemetry).traces
    points = {
        (layer, round(float(y), 5)): name
        for trace in traces[3:5]
        for layer, y, name in zip(decoded(trace["x"]), decoded(trace["y"]), trace["text"], strict=True)
    }
    drawing = telemetry.extracts["network"]
    for layer, trace in enumerate(traces[5:7]):
        for side, places in ((0, "sources"), (1, "targets")):
            count = len(drawing.neurons[layer + side])
            for number, name in trace["meta"][places].items():
                place = drawing.neurons[layer + side].tolist().index(int(number) - 1)
                assert points[layer + side, round(1 - place / (count - 1), 5)] == name
        assert {str(int(source)) for source, _, _ in decoded(trace["customdata"])} <= trace["meta"]["sources"].keys()
        assert {str(int(target)) for _, target, _ in decoded(trace["customdata"])} <= trace["meta"]["targets"].keys()


def test_pixels_and_data_without_names_have_numbers():
    config = RunConfig(dataset="digits", hidden=(30,))
    assert not network.figure(config, LIGHT).layout.yaxis.showticklabels
    names = drawn_neuron_names(config, drawn_neuron_indices([64, 30, 10]))
    assert names[0][:2] == ["pixel in row 1, column 1", "pixel in row 1, column 8"], "10 of 64 inputs are drawn"
    assert names[-1][-1] == "output for 9"
    assert input_name(dataset_of(RunConfig(dataset="digits")), 2) == "input 3"
    assert input_name(None, 0) == "input 1"


def test_without_the_data_set_the_names_are_numbers(own_config, tmp_path, monkeypatch):
    telemetry = telemetry_of(own_config, 4)
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path / "empty"))
    assert not network.figure(own_config, LIGHT).layout.yaxis.showticklabels
    names = {text for trace in network.update(own_config, telemetry).traces[3:5] for text in trace["text"]}
    assert names >= {"input 1", "output 2"}

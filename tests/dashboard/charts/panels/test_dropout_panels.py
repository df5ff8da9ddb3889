"""The panels about dropout draw their extracts."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts.palette import LIGHT
from dashboard.charts.panels import committee, dropout, network, training_shares
from dashboard.charts.panels.network import _neuron_heights
from engine import masks
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Command, RunSetup, Verb
from engine.runs.worker.channel import receive
from engine.runs.worker.worker import Worker
from tests.dashboard.watching import config_of, decoded, telemetry_of


def test_a_mask_chart_with_one_mask_per_mini_batch_is_sent_as_bits():
    config = config_of("default")
    telemetry = telemetry_of(config, 30)
    trace, _ = dropout.update(config, telemetry).traces
    assert trace["z"]["dtype"] == "bits"
    last = telemetry.step
    expected = np.array([masks(config, 1, step) for step in range(1, last + 1)]).T
    assert decoded(trace["z"]).tolist() == expected.astype(int).tolist()
    assert len(trace["z"]["bdata"]) < 12 * last / 4


@pytest.mark.parametrize(("neurons", "gap"), [(2, 1), (20, 1), (21, 0)])
def test_up_to_twenty_rows_are_drawn_with_gaps(neurons, gap):
    config = replace(config_of("default"), hidden=(neurons,))
    (trace, *_) = dropout.figure(config, LIGHT).data
    assert (trace.xgap, trace.ygap) == (gap, gap)


def test_with_a_mask_for_each_example_the_mask_chart_has_percentages():
    config = config_of("a mask for each example")
    trace, _ = dropout.update(config, telemetry_of(config)).traces
    assert trace["z"]["dtype"] == "u1"
    assert set(np.unique(decoded(trace["z"]))) - {0, 100}


def test_a_connection_is_faded_if_one_of_its_neurons_is_dropped():
    config = config_of("three hidden layers")
    telemetry = telemetry_of(config)
    drawing = telemetry.extracts["network"]
    traces = network.update(config, telemetry).traces
    segments = [decoded(trace["y"]).reshape(-1, 3) for trace in traces[:3]]
    columns = [decoded(trace["x"]).reshape(-1, 3) for trace in traces[:3]]
    heights = [_neuron_heights(len(kept)).astype(np.float32) for kept in drawing.kept_neurons]
    assert sum(len(part) for part in segments) == sum(len(links.weights) for links in drawing.links)
    for which, (xs, ys) in enumerate(zip(columns, segments, strict=True)):
        for (left, right, gap), (source, target, _) in zip(xs, ys, strict=True):
            assert np.isnan(gap)
            assert right == left + 1
            ends = [
                drawing.kept_neurons[int(layer)][int(np.argmin(abs(heights[int(layer)] - height)))]
                for layer, height in ((left, source), (right, target))
            ]
            assert all(ends) == (which > 0)
    dropped = sum(int((~kept).sum()) for kept in drawing.kept_neurons)
    assert len(decoded(traces[4]["x"])) == dropped
    assert len(decoded(traces[3]["x"])) == sum(map(len, drawing.kept_neurons)) - dropped


def test_the_hover_points_of_connections_have_their_neurons_and_weights():
    config = config_of("three hidden layers")
    telemetry = telemetry_of(config)
    W = telemetry.keyframes.latest_at_or_before(telemetry.step).weights(config.dtype)
    sizes = [64, *config.hidden, 10]
    drawing = telemetry.extracts["network"]
    traces = network.update(config, telemetry).traces[5:-3]
    assert len(traces) == len(network.figure(config, LIGHT).data) - 8 == 4
    offset = 0
    for layer, trace in enumerate(traces):
        weights = W[offset : offset + sizes[layer] * sizes[layer + 1]].reshape(sizes[layer], sizes[layer + 1])
        offset += weights.size
        x = decoded(trace["x"])
        assert ((layer + 0.3 < x) & (x < layer + 0.7)).all()
        assert len(x) == len(drawing.links[layer].weights)
        for source, target, weight in decoded(trace["customdata"]):
            assert weight == weights[int(source) - 1, int(target) - 1]


def test_the_neurons_of_the_network_have_names():
    config = config_of("three hidden layers")
    telemetry = telemetry_of(config)
    trained, dropped = network.update(config, telemetry).traces[3:5]
    drawing = telemetry.extracts["network"]
    assert len(trained["text"]) + len(dropped["text"]) == sum(map(len, drawing.neurons))
    assert trained["text"][0] == "pixel in row 1, column 1"
    assert trained["text"][-1] == "output for 9"
    for layer, (indices, kept) in enumerate(zip(drawing.neurons[1:-1], drawing.kept_neurons[1:-1], strict=True), 1):
        for index, is_kept in zip(indices, kept, strict=True):
            assert f"hidden layer {layer}, neuron {index + 1}" in (trained if is_kept else dropped)["text"]


def test_the_rows_of_the_mask_chart_have_the_numbers_of_their_neurons():
    config = replace(config_of("default"), hidden=(30, 450))  # 1 in 3 is drawn
    trace, _ = dropout.update(config, telemetry_of(config, 3)).traces
    rows = trace["meta"]["rows"]
    assert rows[:2] == ["hidden layer 1, neuron 1", "hidden layer 1, neuron 4"]
    assert rows[10] == "hidden layer 2, neuron 1"
    assert rows[-1] == "hidden layer 2, neuron 448"
    assert len(rows) == len(decoded(trace["z"]))


def test_the_expected_band_is_two_standard_deviations_around_the_expected_share():
    config = config_of("three hidden layers")
    telemetry = telemetry_of(config)
    extract = telemetry.extracts["trained"]
    low, high, points = training_shares.update(config, telemetry).traces
    np.testing.assert_allclose(decoded(points["y"]), 100 * np.concatenate(extract.shares), rtol=1e-6)
    for layer, (expected, deviation) in enumerate(zip(extract.expected_shares, extract.share_deviations, strict=True)):
        assert decoded(low["y"])[3 * layer] == pytest.approx(100 * (expected - 2 * deviation), rel=1e-5)
        assert decoded(high["y"])[3 * layer + 1] == pytest.approx(100 * (expected + 2 * deviation), rel=1e-5)
    assert "of" in training_shares.update(config, telemetry).note


def test_the_committee_panel_draws_members_averages_and_the_full_network():
    config = config_of("default")
    telemetry = telemetry_of(config)
    found = telemetry.extracts["committee"]
    singles, averages, full, *over_time = committee.update(config, telemetry).traces
    np.testing.assert_allclose(decoded(singles["y"]), 100 * found.single_accuracies, rtol=1e-6)
    np.testing.assert_allclose(decoded(averages["y"]), 100 * found.average_accuracies, rtol=1e-6)
    np.testing.assert_allclose(decoded(full["y"]), 100 * found.full, rtol=1e-6)
    for trace, name in zip(over_time, committee.SERIES_OVER_TIME, strict=True):
        assert decoded(trace["y"])[-1] == pytest.approx(100 * telemetry.over_time[name].latest, rel=1e-6)


@pytest.mark.parametrize("panel", [network, training_shares, committee])
def test_a_panel_of_dropout_reports_that_nothing_is_dropped(panel):
    assert "nothing to drop" in panel.caption(config_of("no hidden layer"))
    assert "off" in panel.caption(config_of("no dropout"))
    assert panel.update(config_of("default"), Telemetry()).text == ""


# Slow motion


def slow(telemetry: Telemetry, pace: float | None = 5.0) -> Telemetry:
    telemetry.pace = pace
    return telemetry


@pytest.mark.parametrize("steps", [3, 12, 20])
def test_in_slow_motion_the_mask_chart_has_twelve_columns_and_frames_the_newest(steps):
    config = config_of("default")
    telemetry = slow(telemetry_of(config, steps))
    last = telemetry.step
    shown = min(12, last)
    update = dropout.update(config, telemetry)
    trace, frame = update.traces
    expected = np.array([masks(config, 1, step) for step in range(last - shown + 1, last + 1)]).T
    assert decoded(trace["z"]).tolist() == expected.astype(int).tolist()
    assert trace["x0"] == last - shown + 1
    low, high = update.layout["xaxis.range"]
    assert high - low == 12
    assert low <= min(frame["x"]) == last - 0.5
    assert max(frame["x"]) == last + 0.5 <= high
    assert (min(frame["y"]), max(frame["y"])) == (0.5, len(expected) + 0.5)
    assert "framed" in update.caption


@pytest.mark.parametrize("pace", [None, 5.1, 125.0])
def test_a_faster_pace_has_the_usual_columns_and_no_frame(pace):
    config = config_of("default")
    telemetry = slow(telemetry_of(config, 40), pace)
    update = dropout.update(config, telemetry)
    assert decoded(update.traces[0]["z"]).shape[1] == telemetry.step > 12
    assert update.traces[1]["x"] == []
    assert update.caption == ""
    momentary = network.update(config, telemetry).traces[-3:]
    assert all(trace["x"] == [] and trace["meta"] is None for trace in momentary)


def test_in_slow_motion_the_changes_of_the_newest_mini_batch_are_drawn():
    config = config_of("default")
    out, telemetry = io.BytesIO(), slow(Telemetry(), 2.0)
    worker = Worker(RunSetup(config.to_dict(), pace=2.0, watched_extracts=("network",)), out)
    for _ in range(5):
        worker.apply(Command(Verb.STEP))
    out.seek(0)
    while out.tell() < len(out.getvalue()):
        telemetry.add_report(receive(out))
    drawing = telemetry.extracts["network"]
    before, after = (telemetry.keyframes.latest_at_or_before(step) for step in (4, 5))
    assert (before.step, after.step) == (4, 5)
    offset, sizes = 0, [64, *config.hidden, 10]
    growths = []
    for layer, links in enumerate(drawing.links):
        shape = sizes[layer], sizes[layer + 1]
        old, new = (each.flat[offset : offset + shape[0] * shape[1]].reshape(shape) for each in (before, after))
        offset += old.size
        places = np.ix_(drawing.neurons[layer], drawing.neurons[layer + 1])
        change = (new[places] - old[places])[links.sources, links.targets]
        np.testing.assert_array_equal(links.changes, change)
        growths.append(np.abs(links.weights) - np.abs(links.weights - links.changes))
    growths = np.concatenate(growths)
    most = growths[np.argsort(-np.abs(growths))[: network.MAX_EMPHASIZED]]
    update = network.update(config, telemetry)
    grew, shrank, fading = update.traces[-3:]
    grown = {}  # growth of |w| by the place of the connection, from the keyframes
    offset = 0
    for layer, links in enumerate(drawing.links):
        old, new = (
            np.abs(each.flat[offset : offset + sizes[layer] * sizes[layer + 1]]).reshape(sizes[layer], -1)
            for each in (before, after)
        )
        offset += old.size
        counts = [len(drawing.neurons[layer + side]) - 1 for side in (0, 1)]
        for source, target in zip(links.sources, links.targets, strict=True):
            weight = drawing.neurons[layer][source], drawing.neurons[layer + 1][target]
            place = layer, round(1 - source / counts[0], 4), round(1 - target / counts[1], 4)
            grown[place] = new[weight] - old[weight]
    for trace, sign in ((grew, 1), (shrank, -1)):
        lines = zip(decoded(trace["x"]).reshape(-1, 3), decoded(trace["y"]).reshape(-1, 3), strict=True)
        signs = [np.sign(grown[int(x[0]), round(float(y[0]), 4), round(float(y[1]), 4)]) for x, y in lines]
        assert signs == [sign] * len(signs), "a thick line is a weight whose |w| grew, a dotted one shrank"
    assert len(decoded(grew["x"])) == 3 * (most > 0).sum()
    assert len(decoded(shrank["x"])) == 3 * (most < 0).sum()
    assert decoded(fading["x"]).tolist() == decoded(update.traces[4]["x"]).tolist()
    assert grew["meta"] == {"flash": 450, "step": 5}
    assert update.caption == network.CHANGES

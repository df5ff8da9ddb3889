"""Updates of panels contain the numbers of the telemetry."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts.palette import LIGHT
from dashboard.charts.panels import accuracy, cost, dropout, weights
from dashboard.charts.style import encode_array
from engine import Histogram, Snapshot, masks
from engine.learning.metrics import Measurement
from engine.runs.extracts.recent_masks import SHOWN_MINI_BATCHES, RecentMasks
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Report
from tests.dashboard.watching import config_of, decoded, telemetry_of

TYPES = [np.float32, np.float64, np.uint8, np.int32]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(5,), (3, 4), (1, 1)])
def test_an_encoded_array_is_decoded_with_the_same_shape_and_numbers(dtype, shape):
    array = (np.arange(np.prod(shape)) * 7.5).reshape(shape).astype(dtype)
    found = decoded(encode_array(array))
    assert found.shape == shape
    assert found.tolist() == array.tolist()


def test_an_array_that_is_a_view_is_encoded_in_its_own_order():
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert decoded(encode_array(array.T)).tolist() == array.T.tolist()
    assert decoded(encode_array(array[:, ::2])).tolist() == array[:, ::2].tolist()


def test_an_empty_array_is_encoded_as_an_empty_list():
    assert encode_array(np.empty(0)) == encode_array(np.empty((0, 4), np.uint8)) == []


@pytest.mark.parametrize("name", ["default", "no noise", "no penalty", "L1"])
def test_the_cost_panel_draws_its_series_over_the_epochs(name):
    config = config_of(name)
    telemetry = telemetry_of(config)
    drawn = cost.update(config, telemetry).traces
    for trace, series in zip(drawn[cost.FIRST_SERIES_TRACE : cost.LOWEST_POINT_TRACE], cost.SERIES, strict=True):
        x, y = telemetry.epochs[series].line()
        assert len(x) > 3
        assert decoded(trace["x"]).tolist() == x.tolist()
        np.testing.assert_array_equal(decoded(trace["y"]), y.astype(np.float32))


@pytest.mark.parametrize(("name", "training"), [("default", "clean_accuracy"), ("no noise", "training_accuracy")])
def test_the_accuracy_panel_draws_right_and_wrong_labels_separately(name, training):
    config = config_of(name)
    telemetry = telemetry_of(config)
    drawn = accuracy.update(config, telemetry).traces
    for trace, series in zip(drawn[:3], ("corrupted_accuracy", training, "judge_accuracy"), strict=True):
        y = telemetry.epochs[series].line()[1]
        np.testing.assert_array_equal(decoded(trace["y"]), (100 * y).astype(np.float32))


def test_the_training_accuracy_is_drawn_if_noise_changes_no_label():
    config = config_of("noise that falls on no example")
    telemetry = telemetry_of(config)
    assert telemetry.snapshot is not None
    assert telemetry.snapshot.corrupted is None
    expected = 100 * telemetry.epochs["training_accuracy"].line()[1]
    drawn = decoded(accuracy.update(config, telemetry).traces[1]["y"])
    np.testing.assert_array_equal(drawn, expected.astype(np.float32))


def test_the_weights_panel_draws_shares_at_the_centres_of_their_bins():
    config = config_of("three hidden layers")
    shares = np.zeros((4, 5), np.float32)
    shares[range(4), range(4)] = 1.0  # all weights of a layer in one bin: −2 … −1.2, −1.2 … −0.4, …
    telemetry = Telemetry()
    telemetry.add_report(
        Report("paused", 1, 0.0, extracts={"weights": Histogram(np.full(4, 2.0), shares, np.zeros(4))})
    )
    update = weights.update(config, telemetry)
    for layer, trace in enumerate(update.traces):
        x = [trace["x0"] + i * trace["dx"] for i in range(5)]
        np.testing.assert_allclose(x, [-1.6, -0.8, 0, 0.8, 1.6], atol=1e-12)
        # all weights in a bin of 0.8, which is eighty times 0.01
        np.testing.assert_allclose(decoded(trace["y"]), [100 / 80 * (k == layer) for k in range(5)], rtol=1e-6)
    assert update.layout == {"xaxis.range": [-2.0, 2.0]}


def test_each_layer_has_its_own_bins_and_the_axis_of_the_first_layer_never_shrinks():
    config, telemetry = config_of("default"), Telemetry()
    shares = np.array([[0, 0.5, 0, 0.5, 0], [0, 0, 1, 0, 0]], np.float32)
    for first in (2.5, 1.5):
        histogram = Histogram(np.array([first, 10.0]), shares, np.array([1.0, 0.0]))
        telemetry.add_report(Report("paused", 1, 0.0, extracts={"weights": histogram}))
    update = weights.update(config, telemetry)
    assert update.text == "Spread of the weights: hidden layer 1.00, output layer 0.00."
    assert [(trace["x0"], trace["dx"]) for trace in update.traces] == [(-1.2, 0.6), (-8.0, 4.0)]
    assert update.layout == {"xaxis.range": [-2.5, 2.5]}


def test_one_layer_of_the_weights_panel_is_visible_with_its_grey_line():
    config = config_of("three hidden layers")
    (choice,) = weights.choices(config)
    for layer, option in enumerate(choice.options):
        shown = [i for i, attributes in option.traces.items() if attributes["visible"]]
        assert shown == [layer, 4 + layer]
        assert ("xaxis.range" in option.layout) == (layer > 0)
    assert weights.choices(config_of("no hidden layer")) == []


@pytest.mark.parametrize("name", ["default", "three hidden layers"])
def test_the_dropout_panel_draws_the_true_masks_at_their_mini_batches(name):
    config = config_of(name)
    telemetry = telemetry_of(config)
    trace, _ = dropout.update(config, telemetry).traces
    drawn = decoded(trace["z"])
    assert trace["x0"] == 1
    assert drawn.shape == (sum(config.hidden), telemetry.step)
    for step in range(1, telemetry.step + 1):
        kept = np.concatenate([masks(config, layer, step) for layer in range(1, len(config.hidden) + 1)])
        assert drawn[:, step - 1].tolist() == kept.astype(int).tolist()


def test_the_mask_chart_scrolls_after_it_is_full():
    config = config_of("default")
    for last in (1, SHOWN_MINI_BATCHES, SHOWN_MINI_BATCHES + 50):
        first = max(1, last - SHOWN_MINI_BATCHES + 1)
        telemetry = Telemetry()
        kept = np.full((12, last - first + 1), 100, np.uint8)
        kept[:3, -1] = 0
        telemetry.add_report(Report("paused", last, 0.0, extracts={"recent_masks": RecentMasks(first, kept, (12,))}))
        update = dropout.update(config, telemetry)
        left, right = update.layout["xaxis.range"]
        assert right - left == SHOWN_MINI_BATCHES
        assert left < first <= last < right
        assert update.text == f"Mini-batch {last}: 3 of 12 neurons shown were dropped."


def test_a_network_without_hidden_layers_has_an_empty_mask_chart():
    config = config_of("no hidden layer")
    trace, _ = dropout.update(config, telemetry_of(config)).traces
    assert decoded(trace["z"]).size == 0
    assert "nothing to drop" in dropout.caption(config)


@pytest.mark.parametrize(("name", "rows"), [("default", [12]), ("three hidden layers", [12, 9, 5]), ("wide", [167])])
def test_the_mask_chart_has_a_row_per_neuron_and_lines_between_layers(name, rows):
    figure = dropout.figure(config_of(name), LIGHT)
    assert list(figure.layout.yaxis.range) == [0.5, sum(rows) + 0.5]
    between = [sum(rows[:k]) + 0.5 for k in range(1, len(rows))]
    assert [shape.y0 for shape in figure.layout.shapes] == between


# the axis of the cost


def costs(values: list[float], penalty: float = 0.0) -> Telemetry:
    telemetry = Telemetry()
    for epoch, value in enumerate(values):
        measured = Measurement(value, 5, 10)
        snapshot = Snapshot(10 * epoch, epoch, measured, None, None, measured, penalty)
        telemetry.add_report(Report("running", 10 * epoch, 0.0, snapshots=(snapshot,)))
    return telemetry


def top(telemetry: Telemetry) -> float:
    low, high = cost.update(config_of("no noise"), telemetry).layout["yaxis.range"]
    assert low == 0
    return float(high)


def test_only_the_cost_before_the_first_epoch_may_be_above_the_axis():
    assert top(costs([7.0, 0.5, 0.4])) == pytest.approx(1.15 * 0.5)
    assert top(costs([7.0, 0.5, 2.0])) == pytest.approx(1.15 * 2.0)
    assert top(costs([7.0, 0.5], penalty=3.0)) == pytest.approx(1.15 * 3.0)
    assert top(costs([7.0])) == pytest.approx(1.15 * 7.0)


def test_the_axis_does_not_jump_when_a_long_run_merges_its_first_epochs():
    assert top(costs([7.0] + [0.5] * 399)) == top(costs([7.0] + [0.5] * 900)) == pytest.approx(1.15 * 0.5)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0])
def test_a_cost_that_is_not_finite_leaves_a_valid_axis(value):
    assert 0 < top(costs([value, value])) < 1e9

"""The three ledgers of the cost, its lowest point, the best epoch and early stopping."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts.choice import Option
from dashboard.charts.ghosts import BEHIND
from dashboard.charts.palette import LIGHT
from dashboard.charts.panels import accuracy, cost
from dashboard.charts.panels.catalogue import PANELS
from engine import Change, Snapshot, Training, dataset_of, select, train
from engine.learning.metrics import Measurement
from engine.runs.history.past_telemetry import telemetry_at
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Report
from tests.dashboard.watching import config_of, decoded, telemetry_of


def trace(config, telemetry, series):
    return decoded(cost.update(config, telemetry).traces[cost.FIRST_SERIES_TRACE + cost.SERIES.index(series)]["y"])


@pytest.mark.parametrize("name", ["default", "L1", "L1 and L2", "no penalty"])
def test_each_ledger_is_the_sum_of_its_parts(name):
    config = config_of(name, dtype="float64")
    telemetry = telemetry_of(config)
    data = select(config, dataset_of(config))
    snapshots = list(train(config, data))[: len(trace(config, telemetry, "penalty"))]
    assert len(snapshots) >= 3
    evaluation = len(data.evaluation.labels)
    for i, snapshot in enumerate(snapshots):
        total = snapshot.training.cost + snapshot.penalty
        assert trace(config, telemetry, "training_total")[i] == pytest.approx(total, rel=1e-6)
        both = snapshot.evaluation.cost + snapshot.penalty
        assert trace(config, telemetry, "judge_total")[i] == pytest.approx(both, rel=1e-6)
        book = snapshot.evaluation.cost + snapshot.penalty * data.n / evaluation
        assert trace(config, telemetry, "judge_book")[i] == pytest.approx(book, rel=1e-6)


def test_the_ledger_of_the_book_divides_the_penalty_by_the_size_of_the_set():
    config = config_of("default", dtype="float64", l2=3.0)
    training = Training(config, select(config, dataset_of(config)))
    snapshot = training.measure()
    squares = sum(float((W * W).sum()) for W in training.parameters.weights)
    assert snapshot.evaluation_penalty == pytest.approx(0.5 * 3.0 / len(training.data.evaluation.labels) * squares)
    assert snapshot.penalty == pytest.approx(0.5 * 3.0 / training.data.n * squares)


def test_the_cost_of_the_mini_batches_is_drawn_on_the_axis_of_epochs():
    config = config_of("default")
    telemetry = telemetry_of(config)
    drawn = cost.update(config, telemetry).traces[0]
    x, y = telemetry.mini_batch_cost.line()
    np.testing.assert_allclose(decoded(drawn["x"]), x / 4, rtol=1e-6)  # 40 examples, mini-batches of 10
    np.testing.assert_allclose(decoded(drawn["y"]), y, rtol=1e-6)


def test_best_epoch_and_lowest_cost_do_not_depend_on_merged_points():
    config = config_of("default", epochs=900, train_size=20)
    telemetry = telemetry_of(config, 1800)
    snapshots = list(train(config, select(config, dataset_of(config))))[1:]
    best = max(snapshots, key=lambda snapshot: (snapshot.evaluation.correct, -snapshot.epoch))
    lowest = min(snapshots, key=lambda snapshot: (snapshot.evaluation.cost, snapshot.epoch))
    assert not telemetry.epochs["judge_cost"].is_exact
    point = accuracy.update(config, telemetry).traces[3]
    assert decoded(point["x"]).tolist() == [best.epoch]
    assert decoded(point["y"])[0] == pytest.approx(100 * best.evaluation.accuracy)
    point = cost.update(config, telemetry).traces[cost.LOWEST_POINT_TRACE]
    assert decoded(point["x"]).tolist() == [lowest.epoch]


@pytest.mark.parametrize("stop_on", ["accuracy", "cost"])
def test_the_mark_of_early_stopping_is_at_the_epoch_where_the_run_stops(stop_on):
    config = config_of("no dropout", stop_on=stop_on, patience=4, epochs=300, learning_rate=1.0)
    telemetry = telemetry_of(config, 10_000)
    (mark,) = accuracy.early_stopping_marks(config, telemetry)
    assert mark.text == "stopped early"
    assert mark.epoch == telemetry.snapshot.epoch < 300
    never = config_of("no dropout", patience=4, epochs=300, learning_rate=1.0)
    if stop_on == "accuracy":
        (would,) = accuracy.early_stopping_marks(never, telemetry_of(never, 1200))
        assert (would.epoch, would.text) == (mark.epoch, "early stopping would end here")


@pytest.mark.parametrize("name", ["default", "no penalty", "L1 and L2", "three hidden layers", "no dropout"])
def test_every_option_of_a_choice_sets_the_same_keys(name):
    config = config_of(name)
    for panel in PANELS.values():
        for choice in panel.choices(config):
            assert len(choice.options) >= 2, (panel.name, choice.name)
            for option in choice.options:
                for other in choice.options:
                    for i, attributes in option.traces.items():
                        assert set(attributes) <= set(other.traces[i]), (panel.name, option.label, other.label)
                    fixed = {path for path, value in option.layout.items() if value is not None}  # None: automatic
                    set_by_updates = {"shapes", "annotations"}
                    assert fixed - set_by_updates <= set(other.layout), (panel.name, option.label, other.label)


# what each ledger shows


def ledgers(config):
    return {option.label: option for option in cost.choices(config)[0].options}


def shown(config, option):
    """Return the visible traces of the run with an option, in order, with the attributes that it sets."""
    traces = cost.figure(config, LIGHT).to_dict()["data"]
    for i, attributes in option.traces.items():
        traces[i] |= attributes
    return own(traces)


def own(traces):
    """Return the visible traces that are not those of a ghost."""
    return [trace for trace in traces if trace.get("visible", True) and trace.get("zorder") != BEHIND]


@pytest.mark.parametrize("name", ["default", "no noise", "no penalty", "L1", "no dropout"])
def test_the_figure_first_shows_the_first_ledger(name):
    config = config_of(name)
    first = next(iter(ledgers(config).values()))
    visible = own(cost.figure(config, LIGHT).to_dict()["data"])
    assert [trace["name"] for trace in visible] == [trace["name"] for trace in shown(config, first)]


def test_each_ledger_has_its_own_lines():
    names = {
        label: [trace["name"] for trace in shown(config_of("default"), option)]
        for label, option in ledgers(config_of("default")).items()
    }
    mini_batch, training = "mini-batch, with dropout", "training"
    assert names == {
        "data cost": [mini_batch, "penalty", training, "right labels", "validation", "lowest validation"],
        "data cost + penalty": [mini_batch, training, "+ penalty", "validation + penalty"],
        "as the book plots it": [mini_batch, training, "+ penalty", "validation + its own penalty"],
    }
    assert cost.figure(config_of("no dropout"), LIGHT).data[0].name == "mini-batch"


@pytest.mark.parametrize("name", ["default", "no noise", "L1 and L2", "no dropout"])
def test_the_penalty_is_drawn_on_top_of_the_training_cost(name):
    config = config_of(name)
    for label, option in ledgers(config).items():
        lines = shown(config, option)
        filled = [i for i, trace in enumerate(lines) if trace.get("fill") == "tonexty"]
        assert [lines[i - 1]["name"] for i in filled] == ([] if label == "data cost" else ["training"])


@pytest.mark.parametrize("name", ["no penalty", "default"])
def test_a_run_without_penalty_or_wrong_labels_has_no_lines_for_them(name):
    config = config_of(name, label_noise=0.0)
    for option in ledgers(config).values():
        names = {trace["name"] for trace in shown(config, option)}
        assert "right labels" not in names
        assert bool(names & {"penalty", "+ penalty"}) == (name == "default")


@pytest.mark.parametrize("evaluation", ["validation", "test"])
@pytest.mark.parametrize("panel", ["cost", "accuracy"])
def test_the_names_of_the_lines_take_two_rows_at_most_in_a_narrow_chart(panel, evaluation):
    config = config_of("default", evaluate_on=evaluation)
    width = 440 - 20  # of a narrow panel, without padding
    options = ledgers(config).values() if panel == "cost" else [Option("")]
    for option in options:
        row, rows = 0.0, 1
        traces = PANELS[panel].figure(config, LIGHT).to_dict()["data"]
        for i, trace in enumerate(traces):
            trace |= option.traces.get(i, {})
            if not trace.get("visible", True) or trace.get("showlegend") is False:
                continue
            entry = 18 + 5 + 6.5 * len(trace["name"])  # line sample, gap and letters of 12 pixels
            if row + entry > width:
                row, rows = 0.0, rows + 1
            row += entry + 12
        assert rows <= 2


# the axis


def limits(*shots):
    """Return the layout of an update after epochs of (training cost, evaluation cost, penalty, evaluation penalty)."""
    telemetry = Telemetry()
    for epoch, (training, evaluation, penalty, own) in enumerate(shots):
        shot = Snapshot(
            10 * epoch, epoch, Measurement(training, 5, 10), None, None, Measurement(evaluation, 5, 10), penalty, own
        )
        telemetry.add_report(Report("running", 10 * epoch, 0.0, steps_per_epoch=10, snapshots=(shot,)))
    # mini-batches far above and far below the measurements
    telemetry.add_report(Report("running", 10, 0.0, first_cost_step=1, costs=np.array([50.0, 1e-9])))
    return cost.update(config_of("no noise"), telemetry).layout


def test_the_axis_limits_leave_out_the_first_cost_and_single_mini_batches():
    layout = limits((7.0, 8.0, 9.0, 90.0), (0.5, 0.6, 0.03, 0.3), (0.4, 0.7, 0.02, 0.2))
    assert layout["yaxis.range"] == [0, pytest.approx(1.15 * 0.7)]  # the data cost's own
    assert layout["yaxis.autorangeoptions.clipmax"] == pytest.approx(
        1.15 * 0.9
    )  # with the evaluation set's own penalty
    assert layout["yaxis.autorangeoptions.clipmin"] == pytest.approx(0.02 / 1.5)


def test_without_a_positive_cost_a_logarithmic_axis_has_no_lower_limit():
    layout = limits((1.0, 1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))
    assert "yaxis.autorangeoptions.clipmin" not in layout
    assert layout["yaxis.range"][1] > 0


def test_a_linear_axis_starts_at_zero_and_a_logarithmic_one_is_automatic():
    linear, log = cost.choices(config_of("default"))[1].options
    assert linear.layout == {"yaxis.type": "linear", "yaxis.autorangeoptions.clipmin": None}
    assert log.layout == {"yaxis.type": "log", "yaxis.range": None}
    assert cost.figure(config_of("default"), LIGHT).layout.yaxis.rangemode == "tozero"


def test_the_line_of_the_mini_batches_has_few_points():
    config = config_of("default")
    for count in (150, 500, 100_000):
        telemetry = Telemetry()
        costs = np.random.default_rng(1).exponential(size=count)
        telemetry.add_report(Report("running", count, 0.0, steps_per_epoch=4, first_cost_step=1, costs=costs))
        drawn = cost.update(config, telemetry).traces[0]
        y = decoded(drawn["y"])
        assert 50 <= len(y) <= cost.MAX_MINI_BATCH_POINTS + 2
        assert (y.min(), y.max()) == (np.float32(costs.min()), np.float32(costs.max()))
        assert decoded(drawn["x"])[-1] == count / 4


# marks


def test_changes_are_marked_in_both_panels_and_early_stopping_in_one():
    config = config_of("no dropout", patience=2)
    telemetry = run_of_accuracies(config, [5, 6, 6, 6, 6])
    telemetry.add_report(Report("running", 40, 0.0, changes=(Change(13, {"l1_rule": "clip", "learning_rate": 0.25}),)))
    texts = {
        name: [each["hovertext"] for each in PANELS[name].update(config, telemetry).layout["annotations"]]
        for name in ("cost", "accuracy")
    }
    change = "epoch 1.3: L1 rule clip, η 0.25"
    assert texts == {"cost": [change], "accuracy": [change, "epoch 4: early stopping would end here"]}
    assert PANELS["cost"].update(config, telemetry).caption == "1: L1 rule clip, η 0.25"


def test_there_is_no_stopping_mark_before_patience_ends():
    config = config_of("no dropout", patience=4)
    assert accuracy.early_stopping_marks(config, run_of_accuracies(config, [5, 6, 6, 6, 6])) == []
    assert accuracy.early_stopping_marks(config, Telemetry()) == []


def run_of_accuracies(config, correct):
    telemetry = Telemetry()
    for epoch, count in enumerate([0, *correct]):
        evaluation = Measurement(10.0 - count, count, 10)
        shot = Snapshot(10 * epoch, epoch, evaluation, None, None, evaluation, 0.0)
        telemetry.add_report(Report("running", 10 * epoch, 0.0, steps_per_epoch=10, snapshots=(shot,)))
    return telemetry


def test_looking_back_shows_the_best_epoch_and_patience_of_that_step():
    config = config_of("no dropout", patience=2)
    telemetry = run_of_accuracies(config, [5, 6, 6, 6, 7, 8])
    found = {}
    for epoch in (0, 1, 3, 4, 5, 6):
        past = telemetry_at(config, telemetry, 10 * epoch + 5)
        stopped = [mark.epoch for mark in accuracy.early_stopping_marks(config, past)]
        best = decoded(accuracy.update(config, past).traces[3]["x"]).tolist()
        assert decoded(cost.update(config, past).traces[cost.LOWEST_POINT_TRACE]["x"]).tolist() == best
        found[epoch] = best, stopped
    assert found == {0: ([], []), 1: ([1], []), 3: ([2], []), 4: ([2], [4]), 5: ([5], [4]), 6: ([6], [4])}


def test_the_axis_ends_above_all_costs_after_the_first_epoch():
    later = [1.0, 0.5, 2.0]
    telemetry = Telemetry()
    for epoch, height in enumerate([50.0, *later]):
        for series in telemetry.epochs.values():
            series.append(epoch, height)
    axis = cost.axis_limits(telemetry)
    assert axis["yaxis.range"] == [0, pytest.approx(1.15 * max(later))]
    assert axis["yaxis.autorangeoptions.clipmax"] == pytest.approx(1.15 * max(later))
    assert axis["yaxis.autorangeoptions.clipmin"] == pytest.approx(min(later) / 1.5)

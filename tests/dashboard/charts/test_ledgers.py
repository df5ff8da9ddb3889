"""The cost's three ledgers, its lowest point, the best epoch and early stopping, and marks of changes."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts import PANELS, accuracy, cost, marks
from engine import Change, Training, dataset_of, select, train
from engine.runs.telemetry import Report, Telemetry
from tests.dashboard.watching import config_of, decoded, telemetry_of


def trace(config, telemetry, series):
    return decoded(cost.update(config, telemetry).traces[cost.FIRST + cost.SERIES.index(series)]["y"])


@pytest.mark.parametrize("name", ["default", "L1", "L1 and L2", "no penalty"])
def test_each_ledger_adds_up_to_what_its_name_says(name):
    config = config_of(name, dtype="float64")
    telemetry = telemetry_of(config)
    data = select(config, dataset_of(config))
    snapshots = list(train(config, data))[: len(trace(config, telemetry, "penalty"))]
    assert len(snapshots) >= 3
    judge = len(data.judge.labels)
    for i, snapshot in enumerate(snapshots):
        total = snapshot.training.cost + snapshot.penalty
        assert trace(config, telemetry, "training_total")[i] == pytest.approx(total, rel=1e-6)
        both = snapshot.judge.cost + snapshot.penalty
        assert trace(config, telemetry, "judge_total")[i] == pytest.approx(both, rel=1e-6)
        book = snapshot.judge.cost + snapshot.penalty * data.n / judge
        assert trace(config, telemetry, "judge_book")[i] == pytest.approx(book, rel=1e-6)


def test_the_book_divides_the_penalty_by_the_size_of_the_set_it_shows():
    config = config_of("default", dtype="float64", l2=3.0)
    training = Training(config, select(config, dataset_of(config)))
    snapshot = training.measure()
    squares = sum(float((W * W).sum()) for W in training.parameters.weights)
    assert snapshot.judge_penalty == pytest.approx(0.5 * 3.0 / len(training.data.judge.labels) * squares)
    assert snapshot.penalty == pytest.approx(0.5 * 3.0 / training.data.n * squares)


def test_the_mini_batches_cost_is_drawn_at_its_place_among_the_epochs():
    config = config_of("default")
    telemetry = telemetry_of(config)
    drawn = cost.update(config, telemetry).traces[0]
    x, y = telemetry.mini_batch_cost.line()
    np.testing.assert_allclose(decoded(drawn["x"]), x / 4, rtol=1e-6)  # 40 examples, mini-batches of 10
    np.testing.assert_allclose(decoded(drawn["y"]), y, rtol=1e-6)


def test_the_best_epoch_and_the_lowest_cost_are_those_of_all_epochs_however_lines_are_merged():
    config = config_of("default", epochs=900, train_size=20)
    telemetry = telemetry_of(config, 1800)
    snapshots = list(train(config, select(config, dataset_of(config))))[1:]
    best = max(snapshots, key=lambda snapshot: (snapshot.judge.correct, -snapshot.epoch))
    lowest = min(snapshots, key=lambda snapshot: (snapshot.judge.cost, snapshot.epoch))
    assert not telemetry.epochs["judge_cost"].exact
    point = accuracy.update(config, telemetry).traces[3]
    assert decoded(point["x"]).tolist() == [best.epoch]
    assert decoded(point["y"])[0] == pytest.approx(100 * best.judge.accuracy)
    point = cost.update(config, telemetry).traces[cost.LOWEST]
    assert decoded(point["x"]).tolist() == [lowest.epoch]


@pytest.mark.parametrize("stop_on", ["accuracy", "cost"])
def test_the_mark_of_early_stopping_is_where_a_run_really_stops(stop_on):
    config = config_of("no dropout", stop_on=stop_on, patience=4, epochs=300, learning_rate=1.0)
    telemetry = telemetry_of(config, 10_000)
    (mark,) = accuracy.stop(config, telemetry)
    assert mark.text == "stopped early"
    assert mark.epoch == telemetry.snapshot.epoch < 300
    never = config_of("no dropout", patience=4, epochs=300, learning_rate=1.0)
    if stop_on == "accuracy":
        (would,) = accuracy.stop(never, telemetry_of(never, 1200))
        assert (would.epoch, would.text) == (mark.epoch, "would stop early")


def changed(*changes: Change) -> Telemetry:
    telemetry = Telemetry()
    telemetry.take(Report("running", 100, 0.0, steps_per_epoch=10, changes=changes))
    return telemetry


def test_a_change_is_marked_where_it_was_made_and_those_of_a_slider_being_moved_share_a_mark():
    telemetry = changed(
        Change(50, {"l2": 2.0}), Change(51, {"l2": 3.0}), Change(90, {"drop_probability": 0.0, "max_norm": None})
    )
    found = marks.of_changes(telemetry, epochs=20)
    assert [(mark.epoch, mark.text) for mark in found] == [(5.0, "λ of L2 3"), (9.0, "drop 0, max-norm off")]
    layout = marks.layout(found)
    assert [shape["x0"] for shape in layout["shapes"]] == [5.0, 9.0]
    assert [words["text"] for words in layout["annotations"]] == ["λ of L2 3", "drop 0, max-norm off"]


def test_a_change_that_is_looked_back_before_leaves_no_mark():
    assert marks.layout([]) == {"shapes": [], "annotations": []}


@pytest.mark.parametrize("name", ["default", "no penalty", "L1 and L2", "three hidden layers", "no dropout"])
def test_one_option_of_a_choice_undoes_another(name):
    config = config_of(name)
    for panel in PANELS.values():
        for choice in panel.choices(config):
            assert len(choice.options) >= 2, (panel.name, choice.name)
            for option in choice.options:
                for other in choice.options:
                    for i, attributes in option.traces.items():
                        assert set(attributes) <= set(other.traces[i]), (panel.name, option.label, other.label)
                    kept = {path for path, value in option.layout.items() if value is not None}
                    # None leaves a range to the axis; marks and ranges come anew with the last update's layout
                    renewed = {"shapes", "annotations"}
                    assert kept - renewed <= set(other.layout), (panel.name, option.label, other.label)

"""A worker by itself: the process, its reports, and the ribbon it draws."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine import RunConfig, Training, dataset_of, masks, select
from engine.runs import states
from engine.runs.process import Process
from engine.runs.telemetry import Report
from engine.runs.views.ribbon import RIBBON_NEURONS, RIBBON_STEPS, ribbon_of
from engine.runs.worker import Beginning, Command, Worker
from tests.engine.runs.driving import endless, headless, small


@pytest.fixture
def process() -> Iterator[Process]:
    process = Process()
    yield process
    process.close()
    process.release()


def begin(process: Process, config: RunConfig, pace: float | None = None, watched: bool = False) -> None:
    process.send(Command("start", Beginning(config.to_dict(), pace, watched, "resume"), 1))


def reports_until(process: Process, state: str) -> list[Report]:
    reports = [process.receive()]
    while reports[-1].state != state:
        assert reports[-1].state not in states.FINAL, reports[-1].reason
        reports.append(process.receive())
    return reports


def test_the_reports_of_a_run_together_have_every_cost_and_every_snapshot_once(process):
    config = small(epochs=300)
    snapshots, costs = headless(config)
    begin(process, config)
    process.send(Command("pause", number=2))
    reports = reports_until(process, states.PAUSED)
    process.send(Command("watch", True, 2))
    process.send(Command("resume", number=3))
    reports += reports_until(process, states.FINISHED)
    with pytest.raises(EOFError):
        process.receive()
    next_cost = 1
    for report in reports:
        if len(report.costs):
            assert report.first_cost == next_cost
        next_cost += len(report.costs)
        assert report.step == next_cost - 1
    assert np.concatenate([report.costs for report in reports]).tolist() == costs.tolist()
    assert [snapshot for report in reports for snapshot in report.snapshots] == snapshots


def test_a_report_says_which_order_was_the_last_it_heard(process):
    begin(process, endless(), pace=20)
    assert process.receive().heard == 1
    process.send(Command("pause", number=7))
    reports = reports_until(process, states.PAUSED)
    assert {report.heard for report in reports[:-1]} <= {1}
    assert reports[-1].heard == 7


def test_weights_and_ribbon_are_made_only_for_those_who_watch_and_for_a_run_that_rests(process):
    begin(process, endless(), pace=50)
    for _ in range(3):
        report = process.receive()
        assert report.state == states.RUNNING
        assert report.weights is None
        assert report.ribbon is None
    process.send(Command("watch", True, 1))
    while (report := process.receive()).weights is None:
        assert report.state == states.RUNNING
        assert report.ribbon is None
    assert report.ribbon is not None, "somebody who comes to a slow run does not look at an empty panel"
    process.send(Command("watch", False, 1))
    process.send(Command("pause", number=2))
    reports = [report, *reports_until(process, states.PAUSED)]
    newest = [report.ribbon for report in reports if report.ribbon][-1]
    assert newest.first + newest.kept.shape[1] - 1 == reports[-1].step


def test_in_slow_motion_every_report_brings_an_update_or_the_weights_after_one(process):
    begin(process, endless(), pace=4, watched=True)
    reports = [process.receive() for _ in range(8)]
    for before, report in pairwise(reports):
        assert report.step == before.step + 1 or report.weights is not None, "12 times a second nothing is new"
    assert reports[-1].step >= 4
    process.send(Command("pause", number=2))
    assert reports_until(process, states.PAUSED)[-1].heard == 2, "an order is answered at once"


def test_weights_that_were_not_due_yet_are_reported_though_no_update_is_done_any_more():
    out = io.BytesIO()
    worker = Worker(Beginning(endless().to_dict(), None, True, "resume"), out)
    worker.obey(Command("resume"))
    worker.work()  # weights went with the start: too soon for more
    worker.obey(Command("pace", 1e-3))
    while worker._weights_step != worker.training.step:
        assert worker.work() > 0, "the next update is due in a quarter of an hour"
    before = out.tell()
    for _ in range(3):
        worker.work()
    assert out.tell() == before
    worker.obey(Command("watch", True))
    assert out.tell() > before, "who comes anew is told at once"


def test_an_epoch_that_is_interrupted_and_asked_for_again_ends_where_it_would_have():
    worker = Worker(Beginning(small(epochs=100).to_dict(), None, False, "resume"), io.BytesIO())
    for verb in ("step_epoch", "pause", "step", "step_epoch", "pause", "step_epoch"):
        worker.obey(Command(verb))
    assert worker.training.step == 1
    while worker.state == states.RUNNING:
        worker.work()
    assert (worker.state, worker.training.step) == (states.PAUSED, 10)
    worker.obey(Command("step_epoch"))
    worker.obey(Command("resume"))
    while worker.training.step < 25:
        worker.work()
    assert worker.state == states.RUNNING, "to resume is to train on past the end of the epoch"


def test_a_process_that_is_closed_ends_whether_it_trains_or_waits():
    waiting, training = Process(), Process()
    begin(training, endless())
    training.receive()
    for process in (waiting, training):
        process.close()
        assert process.popen.returncode == 0
        process.send(Command("pause"))  # nobody hears it, and nobody minds
        process.release()


# the ribbon


def after(config: RunConfig, steps: int) -> Training:
    training = Training(config, select(config, dataset_of(config)))
    while training.step < steps:
        training.run(steps - training.step)
    return training


def expected_ribbon(config: RunConfig, first: int, last: int, every: int) -> np.ndarray:
    """Column by column from `masks`, 100 for kept and 0 for dropped, one neuron after the other."""
    columns = []
    for step in range(first, last + 1):
        column: list[int] = []
        for layer in range(1, len(config.hidden) + 1):
            kept = masks(config, layer, step)
            for neuron in range(0, config.hidden[layer - 1], every):
                share = kept[..., neuron].mean()
                column.append(round(100 * float(share)))
        columns.append(column)
    return np.array(columns, np.uint8).T


@pytest.mark.parametrize(
    ("fields", "steps"),
    [
        ({"drop_probability": 0.5}, 7),
        ({"drop_probability": 0.5}, RIBBON_STEPS),
        ({"drop_probability": 0.3}, RIBBON_STEPS + 37),
        ({"drop_probability": 0.3, "dropout_count": "bernoulli"}, 20),
        ({"hidden": (8, 5, 3), "drop_probability": 0.5}, 30),
        ({"hidden": (8, 5), "drop_probability": 0.4, "dropout_mask": "example"}, 70),
        ({"drop_probability": 0.0}, 5),
    ],
)
def test_the_ribbon_is_the_true_masks_of_the_newest_mini_batches_column_by_column(fields: dict[str, Any], steps: int):
    config = small(epochs=100, **fields)
    ribbon = ribbon_of(after(config, steps))
    assert ribbon.first == max(1, steps - RIBBON_STEPS + 1)
    assert ribbon.layers == config.hidden
    assert ribbon.every == 1
    np.testing.assert_array_equal(ribbon.kept, expected_ribbon(config, ribbon.first, steps, 1))


def test_of_a_wide_network_the_ribbon_draws_one_neuron_in_so_many():
    config = small(hidden=(300, 150, 2), drop_probability=0.5)
    ribbon = ribbon_of(after(config, 12))
    assert ribbon.every == 3
    assert ribbon.layers == (100, 50, 1)
    assert ribbon.kept.shape == (151, 12)
    assert len(ribbon.kept) <= RIBBON_NEURONS
    np.testing.assert_array_equal(ribbon.kept, expected_ribbon(config, 1, 12, 3))


def test_with_a_mask_for_each_example_a_short_mini_batch_counts_only_its_own_examples():
    config = small(train_size=23, hidden=(9,), drop_probability=0.5, dropout_mask="example")
    ribbon = ribbon_of(after(config, 3))
    short = masks(config, 1, 3)[:3]  # of 23 examples in mini-batches of 10 the last one has 3
    assert ribbon.kept[:, 2].tolist() == np.rint(100 * short.mean(axis=0)).tolist()


def test_without_a_hidden_layer_the_ribbon_has_no_rows():
    ribbon = ribbon_of(after(small(hidden=()), 4))
    assert ribbon.kept.shape == (0, 4)
    assert ribbon.layers == ()

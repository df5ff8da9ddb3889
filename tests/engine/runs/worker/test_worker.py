"""A single worker: the process and its reports."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from engine import RunConfig, Snapshot
from engine.runs import states
from engine.runs.extracts import EXTRACTS
from engine.runs.messages import Command, Report, RunSetup, Verb
from engine.runs.server.processes.process import Process
from engine.runs.worker import worker as worker_module
from engine.runs.worker.worker import Worker
from tests.engine.runs.driving import Clock, endless, small, train_headless


@pytest.fixture
def process() -> Iterator[Process]:
    process = Process()
    yield process
    process.close()
    process.close_files()


def start_run(
    process: Process, config: RunConfig, pace: float | None = None, watched: tuple[str, ...] | None = None
) -> None:
    process.send(Command(Verb.START, RunSetup(config.to_dict(), pace, watched), 1))


def reports_until(process: Process, state: str) -> list[Report]:
    reports = [process.receive()]
    while reports[-1].state != state:
        assert reports[-1].state not in states.FINAL, reports[-1].reason
        reports.append(process.receive())
    return reports


@pytest.mark.slow
def test_all_reports_together_have_every_cost_and_snapshot_once(process):
    config = small(epochs=300)
    snapshots, costs = train_headless(config)
    start_run(process, config)
    process.send(Command(Verb.PAUSE, number=2))
    reports = reports_until(process, states.PAUSED)
    process.send(Command(Verb.WATCH, tuple(EXTRACTS), 2))
    process.send(Command(Verb.RESUME, number=3))
    reports += reports_until(process, states.FINISHED)
    with pytest.raises(EOFError):
        process.receive()
    next_cost = 1
    for report in reports:
        if len(report.costs):
            assert report.first_cost_step == next_cost
        next_cost += len(report.costs)
        assert report.step == next_cost - 1
    assert np.concatenate([report.costs for report in reports]).tolist() == costs.tolist()
    assert [snapshot for report in reports for snapshot in report.snapshots] == snapshots


def test_a_report_has_the_number_of_the_last_applied_order(process):
    start_run(process, endless(), pace=20)
    assert process.receive().orders_applied == 1
    process.send(Command(Verb.PAUSE, number=7))
    reports = reports_until(process, states.PAUSED)
    assert {report.orders_applied for report in reports[:-1]} <= {1}
    assert reports[-1].orders_applied == 7


def test_extracts_are_computed_only_for_viewers(process):
    start_run(process, endless(), pace=50)
    for _ in range(3):
        report = process.receive()
        assert report.state == states.RUNNING
        assert not report.extracts
    process.send(Command(Verb.WATCH, tuple(EXTRACTS), 1))
    while not (report := process.receive()).extracts:
        assert report.state == states.RUNNING
    assert set(report.extracts) == set(EXTRACTS), "a new viewer gets all extracts at once"
    process.send(Command(Verb.WATCH, ("recent_masks",), 1))
    process.send(Command(Verb.PAUSE, number=2))
    reports = [report, *reports_until(process, states.PAUSED)]
    newest = [report.extracts["recent_masks"] for report in reports if "recent_masks" in report.extracts][-1]
    assert newest.first_step + newest.kept_percentages.shape[1] - 1 == reports[-1].step, (
        "the extract of a paused run has its last step"
    )
    process.send(Command(Verb.WATCH, None, 2))
    process.send(Command(Verb.STEP, number=3))
    assert not [report for report in (process.receive(), process.receive()) if report.extracts], "there are no viewers"


@pytest.mark.slow
def test_at_a_slow_pace_every_report_has_something_new(process):
    start_run(process, endless(), pace=4, watched=tuple(EXTRACTS))
    reports = [process.receive() for _ in range(16)]
    for before, report in pairwise(reports):
        assert report.step == before.step + 1 or report.extracts, "no report without an update or an extract"
    assert reports[-1].step >= 4
    process.send(Command(Verb.PAUSE, number=2))
    assert reports_until(process, states.PAUSED)[-1].orders_applied == 2, "an order is reported at once"


def test_extracts_of_the_last_step_are_sent_after_a_pause():
    out = io.BytesIO()
    worker = Worker(RunSetup(endless().to_dict(), watched_extracts=("weights",)), out)
    worker.apply(Command(Verb.RESUME))
    worker.train_slice()  # the weights were sent at the start; the next ones are not due yet
    worker.apply(Command(Verb.PACE, 1e-3))
    while worker.recorder._extract_times["weights"][1] != worker.training.step:
        assert worker.train_slice() > 0, "no update is due for a quarter of an hour"
    before = out.tell()
    for _ in range(3):
        worker.train_slice()
    assert out.tell() == before
    worker.apply(Command(Verb.WATCH, ("recent_masks",)))
    assert out.tell() > before, "a new viewer gets a report at once"


def test_an_interrupted_epoch_ends_at_the_same_step():
    worker = Worker(RunSetup(small(epochs=100).to_dict()), io.BytesIO())
    for verb in ("step_epoch", "pause", "step", "step_epoch", "pause", "step_epoch"):
        worker.apply(Command(verb))
    assert worker.training.step == 1
    while worker.state == states.RUNNING:
        worker.train_slice()
    assert (worker.state, worker.training.step) == (states.PAUSED, 10)
    worker.apply(Command(Verb.STEP_EPOCH))
    worker.apply(Command(Verb.RESUME))
    while worker.training.step < 25:
        worker.train_slice()
    assert worker.state == states.RUNNING, "resume continues past the end of the epoch"


def test_closing_ends_a_waiting_and_a_training_process():
    waiting, training = Process(), Process()
    start_run(training, endless())
    training.receive()
    for process in (waiting, training):
        process.close(20)
        assert process.popen.returncode == 0
        process.send(Command(Verb.PAUSE))  # ignored after the end
        process.close_files()


def test_seconds_of_updates_and_measurements_are_counted_separately(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(worker_module, "time", SimpleNamespace(perf_counter=clock))
    worker = Worker(RunSetup(small().to_dict()), io.BytesIO())
    run, end_epoch = worker.training.run, worker.training.end_epoch

    def slow_run(steps: int) -> int:
        clock.now += 3.0
        return run(steps)

    def slow_end_epoch() -> Snapshot:
        clock.now += 0.25
        return end_epoch()

    monkeypatch.setattr(worker.training, "run", slow_run)
    monkeypatch.setattr(worker.training, "end_epoch", slow_end_epoch)
    worker.advance(4)
    worker.advance(6)  # to the end of the epoch
    assert (worker.update_seconds, worker.measuring_seconds, worker.seconds) == (6.0, 0.25, 6.25)

"""The transitions of a run, with a process that only records its commands."""

from __future__ import annotations

from typing import Any, cast

import pytest

from engine import Change, FieldError, RunConfig
from engine.runs import states
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Command, Report, Verb
from engine.runs.server.processes.process import Process
from engine.runs.server.run import Run
from engine.runs.store.record import About, Record
from tests.engine.runs.driving import small


class RecordingProcess:
    """A process that records its commands."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.input_closed = False

    def send(self, command: Command) -> None:
        self.commands.append(command)

    def close_input(self) -> None:
        self.input_closed = True

    @property
    def sent(self) -> list[tuple[Verb, int]]:
        return [(command.verb, command.number) for command in self.commands]


def with_worker(config: RunConfig | None = None) -> tuple[Run, RecordingProcess]:
    run, process = Run(config or small(), None), RecordingProcess()
    run.assign_worker(cast(Process, process), None)
    return run, process


def report(state: str, orders_applied: int, step: int = 1, **more: Any) -> Report:
    return Report(state, step, 0.0, orders_applied=orders_applied, **more)


def test_the_first_order_is_part_of_the_start_command():
    run, process = with_worker()
    run.start_training(Verb.RESUME)
    assert (run.state, process.sent) == (states.RUNNING, [(Verb.START, 1)])
    assert process.commands[0].value.first_order == Verb.RESUME
    run.pause()
    run.start_training(Verb.STEP_EPOCH)
    assert process.sent[1:] == [(Verb.PAUSE, 2), (Verb.STEP_EPOCH, 3)]


def test_a_queued_run_sends_no_commands_before_it_starts():
    run, process = with_worker()
    run.enqueue(Verb.RESUME)
    run.pause()
    assert (run.state, process.sent) == (states.PAUSED, [])
    run.step()
    assert (run.state, process.sent) == (states.PAUSED, [(Verb.START, 2)])


def test_queueing_a_running_run_sends_a_pause():
    run, process = with_worker()
    run.start_training(Verb.RESUME)
    run.enqueue(Verb.RESUME)
    assert (run.state, process.sent[-1]) == (states.QUEUED, (Verb.PAUSE, 2))
    assert not run.apply_report(report(states.PAUSED, orders_applied=2)), "only the queue starts a queued run"
    assert run.state == states.QUEUED


def test_a_report_before_the_newest_order_does_not_change_the_state():
    run, _ = with_worker()
    run.start_training(Verb.RESUME)
    run.pause()
    run.start_training(Verb.RESUME)
    assert not run.apply_report(report(states.PAUSED, orders_applied=2))
    assert run.state == states.RUNNING
    assert run.apply_report(report(states.PAUSED, orders_applied=3))
    assert run.state == states.PAUSED


@pytest.mark.parametrize("state", sorted(states.ENDED - {states.STOPPED, states.INTERRUPTED}))
def test_a_reported_end_counts_even_after_newer_orders(state: str) -> None:
    run, _ = with_worker()
    run.start_training(Verb.RESUME)
    run.enqueue(Verb.RESUME)
    assert run.apply_report(report(state, orders_applied=1, reason="why"))
    assert (run.state, run.reason) == (state, "why")
    assert not run.apply_report(report(states.RUNNING, orders_applied=2))
    assert run.state == state


def test_a_stopped_run_has_the_given_reason():
    run, process = with_worker()
    run.start_training(Verb.RESUME)
    run.request_stop("another run was started")
    run.request_stop("another reason")
    assert (run.state, run.is_over, process.sent[1:]) == (states.RUNNING, True, [(Verb.STOP, 2)])
    assert run.apply_report(report(states.STOPPED, orders_applied=2, reason="the worker's"))
    assert (run.state, run.reason) == (states.STOPPED, "another run was started")


def test_stopping_a_run_that_never_started_closes_its_worker():
    run, process = with_worker()
    run.request_stop("why")
    assert (run.state, run.reason, process.sent, process.input_closed) == (states.STOPPED, "why", [], True)


def test_a_run_whose_process_ends_early_is_interrupted_or_failed():
    for saved, state in ((True, states.INTERRUPTED), (False, states.FAILED)):
        run, _ = with_worker()
        run.start_training(Verb.RESUME)
        run.handle_process_end("signal 9", saved)
        assert (run.state, run.reason) == (state, "signal 9")
    run, _ = with_worker()
    run.start_training(Verb.RESUME)
    run.apply_report(report(states.FINISHED, orders_applied=1))
    run.handle_process_end("exit code 0", True)
    assert (run.state, run.reason) == (states.FINISHED, None)


def test_a_resumed_run_is_queued_and_starts_from_its_record():
    run, _ = with_worker()
    run.start_training(Verb.RESUME)
    run.handle_process_end("signal 9", True)
    run.telemetry.sequence_numbers["costs"] = 7
    telemetry = Telemetry()
    telemetry.step, telemetry.changes = 5, [Change(2, {"l2": 0.5})]
    run.prepare_resume(Record(About(run.id, run.initial_config), telemetry), {"learning_rate": 0.25})
    assert (run.state, run.started, run.process, run.telemetry) == (states.QUEUED, False, None, telemetry)
    assert (run.current_config.l2, run.current_config.learning_rate) == (0.5, 0.25)
    assert run.telemetry.sequence_numbers["costs"] > 7, "all parts are sent to viewers again"
    new_process = RecordingProcess()
    run.assign_worker(cast(Process, new_process), None)
    run.start_training(Verb.RESUME)
    (start,) = new_process.commands
    assert start.value.packed_record["about"]["id"] == run.id
    assert start.value.first_changes == {"learning_rate": 0.25}


@pytest.mark.parametrize("state", [states.FINISHED, states.DIVERGED, states.FAILED])
def test_a_finished_diverged_or_failed_run_is_not_resumed(state: str) -> None:
    run, _ = with_worker()
    run.state, before = state, run.telemetry
    with pytest.raises(states.ForbiddenTransition):
        run.prepare_resume(Record(About(run.id, run.initial_config), Telemetry()), {})
    assert (run.state, run.telemetry) == (state, before)


ORDERS = [lambda run: run.enqueue(Verb.RESUME), lambda run: run.start_training(Verb.RESUME), Run.step]


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_does_not_change_an_ended_run(order):
    run, process = with_worker()
    run.start_training(Verb.RESUME)
    run.apply_report(report(states.FINISHED, orders_applied=1))
    before = (run.state, run.queued_order, run.last_order, run.orders_sent, list(process.commands))
    with pytest.raises(states.ForbiddenTransition):
        order(run)
    assert (run.state, run.queued_order, run.last_order, run.orders_sent, process.commands) == before


@pytest.mark.parametrize("fields", [{"hidden": (3,)}, {"l2": -1.0}, {"no_such_field": 1}])
def test_a_run_is_not_resumed_with_an_invalid_change(fields):
    run, _ = with_worker()
    run.start_training(Verb.RESUME)
    run.handle_process_end("signal 9", True)
    before = (run.state, run.telemetry, run.resume_from, run.current_config, run.process)
    with pytest.raises(FieldError):
        run.prepare_resume(Record(About(run.id, run.initial_config), Telemetry()), fields)
    assert (run.state, run.telemetry, run.resume_from, run.current_config, run.process) == before


@pytest.mark.parametrize("fields", [{"hidden": (3,)}, {"epochs": 9}, {"no_such_field": 1}])
def test_a_field_that_needs_a_restart_is_not_changed(fields):
    run, process = with_worker()
    before = run.initial_config
    for _ in range(2):  # queued, then training
        with pytest.raises(FieldError):
            run.change(fields)
        assert run.initial_config == run.current_config == before
        run.start_training(Verb.RESUME)
    assert Verb.CHANGE not in [verb for verb, _ in process.sent]


def test_a_change_before_the_start_is_part_of_the_initial_config():
    run, process = with_worker(small(l2=1.0))
    run.change({"l2": 2.0})
    assert run.initial_config.l2 == run.current_config.l2 == 2.0
    run.start_training(Verb.RESUME)
    run.change({"l2": 3.0})
    assert (run.initial_config.l2, run.current_config.l2) == (2.0, 3.0)
    assert process.commands[-1] == Command(Verb.CHANGE, {"l2": 3.0}, 2)
    with pytest.raises(FieldError):
        run.change({"l2": -1.0})
    assert run.current_config.l2 == 3.0

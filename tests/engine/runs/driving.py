"""Small configs for tests of runs, headless results to compare with, and waiting for runs."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
from threadpoolctl import threadpool_limits

from engine import RunConfig, Snapshot, Training, dataset_of, select
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Command, Report, RunSetup, Verb
from engine.runs.server.manager import Manager
from engine.runs.server.processes.process import Process
from engine.runs.server.run import Run
from engine.runs.worker.channel import receive
from engine.runs.worker.worker import Worker
from tests.processes import wait_until


class Clock:
    """A clock that a test sets by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def small(**changes: Any) -> RunConfig:
    """100 examples in 10 mini-batches; an epoch takes about a millisecond."""
    return RunConfig.demo(**{"train_size": 100, "hidden": (12,), "epochs": 4, **changes})


def endless(**changes: Any) -> RunConfig:
    return small(epochs=1_000_000, **changes)


def diverging() -> RunConfig:
    """A config that diverges: ReLU activations are unbounded, and the learning rate is far too large."""
    return small(activation="relu", hidden=(100, 100, 100), learning_rate=1e6, l2=0.0, drop_probability=0.0)


def train_headless(config: RunConfig) -> tuple[list[Snapshot], np.ndarray]:
    """Train without a worker; return the snapshot of each epoch and the cost of each mini-batch."""
    with threadpool_limits(limits=1, user_api="blas"):
        training = Training(config, select(config, dataset_of(config)))
        snapshots, costs = [training.measure()], []
        while not training.finished:
            training.run(training.steps_per_epoch)
            snapshots.append(training.measure())
            costs.append(training.take_costs())
    return snapshots, np.concatenate(costs)


def start_watched(manager: Manager, config: RunConfig, pace: float | None = None, steps: str | None = None) -> Run:
    """Start a run with one watcher, so that it reports often."""
    run = manager.start(config, pace, steps)
    manager.watch(run, 1)
    return run


def wait_for_state(run: Run, state: str) -> None:
    """Wait until the run is in `state`."""
    try:
        wait_until(lambda: run.state == state)
    except AssertionError:
        raise AssertionError(f"the run is {run.state} and not {state}: {run.reason}") from None


def wait_for_updates(run: Run) -> None:
    """Wait until the run has done more updates than now."""
    before = run.telemetry.step
    wait_until(lambda: run.telemetry.step > before)


def wait_for_reports(manager: Manager, run: Run) -> None:
    """Wait until the worker has applied every earlier command and its reports have arrived."""
    before = len(run.telemetry.changes)
    manager.change(run, l2=run.current_config.l2 + 1)  # its report comes after all earlier ones
    wait_until(lambda: len(run.telemetry.changes) > before)


@contextmanager
def stopped_workers(*runs: Run) -> Iterator[None]:
    """Stop the worker processes with SIGSTOP during the block."""
    pids = [cast(Process, run.process).popen.pid for run in runs]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


class InMemoryWorker:
    """A worker in this process that writes its reports into memory.

    Attributes:
        longest_slice: the largest number of updates in one call of `training.run`.
    """

    def __init__(self, config: RunConfig, watched: tuple[str, ...] | None = None, pace: float | None = None) -> None:
        self._out, self._read = io.BytesIO(), 0
        self.worker = Worker(RunSetup(config.to_dict(), pace, watched), self._out)
        self.longest_slice = 0
        self._telemetry = Telemetry()
        run = self.worker.training.run

        def counted_run(steps: int) -> int:
            done = run(steps)
            self.longest_slice = max(self.longest_slice, done)
            return done

        self.worker.training.run = counted_run  # type: ignore[method-assign]

    def command(self, verb: str, value: Any = None) -> None:
        self.worker.apply(Command(Verb(verb), value))

    def advance_to(self, step: int) -> None:
        """Train until `step` as a training worker does, then pause and send a report."""
        while self.worker.training.step < step:
            assert not self.worker.training.finished
            self.worker.advance(step - self.worker.training.step)
        self.command("pause")
        self.worker.send_report()

    def reports(self) -> list[Report]:
        """The reports since the last call."""
        self._out.seek(self._read)
        found = []
        while self._out.tell() < len(self._out.getvalue()):
            found.append(receive(self._out))
        self._read = self._out.tell()
        self._out.seek(0, io.SEEK_END)
        return found

    def telemetry(self) -> Telemetry:
        """The telemetry that a server would have from all reports so far."""
        for report in self.reports():
            self._telemetry.add_report(report)
        return self._telemetry

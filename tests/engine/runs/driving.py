"""Configs for tests of runs, and what a run must come to, found without any of the shell."""

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
from engine.runs.server.process import Process
from engine.runs.server.run import Run
from engine.runs.worker.channel import receive
from engine.runs.worker.worker import Worker
from tests.processes import wait_until


class Clock:
    """Seconds that pass when a test says so."""

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
    """Nothing bounds what a ReLU layer hands on, and these steps are absurdly long."""
    return small(activation="relu", hidden=(100, 100, 100), learning_rate=1e6, l2=0.0, drop_probability=0.0)


def headless(config: RunConfig) -> tuple[list[Snapshot], np.ndarray]:
    """Every snapshot and every mini-batch cost of a run that is simply trained, epoch by epoch."""
    with threadpool_limits(limits=1, user_api="blas"):
        training = Training(config, select(config, dataset_of(config)))
        snapshots, costs = [training.measure()], []
        while not training.finished:
            training.run(training.steps_per_epoch)
            snapshots.append(training.measure())
            costs.append(training.take_costs())
    return snapshots, np.concatenate(costs)


def start_watched(manager: Manager, config: RunConfig, pace: float | None = None, steps: str | None = None) -> Run:
    """Start a run that reports often, as it does while somebody watches."""
    run = manager.start(config, pace, steps)
    manager.watch(run, 1)
    return run


def becomes(run: Run, state: str) -> None:
    """Wait until the run is in a state."""
    try:
        wait_until(lambda: run.state == state)
    except AssertionError:
        raise AssertionError(f"the run is {run.state} and not {state}: {run.reason}") from None


def trains_on(run: Run) -> None:
    """Wait until the run has done more updates than it had."""
    before = run.telemetry.step
    wait_until(lambda: run.telemetry.step > before)


def obeys(manager: Manager, run: Run) -> None:
    """Wait until the worker has obeyed all it was told before, and what it had reported before was taken."""
    before = len(run.telemetry.changes)
    manager.change(run, l2=run.current_config.l2 + 1)  # the answer to it comes after every other
    wait_until(lambda: len(run.telemetry.changes) > before)


@contextmanager
def held(*runs: Run) -> Iterator[None]:
    """Let the workers of runs hear nothing meanwhile: what the server decides, it decides by itself."""
    pids = [cast(Process, run.process).popen.pid for run in runs]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


class InMemory:
    """A worker in this process that writes into memory.

    Attributes:
        longest_slice: the most updates that one call of its training has done.
    """

    def __init__(self, config: RunConfig, watched: tuple[str, ...] | None = None, pace: float | None = None) -> None:
        self._out, self._read = io.BytesIO(), 0
        self.worker = Worker(RunSetup(config.to_dict(), pace, watched), self._out)
        self.longest_slice = 0
        self._known = Telemetry()
        run = self.worker.training.run

        def counted(steps: int) -> int:
            done = run(steps)
            self.longest_slice = max(self.longest_slice, done)
            return done

        self.worker.training.run = counted  # type: ignore[method-assign]

    def obey(self, verb: str, value: Any = None) -> None:
        self.worker.apply(Command(Verb(verb), value))

    def advance_to(self, step: int) -> None:
        """Do updates, as a worker that trains does, until so many are done; then rest and report."""
        while self.worker.training.step < step:
            assert not self.worker.training.finished
            self.worker.advance(step - self.worker.training.step)
        self.obey("pause")
        self.worker.send_report()

    def reports(self) -> list[Report]:
        """Those since the last call."""
        self._out.seek(self._read)
        found = []
        while self._out.tell() < len(self._out.getvalue()):
            found.append(receive(self._out))
        self._read = self._out.tell()
        self._out.seek(0, io.SEEK_END)
        return found

    def telemetry(self) -> Telemetry:
        """All that it has reported, as the server has it."""
        for report in self.reports():
            self._known.add_report(report)
        return self._known

"""Configs for tests of runs, and what a run must come to, found without any of the shell."""

from __future__ import annotations

from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from engine import RunConfig, Snapshot, Training, dataset_of, select
from engine.runs.manager import Manager
from engine.runs.run import Run
from tests.processes import wait_until


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def small(**changes: Any) -> RunConfig:
    """100 examples in 10 mini-batches; an epoch takes about a millisecond."""
    return RunConfig(**{"train_size": 100, "hidden": (12,), "epochs": 4, **changes})


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

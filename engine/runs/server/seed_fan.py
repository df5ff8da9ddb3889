"""A seed fan: trains the same settings with several seeds, to draw bands instead of lines."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray as Array

from engine.analysis.evidence import Spread, spread_over_seeds
from engine.config import RunConfig
from engine.errors import FieldError
from engine.runs import states
from engine.runs.history.telemetry import Telemetry
from engine.runs.names import display_name
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

MIN_SEEDS, MAX_SEEDS = 5, 20  # seeds
POLL_INTERVAL = 0.1  # seconds between two checks of the runs in training

log = logging.getLogger(__name__)


def seeds_of(config: RunConfig, seed_count: int) -> list[int]:
    """Return the seeds of a fan: the seed of the config and the following ones.

    Raises:
        FieldError: for fewer than 5 or more than 20 seeds, or if the largest seed is too large.
    """
    if not MIN_SEEDS <= seed_count <= MAX_SEEDS:
        raise FieldError("seeds", f"must be {MIN_SEEDS} to {MAX_SEEDS}, got {seed_count}: choose another number")
    if config.seed + seed_count > 2**63:
        raise FieldError(
            "seed",
            f"must be at most {2**63 - seed_count} for {seed_count} seeds, got {config.seed}: choose a smaller seed",
        )
    return [config.seed + i for i in range(seed_count)]


@dataclass(frozen=True)
class Band:
    """One quantity of several seeds over the epochs.

    Attributes:
        epochs: the epochs of the measurements (k,). mean, low, high: over the seeds (k,). seeds: the number of seeds.
    """

    epochs: Array
    mean: Array
    low: Array
    high: Array
    seeds: int


class SeedFan:
    """Trains several configs with several seeds each, a few runs at a time, in its own thread.

    Finished runs with the same config and seed are reused.

    Args:
        manager: the manager that starts the runs. configs: the configs, at most eight, each with its first seed.
        names: the names of the configs. seed_count: the number of seeds, 5 to 20.

    Attributes:
        configs, names: as above. seeds: the seeds of each config. error: the error that ended the fan, else None.
    """

    def __init__(self, manager: Manager, configs: Sequence[RunConfig], names: Sequence[str], seed_count: int) -> None:
        self.configs, self.names = tuple(configs), tuple(names)
        self.seeds = {config: seeds_of(config, seed_count) for config in configs}
        self.error: str | None = None
        self._manager = manager
        self._finished: dict[RunConfig, Telemetry] = {}
        self._seed_count = seed_count
        # ordered by seed; configs that differ only in their seed share runs
        self._planned_configs = list(
            dict.fromkeys(self._with_seed(config, i) for i in range(seed_count) for config in self.configs)
        )
        self._stopping = threading.Event()
        self._group = secrets.token_hex(4)
        self._thread = threading.Thread(target=self._train_all, daemon=True, name="seed-fan")

    def check_memory(self) -> None:
        """Check that as many of its runs as train at once fit into the memory. Raises `FieldError` if they do not."""
        self._manager.memory.check_configs(self._planned_configs[: self._manager.cap])

    def start(self) -> None:
        """Start training in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Start no more runs and stop those in training; finished runs are kept."""
        self._stopping.set()

    @property
    def is_running(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    @property
    def progress(self) -> tuple[int, int]:
        """The number of finished runs, and of all runs."""
        return len(self._finished), len(self._planned_configs)

    def complete_seed_count(self) -> int:
        """Return the number of seeds that are finished for every config."""
        is_complete = [
            all(self._with_seed(config, i) in self._finished for config in self.configs)
            for i in range(self._seed_count)
        ]
        return is_complete.index(False) if False in is_complete else self._seed_count

    def final_values(self, config: RunConfig, quantity: str = "judge_accuracy") -> list[float]:
        """Return the last value of a quantity for each seed that is finished for every config."""
        return [
            self._finished[self._with_seed(config, i)].epochs[quantity].latest
            for i in range(self.complete_seed_count())
        ]

    def spread(self, config: RunConfig, quantity: str = "judge_accuracy") -> Spread:
        """Return the spread of `final_values`."""
        return spread_over_seeds(self.final_values(config, quantity))

    def band(self, config: RunConfig, quantity: str = "judge_accuracy") -> Band:
        """Return a quantity over the epochs, over all finished seeds of a config."""
        telemetries = [
            self._finished[key]
            for i in range(self._seed_count)
            if (key := self._with_seed(config, i)) in self._finished
        ]
        lines = [telemetry.epochs[quantity].line() for telemetry in telemetries]
        lines = [(x, y) for x, y in lines if len(x)]
        if not lines:
            empty = np.empty(0)
            return Band(empty, empty, empty, empty, 0)
        # the band ends with the shortest run, because runs that stopped early or diverged are shorter
        x = min((x for x, _ in lines), key=lambda x: (x[-1], -len(x)))
        y = np.array([np.interp(x, *line) for line in lines])
        return Band(x, y.mean(axis=0), y.min(axis=0), y.max(axis=0), len(lines))

    @staticmethod
    def _with_seed(config: RunConfig, i: int) -> RunConfig:
        return replace(config, seed=config.seed + i)

    def _train_all(self) -> None:
        try:
            finished_runs = self._finished_runs()
            training: list[Run] = []
            for config in self._planned_configs:
                if self._stopping.is_set():
                    break
                if (run := finished_runs.get(config)) is not None:
                    self._finished[config] = run.telemetry
                    continue
                while len(training) >= self._manager.cap and not self._stopping.wait(POLL_INTERVAL):
                    training = self._collect_ended(training)
                if not self._stopping.is_set():
                    name = f"{self.names[self.configs.index(self._base_config(config))]}, seed {config.seed}"
                    training.append(self._manager.start(config, name=name, group=self._group))
            while training and not self._stopping.wait(POLL_INTERVAL):
                training = self._collect_ended(training)
            for run in training:
                self._manager.stop(run, "its seed fan was stopped")
        except FieldError as error:
            self.error = str(error)
        except Exception as error:  # a thread has no caller to raise to
            log.exception("a seed fan failed")
            self.error = f"{type(error).__name__}: {error}"

    def _base_config(self, config: RunConfig) -> RunConfig:
        return next(each for each in self.configs if replace(config, seed=each.seed) == each)

    def _collect_ended(self, training: Sequence[Run]) -> list[Run]:
        """Store the telemetry of ended runs; return the other runs.

        Raises:
            FieldError: if a run was stopped or failed.
        """
        for run in training:
            if run.state in (states.FINISHED, states.DIVERGED):
                self._finished[run.initial_config] = run.telemetry
            elif run.state in states.FINAL:
                raise FieldError(
                    "run", f"{display_name(run)} ended as {run.state}: {run.reason or 'it was stopped by the user'}"
                )
        return [run for run in training if run.state not in states.FINAL]

    def _finished_runs(self) -> Mapping[RunConfig, Run]:
        """Return the finished runs of these configs and seeds that have no live changes."""
        finished_runs = {run.initial_config: run for run in self._manager.runs() if self._is_reusable(run)}
        if self._manager.store is not None:
            try:
                stored_runs = self._manager.store.list()
            except FieldError:
                return finished_runs
            missing_configs = set(self._planned_configs) - set(finished_runs)
            for about in stored_runs:
                if about.state == states.FINISHED and about.initial_config in missing_configs:
                    run = self._manager.get(about.id)
                    if run is not None and self._is_reusable(run):
                        finished_runs[about.initial_config] = run
                        missing_configs.remove(about.initial_config)
        return finished_runs

    @staticmethod
    def _is_reusable(run: Run) -> bool:
        return run.state == states.FINISHED and not run.telemetry.changes

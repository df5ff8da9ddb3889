"""The manager of all runs: starts worker processes, limits how many train, and receives reports.

It is part of the server and is called from many threads.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from engine.config import RunConfig
from engine.errors import FieldError
from engine.runs import states
from engine.runs.extracts import EXTRACTS
from engine.runs.messages import Verb
from engine.runs.names import display_name, name_words
from engine.runs.server.control import RunControl, has_usable_ghost, with_ghost
from engine.runs.server.elsewhere import Elsewhere, renew
from engine.runs.server.eviction import choose_evicted_runs
from engine.runs.server.forking import fork_records
from engine.runs.server.memory_budget import MemoryBudget, drop_keyframes, restore_keyframes
from engine.runs.server.persistence import Persistence
from engine.runs.server.processes.process import Process, close_all
from engine.runs.server.processes.spare import SpareWorker
from engine.runs.server.queue import RunQueue
from engine.runs.server.run import Run
from engine.runs.server.silence import SilenceWatch, can_continue
from engine.runs.store.store import Store

MAX_WORKERS = 24  # open runs, including paused ones; if there are more, runs without a viewer are stopped

log = logging.getLogger(__name__)


class Manager(RunControl):
    """All runs of a server.

    Args:
        cap: the maximum number of runs that train at full speed; by default the number of cores. A run with a
            pace leaves most of a core idle, so `queue.PACED_PER_CORE` times as many of them may train. Other
            runs are queued.
        spare: whether to keep a worker process ready, so that a run starts without delay.
        cores: the cores shared by the runs that train; by default all cores of this machine.
        clock: returns the time in seconds, from any origin.
        store: the store of the runs; by default nothing is saved.
    """

    def __init__(
        self,
        cap: int | None = None,
        spare: bool = True,
        cores: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        store: Store | None = None,
    ) -> None:
        self.persistence = Persistence(store)
        self._clock = clock
        self._runs: dict[str, Run] = {}
        super().__init__(RunQueue(self._runs, cap, cores))
        self.cap = self.queue.cap
        self.memory = MemoryBudget(self._runs)
        self._closed = False
        self.spare = SpareWorker(spare)
        self.silence = SilenceWatch(self._runs)
        self.elsewhere = Elsewhere(self.runs, self.get)

    @property
    def store(self) -> Store | None:
        """The store of the runs; None if nothing is saved."""
        return self.persistence.store

    def start(
        self,
        config: RunConfig,
        pace: float | None = None,
        steps: str | None = None,
        replaces: Run | None = None,
        *,
        name: str = "",
        group: str = "",
        ending: Sequence[Run] = (),
        ghost: RunConfig | None = None,
    ) -> Run:
        """Start a run, or queue it if the cap is reached.

        If no process can be created, the state of the run is "failed". If there is room for the run and not for its
        ghost, the run starts without it.

        Args:
            config: the config of the run. pace: updates per second, None for full speed.
            steps: None to train; "step" or "step_epoch" to do one update or epoch and pause.
            replaces: a run to stop. The new run replaces it, so no other run is stopped.
            name: the name that the user gave. group: equal for runs that are started together.
            ending: runs that the caller stops afterwards, so that their memory counts as free.
            ghost: the config of a run that trains beside it for comparison; see `Run.ghost`.

        Raises:
            FieldError: if the run needs too much memory, or too many runs are open and none can be stopped; then
                nothing changes.
        """
        run = Run(config, pace, self._clock, name, group)
        run.default_name = self.persistence.new_default_name(config)
        if ghost is not None:
            run.ghost = Run(ghost, pace, self._clock)
            run.ghost.is_ghost = True
        memory = self.memory.prepare(with_ghost(run))
        with self.spare.lend(len(with_ghost(run))) as workers, self._lock:
            ending = [*ending, *([] if replaces is None else with_ghost(replaces))]
            self.memory.check([run], memory, ending)
            if run.ghost is not None and not (
                self.memory.fits(with_ghost(run), memory, ending) and len(self._open_runs(replaces)) + 2 <= MAX_WORKERS
            ):
                run.ghost = None
            self._evict_runs(replaces)
            for each in with_ghost(run):
                self._register(each)
            if replaces is not None:
                self.stop(replaces)
            self._assign_worker(run, workers, steps)
            if run.ghost is not None:
                self._assign_worker(run.ghost, workers, steps)
        self._save_if_queued(run)
        return run

    def add_ghost(self, run: Run, config: RunConfig) -> None:
        """Train a run beside another one for comparison, from its first update and at full speed; see `Run.ghost`.

        Args:
            run: the run; without an effect if its ghost trains or has ended by itself. config: of the ghost.

        Raises:
            FieldError: as `start`.
        """
        ghost = Run(config, None, self._clock)
        ghost.is_ghost = True
        memory = self.memory.prepare([ghost])
        with self.spare.lend(1) as workers, self._lock:
            if has_usable_ghost(run):
                return
            self.memory.check([ghost], memory)
            self._evict_runs(None)
            self._register(ghost)
            run.ghost = ghost
            self._assign_worker(ghost, workers, None)

    def get(self, run_id: str | None) -> Run | None:
        """Return the run with an id, from memory or from the store; None if there is none."""
        run = self._runs.get(run_id or "")
        if not run_id or (run is not None and not self.persistence.has_newer_record(run)):
            if run is not None and run.has_dropped_keyframes:
                self._restore_keyframes(run)
            return run
        record = self.persistence.load(run_id)
        with self._lock:
            if record is not None and self._runs.get(run_id) is run:
                if run is None:
                    self._register(Run.from_record(record, self._clock))
                    self.memory.drop_oldest_ended_runs()
                elif run.state in states.FINAL:  # it was not resumed here in the meantime
                    renew(run, record)
            return self._runs.get(run_id)

    def get_from_memory(self, run_id: str) -> Run | None:
        """Return the run with an id if it is in memory, else None."""
        return self._runs.get(run_id)

    def remove_from_memory(self, run_id: str) -> None:
        """Remove a deleted run from memory if it has ended."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is not None and run.state in states.FINAL:
                self.stop(run)  # its ghost may still train
                del self._runs[run_id]
                self.memory.drop_ghosts_without_run()

    def fork(
        self,
        run: Run,
        step: int,
        futures: Sequence[Mapping[str, Any]],
        epochs: int | None = None,
        names: Sequence[str] = (),
    ) -> list[Run]:
        """Start one fork for each future, from the newest keyframe that is not later than a step.

        Args:
            run: the parent; it may be training. step: updates done.
            futures: one to four mappings of new values by field of `checkpoint.CHANGEABLE_FIELDS`; an empty mapping
                changes nothing.
            epochs: of the forks, from the first update of the run; by default those of the run. names: of the forks.

        Raises:
            FieldError: if a future is invalid, there is no keyframe or the forks need too much memory; then nothing is
                started.
        """
        config = run.initial_config if epochs is None else replace(run.initial_config, epochs=epochs)
        self.memory.check_configs([config] * len(futures), is_resumed=True)  # before the weights are copied
        records = fork_records(run, step, futures, epochs)
        forks = [Run.from_record(record, self._clock) for record in records]
        for fork, name in zip(forks, names or [""] * len(forks), strict=True):
            fork.rename(name)
            fork.default_name = self.persistence.new_default_name(fork.initial_config)
        memory = self.memory.prepare(forks, is_resumed=True)
        for fork, record, fields in zip(forks, records, futures, strict=True):
            fork.prepare_resume(record, fields)  # after the check, because it copies all keyframes
        with self.spare.lend(len(forks)) as workers, self._lock:
            self.memory.check(forks, memory)
            self._evict_runs(None, len(forks))  # for all forks, before one is started
            for fork in forks:
                self._register(fork)
                self._assign_worker(fork, workers, None)
        for fork in forks:
            self._save_if_queued(fork)
        return forks

    def change(self, run: Run, **fields: Any) -> None:
        """Change the settings of a run; see `RunControl.change`.

        A run without an update starts with the new settings, so it also gets a new default name if they change it.
        """
        before = run.initial_config
        super().change(run, **fields)
        config = run.initial_config
        if config == before:
            return
        if name_words(config) != name_words(before):
            name = self.persistence.new_default_name(config)
            with self._lock:
                if run.started:  # in the meantime; its worker has the old name
                    return
                run.default_name = name
        self._save_if_queued(run)

    def runs(self) -> list[Run]:
        """Return all runs, the oldest first."""
        return list(self._runs.values())

    def resume(self, run: Run) -> None:
        """Continue training, or queue the run if the cap is reached.

        An interrupted or stopped run resumes from the store, without its ghost.

        Raises:
            FieldError: if the run is not in the store, needs too much memory, or too many runs are open.
        """
        self.get(run.id)  # its state may be that of another Regscope
        if run.state == states.ELSEWHERE:
            raise FieldError(
                "run", f"{display_name(run)} is trained by another Regscope on this machine: open it there"
            )
        if run.state in states.RESUMABLE:
            self._resume_from_store(run)
        else:
            self._send_or_queue(run, Verb.RESUME)
            self._send_or_queue_ghost(run, Verb.RESUME)

    def watch(self, run: Run, watchers: int, extracts: Iterable[str] = EXTRACTS) -> None:
        """Set the number of viewers of a run and the extracts that they see."""
        with self._lock:
            run.watch(watchers, extracts)
        self.elsewhere.watch(run)

    def close(self) -> None:
        """End every worker. A closed manager starts no more runs."""
        self.silence.close()
        with self._lock:
            self._closed = True
            processes = [run.process for run in self._runs.values() if run.process]
        if (spare := self.spare.close()) is not None:
            processes.append(spare)
        close_all(processes)

    # starting a worker

    def _register(self, run: Run) -> None:
        run.on_transition = self._after_transition
        self._runs[run.id] = run

    def _assign_worker(self, run: Run, workers: list[Process | OSError], steps: str | None) -> None:
        """Assign one of `workers` to a run and send the first order. The run fails if it is an error."""
        process = workers.pop(0)  # the first one is the spare, if there was one
        if isinstance(process, OSError):
            reason = f"no worker process could be created ({process}): close other runs or programs and try again"
            log.error("run %s has no worker: %s", run.id, reason)
            run.set_state(states.INTERRUPTED if run.resume_from else states.FAILED, reason)
            return
        run.assign_worker(process, self.store.path if self.store and not run.is_ghost else None)
        self.queue.share_cores()
        threading.Thread(target=self._receive_reports, args=(run, process), daemon=True, name=f"run-{run.id}").start()
        if steps == Verb.STEP:
            self._step(run)
        else:
            self._send_or_queue(run, Verb(steps or Verb.RESUME))

    def _save_if_queued(self, run: Run) -> None:
        """Save a run that has not started. Call it without the lock: another program may lock the file for seconds."""
        with self._lock:
            is_queued, resume_from = not run.started and run.state not in states.FINAL, run.resume_from
        if is_queued:
            self.persistence.save_queued(run, resume_from)

    def _resume_from_store(
        self, run: Run, changes: Mapping[str, Any] = MappingProxyType({}), replaces_worker: bool = False
    ) -> None:
        """Resume a run without a worker from the store.

        Args:
            run: the run. changes: new values by field. replaces_worker: whether its silent worker was killed.
        """
        if run.process is not None:
            run.process.close()  # waits for the last write of the process
        memory = self.memory.prepare([run], is_resumed=True)
        record = self.persistence.load_to_resume(run)
        with self.spare.lend(1) as workers, self._lock:
            if run.state not in states.RESUMABLE:
                return  # another thread has already resumed the run
            self.memory.check([run], memory)
            self._evict_runs(None)
            run.prepare_resume(record, changes)
            run.ghost = None  # it cannot be resumed, because it is not saved
            run.replaced_at = record.telemetry.step if replaces_worker else None
            self._assign_worker(run, workers, None)
        self._save_if_queued(run)

    def _replace_worker(self, run: Run) -> None:
        """Resume a run from its checkpoint after its worker was killed, with the changes that the worker never read."""
        changes: dict[str, Any] = {}
        for _, fields in run.pending_changes:
            changes |= fields
        try:
            self._resume_from_store(run, changes, replaces_worker=True)
        except FieldError as error:  # the run stays interrupted
            log.warning("run %s is not resumed: %s", run.id, error)

    # following a worker

    def _after_transition(self, run: Run) -> None:
        if run.state in states.FINAL:
            self.queue.remove(run)  # the run may have ended before the order to pause arrived
            drop_keyframes(self._runs)
        self.queue.share_cores()

    def _receive_reports(self, run: Run, process: Process) -> None:
        """Receive the reports of a run until its process ends. Each run has a thread for this."""
        read_error: Exception | None = None
        try:
            while True:
                report = process.receive()
                with run.lock:
                    run.telemetry.add_report(report)
                with self._lock:
                    if run.apply_report(report):
                        self._start_ready_runs()
        except EOFError:
            cause = process.describe_end()
        except Exception as error:  # otherwise the run would stay "running"
            read_error = error
            process.popen.kill()
            cause = f"its report could not be read ({type(error).__name__}: {error})"
        with self._lock:
            is_current_process = run.process is process  # False if another worker has resumed the run
            if is_current_process and not self._closed:
                can_resume = self.store is not None and read_error is None and not run.is_ghost
                run.handle_process_end(cause, saved=can_resume)
        process.close()
        if is_current_process and run.state in (states.FAILED, states.INTERRUPTED):
            log.error(
                "run %s %s: %s\n%s", run.id, run.state, run.reason, process.read_error_output(), exc_info=read_error
            )
        process.close_files()
        if is_current_process and can_continue(run):
            self._replace_worker(run)
        self._start_ready_runs()

    # limits

    def _restore_keyframes(self, run: Run) -> None:
        record = self.persistence.load(run.id)
        with self._lock:
            if record is not None and run.has_dropped_keyframes:
                restore_keyframes(run, record, self._clock(), self._runs)

    def _open_runs(self, replaces: Run | None) -> list[Run]:
        """Return the runs that have not ended, without the run that is replaced and its ghost."""
        ending = [] if replaces is None else with_ghost(replaces)
        return [run for run in self._runs.values() if not run.is_over and run not in ending]

    def _evict_runs(self, replaces: Run | None, count: int = 1) -> None:
        """Stop runs without a viewer if `count` more runs would be too many; drop old ended runs."""
        if self._closed:
            raise FieldError("run", "cannot start: the server is stopping; start the server again")
        open_runs = self._open_runs(replaces)
        for run, reason in choose_evicted_runs(open_runs, len(open_runs) + count - MAX_WORKERS, self._clock()):
            self.stop(run, reason)
        self.memory.drop_oldest_ended_runs()

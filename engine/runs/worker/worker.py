"""A worker: one process that trains one run, takes commands and sends reports.

It is a fresh interpreter that loads NumPy and the engine and nothing else, started as
`python -m engine.runs.worker.worker`. Commands come on standard input, reports go to standard output.
Commands are applied between two mini-batches, and everything a report carries is taken there too,
as copies: nobody ever reads weights that are being trained.
"""

from __future__ import annotations

import gc
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO

from engine.analysis.magnitudes import is_measured, step_of_penalty, values_by_name
from engine.config import RunConfig
from engine.data import dataset_of, select
from engine.errors import FieldError
from engine.learning.rollback import Diverged
from engine.learning.snapshot import Snapshot
from engine.learning.training import Training
from engine.runs import states
from engine.runs.messages import Command, Report, RunSetup, Verb
from engine.runs.store.journal import Elsewhere, Journal
from engine.runs.store.packing import unpack
from engine.runs.store.record import About, Record
from engine.runs.worker.channel import receive, send
from engine.runs.worker.recorder import Recorder
from engine.runs.worker.threads import BlasThreads, blas_threads

SLICE = 0.01  # seconds of training between two looks at the commands
WATCHED = 1 / 12  # seconds between two reports while somebody watches
UNWATCHED = 0.5  # and while nobody does


class Worker:
    """One run: the training, the pace it is held to, and what is still to be reported.

    Args:
        setup: the run. out: where reports go.
        use_threads: sets the number of threads that this process multiplies matrices with.
    """

    def __init__(
        self, setup: RunSetup, out: BinaryIO, use_threads: Callable[[int], None] = lambda threads: None
    ) -> None:
        config = RunConfig.from_dict(setup.config)
        data = select(config, dataset_of(config))
        record = unpack(setup.record) if setup.record else None
        stood = record.checkpoint if record else None
        self.training = Training.resume(stood, data) if stood else Training(config, data)
        self.out = out
        self.threads = 1
        self._use_threads = use_threads
        self._share(setup.cores)  # before the first product: a run's bits depend on it
        self.state = states.PAUSED
        self.pace = setup.pace
        trained = record.trained if record and stood else None
        self.recorder = Recorder(self.training, config, setup.watched, trained)
        self.journal = _journal(setup, config, record)
        self.seconds = record.about.seconds if record else 0.0
        self.heard = 0
        self.stop_at: int | None = None  # the step at which "step epoch" pauses again
        self._pace_from = (time.perf_counter(), 0)
        self._snapshots: list[Snapshot] = [] if stood else [self.training.measure()]
        self._measured: list[tuple[float, dict[str, float]]] = []
        if stood is None:
            self._measure_magnitudes()
        self._step_seconds = 1e-3  # how long an update takes, by the newest slice
        self._reported_at, self._reported_step = -1e9, -1
        self._changes = len(self.training.changes)  # of the training's, how many have been reported
        self._refused: str | None = None
        self._rate_from = (time.perf_counter(), 0)
        self._rate = 0.0
        self.recorder.keep_keyframe()
        if setup.fields:
            self._change(setup.fields)

    def obey(self, command: Command) -> None:
        """Apply one command, between two mini-batches."""
        self.heard = command.number
        running = self.state == states.RUNNING
        match command.verb:
            case Verb.PAUSE if running:
                self._rest(states.PAUSED)
            case Verb.RESUME if self.state == states.PAUSED or self.stop_at is not None:
                self._run()
            case Verb.STEP if not self.training.finished:
                self._advance(1)
                self._rest(states.PAUSED)
            case Verb.STEP_EPOCH if not self.training.finished:
                epoch_end = (self.training.epoch + 1) * self.training.steps_per_epoch
                self._run(until=epoch_end)
            case Verb.PACE:
                self.pace = command.value
                self._restart_pace()
            case Verb.CHANGE:
                self._change(command.value)
            case Verb.WATCH:
                self.recorder.watched = command.value
                self._reported_at = -1e9
            case Verb.THREADS:
                self._share(command.value)
            case Verb.STOP:
                self._rest(states.STOPPED)
        if self.training.finished and self.state not in states.FINAL:
            self._rest(states.FINISHED)
        self.report()

    def work(self) -> float:
        """Train for a slice of time, or find that it is not time yet; returns the seconds to wait."""
        steps, wait = self._due()
        if steps:
            self._advance(steps)
        now = time.perf_counter()
        if self.training.finished:
            self._rest(states.FINISHED)
            self.report(reason=self.training.early_stopping.stopped)
        elif self.stop_at is not None and self.training.step >= self.stop_at:
            self._rest(states.PAUSED)
            self.report()
        elif now - self._reported_at >= (UNWATCHED if self.recorder.watched is None else WATCHED) and self._has_news():
            self.report()
        else:
            self.write_if_due()
        return wait

    def diverge(self, error: Diverged) -> None:
        """The end of a run whose cost is not finite: what is left is its last good weights."""
        self._rest(states.DIVERGED)
        self._snapshots.append(self.training.measure())
        self.report(reason=str(error))

    def report(self, reason: str | None = None) -> None:
        """Send what is new. Views only while somebody watches them."""
        now = time.perf_counter()
        training = self.training
        resting = self.state != states.RUNNING
        seconds, steps = now - self._rate_from[0], training.step - self._rate_from[1]
        if seconds >= 0.5 and steps:  # in slow motion the time from one update to the next
            self._rate, self._rate_from = steps / seconds, (now, training.step)
        if resting:
            self.recorder.keep_keyframe()
        costs = training.take_costs()
        changes = tuple(training.changes[self._changes :])
        report = Report(
            state=self.state,
            step=training.step,
            steps_per_second=0.0 if resting else self._rate,
            heard=self.heard,
            steps_per_epoch=training.steps_per_epoch,
            snapshots=tuple(self._snapshots),
            measured=tuple(self._measured),
            first_cost=training.step - len(costs) + 1,
            costs=costs,
            views=self.recorder.views(resting),
            keyframes=self.recorder.take_keyframes(),
            changes=changes,
            refused=self._refused,
            reason=reason,
            seconds=self.seconds,
            taken_at=time.time(),
        )
        self._note(report)
        self.tell(replace(report, unsaved=self.journal.unsaved) if self.journal else report)
        self._snapshots, self._measured, self._refused = [], [], None
        self._changes += len(changes)
        self._reported_at, self._reported_step = time.perf_counter(), training.step

    def tell(self, report: Report) -> None:
        """Hand a report on."""
        send(self.out, report)

    def _note(self, report: Report) -> None:
        """Note a report in the store's journal; the end of a run is written at once, all else when it is due."""
        if self.journal is not None:
            self.journal.take(report)
            self.write_if_due(report.state in states.FINAL)

    def write_if_due(self, now: bool = False) -> float | None:
        """Write into the store what is not yet there; returns the seconds until it may be, None where nothing waits."""
        journal = self.journal
        if journal is None or not journal.unwritten:
            return None
        wait = journal.wait()
        if wait > 0 and not now:
            return wait
        if journal.telemetry.step != self.training.step:
            self.report()  # its measurements must not lag behind its weights: what lies between would be lost
            return None
        self.recorder.count_masks()
        journal.write(self.training.checkpoint(), tuple(self.recorder.trained), self.pace)
        return None

    def _has_news(self) -> bool:
        """Whether there is anything to report: in slow motion nothing is new most of the time."""
        return self.training.step != self._reported_step or self.recorder.view_is_due()

    def _change(self, fields: dict[str, Any]) -> None:
        try:
            if not self.training.finished:
                self.training.change(**fields)
                self.recorder.renew_views()  # a run that rests shows the new rule at once
        except FieldError as error:
            self._refused = str(error)

    def _run(self, until: int | None = None) -> None:
        self.state, self.stop_at = states.RUNNING, until
        self._restart_pace()
        self._rate_from, self._rate = (time.perf_counter(), self.training.step), 0.0

    def _rest(self, state: str) -> None:
        self.state, self.stop_at = state, None

    def _share(self, cores: int) -> None:
        """Multiply with as many threads as pay, of the cores that are there for this run."""
        sizes, batch = self.training.parameters.sizes, self.training.current_config.mini_batch_size
        threads = blas_threads(sizes, batch, cores)
        if threads != self.threads:
            self.threads = threads
            self._use_threads(threads)

    def _restart_pace(self) -> None:
        self._pace_from = (time.perf_counter(), self.training.step)

    def _due(self) -> tuple[int, float]:
        """How many updates are due now, and how long to wait where there are none."""
        most = max(1, int(SLICE / self._step_seconds))
        if self.stop_at is not None:  # "step epoch" is an order, not a pace
            return min(most, self.stop_at - self.training.step), 0.0
        if self.pace is None:
            return most, 0.0
        begun, first = self._pace_from
        ahead = self.training.step - first + 1 - (time.perf_counter() - begun) * self.pace
        if ahead > 0:
            return 0, min(ahead / self.pace, WATCHED)
        if -ahead > most:  # too slow for this pace: do not run after it
            self._restart_pace()
        return min(most, int(-ahead) + 1), 0.0

    def _advance(self, steps: int) -> None:
        begun = time.perf_counter()
        done = self.training.run(steps)
        if done:
            self._step_seconds = max(1e-6, (time.perf_counter() - begun) / done)
        self.recorder.count_masks()
        if self.training.step % self.training.steps_per_epoch == 0:
            self._snapshots.append(self.training.end_epoch())
            if is_measured(self.training.epoch, self.training.current_config.epochs) or self.training.finished:
                self._measure_magnitudes()
        self.seconds += time.perf_counter() - begun
        self.recorder.keep_keyframe_if_due()

    def _measure_magnitudes(self) -> None:
        training = self.training
        step = step_of_penalty(training.current_config, training.learning_rate, training.data.n)
        self._measured.append((float(training.epoch), values_by_name(training.parameters, step)))


def _journal(setup: RunSetup, config: RunConfig, record: Record | None) -> Journal | None:
    if setup.store is None or setup.about is None:
        return None
    about = About(initial_config=config, pace=setup.pace, **setup.about)
    try:
        return Journal(setup.store, about, record)
    except Elsewhere:
        raise FieldError(
            "run", f"{about.id} is being trained by another Regscope on this machine: open it there"
        ) from None


def listen(stream: BinaryIO, commands: queue.SimpleQueue[Command]) -> None:
    """Pass commands on. When the server's end of the pipe is gone, so is the reason to go on."""
    try:
        while True:
            commands.put(receive(stream))
    except (EOFError, OSError):
        os._exit(0)


def serve(
    out: BinaryIO, commands: queue.SimpleQueue[Command], use_threads: Callable[[int], None] = lambda threads: None
) -> None:
    """Wait for a run, train it to its end, and end. What goes wrong is reported, not raised."""
    start = commands.get()
    worker: Worker | None = None
    try:
        worker = Worker(start.value, out, use_threads)
        worker.obey(Command(start.value.order, number=start.number))
        while worker.state not in states.FINAL:
            wait = 0.0
            if worker.state == states.RUNNING:
                wait = worker.work()
            if worker.state in states.FINAL:
                break
            try:
                resting = worker.state != states.RUNNING
                pause = worker.write_if_due() if resting else wait
                command = commands.get(timeout=pause) if resting or wait else commands.get_nowait()
                worker.obey(command)
            except queue.Empty:
                pass
    except Diverged as error:
        assert worker is not None
        worker.diverge(error)
    except Exception as error:
        # the last door of the process: whatever it was, the page must be able to say it
        traceback.print_exc()
        reason = str(error) if isinstance(error, FieldError) else f"{type(error).__name__}: {error}"
        step = worker.training.step if worker else 0
        send(out, Report(state=states.FAILED, step=step, steps_per_second=0.0, heard=start.number, reason=reason))
    finally:
        if worker is not None and worker.journal is not None:
            worker.journal.close()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes our input
    commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not get between two reports
    threading.Thread(target=listen, args=(sys.stdin.buffer, commands), daemon=True).start()
    threads = BlasThreads()
    gc.freeze()
    serve(out, commands, threads.use)
    sys.stderr.flush()
    os._exit(0)  # the thread that listens holds standard input; an orderly end would wait for it


if __name__ == "__main__":
    main()

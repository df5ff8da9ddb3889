"""The run of a worker: trains in slices of time, applies commands between them, and sends reports.

Commands are applied between two mini-batches, and everything in a report is copied then. So no other thread
or process reads weights during an update.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from engine.analysis.magnitudes import is_measured
from engine.config import RunConfig
from engine.data import dataset_of, select
from engine.errors import FieldError
from engine.learning.rollback import Diverged
from engine.learning.training import Training
from engine.runs import states
from engine.runs.history.telemetry import is_slow
from engine.runs.messages import Command, Report, RunSetup, Verb
from engine.runs.names import display_name
from engine.runs.store.journal import FINAL_TRIES, Journal, TrainedElsewhere
from engine.runs.store.packing import unpack
from engine.runs.store.record import About, Record
from engine.runs.worker.channel import send
from engine.runs.worker.pace import Pace
from engine.runs.worker.recorder import Recorder
from engine.runs.worker.reporter import Reporter
from engine.runs.worker.threads import blas_threads


class Worker:
    """One run with its training, pace, reports and journal.

    Args:
        setup: the setup of the run. report_stream: the stream to which reports are written.
        set_threads: sets the number of BLAS threads of this process.

    Raises:
        FieldError: if the data set is missing, or another process trains the run.

    Attributes:
        state: running, paused, or one of `states.FINAL`. training: the training of the run.
        update_seconds: time of updates since the start of this worker.
        measuring_seconds: time of measurements at the end of epochs and of mask counts, also since then.
        journal: writes the run into the store; None if the run is not saved.
    """

    def __init__(
        self, setup: RunSetup, report_stream: BinaryIO, set_threads: Callable[[int], None] = lambda threads: None
    ) -> None:
        config = RunConfig.from_dict(setup.config)
        data = select(config, dataset_of(config))
        record = unpack(setup.packed_record) if setup.packed_record else None
        checkpoint = record.checkpoint if record else None
        self.training = Training.resume(checkpoint, data) if checkpoint else Training(config, data)
        self.report_stream = report_stream
        self.threads = 1
        self._set_threads = set_threads
        # before the first product, because the last bits depend on the number of threads
        self._share_cores(setup.cores)
        self.state = states.PAUSED
        self._reported_save_error: str | None = None
        self.pace = Pace(setup.pace)
        training_counts = record.training_counts if record and checkpoint else None
        self.recorder = Recorder(self.training, config, setup.watched_extracts, training_counts)
        self.reporter = Reporter(self.training, self.recorder)
        self.journal = _open_journal(setup, config, record)
        self.update_seconds = self.measuring_seconds = 0.0
        self._seconds_before = record.about.seconds if record else 0.0
        self.orders_applied = 0
        self._pause_at: int | None = None  # the step at which "step epoch" pauses
        if checkpoint is None:
            self.reporter.add_snapshot(self.training.measure())
            self.reporter.add_magnitudes()
        self.recorder.add_keyframe()
        if setup.first_changes:
            self._change_config(setup.first_changes)

    @property
    def seconds(self) -> float:
        """Total time of updates and measurements in seconds, including time before a resumption."""
        return self._seconds_before + self.update_seconds + self.measuring_seconds

    def apply(self, command: Command) -> None:
        """Apply a command between two mini-batches, then send a report."""
        self.orders_applied = command.number
        is_running, is_finished = self.state == states.RUNNING, self.training.finished
        match command.verb:
            case Verb.PAUSE if is_running:
                self._leave_running(states.PAUSED)
            case Verb.RESUME if self.state == states.PAUSED or self._pause_at is not None:
                self._start_running()
            case Verb.STEP if not is_finished:
                self.advance(1)
                self._leave_running(states.PAUSED)
            case Verb.STEP_EPOCH if not is_finished:
                self._start_running(until=(self.training.epoch + 1) * self.training.steps_per_epoch)
            case Verb.PACE:
                self.pace.per_second = command.value
                self.pace.restart(self.training.step)
            case Verb.CHANGE:
                self._change_config(command.value)
            case Verb.WATCH:
                self.recorder.watched_extracts = command.value
                self.reporter.make_due()
            case Verb.THREADS:
                self._share_cores(command.value)
            case Verb.STOP:
                self._leave_running(states.STOPPED)
        if self.training.finished and self.state not in states.FINAL:
            self._leave_running(states.FINISHED)
        self.send_report()

    def train_slice(self) -> float:
        """Train for one slice of time if updates are due; return the seconds to wait."""
        steps, seconds_to_wait = self.pace.due_updates(self.training.step, self._pause_at)
        if steps:
            self.advance(steps)
        if self.training.finished:
            self._leave_running(states.FINISHED)
            self.send_report(reason=self.training.early_stopping.stopped)
        elif self._pause_at is not None and self.training.step >= self._pause_at:
            self._leave_running(states.PAUSED)
            self.send_report()
        elif self.reporter.is_due():
            self.send_report()
        else:
            self.write_if_due()
        return seconds_to_wait

    def advance(self, steps: int) -> None:
        """Do up to `steps` updates, at most to the end of the epoch, and measure there.

        Raises:
            Diverged: if a cost or a weight is not finite.
        """
        training = self.training
        self.recorder.keep_previous(is_slow(self.pace.per_second))
        start = time.perf_counter()
        done = training.run(steps)
        end = time.perf_counter()
        self.pace.record_slice(done, end - start)
        self.update_seconds += end - start
        self.recorder.update_training_counts()
        if training.step % training.steps_per_epoch == 0:
            self.reporter.add_snapshot(training.end_epoch())
            self.reporter.add_mini_batch_accuracy()
            if is_measured(training.epoch, training.current_config.epochs) or training.finished:
                self.reporter.add_magnitudes()
        self.measuring_seconds += time.perf_counter() - end
        self.recorder.add_keyframe_if_due()

    def end_diverged(self, error: Diverged) -> None:
        """End a diverged run with a measurement of its last finite weights."""
        self._leave_running(states.DIVERGED)
        self.reporter.add_snapshot(self.training.measure())
        self.send_report(reason=str(error))

    def send_report(self, reason: str | None = None) -> None:
        """Send a report, and write to the store if a write is due or the run has ended."""
        report = self.reporter.make_report(self.state, self.orders_applied, self.seconds, reason)
        if self.journal is not None:
            self.journal.add_report(report)
            self._write_if_due(report.state in states.FINAL)
            report = replace(report, save_error=self.journal.save_error)
            self._reported_save_error = report.save_error
        self.send(report)
        self.reporter.restart_interval()

    def send(self, report: Report) -> None:
        """Send a report to the server."""
        send(self.report_stream, report)

    def write_if_due(self, now: bool = False) -> float | None:
        """Write to the store if a write is due, or immediately if `now`; report if it can or cannot be written now.

        Returns:
            the seconds until the next write is due; None if there is nothing to write.
        """
        seconds_to_wait = self._write_if_due(now)
        if self.journal is not None and self.journal.save_error != self._reported_save_error:
            self.send_report()
            return self._write_if_due()
        return seconds_to_wait

    def finish_writing(self) -> None:
        """Write an ended run again if its last write has failed, up to `FINAL_TRIES` times.

        Not if it could never be written: the reason was shown while it trained, and will not have gone.
        """
        for _ in range(FINAL_TRIES - 1):
            if self.journal is None or not (self.journal.has_unwritten and self.journal.stored):
                return
            time.sleep(self.journal.seconds_until_due())
            self.write_if_due(now=True)

    def _write_if_due(self, now: bool = False) -> float | None:
        journal = self.journal
        if journal is None or not journal.has_unwritten:
            return None
        seconds_to_wait = journal.seconds_until_due()
        if seconds_to_wait > 0 and not now:
            return seconds_to_wait
        if journal.telemetry.step != self.training.step:
            self.send_report()  # otherwise the checkpoint would be newer than the stored measurements
            return None
        self.recorder.update_training_counts()
        journal.write(self.training.checkpoint(), tuple(self.recorder.training_counts), self.pace.per_second)
        return journal.seconds_until_due() if journal.has_unwritten else None

    def _change_config(self, fields: Mapping[str, Any]) -> None:
        try:
            if not self.training.finished:
                self.training.change(**fields)
                self.recorder.mark_extracts_due()  # so that a paused run shows the effect
        except FieldError as error:
            self.reporter.refusal_reason = str(error)

    def _start_running(self, until: int | None = None) -> None:
        self.state, self._pause_at = states.RUNNING, until
        self.pace.restart(self.training.step)
        self.reporter.restart_rate()

    def _leave_running(self, state: str) -> None:
        self.state, self._pause_at = state, None

    def _share_cores(self, cores: int) -> None:
        """Set the number of BLAS threads, see `blas_threads`."""
        sizes, batch = self.training.parameters.sizes, self.training.current_config.mini_batch_size
        threads = blas_threads(sizes, batch, cores)
        if threads != self.threads:
            self.threads = threads
            self._set_threads(threads)


def _open_journal(setup: RunSetup, config: RunConfig, record: Record | None) -> Journal | None:
    if setup.store_path is None or setup.about_fields is None:
        return None
    about = About(initial_config=config, pace=setup.pace, **setup.about_fields)
    try:
        return Journal(setup.store_path, about, record)
    except TrainedElsewhere:
        raise FieldError(
            "run", f"{display_name(about)} is being trained by another Regscope on this machine: open it there"
        ) from None

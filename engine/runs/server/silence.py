"""Finds workers that send nothing any more, or do not answer an order: they were stopped, are swapped out or hang.

A worker sends a `Heartbeat` every second, so a long update is no silence. An order is answered after the update.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from engine.errors import format_duration
from engine.runs import states
from engine.runs.messages import Verb
from engine.runs.server.run import Run

INTERVAL = 0.5  # seconds between two checks
NOTICE_AFTER = 5.0  # seconds of silence: the board shows it, and a run that is being stopped ends without its worker
REPLACE_AFTER = 60.0  # seconds of silence while a run trains, or without an answer to Stop: the worker is killed
NOTICE_TEXT, REPLACE_TEXT = format_duration(NOTICE_AFTER), format_duration(REPLACE_AFTER)

log = logging.getLogger(__name__)


def silent_seconds(run: Run) -> float:
    """Return for how long the worker of a run has sent nothing; 0 for a run without a worker."""
    process = run.process
    return (
        process.silent_checks * INTERVAL
        if process is not None and run.started and run.state not in states.FINAL
        else 0.0
    )


def is_silent(run: Run) -> bool:
    """Whether the board must show that the worker of a run sends nothing; a worker that is starting is not silent."""
    process = run.process
    return process is not None and process.ready and silent_seconds(run) >= NOTICE_AFTER


def unanswered_seconds(run: Run) -> float:
    """Return for how long an order to the worker of a run has had no answer; 0 if no order waits."""
    process = run.process
    return process.unanswered_checks * INTERVAL if process is not None and run.state not in states.FINAL else 0.0


def is_unanswering(run: Run) -> bool:
    """Whether the board must show that a worker, which sends heartbeats, does not answer an order."""
    has_reported = run.process is not None and run.process.has_reported  # before, it reads its data
    return has_reported and unanswered_seconds(run) >= NOTICE_AFTER


def silence_notice(run: Run) -> str:
    """Return the notice about a silent worker, or about the one that has replaced it; "" if there is none."""
    if is_silent(run):
        next_step = (
            f"After {REPLACE_TEXT} without a report, training continues in another process from the last checkpoint."
            if run.state == states.RUNNING
            else "To continue the run, reset it and resume it on the page Runs."
        )
        return (
            f"No report for {NOTICE_TEXT}: the process of this run was stopped, or the machine has too little "
            f"memory. {next_step}"
        )
    if is_unanswering(run):
        notice = f"No answer for {NOTICE_TEXT}: an update or a measurement of this network takes that long."
        return f"{notice} After {REPLACE_TEXT} it ends without an answer." if run.stopping else notice
    if run.replaced_at is not None and run.state not in states.FINAL:
        return f"The process of this run sent nothing and was replaced: it continued from update {run.replaced_at}."
    return ""


def can_continue(run: Run) -> bool:
    """Whether a run whose silent worker was killed must train on with another one.

    It must not if a person has ordered it to rest, or if it was replaced before and has made no progress since.
    """
    process = run.process
    if process is None or process.kill_reason is None or run.state != states.INTERRUPTED:
        return False
    rests = run.last_order != Verb.RESUME or process.last_order in (Verb.PAUSE, Verb.STEP)
    return not rests and (run.replaced_at is None or run.telemetry.step > run.replaced_at)


class SilenceWatch:
    """A thread that counts for how long each worker was silent or left an order unanswered, and kills it after that.

    It counts its own checks and reads no clock: while this process is stopped or the machine sleeps, no time passes.

    Args:
        runs: all runs by id; the manager's own mapping.
    """

    def __init__(self, runs: Mapping[str, Run]) -> None:
        self._runs = runs
        self._shown: set[str] = set()  # ids of the runs whose silence the boards show
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True, name="silence").start()

    def close(self) -> None:
        """End the thread."""
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL):
            self.check()

    def check(self) -> None:
        """Count one interval of silence for every worker; its next message sets the count to 0."""
        for run in list(self._runs.values()):
            try:
                self._check(run)
            except Exception:  # the other runs must still be watched
                log.exception("run %s: the silence of its worker cannot be checked", run.id)

    def _check(self, run: Run) -> None:
        process = run.process
        if process is not None and run.started and run.state not in states.FINAL:
            process.silent_checks += 1
            seconds = silent_seconds(run)
            limit = NOTICE_AFTER if run.stopping else REPLACE_AFTER
            if seconds >= limit and (run.stopping or run.state == states.RUNNING):
                process.kill(f"its process sent nothing for {format_duration(limit)} and was ended")
            has_unanswered = run.orders_sent > run.orders_answered
            process.unanswered_checks = process.unanswered_checks + 1 if has_unanswered else 0
            if run.stopping and unanswered_seconds(run) >= REPLACE_AFTER:
                process.kill(f"its process did not answer Stop for {REPLACE_TEXT} and was ended")
        silent = is_silent(run) or is_unanswering(run)
        if silent != (run.id in self._shown):
            self._shown ^= {run.id}
            if silent:
                missing = "sent nothing" if is_silent(run) else "not answered an order"
                log.warning("run %s: its worker has %s for %.0f s", run.id, missing, NOTICE_AFTER)
            with run.lock:
                run.telemetry.sequence_numbers["status"] += 1
            run.call_listeners()

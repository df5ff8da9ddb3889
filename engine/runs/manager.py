"""The manager: starts runs, each in a worker of its own, caps how many train at once, and reaps them.

It lives in the server and is called from many threads. A worker is a fresh interpreter and not a
`multiprocessing` process: spawn would load the server's own command, and with it all of Streamlit,
into every worker (docs/decisions/0002-workers.md).
"""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, cast

from engine.config import RunConfig
from engine.errors import FieldError
from engine.runs import states
from engine.runs.channel import receive, send
from engine.runs.telemetry import Report, Telemetry
from engine.runs.worker import Beginning, Command

PACED = 8  # runs held to a pace for one at full speed: a class watches its own runs side by side
ALIVE = 24  # workers kept at once, paused ones included; the longest paused and unwatched gives way
KEPT = 100  # ended runs whose telemetry is kept
ORDERS = frozenset({"start", "pause", "resume", "step", "step_epoch", "stop"})
SPARE_AFTER = 1.5  # seconds after a start until the next spare is made: the start has the cores first


class Process:
    """A worker's process, seen from the server: its pipes, and what it last said on its error output."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the process)
        self._lock = threading.Lock()
        self.popen = subprocess.Popen(
            # -P: a `random.py` in the folder where the dashboard was started must not be imported
            [sys.executable, "-P", "-m", "engine.runs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def send(self, command: Command) -> None:
        """Tell the worker; a worker that is gone hears nothing, and its end is told by `receive`."""
        with self._lock, suppress(OSError, ValueError):
            send(cast(BinaryIO, self.popen.stdin), command)

    def receive(self) -> Report:
        """The next report. Raises `EOFError` when the process has ended."""
        report = receive(cast(BinaryIO, self.popen.stdout))
        assert isinstance(report, Report)
        return report

    def close(self, patience: float = 2.0) -> None:
        """End it: it ends by itself when its input closes, and is killed when it does not."""
        with self._lock, suppress(OSError):
            cast(BinaryIO, self.popen.stdin).close()
        try:
            self.popen.wait(patience)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def release(self) -> None:
        """Close its other files, once all has been read from them: an ended run is kept for long."""
        cast(BinaryIO, self.popen.stdout).close()
        self._errors.close()

    def last_words(self) -> str:
        """Why it ended, for a person: the signal or exit code, and the last line it wrote."""
        code = self.popen.wait()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 4_000))
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"its process ended unexpectedly ({how})" + (f": {lines[-1]}" if lines else "")


class Run:
    """A run as the server knows it.

    Attributes:
        id: names it in links. token: whoever has it may watch; it cannot be guessed.
        state: one of `engine.runs.states`. reason: why it diverged or failed, else None.
        telemetry: everything known of it; read it under `lock`.
    """

    def __init__(self, config: RunConfig, pace: float | None) -> None:
        self.id = secrets.token_hex(8)
        self.token = secrets.token_urlsafe(24)
        self.config = config
        self.pace = pace
        self.state = states.QUEUED
        self.reason: str | None = None
        self.telemetry = Telemetry()
        self.lock = threading.Lock()
        self.process: Process | None = None
        self.watchers = 0
        self.rested_at = time.monotonic()
        self.waiting: str | None = None  # the order to give when it is its turn
        self.begun = False
        self.orders = 0
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener`, from some thread, whenever something is new; returns how to end that."""
        self._listeners = [*self._listeners, listener]

        def end() -> None:
            self._listeners = [each for each in self._listeners if each is not listener]

        return end

    def tell(self, verb: str, value: object = None) -> None:
        """Send a command. What its worker reports before it heard an order is no news of the state."""
        if verb in ORDERS:
            self.orders += 1
        if self.process is not None and self.begun:  # a worker's first command must be its start
            self.process.send(Command(verb, value, self.orders))

    def changed(self) -> None:
        for listener in self._listeners:
            listener()


class Manager:
    """All runs of a server.

    Args:
        cap: how many runs may train at full speed at the same time; the number of cores when left
            out. Of runs held to a pace, which leave most of a core idle, `PACED` times as many may.
            The others are queued and start in their turn.
        spare: keep a worker warm, so that starting a run does not wait for an interpreter.
    """

    def __init__(self, cap: int | None = None, spare: bool = True) -> None:
        self.cap = cap or os.cpu_count() or 1
        self._runs: dict[str, Run] = {}
        self._queue: deque[Run] = deque()
        self._lock = threading.RLock()
        self._want_spare = spare
        self._spare: Process | None = None
        self._closed = False
        if spare:
            self._spare = Process()

    def start(self, config: RunConfig, pace: float | None = None, steps: str | None = None) -> Run:
        """Start a run, or queue it where the cap is reached.

        Args:
            config: the run. pace: updates per second, None for full speed.
            steps: None to train; "step" or "step_epoch" to do that much and pause.

        Raises:
            FieldError: when so many runs are being watched that no worker can be freed.
        """
        with self._lock:
            self._make_room()
            run = Run(config, pace)
            run.process = self._take_process()  # first: where no process can be had, there is no run
            self._runs[run.id] = run
            threading.Thread(target=self._follow, args=(run,), daemon=True, name=f"run-{run.id}").start()
            if steps == "step":
                self.step(run)
            else:
                self._ask(run, steps or "resume")
        return run

    def get(self, run_id: str | None) -> Run | None:
        """The run of that id, or None."""
        return self._runs.get(run_id or "")

    def runs(self) -> list[Run]:
        """All runs, the oldest first."""
        return list(self._runs.values())

    def pause(self, run: Run) -> None:
        with self._lock:
            if run in self._queue:
                self._queue.remove(run)
                self._set_state(run, states.PAUSED)
            run.tell("pause")

    def resume(self, run: Run) -> None:
        """Let it train on; it is queued where the cap is reached."""
        self._ask(run, "resume")

    def step(self, run: Run) -> None:
        """One update, then pause. It takes no turn: one update is no load."""
        with self._lock:
            if run in self._queue:
                self._queue.remove(run)
            if run.state in states.FINAL:
                return
            self._tell_or_start(run, "step")
            if run.state == states.QUEUED:
                self._set_state(run, states.PAUSED)

    def step_epoch(self, run: Run) -> None:
        """On to the end of the epoch, at full speed, then pause."""
        self._ask(run, "step_epoch")

    def set_pace(self, run: Run, pace: float | None) -> None:
        """Updates per second from now on; None for full speed, for which a run may have to queue."""
        with self._lock:
            run.pace = pace
            run.tell("pace", pace)
            if run.state == states.RUNNING and not self._has_room(run):
                run.tell("pause")
                self._ask(run, "resume")  # to its end: an epoch that was asked for is not remembered
            self._next()

    def stop(self, run: Run) -> None:
        """End a run for good; its telemetry is kept."""
        with self._lock:
            if run in self._queue:
                self._queue.remove(run)
            if run.state not in states.FINAL:
                if run.begun:
                    run.tell("stop")
                else:
                    self._set_state(run, states.STOPPED)
                    cast(BinaryIO, cast(Process, run.process).popen.stdin).close()

    def watch(self, run: Run, watchers: int) -> None:
        """Say how many viewers a run has; it makes frames only while there is one."""
        with self._lock:
            before, run.watchers = run.watchers, watchers
            if bool(before) != bool(watchers):
                run.tell("watch", bool(watchers))

    def close(self) -> None:
        """End every worker. A manager that is closed starts nothing more."""
        with self._lock:
            self._closed = True
            processes = [run.process for run in self._runs.values() if run.process]
            if self._spare:
                processes.append(self._spare)
                self._spare = None
        for process in processes:
            with suppress(OSError):
                cast(BinaryIO, process.popen.stdin).close()  # all at once; they end side by side
        for process in processes:
            process.close()

    # a run's turn

    def _ask(self, run: Run, order: str) -> None:
        """Give an order that makes a run train: at once, or when it is its turn."""
        with self._lock:
            if run.state in states.FINAL:
                return
            if self._has_room(run):
                self._begin(run, order)
            else:
                run.waiting = order
                if run not in self._queue:
                    self._queue.append(run)
                self._set_state(run, states.QUEUED)

    def _has_room(self, run: Run) -> bool:
        """Whether one more run at this one's pace, full or held, may train."""
        others = [each for each in self._runs.values() if each is not run and each.state == states.RUNNING]
        alike = sum((each.pace is None) == (run.pace is None) for each in others)
        return alike < (self.cap if run.pace is None else self.cap * PACED)

    def _begin(self, run: Run, order: str) -> None:
        run.waiting = None
        self._tell_or_start(run, order)
        self._set_state(run, states.RUNNING)

    def _tell_or_start(self, run: Run, order: str) -> None:
        if run.begun:
            run.tell(order)
        else:
            run.begun = True
            run.tell("start", Beginning(run.config.to_dict(), run.pace, run.watchers > 0, order))

    def _next(self) -> None:
        with self._lock:
            for run in [each for each in self._queue if self._has_room(each)]:
                if self._has_room(run):  # those before it may have taken the room
                    self._queue.remove(run)
                    self._begin(run, run.waiting or "resume")

    # a worker's life

    def _follow(self, run: Run) -> None:
        """Take a run's reports, in a thread of its own, until its process ends."""
        process = cast(Process, run.process)
        try:
            while True:
                report = process.receive()
                with run.lock:
                    run.telemetry.take(report)
                run.reason = report.reason or run.reason
                self._reported(run, report)
        except EOFError:
            words = process.last_words()
        except Exception as error:  # a report that cannot be taken: the run must not stay "running" for ever
            logging.getLogger(__name__).exception("run %s: a report could not be taken", run.id)
            process.popen.kill()
            words = f"its report could not be read ({type(error).__name__}: {error})"
        with self._lock:
            if run.state not in states.FINAL and not self._closed:
                run.reason = words
                self._set_state(run, states.FAILED)
        process.close()
        process.release()
        self._next()

    def _reported(self, run: Run, report: Report) -> None:
        with self._lock:
            heard = report.heard == run.orders and run.state != states.QUEUED
            if report.state != run.state and run.state not in states.FINAL and (heard or report.state in states.FINAL):
                self._set_state(run, report.state)
                self._next()
            else:
                run.changed()

    def _set_state(self, run: Run, state: str) -> None:
        run.state = state
        run.rested_at = time.monotonic()
        with run.lock:
            run.telemetry.sequence["status"] += 1
            if state != states.RUNNING:
                run.telemetry.steps_per_second = 0.0
        run.changed()

    def _take_process(self) -> Process:
        process, self._spare = self._spare, None
        if process is None or process.popen.poll() is not None:
            process = Process()
        if self._want_spare:
            timer = threading.Timer(SPARE_AFTER, self._make_spare)
            timer.daemon = True
            timer.start()
        return process

    def _make_spare(self) -> None:
        with self._lock:
            if self._spare is None and not self._closed:
                self._spare = Process()

    def _make_room(self) -> None:
        """Stop the longest paused run that nobody watches; forget the oldest ended ones."""
        if self._closed:
            raise FieldError("run", "cannot start: this server is ending; start it again")
        alive = [run for run in self._runs.values() if run.state not in states.FINAL]
        if len(alive) >= ALIVE:
            idle = [run for run in alive if run.state == states.PAUSED and not run.watchers]
            if not idle:
                raise FieldError(
                    "run", f"cannot start: {len(alive)} runs are open, the most this server keeps; reset or stop one"
                )
            oldest = min(idle, key=lambda run: run.rested_at)
            oldest.reason = "stopped to make room: it was paused and nobody watched it"
            self.stop(oldest)
        ended = [run for run in self._runs.values() if run.state in states.FINAL]
        for run in ended[: max(0, len(ended) - KEPT)]:
            del self._runs[run.id]

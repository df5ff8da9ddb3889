"""The manager: starts runs, each in a worker of its own, caps how many train at once, and reaps them.

It lives in the server and is called from many threads.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO, cast

from engine.config import RunConfig
from engine.errors import FieldError
from engine.learning.checkpoint import check_changeable
from engine.runs import states
from engine.runs.extracts import VIEWS
from engine.runs.history.keyframes import Keyframes
from engine.runs.messages import Report, Verb
from engine.runs.server.eviction import give_way
from engine.runs.server.forking import FUTURES, branch, check_future
from engine.runs.server.persistence import Kept
from engine.runs.server.process import Process
from engine.runs.server.queue import Turns
from engine.runs.server.run import Run
from engine.runs.store.record import About, new_id
from engine.runs.store.store import Store

ALIVE = 24  # workers kept at once, paused ones included; then one that nobody watches gives way
KEPT = 100  # ended runs whose telemetry is kept
SCRUBBED = 12  # of them, how many keep their weights of all times to look back with; the others their last
SPARE_AFTER = 1.5  # seconds after a start until the next spare is made: the start has the cores first

log = logging.getLogger(__name__)


class Manager:
    """All runs of a server.

    Args:
        cap: how many runs may train at full speed at the same time; the number of cores when left
            out. Runs held to a pace leave most of a core idle: `queue.PACED` times as many of them may train.
            The others are queued and start in their turn.
        spare: keep a worker warm, so that starting a run does not wait for an interpreter.
        cores: what the runs that train share; those of this machine when left out.
        clock: seconds, from whenever.
        store: where runs are kept and found again; nothing is kept when left out.
    """

    def __init__(
        self,
        cap: int | None = None,
        spare: bool = True,
        cores: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        store: Store | None = None,
    ) -> None:
        self._kept = Kept(store)
        self._clock = clock
        self._runs: dict[str, Run] = {}
        self._turns = Turns(self._runs, cap, cores)
        self.cap = self._turns.cap
        self._lock = threading.RLock()
        self._want_spare = spare
        self._spare: Process | None = None
        self._closed = False
        if spare:
            self._make_spare()

    @property
    def store(self) -> Store | None:
        """Where runs are kept."""
        return self._kept.store

    def start(
        self,
        config: RunConfig,
        pace: float | None = None,
        steps: str | None = None,
        replaces: Run | None = None,
        *,
        name: str = "",
        group: str = "",
    ) -> Run:
        """Start a run, or queue it where the cap is reached. Where no process can be had for it, it has failed.

        Args:
            config: the run. pace: updates per second, None for full speed.
            steps: None to train; "step" or "step_epoch" to do that much and pause.
            replaces: a run that is stopped for this one, which takes its place: however many are open.
            name: what a person calls it. group: the same for those that are started together.

        Raises:
            FieldError: when so many runs are being watched that no worker can be freed; nothing is stopped then.
        """
        with self._lock:
            self._make_room(replaces)
            run = Run(config, pace, self._clock(), name, group)
            self._runs[run.id] = run
            if replaces is not None:
                self.stop(replaces)
            self._employ(run, steps)
        return run

    def get(self, run_id: str | None) -> Run | None:
        """The run of that id, or None; where the store has one that this server has not, it is taken from there."""
        run = self._runs.get(run_id or "")
        if not run_id or (run is not None and not self._kept.is_ahead_of(run)):
            if run is not None and run.thinned:
                self._bring_keyframes(run)
            return run
        record = self._kept.load(run_id)
        with self._lock:
            if record is not None and self._runs.get(run_id) is run:
                self._runs[run_id] = Run.of(record, self._clock())
                self._forget_oldest()
            return self._runs.get(run_id)

    def known(self, run_id: str) -> Run | None:
        """The run of that id, if this server has it; the store is not asked."""
        return self._runs.get(run_id)

    def forget(self, run_id: str) -> None:
        """Know nothing more of a run that has ended: it was deleted."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is not None and run.state in states.FINAL:
                del self._runs[run_id]

    def fork(
        self,
        run: Run,
        step: int,
        futures: Sequence[Mapping[str, Any]],
        epochs: int | None = None,
        names: Sequence[str] = (),
    ) -> list[Run]:
        """Go on from the newest keyframe that is not later than a step, once for each future.

        The forks have the run's history up to there. The run itself goes on as it was.

        Args:
            run: it may be training. step: updates done.
            futures: one to four, each new values by field of `checkpoint.CHANGEABLE`; an empty one goes on
                as the run did.
            epochs: of the forks, from the run's beginning; the run's own when left out.
            names: of the forks, one for each; none when left out.

        Raises:
            FieldError: for a future that cannot be, or where no weights are kept; nothing is started then.
        """
        if not 1 <= len(futures) <= FUTURES:
            raise FieldError("futures", f"must be 1 to {FUTURES}, got {len(futures)}: take fewer at a time")
        with run.lock:
            telemetry = run.telemetry
            keyframe = telemetry.keyframes.before(step)
            if keyframe is None:
                raise FieldError("step", f"must be one whose weights are kept, got {step}: the run has not begun")
            parent = About(initial_config=run.initial_config, pace=run.pace, **run.about())
            for fields in futures:
                check_future(run.initial_config, telemetry, keyframe.step, fields)
            records = [branch(parent, telemetry, keyframe, new_id(), epochs) for _ in futures]
        forks = [Run.of(record, self._clock()) for record in records]
        with self._lock:
            self._make_room(None, len(forks))  # for all of them, before any is started
            for fork, record, fields, name in zip(forks, records, futures, names or [""] * len(forks), strict=True):
                fork.name = name
                fork.go_on(record, fields)
                self._runs[fork.id] = fork
                fork.state = states.QUEUED
                self._employ(fork, None)
        return forks

    def runs(self) -> list[Run]:
        """All runs, the oldest first."""
        return list(self._runs.values())

    def pause(self, run: Run) -> None:
        with self._lock:
            if self._turns.leave(run):
                self._set_state(run, states.PAUSED)
            run.tell(Verb.PAUSE)

    def resume(self, run: Run) -> None:
        """Let it train on; it is queued where the cap is reached. One that was interrupted or stopped goes on as kept.

        Raises:
            FieldError: when of one that has ended nothing is kept to go on from, or no worker can be had.
        """
        if run.state in states.RESUMABLE:
            self._revive(run)
        else:
            self._ask(run, Verb.RESUME)

    def step(self, run: Run) -> None:
        """One update, then pause. It takes no turn: one update is no load."""
        with self._lock:
            self._turns.leave(run)
            if run.state in states.FINAL or run.ending:
                return
            self._tell_or_start(run, Verb.STEP)
            if run.state == states.QUEUED:
                self._set_state(run, states.PAUSED)

    def step_epoch(self, run: Run) -> None:
        """On to the end of the epoch, at full speed, then pause."""
        self._ask(run, Verb.STEP_EPOCH)

    def set_pace(self, run: Run, pace: float | None) -> None:
        """Updates per second from now on; None for full speed, for which a run may have to queue.

        Not one that is on its way to the end of an epoch: it trains at full speed already, and soon pauses.
        """
        with self._lock:
            run.pace = pace
            run.tell(Verb.PACE, pace)
            if run.state == states.RUNNING and run.doing != Verb.STEP_EPOCH and not self._turns.has_room(run):
                self._ask(run, Verb.RESUME)
            self._turns.share_cores()
            self._next()

    def stop(self, run: Run, reason: str | None = None) -> None:
        """End a run for good; its telemetry is kept. `reason` is what it then says, beside having been stopped."""
        with self._lock:
            self._turns.leave(run)
            if run.state in states.FINAL or run.ending:
                return
            run.ending, run.farewell = True, reason
            if run.begun:
                run.tell(Verb.STOP)
            else:
                self._set_state(run, states.STOPPED, reason)
                cast(BinaryIO, cast(Process, run.process).popen.stdin).close()

    def change(self, run: Run, **fields: Any) -> None:
        """Change a run's regularization or learning rate while it trains, from its next update on.

        Args:
            fields: new values, by field of `RunConfig`; those of `engine.learning.checkpoint.CHANGEABLE`.

        Raises:
            FieldError: for another field or a value that cannot be used; nothing is changed then. What
                only the worker can know, it refuses with a word in `Telemetry.refused`.
        """
        check_changeable(fields)
        with self._lock:
            if run.state in states.FINAL or run.ending:
                return
            run.current_config = replace(run.current_config, **fields)
            if run.begun:
                run.tell(Verb.CHANGE, fields)
                run.asked.append((run.orders, fields))
            elif run.record is not None:
                run.fields |= fields
            else:
                run.initial_config = run.current_config  # nothing was trained by the config before

    def watch(self, run: Run, watchers: int, views: Iterable[str] = VIEWS) -> None:
        """Say how many viewers a run has, and which views they see; it makes only those, while there is one."""
        with self._lock:
            seen = set(views)
            before, run.watchers = run.watched, watchers
            run.watched = tuple(name for name in VIEWS if name in seen) if watchers else None
            if (before is None) != (run.watched is None):
                run.unwatched_since = None if watchers else self._clock()
            if before != run.watched:
                run.tell(Verb.WATCH, run.watched)

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

    # a run's worker

    def _employ(self, run: Run, steps: str | None) -> None:
        """Give a run a worker, and its first order. Where no process can be had, it has failed."""
        try:
            run.process = self._take_process()
        except OSError as error:
            reason = f"no process could be had for it ({error}): close other runs or programs and try again"
            log.error("run %s failed: %s", run.id, reason)
            self._set_state(run, states.FAILED, reason)
            return
        self._turns.share_cores()
        threading.Thread(target=self._follow, args=(run,), daemon=True, name=f"run-{run.id}").start()
        if steps == Verb.STEP:
            self.step(run)
        else:
            self._ask(run, Verb(steps or Verb.RESUME))
        if not run.begun:
            self._kept.put_queued(run)

    def _revive(self, run: Run) -> None:
        """Let a run that has no worker any more go on from where the store has it."""
        if run.process is not None:
            run.process.close()  # its last words: what it has written is then all there is
        record = self._kept.to_go_on(run)
        with self._lock:
            if run.state not in states.RESUMABLE:
                return  # somebody else was first
            self._make_room(None)
            with run.lock:
                keyframes = [each for each in run.telemetry.keyframes if each.step <= record.telemetry.step]
                run.go_on(record, {})
                if len(keyframes) > len(record.telemetry.keyframes):  # in memory are more than are kept
                    run.telemetry.keyframes = Keyframes()
                    for keyframe in keyframes:
                        run.telemetry.keyframes.add(keyframe)
            self._set_state(run, states.QUEUED)
            self._employ(run, None)

    # a run's turn

    def _ask(self, run: Run, order: Verb) -> None:
        """Give an order that makes a run train: at once, or when it is its turn."""
        with self._lock:
            if run.state in states.FINAL or run.ending:
                return
            if self._turns.has_room(run):
                self._begin(run, order)
            else:
                if run.state == states.RUNNING:
                    run.tell(Verb.PAUSE)
                self._turns.wait(run, order)
                self._set_state(run, states.QUEUED)

    def _begin(self, run: Run, order: Verb) -> None:
        run.waiting, run.doing = None, order
        self._set_state(run, states.RUNNING)  # first: its share of the cores goes with its start
        self._tell_or_start(run, order)

    def _tell_or_start(self, run: Run, order: Verb) -> None:
        if run.begun:
            run.tell(order)
        else:
            run.begun = True
            run.tell(Verb.START, run.setup(order, self.store.path if self.store else None))
            run.record = None  # it holds every keyframe once more

    def _next(self) -> None:
        with self._lock:
            for run in self._turns.next():
                self._begin(run, run.waiting or Verb.RESUME)

    # a worker's life

    def _follow(self, run: Run) -> None:
        """Take a run's reports, in a thread of its own, until its process ends."""
        process = cast(Process, run.process)
        trouble: Exception | None = None
        try:
            while True:
                report = process.receive()
                with run.lock:
                    run.telemetry.take(report)
                self._reported(run, report)
        except EOFError:
            words = process.last_words()
        except Exception as error:  # a report that cannot be taken: the run must not stay "running" for ever
            trouble = error
            process.popen.kill()
            words = f"its report could not be read ({type(error).__name__}: {error})"
        with self._lock:
            mine = run.process is process  # else it has gone on with another worker meanwhile
            if mine and run.state not in states.FINAL and not self._closed:
                kept = self.store is not None and trouble is None
                self._set_state(run, states.INTERRUPTED if kept else states.FAILED, words)
        process.close()
        if mine and run.state in (states.FAILED, states.INTERRUPTED):
            log.error("run %s %s: %s\n%s", run.id, run.state, run.reason, process.written(), exc_info=trouble)
        process.release()
        self._next()

    def _reported(self, run: Run, report: Report) -> None:
        with self._lock:
            run.settle(report)
            heard = report.heard == run.orders and run.state != states.QUEUED
            if report.state != run.state and run.state not in states.FINAL and (heard or report.state in states.FINAL):
                self._set_state(run, report.state, run.farewell if report.state == states.STOPPED else report.reason)
                self._next()
            else:
                run.changed()

    def _set_state(self, run: Run, state: str, reason: str | None = None) -> None:
        run.reason = reason  # before the state: whoever sees a run end then sees why
        run.state = state
        run.rested_at = self._clock()
        with run.lock:
            run.telemetry.sequence["status"] += 1
            if state != states.RUNNING:
                run.telemetry.steps_per_second = 0.0
        if state in states.FINAL:
            self._let_keyframes_go()
        self._turns.share_cores()
        run.changed()

    def _let_keyframes_go(self) -> None:
        """Keep the keyframes of the runs that ended last, and of those before only what shows them as they ended."""
        ended = [run for run in self._runs.values() if run.state in states.FINAL]
        for run in sorted(ended, key=lambda run: run.rested_at)[:-SCRUBBED]:
            with run.lock:
                run.thinned |= len(run.telemetry.keyframes) > 1
                run.telemetry.keyframes.keep_last()

    def _bring_keyframes(self, run: Run) -> None:
        """Have the keyframes again that were let go, those that are kept: somebody looks at the run."""
        record = self._kept.load(run.id)
        with self._lock:
            if record is None or not run.thinned:
                return
            with run.lock:
                run.telemetry.keyframes, run.thinned = record.telemetry.keyframes, False
            run.rested_at = self._clock()  # another's turn to let go
            self._let_keyframes_go()

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
                try:
                    self._spare = Process()
                except OSError as error:
                    log.warning("no worker could be made in advance (%s): the next start tries again", error)

    def _make_room(self, replaces: Run | None, many: int = 1) -> None:
        """Stop runs that nobody watches where too many are open for so many more; forget the oldest ended ones."""
        if self._closed:
            raise FieldError("run", "cannot start: this server is ending; start it again")
        alive = [
            run
            for run in self._runs.values()
            if run.state not in states.FINAL and not run.ending and run is not replaces
        ]
        for run, why in give_way(alive, len(alive) + many - ALIVE, self._clock()):
            self.stop(run, why)
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        ended = [run for run in self._runs.values() if run.state in states.FINAL]
        for run in ended[: max(0, len(ended) - KEPT)]:
            del self._runs[run.id]

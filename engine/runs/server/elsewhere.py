"""Shows runs that another Regscope on this machine trains, as that one saves them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from engine.learning.checkpoint import config_at
from engine.runs import states
from engine.runs.server.run import Run
from engine.runs.store.record import Record, add_newest_keyframe

INTERVAL = 1.0  # seconds between two looks at the store: the other Regscope writes up to twice a second
MIN_REST = 10  # the pause after a look, in multiples of its duration: a large run takes long to load

log = logging.getLogger(__name__)


def renew(run: Run, record: Record) -> None:
    """Take the state of a run without a worker from its stored record."""
    add_newest_keyframe(record)
    about = record.about
    with run.lock:
        before, run.telemetry = run.telemetry, record.telemetry
        run.telemetry.replace(before)
        run.process, run.pace, run.has_dropped_keyframes = None, about.pace, False
        run.telemetry.pace = run.pace
    run.current_config = config_at(run.initial_config, run.telemetry.changes, run.telemetry.step + 1)
    if about.observed_state == run.state:
        run.reason = about.reason
        run.call_listeners()
    else:
        run.set_state(about.observed_state, about.reason)


class Elsewhere:
    """Renews the watched runs that another Regscope trains, in a thread that lives as long as there are any.

    Args:
        runs: returns all runs. renew: loads a run again if the store has a newer state of it.
    """

    def __init__(self, runs: Callable[[], list[Run]], renew: Callable[[str], object]) -> None:
        self._runs, self._renew = runs, renew
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, run: Run) -> None:
        """Begin to renew a run, if somebody watches it and its training may be that of another Regscope."""
        if not _is_followed(run):
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._follow, daemon=True, name="runs of others")
                self._thread.start()

    def _follow(self) -> None:
        while True:
            with self._lock:
                followed = [run.id for run in self._runs() if _is_followed(run)]
                if not followed:
                    self._thread = None
                    return
            began = time.monotonic()
            for run_id in followed:
                try:
                    self._renew(run_id)
                except Exception:  # the other runs are renewed, and this one is tried again
                    log.exception("run %s, which another Regscope may train, cannot be renewed", run_id)
            time.sleep(max(INTERVAL, MIN_REST * (time.monotonic() - began)))


def _is_followed(run: Run) -> bool:
    # an interrupted or stopped run may be resumed by another Regscope while somebody looks at it here
    return bool(run.watchers) and not run.is_ghost and (run.state == states.ELSEWHERE or run.state in states.RESUMABLE)

"""The hub: fans a run's frames out to its viewers, each panel encoded once however many watch.

A panel's part of a frame says everything the panel shows, so a viewer may miss any number of frames
and be right again with the next: a slow one is served slowly, and a page that is opened late or
loaded again gets the whole history in its first frame.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable
from contextlib import contextmanager
from typing import Any

from dashboard.charts import PANELS, figures
from engine.runs.manager import Manager, Run

STATUS = "status"  # the part of a frame beside the panels: state, step, the line of figures

log = logging.getLogger(__name__)


class Encoded:
    """The newest JSON of each part of one run's frame, made when somebody needs it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._parts: dict[str, tuple[int, str]] = {}
        self._broken: set[str] = set()  # panels whose trouble has been logged

    def part(self, name: str) -> tuple[int, str]:
        """The part's sequence number and JSON."""
        run = self._run
        with run.lock:  # arrays are read while no report is being added
            sequence = run.telemetry.sequence[STATUS if name == STATUS else PANELS[name].part]
            if name not in self._parts or self._parts[name][0] != sequence:
                self._parts[name] = (sequence, self._encode(name))
        return self._parts[name]

    def _encode(self, name: str) -> str:
        run = self._run
        if name == STATUS:
            return json.dumps(
                {
                    "state": run.state,
                    "step": run.telemetry.step,
                    "reason": run.reason,
                    "figures": figures.line(run.config, run.telemetry),
                },
                separators=(",", ":"),
            )
        try:
            update = PANELS[name].update(run.config, run.telemetry)
            body: dict[str, Any] = {"traces": update.traces, "layout": update.layout, "text": update.text}
            return json.dumps(body, separators=(",", ":"))
        except Exception as error:  # whatever it is, the other panels go on, and the page says that this one does not
            if name not in self._broken:
                self._broken.add(name)
                log.exception("run %s: the panel %r cannot be drawn", run.id, name)
            trouble = f"The panel “{PANELS[name].title}” cannot be renewed ({type(error).__name__}: {error})."
            return json.dumps({"trouble": trouble})


class Hub:
    """All viewers of a server's runs.

    Attributes:
        manager: the runs.
    """

    def __init__(self, manager: Manager | None = None) -> None:
        self.manager = manager or Manager()
        self._encoded: dict[str, Encoded] = {}
        self._lock = threading.Lock()
        self._viewers: dict[str, int] = {}

    @contextmanager
    def viewer(self, run: Run) -> Any:
        """Count a viewer while it watches: a run makes frames only for those who look."""
        self._count(run, 1)
        try:
            yield
        finally:
            self._count(run, -1)

    def seen_by_polling(self, run: Run, seconds: float) -> None:
        """Count a viewer that cannot say when it leaves: for so long, from now."""
        self._count(run, 1)
        timer = threading.Timer(seconds, self._count, (run, -1))
        timer.daemon = True
        timer.start()

    def frame(self, run: Run, seen: dict[str, int], panels: Iterable[str] = tuple(PANELS)) -> str | None:
        """The JSON of what is new to a viewer, or None.

        Args:
            run: the run it watches.
            seen: the sequence number of each part it has; brought up to date here.
            panels: those in sight.
        """
        encoded = self._encoded_of(run)
        fresh: dict[str, str] = {}
        sequences: dict[str, int] = {}
        for name in (STATUS, *panels):
            sequences[name], body = encoded.part(name)
            if seen.get(name) != sequences[name]:
                fresh[name] = body
        seen.update(sequences)  # only now: where a part raises, nothing has been sent
        if not fresh:
            return None
        status = fresh.pop(STATUS, "null")
        bodies = ",".join(f'"{name}":{body}' for name, body in fresh.items())
        return f'{{"run":"{run.id}","status":{status},"panels":{{{bodies}}}}}'

    def close(self) -> None:
        self.manager.close()

    def _encoded_of(self, run: Run) -> Encoded:
        with self._lock:
            if run.id not in self._encoded:
                self._encoded[run.id] = Encoded(run)
                for gone in [run_id for run_id in self._encoded if self.manager.get(run_id) is None]:
                    del self._encoded[gone]
            return self._encoded.setdefault(run.id, Encoded(run))

    def _count(self, run: Run, change: int) -> None:
        with self._lock:
            viewers = self._viewers.pop(run.id, 0) + change
            if viewers:
                self._viewers[run.id] = viewers
            self.manager.watch(run, viewers)


_hub: Hub | None = None
_hub_lock = threading.Lock()


def the_hub() -> Hub:
    """The server's one hub, made when first asked for."""
    global _hub
    with _hub_lock:
        if _hub is None:
            _hub = Hub()
        return _hub


def close_the_hub() -> None:
    """End all workers of this server."""
    global _hub
    with _hub_lock:
        if _hub is not None:
            _hub.close()
            _hub = None

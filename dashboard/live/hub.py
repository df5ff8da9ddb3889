"""The hub: fans the frames of a run, or of a group, out to its viewers, each panel encoded once however many watch.

What a viewer is sent of a panel depends on what it has: who has the panel's last part gets what is new
in its lines, everybody else the whole of it. So a viewer may miss any number of frames and be right
again with the next: a slow one is served slowly, and a page that is opened late or loaded again gets
the whole history in its first frame.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from dashboard.live.bodies import Part, dumps, trouble
from dashboard.live.group import Group, group_of
from dashboard.live.watched import (
    STATUS,
    Watched,
    body_of,
    lock_of,
    panels_of,
    past_of,
    runs_of,
    sequence_of,
    views_of,
)
from engine.errors import FieldError
from engine.runs import states
from engine.runs.extracts import VIEWS
from engine.runs.extracts.run_state import RunState
from engine.runs.history.looking_back import run_state_at
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run
from engine.runs.store.store import Store

log = logging.getLogger(__name__)


class Encoded:
    """The newest JSON of each part of one run's or group's frame, made when somebody needs it.

    Of each panel the update before is kept too: a viewer that has it is sent what is new in its lines.
    """

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._parts: dict[str, Part] = {}
        self._broken: set[str] = set()  # panels whose trouble has been logged
        self._completing = threading.Lock()

    def part(self, name: str, seen: int | None) -> tuple[int, str]:
        """The part's sequence number, and its JSON for a viewer that has the part with the number `seen`."""
        with lock_of(self._watched):  # arrays are read while no report is being added
            sequence = sequence_of(self._watched, name)
            part = self._parts.get(name)
            if part is None or part.sequence != sequence:
                part = self._parts[name] = self._part(name, sequence, part)
        return sequence, part.since(seen)

    def lacks(self, panels: Iterable[str]) -> bool:
        """Whether panels need views of an ended run that its worker was not asked for while it was there."""
        wanted = views_of(self._watched, panels)
        return any(_missing(run, wanted) for run in runs_of(self._watched))

    def complete(self, panels: Iterable[str]) -> None:
        """Make the views that it lacks: from the weights each run ended with, once however many watch."""
        wanted = views_of(self._watched, panels)
        with self._completing:
            for run in runs_of(self._watched):
                _complete(run, _missing(run, wanted))

    def _part(self, name: str, sequence: int, before: Part | None) -> Part:
        if name == STATUS:
            return Part(sequence, body_of(self._watched, name), before)
        try:
            return Part(sequence, body_of(self._watched, name), before)
        except Exception as error:  # whatever it is, the other panels go on, and the page says that this one does not
            if name not in self._broken:
                self._broken.add(name)
                log.exception("run %s: the panel %r cannot be drawn", self._watched.id, name)
            return Part(sequence, {"trouble": trouble(name, error)}, None)


def _missing(run: Run, wanted: set[str]) -> list[str]:
    """The views of an ended run that are wanted and not of its last step."""
    if run.state not in states.FINAL:
        return []
    telemetry = run.telemetry
    with run.lock:
        keyframe = telemetry.keyframes.before(telemetry.step)
        if keyframe is None or keyframe.step != telemetry.step:
            return []
        return [name for name in VIEWS if name in wanted and telemetry.viewed_at.get(name) != telemetry.step]


def _complete(run: Run, missing: list[str]) -> None:
    """Make views of a run from the weights it ended with."""
    telemetry = run.telemetry
    with run.lock:
        keyframe = telemetry.keyframes.before(telemetry.step)
    if not missing or keyframe is None:
        return
    made: dict[str, Any] = {}
    try:  # the lock is not held: to load the data and multiply takes its time
        run_state = run_state_at(run.initial_config, telemetry, keyframe)
        for name in missing:
            made |= _made(run, name, run_state)
    except FieldError:
        log.info("run %s: its data have been removed, and %s cannot be made", run.id, ", ".join(missing))
    with run.lock:
        telemetry.add_views(made)
        telemetry.viewed_at.update(dict.fromkeys(missing, telemetry.step))  # it is not tried again


def _made(run: Run, name: str, run_state: RunState) -> dict[str, Any]:
    try:
        value = VIEWS[name].make(run_state)
        VIEWS[name].trend_of(value)
    except Exception:  # as in the worker: the others are made
        log.exception("run %s: the view %r cannot be made", run.id, name)
        return {}
    return {name: value}


class Hub:
    """All viewers of a server's runs, and of groups of them.

    Attributes:
        manager: the runs.
    """

    def __init__(self, manager: Manager | None = None) -> None:
        self.manager = manager or Manager(store=Store())
        self._encoded: dict[str, Encoded] = {}
        self._lock = threading.Lock()
        self._viewers: dict[str, list[Watching]] = {}  # of each run, those of its groups among them

    def find(self, watched_id: str) -> Watched | None:
        """The run or the group of that id; None where this server knows none."""
        return self.manager.get(watched_id) or group_of(watched_id, self.manager.get)

    @contextmanager
    def viewer(self, watched: Watched) -> Iterator[Watching]:
        """Count a viewer while it watches: a run makes views only for those who look."""
        watching = Watching(watched, self._count)
        self._come(watching)
        try:
            yield watching
        finally:
            self._leave(watching)

    def seen_by_polling(self, watched: Watched, seconds: float, panels: Iterable[str] | None = None) -> None:
        """Count a viewer that cannot say when it leaves: for so long, from now."""
        watching = Watching(watched, self._count)
        if panels is not None:
            watching.panels = tuple(panels)
        self._come(watching)
        timer = threading.Timer(seconds, self._leave, (watching,))
        timer.daemon = True
        timer.start()

    def frame(self, watched: Watched, seen: dict[str, int], panels: Iterable[str] | None = None) -> str | None:
        """The JSON of what is new to a viewer, or None.

        Of an ended run, views that are still to be made are made first: see `lacks`.

        Args:
            watched: the run, or the group.
            seen: the sequence number of each part it has; brought up to date here.
            panels: those in sight; all when left out.
        """
        panels = tuple(panels_of(watched) if panels is None else panels)
        encoded = self._encoded_of(watched)
        if encoded.lacks(panels):
            encoded.complete(panels)
        fresh: dict[str, str] = {}
        sequences: dict[str, int] = {}
        for name in (STATUS, *panels):
            sequences[name], body = encoded.part(name, seen.get(name))
            if seen.get(name) != sequences[name]:
                fresh[name] = body
        seen.update(sequences)  # only now: where a part raises, nothing has been sent
        if not fresh:
            return None
        status = fresh.pop(STATUS, "null")
        bodies = ",".join(f'"{name}":{body}' for name, body in fresh.items())
        return f'{{"run":"{watched.id}","status":{status},"panels":{{{bodies}}}}}'

    def complete(self, watched: Watched, panels: Iterable[str]) -> None:
        """Make what an ended run's worker was not asked for while it was there. It may take a second."""
        self._encoded_of(watched).complete(panels)

    def lacks(self, watched: Watched, panels: Iterable[str]) -> bool:
        """Whether `complete` has anything to do."""
        return self._encoded_of(watched).lacks(panels)

    def past_frame(self, watched: Watched, step: int, panels: Iterable[str] | None = None) -> str:
        """The JSON of a run as it was when `step` updates were done."""
        status, bodies = past_of(watched, step, panels_of(watched) if panels is None else panels)
        return dumps({"run": watched.id, "past": True, "status": status, "panels": bodies})

    def close(self) -> None:
        self.manager.close()

    def _encoded_of(self, watched: Watched) -> Encoded:
        with self._lock:
            if watched.id not in self._encoded:
                self._encoded[watched.id] = Encoded(watched)
                for gone in [known for known in self._encoded if self.find(known) is None]:
                    del self._encoded[gone]
            return self._encoded.setdefault(watched.id, Encoded(watched))

    def _come(self, watching: Watching) -> None:
        with self._lock:
            for run in runs_of(watching.watched):
                self._viewers.setdefault(run.id, []).append(watching)
        self._count(watching.watched)

    def _leave(self, watching: Watching) -> None:
        watched = watching.watched
        with self._lock:
            for run in runs_of(watched):
                self._viewers[run.id].remove(watching)
            others = self._viewers[runs_of(watched)[0].id]
            if isinstance(watched, Group) and not any(each.watched.id == watched.id for each in others):
                self._encoded.pop(watched.id, None)  # groups are many, and soon made again
        self._count(watched)

    def _count(self, watched: Watched) -> None:
        """Tell each run who watches it, alone or among others, and what."""
        with self._lock:
            for run in runs_of(watched):
                viewers = self._viewers.get(run.id, [])
                if not viewers:
                    self._viewers.pop(run.id, None)
                views = {view for watching in viewers for view in watching.views}
                self.manager.watch(run, len(viewers), views)


class Watching:
    """What one viewer sees.

    Attributes:
        watched: the run, or the group. panels: those in sight.
    """

    def __init__(self, watched: Watched, changed: Callable[[Watched], None]) -> None:
        self.watched = watched
        self.panels: tuple[str, ...] = tuple(panels_of(watched))
        self._changed = changed

    @property
    def views(self) -> set[str]:
        """The views that each of its runs must make for it."""
        return views_of(self.watched, self.panels)

    def see(self, panels: Iterable[str]) -> bool:
        """Say which panels are in sight now; returns whether they are others than before."""
        said = set(panels)
        seen = tuple(name for name in panels_of(self.watched) if name in said)
        changed = seen != self.panels
        if changed:
            self.panels = seen
            self._changed(self.watched)
        return changed


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

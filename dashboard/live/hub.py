"""The hub: fans a run's frames out to its viewers, each panel encoded once however many watch.

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

from dashboard.charts import PANELS
from dashboard.live.bodies import Part, dumps, panel_body, past_bodies, status_of, trouble
from engine.errors import FieldError
from engine.runs import states
from engine.runs.manager import Manager
from engine.runs.past import scene_at
from engine.runs.run import Run
from engine.runs.scene import Scene
from engine.runs.store.store import Store
from engine.runs.views import VIEWS

STATUS = "status"  # the part of a frame beside the panels: state, step, the line of figures

log = logging.getLogger(__name__)


class Encoded:
    """The newest JSON of each part of one run's frame, made when somebody needs it.

    Of each panel the update before is kept too: a viewer that has it is sent what is new in its lines.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._parts: dict[str, Part] = {}
        self._broken: set[str] = set()  # panels whose trouble has been logged
        self._completing = threading.Lock()

    def part(self, name: str, seen: int | None) -> tuple[int, str]:
        """The part's sequence number, and its JSON for a viewer that has the part with the number `seen`."""
        run = self._run
        with run.lock:  # arrays are read while no report is being added
            sequence = run.telemetry.sequence[STATUS] if name == STATUS else PANELS[name].sequence(run.telemetry)
            part = self._parts.get(name)
            if part is None or part.sequence != sequence:
                part = self._parts[name] = self._part(name, sequence, part)
        return sequence, part.since(seen)

    def lacks(self, panels: Iterable[str]) -> list[str]:
        """The views of an ended run that panels need and its worker was not asked for while it was there."""
        run, telemetry = self._run, self._run.telemetry
        if run.state not in states.FINAL:
            return []
        wanted = {view for name in panels for view in PANELS[name].views}
        with run.lock:
            keyframe = telemetry.keyframes.before(telemetry.step)
            if keyframe is None or keyframe.step != telemetry.step:
                return []
            return [name for name in VIEWS if name in wanted and telemetry.viewed_at.get(name) != telemetry.step]

    def complete(self, panels: Iterable[str]) -> None:
        """Make the views that it lacks: from the weights it ended with, once however many watch."""
        run, telemetry = self._run, self._run.telemetry
        with self._completing:
            missing = self.lacks(panels)
            with run.lock:
                keyframe = telemetry.keyframes.before(telemetry.step)
            if not missing or keyframe is None:
                return
            made: dict[str, Any] = {}
            try:  # the lock is not held: to load the data and multiply takes its time
                scene = scene_at(run.config, telemetry, keyframe)
                for name in missing:
                    made |= self._made(name, scene)
            except FieldError:
                log.info("run %s: its data have been removed, and %s cannot be made", run.id, ", ".join(missing))
            with run.lock:
                telemetry.see(made)
                telemetry.viewed_at.update(dict.fromkeys(missing, telemetry.step))  # it is not tried again

    def _made(self, name: str, scene: Scene) -> dict[str, Any]:
        try:
            value = VIEWS[name].make(scene)
            VIEWS[name].trend_of(value)
        except Exception:  # as in the worker: the others are made
            log.exception("run %s: the view %r cannot be made", self._run.id, name)
            return {}
        return {name: value}

    def _part(self, name: str, sequence: int, before: Part | None) -> Part:
        run = self._run
        if name == STATUS:
            return Part(sequence, status_of(run, run.telemetry), before)
        try:
            return Part(sequence, panel_body(name, run.now, run.telemetry), before)
        except Exception as error:  # whatever it is, the other panels go on, and the page says that this one does not
            if name not in self._broken:
                self._broken.add(name)
                log.exception("run %s: the panel %r cannot be drawn", run.id, name)
            return Part(sequence, {"trouble": trouble(name, error)}, None)


class Hub:
    """All viewers of a server's runs.

    Attributes:
        manager: the runs.
    """

    def __init__(self, manager: Manager | None = None) -> None:
        self.manager = manager or Manager(store=Store())
        self._encoded: dict[str, Encoded] = {}
        self._lock = threading.Lock()
        self._viewers: dict[str, list[Watching]] = {}

    @contextmanager
    def viewer(self, run: Run) -> Iterator[Watching]:
        """Count a viewer while it watches: a run makes views only for those who look."""
        watching = Watching(lambda: self._count(run))
        self._come(run, watching)
        try:
            yield watching
        finally:
            self._leave(run, watching)

    def seen_by_polling(self, run: Run, seconds: float, panels: Iterable[str] = tuple(PANELS)) -> None:
        """Count a viewer that cannot say when it leaves: for so long, from now."""
        watching = Watching(lambda: self._count(run))
        watching.panels = tuple(panels)
        self._come(run, watching)
        timer = threading.Timer(seconds, self._leave, (run, watching))
        timer.daemon = True
        timer.start()

    def frame(self, run: Run, seen: dict[str, int], panels: Iterable[str] = tuple(PANELS)) -> str | None:
        """The JSON of what is new to a viewer, or None.

        Of an ended run, views that are still to be made are made first: see `lacks`.

        Args:
            run: the run it watches.
            seen: the sequence number of each part it has; brought up to date here.
            panels: those in sight.
        """
        panels = tuple(panels)
        encoded = self._encoded_of(run)
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
        return f'{{"run":"{run.id}","status":{status},"panels":{{{bodies}}}}}'

    def complete(self, run: Run, panels: Iterable[str]) -> None:
        """Make what an ended run's worker was not asked for while it was there. It may take a second."""
        self._encoded_of(run).complete(panels)

    def lacks(self, run: Run, panels: Iterable[str]) -> bool:
        """Whether `complete` has anything to do."""
        return bool(self._encoded_of(run).lacks(panels))

    def past_frame(self, run: Run, step: int, panels: Iterable[str] = tuple(PANELS)) -> str:
        """The JSON of a run as it was when `step` updates were done."""
        status, bodies = past_bodies(run, step, panels)
        return dumps({"run": run.id, "past": True, "status": status, "panels": bodies})

    def close(self) -> None:
        self.manager.close()

    def _encoded_of(self, run: Run) -> Encoded:
        with self._lock:
            if run.id not in self._encoded:
                self._encoded[run.id] = Encoded(run)
                for gone in [run_id for run_id in self._encoded if self.manager.get(run_id) is None]:
                    del self._encoded[gone]
            return self._encoded.setdefault(run.id, Encoded(run))

    def _come(self, run: Run, watching: Watching) -> None:
        with self._lock:
            self._viewers.setdefault(run.id, []).append(watching)
        self._count(run)

    def _leave(self, run: Run, watching: Watching) -> None:
        with self._lock:
            self._viewers[run.id].remove(watching)
        self._count(run)

    def _count(self, run: Run) -> None:
        """Tell the run who watches it, and what."""
        with self._lock:
            viewers = self._viewers.get(run.id, [])
            if not viewers:
                self._viewers.pop(run.id, None)
            panels = {name for watching in viewers for name in watching.panels}
            self.manager.watch(run, len(viewers), {view for name in panels for view in PANELS[name].views})


class Watching:
    """What one viewer sees.

    Attributes:
        panels: those in sight.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.panels: tuple[str, ...] = tuple(PANELS)
        self._changed = changed

    def see(self, panels: Iterable[str]) -> bool:
        """Say which panels are in sight now; returns whether they are others than before."""
        said = set(panels)
        seen = tuple(name for name in PANELS if name in said)
        changed = seen != self.panels
        if changed:
            self.panels = seen
            self._changed()
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

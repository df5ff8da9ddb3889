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

from dashboard.charts import PANELS
from dashboard.live.bodies import Part, dumps, panel_body, past_bodies, status_of, trouble
from engine.errors import FieldError
from engine.runs import states
from engine.runs.manager import Manager
from engine.runs.past import scene_at
from engine.runs.run import Run
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

    def part(self, name: str, seen: int | None) -> tuple[int, str]:
        """The part's sequence number, and its JSON for a viewer that has the part with the number `seen`."""
        run = self._run
        with run.lock:  # arrays are read while no report is being added
            sequence = run.telemetry.sequence[STATUS] if name == STATUS else PANELS[name].sequence(run.telemetry)
            part = self._parts.get(name)
            if part is None or part.sequence != sequence:
                part = self._parts[name] = self._part(name, sequence, part)
        return sequence, part.since(seen)

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
        self.manager = manager or Manager()
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

        Args:
            run: the run it watches.
            seen: the sequence number of each part it has; brought up to date here.
            panels: those in sight.
        """
        panels = tuple(panels)
        self._complete(run, panels)
        encoded = self._encoded_of(run)
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

    def _complete(self, run: Run, panels: tuple[str, ...]) -> None:
        """Make what an ended run's worker was not asked for while it was there."""
        with run.lock:
            telemetry = run.telemetry
            keyframe = telemetry.keyframes.before(telemetry.step)
            if run.state not in states.FINAL or keyframe is None or keyframe.step != telemetry.step:
                return
            wanted = {view for name in panels for view in PANELS[name].views}
            missing = [name for name in VIEWS if name in wanted and telemetry.viewed_at.get(name) != telemetry.step]
            if not missing:
                return
            try:
                scene = scene_at(run.config, telemetry, keyframe)
                telemetry.see({name: VIEWS[name].make(scene) for name in missing})
            except FieldError:  # of data that have been removed since: the lines can do without
                telemetry.viewed_at.update(dict.fromkeys(missing, telemetry.step))

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

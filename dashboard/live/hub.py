"""The hub: makes the frames of runs and groups for their viewers. Each panel is encoded once for all viewers.

A viewer that has the last version of a panel gets the changes, any other viewer the complete panel. So a viewer may
miss any number of frames: a slow viewer gets fewer frames, and a page that is opened late or reloaded gets the whole
history in its first frame.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from dashboard.live.encoded import Encoded
from dashboard.live.parts import dumps
from dashboard.live.run_group import group_of
from dashboard.live.single_run import SingleRun
from dashboard.live.watched import STATUS, Watched
from engine.runs.server.manager import Manager
from engine.runs.store.store import Store


class Hub:
    """The viewers of the runs of a server, and of groups of these runs.

    Attributes:
        manager: of the runs.
    """

    def __init__(self, manager: Manager | None = None) -> None:
        self.manager = manager or Manager(store=Store())
        self._encoded: dict[str, Encoded] = {}
        self._lock = threading.Lock()
        self._viewers: dict[str, list[Watching]] = {}  # by the id of a run; includes viewers of its groups

    def find(self, watched_id: str) -> Watched | None:
        """Return the run or the group with an id, None if there is none on this server."""
        run = self.manager.get(watched_id)
        return SingleRun(run) if run else group_of(watched_id, self.manager.get)

    @contextmanager
    def viewer(self, watched: Watched) -> Iterator[Watching]:
        """Register a viewer until the end of the context: a run makes only the views that its viewers need."""
        watching = Watching(watched, self._update_runs)
        self._add(watching)
        try:
            yield watching
        finally:
            self._remove(watching)

    def seen_by_polling(self, watched: Watched, seconds: float, panels: Iterable[str] | None = None) -> None:
        """Register a viewer for a number of seconds: a page that polls cannot report that it is closed."""
        watching = Watching(watched, self._update_runs)
        if panels is not None:
            watching.panels = tuple(panels)
        self._add(watching)
        timer = threading.Timer(seconds, self._remove, (watching,))
        timer.daemon = True
        timer.start()

    def frame(self, watched: Watched, seen: dict[str, int], panels: Iterable[str] | None = None) -> str | None:
        """Return a frame as JSON with the parts that have changed for a viewer; None if there are none.

        The missing extracts of ended runs are made first; see `complete`.

        Args:
            seen: sequence numbers of the parts that the viewer has, by name; updated in place.
            panels: names of the panels in the viewport; None for all panels.
        """
        panels = tuple(watched.panels if panels is None else panels)
        encoded = self._encoded_of(watched)
        if encoded.lacks(panels):
            encoded.complete(panels)
        fresh: dict[str, str] = {}
        sequences: dict[str, int] = {}
        for name in (STATUS, *panels):
            sequences[name], body = encoded.part(name, seen.get(name))
            if seen.get(name) != sequences[name]:
                fresh[name] = body
        seen.update(sequences)  # at the end: if encoding a part raises, nothing is sent
        if not fresh:
            return None
        status = fresh.pop(STATUS, "null")
        bodies = ",".join(f'"{name}":{body}' for name, body in fresh.items())
        return f'{{"run":"{watched.id}","status":{status},"panels":{{{bodies}}}}}'

    def complete(self, watched: Watched, panels: Iterable[str]) -> None:
        """Make the views that are missing because a run ended without a viewer. This may take a second."""
        self._encoded_of(watched).complete(panels)

    def lacks(self, watched: Watched, panels: Iterable[str]) -> bool:
        """Return whether extracts are missing, so that `complete` must make them."""
        return self._encoded_of(watched).lacks(panels)

    def past_frame(self, watched: Watched, step: int, panels: Iterable[str] | None = None) -> str:
        """Return a frame of an earlier step as JSON."""
        status, bodies = watched.past_body(step, watched.panels if panels is None else panels)
        return dumps({"run": watched.id, "past": True, "status": status, "panels": bodies})

    def close(self) -> None:
        """End the workers of the runs."""
        self.manager.close()

    def _encoded_of(self, watched: Watched) -> Encoded:
        with self._lock:
            encoded = self._encoded.get(watched.id)
            # the manager may have loaded the runs again, because another server trains them
            if encoded is None or encoded.watched.runs != watched.runs:
                encoded = self._encoded[watched.id] = Encoded(watched)
                for other in [each for each in self._encoded if each != watched.id and self.find(each) is None]:
                    del self._encoded[other]
            return encoded

    def _add(self, watching: Watching) -> None:
        with self._lock:
            for run in watching.watched.runs:
                self._viewers.setdefault(run.id, []).append(watching)
        self._update_runs(watching.watched)

    def _remove(self, watching: Watching) -> None:
        watched = watching.watched
        with self._lock:
            for run in watched.runs:
                self._viewers[run.id].remove(watching)
            others = self._viewers[watched.runs[0].id]
            if not any(each.watched.id == watched.id for each in others):
                self._encoded.pop(watched.id, None)  # the next viewer makes it again
        self._update_runs(watched)

    def _update_runs(self, watched: Watched) -> None:
        """Set the number of viewers of each run, groups included, and the views that these viewers need."""
        with self._lock:
            for run in watched.runs:
                viewers = self._viewers.get(run.id, [])
                if not viewers:
                    self._viewers.pop(run.id, None)
                extracts = {view for watching in viewers for view in watching.extracts}
                self.manager.watch(run, len(viewers), extracts)


class Watching:
    """The panels that one viewer sees.

    Attributes:
        watched: the run or the group. panels: names of the panels in the viewport.
    """

    def __init__(self, watched: Watched, changed: Callable[[Watched], None]) -> None:
        self.watched = watched
        self.panels: tuple[str, ...] = tuple(watched.panels)
        self._changed = changed

    @property
    def extracts(self) -> set[str]:
        """The views that each run must make for this viewer."""
        return self.watched.extracts(self.panels)

    def see(self, panels: Iterable[str]) -> bool:
        """Set the panels in the viewport; return whether they have changed. Unknown names are ignored."""
        names = set(panels)
        seen = tuple(name for name in self.watched.panels if name in names)
        changed = seen != self.panels
        if changed:
            self.panels = seen
            self._changed(self.watched)
        return changed


_hub: Hub | None = None
_hub_lock = threading.Lock()


def the_hub() -> Hub:
    """Return the hub of the server. The first call creates it."""
    global _hub
    with _hub_lock:
        if _hub is None:
            _hub = Hub()
        return _hub


def close_the_hub() -> None:
    """End the workers of this server, if it has a hub."""
    global _hub
    with _hub_lock:
        if _hub is not None:
            _hub.close()
            _hub = None

"""The hub: sends the frames of runs and groups to their viewers, each panel encoded once for all of them.

A viewer that has the last part of a panel is sent what changed in it, every other viewer the whole of it. So a viewer
may miss any number of frames and is complete again with the next one: a slow viewer is served slowly, and a page that
is opened late or reloaded gets the whole history in its first frame.
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
    """All viewers of a server's runs, and of groups of them.

    Attributes:
        manager: the runs.
    """

    def __init__(self, manager: Manager | None = None) -> None:
        self.manager = manager or Manager(store=Store())
        self._encoded: dict[str, Encoded] = {}
        self._lock = threading.Lock()
        self._viewers: dict[str, list[Watching]] = {}  # by run, those of its groups included

    def find(self, watched_id: str) -> Watched | None:
        """Return the run or the group of an id; None if this server knows none."""
        run = self.manager.get(watched_id)
        return SingleRun(run) if run else group_of(watched_id, self.manager.get)

    @contextmanager
    def viewer(self, watched: Watched) -> Iterator[Watching]:
        """Count a viewer while it watches: a run makes only the views that its viewers need."""
        watching = Watching(watched, self._count)
        self._come(watching)
        try:
            yield watching
        finally:
            self._leave(watching)

    def seen_by_polling(self, watched: Watched, seconds: float, panels: Iterable[str] | None = None) -> None:
        """Count a viewer for a number of seconds, because it cannot report that it leaves."""
        watching = Watching(watched, self._count)
        if panels is not None:
            watching.panels = tuple(panels)
        self._come(watching)
        timer = threading.Timer(seconds, self._leave, (watching,))
        timer.daemon = True
        timer.start()

    def frame(self, watched: Watched, seen: dict[str, int], panels: Iterable[str] | None = None) -> str | None:
        """Return the JSON of what is new to a viewer, or None.

        Views of an ended run that are still to be made are made first: see `lacks`.

        Args:
            seen: the sequence number of each part that the viewer has; updated here.
            panels: those in sight; all when left out.
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
        seen.update(sequences)  # not before: where a part raises, nothing has been sent
        if not fresh:
            return None
        status = fresh.pop(STATUS, "null")
        bodies = ",".join(f'"{name}":{body}' for name, body in fresh.items())
        return f'{{"run":"{watched.id}","status":{status},"panels":{{{bodies}}}}}'

    def complete(self, watched: Watched, panels: Iterable[str]) -> None:
        """Make the views that the worker of an ended run has not made. It may take a second."""
        self._encoded_of(watched).complete(panels)

    def lacks(self, watched: Watched, panels: Iterable[str]) -> bool:
        """Whether `complete` has anything to do."""
        return self._encoded_of(watched).lacks(panels)

    def past_frame(self, watched: Watched, step: int, panels: Iterable[str] | None = None) -> str:
        """Return the JSON of what is watched as it was when `step` updates were done."""
        status, bodies = watched.past_body(step, watched.panels if panels is None else panels)
        return dumps({"run": watched.id, "past": True, "status": status, "panels": bodies})

    def close(self) -> None:
        self.manager.close()

    def _encoded_of(self, watched: Watched) -> Encoded:
        with self._lock:
            encoded = self._encoded.get(watched.id)
            # the manager may have loaded its runs again since, with what another server has added to them
            if encoded is None or encoded.watched.runs != watched.runs:
                encoded = self._encoded[watched.id] = Encoded(watched)
                for gone in [known for known in self._encoded if known != watched.id and self.find(known) is None]:
                    del self._encoded[gone]
            return encoded

    def _come(self, watching: Watching) -> None:
        with self._lock:
            for run in watching.watched.runs:
                self._viewers.setdefault(run.id, []).append(watching)
        self._count(watching.watched)

    def _leave(self, watching: Watching) -> None:
        watched = watching.watched
        with self._lock:
            for run in watched.runs:
                self._viewers[run.id].remove(watching)
            others = self._viewers[watched.runs[0].id]
            if not any(each.watched.id == watched.id for each in others):
                self._encoded.pop(watched.id, None)  # it is made again for the next viewer
        self._count(watched)

    def _count(self, watched: Watched) -> None:
        """Tell the manager how many viewers each run has, alone and in groups, and which views they need."""
        with self._lock:
            for run in watched.runs:
                viewers = self._viewers.get(run.id, [])
                if not viewers:
                    self._viewers.pop(run.id, None)
                views = {view for watching in viewers for view in watching.views}
                self.manager.watch(run, len(viewers), views)


class Watching:
    """What one viewer sees.

    Attributes:
        watched: the run or the group. panels: the names of those in sight.
    """

    def __init__(self, watched: Watched, changed: Callable[[Watched], None]) -> None:
        self.watched = watched
        self.panels: tuple[str, ...] = tuple(watched.panels)
        self._changed = changed

    @property
    def views(self) -> set[str]:
        """The views that each of its runs must make for it."""
        return self.watched.views(self.panels)

    def see(self, panels: Iterable[str]) -> bool:
        """Set which panels are in sight; return whether that changed anything."""
        named = set(panels)
        seen = tuple(name for name in self.watched.panels if name in named)
        changed = seen != self.panels
        if changed:
            self.panels = seen
            self._changed(self.watched)
        return changed


_hub: Hub | None = None
_hub_lock = threading.Lock()


def the_hub() -> Hub:
    """Return the server's only hub; the first call makes it."""
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

"""The hub, which makes the frames of runs and groups. Each panel is encoded once for all viewers.

A viewer that has the last version of a panel gets the changes; any other viewer gets the complete panel. A viewer may
therefore miss any number of frames. A slow viewer gets fewer frames. A page that is opened late or reloaded gets the
whole history in its first frame.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from dashboard.live.frames.parts import dumps
from dashboard.live.part_cache import PartCache
from dashboard.live.run_group import find_group
from dashboard.live.run_with_ghost import find_run_with_ghost
from dashboard.live.single_run import SingleRun
from dashboard.live.watched import STATUS, Watched
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run
from engine.runs.store.store import Store


class Hub:
    """The viewers of the runs of a server, and of groups of these runs.

    Attributes:
        manager: starts and controls the runs.
    """

    def __init__(self, manager: Manager | None = None) -> None:
        self.manager = manager or Manager(store=Store())
        self._part_caches: dict[str, PartCache] = {}
        self._lock = threading.Lock()
        self._viewers: dict[str, list[Subscription]] = {}  # by the id of a run; includes viewers of its groups

    def find(self, watched_id: str) -> Watched | None:
        """Return the run, with or without a ghost, or the group with an id; None if it does not exist here."""
        return _find(watched_id, self.manager.get)

    def find_in_memory(self, watched_id: str) -> Watched | None:
        """Return the run or the group with an id if all its runs are in memory. This never reads the disk."""
        return _find(watched_id, self.manager.get_from_memory)

    @contextmanager
    def register_viewer(self, watched: Watched) -> Iterator[Subscription]:
        """Register a viewer until the end of the context. A run makes only the extracts that its viewers need."""
        subscription = Subscription(watched, self._update_runs)
        self._add_subscription(subscription)
        try:
            yield subscription
        finally:
            self._remove_subscription(subscription)

    def register_polling_viewer(self, watched: Watched, seconds: float, panels: Iterable[str] | None = None) -> None:
        """Register a viewer for a number of seconds, because a page that polls cannot report its end."""
        subscription = Subscription(watched, self._update_runs)
        if panels is not None:
            subscription.panels = tuple(panels)
        self._add_subscription(subscription)
        timer = threading.Timer(seconds, self._remove_subscription, (subscription,))
        timer.daemon = True
        timer.start()

    def live_frame(
        self, watched: Watched, seen_sequences: dict[str, int], panels: Iterable[str] | None = None
    ) -> str | None:
        """Return a frame as JSON with the parts that a viewer does not have yet; None if there are none.

        Missing extracts of ended runs are made first; see `make_missing_extracts`.

        Args:
            seen_sequences: the sequence numbers of the parts that the viewer has, by name; updated in place.
            panels: the names of the panels in the viewport; None for all panels.
        """
        panels = tuple(watched.panels if panels is None else panels)
        part_cache = self._part_cache(watched)
        if part_cache.has_missing_extracts(panels):
            part_cache.make_missing_extracts(panels)
        changed_parts: dict[str, str] = {}
        sequences: dict[str, int] = {}
        for name in (STATUS, *panels):
            sequences[name], body = part_cache.encode_part(name, seen_sequences.get(name))
            if seen_sequences.get(name) != sequences[name]:
                changed_parts[name] = body
        seen_sequences.update(sequences)  # not earlier: if encoding a part raises, the viewer gets no frame
        if not changed_parts:
            return None
        status = changed_parts.pop(STATUS, "null")
        bodies = ",".join(f'"{name}":{body}' for name, body in changed_parts.items())
        return f'{{"run":"{watched.id}","status":{status},"panels":{{{bodies}}}}}'

    def make_missing_extracts(self, watched: Watched, panels: Iterable[str]) -> None:
        """Make the extracts that are missing because a run ended without a viewer. This may take a second."""
        self._part_cache(watched).make_missing_extracts(panels)

    def has_missing_extracts(self, watched: Watched, panels: Iterable[str]) -> bool:
        """Return whether ended runs lack extracts that these panels need."""
        return self._part_cache(watched).has_missing_extracts(panels)

    def past_frame(self, watched: Watched, step: int, panels: Iterable[str] | None = None) -> str:
        """Return a frame of an earlier step as JSON."""
        status, bodies = watched.frame_parts_at(step, watched.panels if panels is None else panels)
        return dumps({"run": watched.id, "past": True, "status": status, "panels": bodies})

    def close(self) -> None:
        """End the workers of the runs."""
        self.manager.close()

    def _part_cache(self, watched: Watched) -> PartCache:
        with self._lock:
            part_cache = self._part_caches.get(watched.id)
            # runs that another server trains are loaded again by the manager, as new objects
            if part_cache is None or part_cache.watched.runs != watched.runs:
                part_cache = self._part_caches[watched.id] = PartCache(watched)
                for other_id in [
                    watched_id
                    for watched_id in self._part_caches
                    if watched_id != watched.id and not self._is_in_memory(watched_id)
                ]:
                    del self._part_caches[other_id]
            return part_cache

    def _is_in_memory(self, watched_id: str) -> bool:
        """Return whether the runs of a cache are in memory. `find` would load them while the lock is held."""
        runs = self._part_caches[watched_id].watched.runs
        return all(self.manager.get_from_memory(run.id) is not None for run in runs)

    def _add_subscription(self, subscription: Subscription) -> None:
        with self._lock:
            for run in subscription.watched.runs:
                self._viewers.setdefault(run.id, []).append(subscription)
        self._update_runs(subscription.watched)

    def _remove_subscription(self, subscription: Subscription) -> None:
        watched = subscription.watched
        with self._lock:
            for run in watched.runs:
                self._viewers[run.id].remove(subscription)
            remaining = self._viewers[watched.runs[0].id]
            if not any(other.watched.id == watched.id for other in remaining):
                self._part_caches.pop(watched.id, None)  # the next viewer creates a new one
        self._update_runs(watched)

    def _update_runs(self, watched: Watched) -> None:
        """Set the number of viewers of each run, groups included, and the extracts that these viewers need."""
        with self._lock:
            for run in watched.runs:
                viewers = self._viewers.get(run.id, [])
                if not viewers:
                    self._viewers.pop(run.id, None)
                extracts = {name for subscription in viewers for name in subscription.needed_extracts}
                self.manager.watch(run, len(viewers), extracts)


class Subscription:
    """One viewer of a run or a group, with the panels in its viewport.

    Attributes:
        watched: the run or the group.
        panels: the names of the panels in the viewport.
    """

    def __init__(self, watched: Watched, on_change: Callable[[Watched], None]) -> None:
        self.watched = watched
        self.panels: tuple[str, ...] = tuple(watched.panels)
        self._on_change = on_change

    @property
    def needed_extracts(self) -> set[str]:
        """The extracts that each run must make for this viewer."""
        return self.watched.needed_extracts(self.panels)

    def set_panels(self, panels: Iterable[str]) -> bool:
        """Set the panels in the viewport; return whether they have changed. Unknown names are ignored."""
        names = set(panels)
        visible = tuple(name for name in self.watched.panels if name in names)
        has_changed = visible != self.panels
        if has_changed:
            self.panels = visible
            self._on_change(self.watched)
        return has_changed


def _find(watched_id: str, get_run: Callable[[str], Run | None]) -> Watched | None:
    run = get_run(watched_id)
    if run is not None:
        return SingleRun(run)
    return find_run_with_ghost(watched_id, get_run) or find_group(watched_id, get_run)


_hub: Hub | None = None
_hub_lock = threading.Lock()


def get_hub() -> Hub:
    """Return the hub of the server; create it in the first call."""
    global _hub
    with _hub_lock:
        if _hub is None:
            _hub = Hub()
        return _hub


def close_hub() -> None:
    """Close the hub of this server, if there is one."""
    global _hub
    with _hub_lock:
        if _hub is not None:
            _hub.close()
            _hub = None

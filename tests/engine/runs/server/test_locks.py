"""No file is opened and no process is started by a thread that holds a lock of the manager, of a hub or of a run."""

from __future__ import annotations

import sys
import threading
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dashboard.live import hub as hub_module
from dashboard.live.hub import Hub
from dashboard.live.run_group import RunGroup
from dashboard.live.single_run import SingleRun
from engine.runs import states
from engine.runs.server import manager as manager_module
from engine.runs.server import run as run_module
from engine.runs.server.keyframe_budget import MAX_RUNS_WITH_KEYFRAMES
from engine.runs.store.store import Store
from tests.engine.runs.driving import endless, small, start_watched, wait_for_state, wait_for_updates
from tests.engine.runs.store.keeping import train_run
from tests.processes import wait_until

EVENTS = ("open", "sqlite3.connect", "subprocess.Popen", "os.mkdir", "os.listdir", "os.remove", "os.rename")

_held = threading.local()
_found: list[str] = []
_hooked = False


class Noted:
    """A lock that notes which thread holds it.

    Args:
        lock: the real one.
    """

    def __init__(self, lock: Any) -> None:
        self._lock = lock

    def acquire(self, *arguments: Any) -> bool:
        taken = self._lock.acquire(*arguments)
        if taken:
            _held.count = getattr(_held, "count", 0) + 1
        return taken

    def release(self) -> None:
        self._lock.release()
        _held.count -= 1

    def __enter__(self) -> Noted:
        self.acquire()
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


class Threading(ModuleType):
    """The module `threading` with locks that are noted."""

    def __init__(self) -> None:
        super().__init__("threading")

    def __getattr__(self, name: str) -> Any:
        made = getattr(threading, name)
        return (lambda: Noted(made())) if name in ("Lock", "RLock") else made


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event in EVENTS and getattr(_held, "count", 0):
        name = str(arguments[0]) if arguments else ""
        if not name.endswith((".py", ".pyc")):  # the traceback of a failing test and late imports
            _held.count, held = 0, _held.count
            _found.append(f"{event} {name}\n{''.join(traceback.format_stack()[-8:])}")
            _held.count = held


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were opened under a lock, each with the code that did it."""
    global _hooked
    for module in (manager_module, run_module, hub_module):
        monkeypatch.setattr(module, "threading", Threading())
    if not _hooked:  # an audit hook cannot be removed
        sys.addaudithook(_audit)
        _hooked = True
    _found.clear()
    return _found


def test_locks_are_noted(found: list[str], tmp_path: Path) -> None:
    with run_module.threading.Lock(), suppressed(FileNotFoundError):
        (tmp_path / "none").open()
    assert len(found) == 1
    with suppressed(FileNotFoundError):
        (tmp_path / "none").open()
    assert len(found) == 1


def suppressed(error: type[Exception]) -> Any:
    return pytest.raises(error)


@pytest.mark.slow
def test_nothing_touches_the_disk_under_a_lock(make_manager: Any, found: list[str], tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.sqlite")
    manager = make_manager(cap=1, spare=True, store=store)
    hub = Hub(manager)
    stored = [train_run(store, small(seed=seed)) for seed in range(MAX_RUNS_WITH_KEYFRAMES + 3)]

    for run_id in stored:  # runs of an earlier server are looked at, live and in the past
        watched = hub.find(run_id)
        assert watched is not None
        with hub.register_viewer(watched):
            hub.live_frame(watched, {})
            hub.past_frame(watched, 5)
    run = start_watched(manager, endless())
    wait_for_updates(run)
    for run_id in stored:
        hub.live_frame(hub.find(run_id), {})
    group = RunGroup([run, manager.get(stored[0])])
    with hub.register_viewer(group):
        hub.live_frame(group, {})
        hub.past_frame(group, 5)

    queued = manager.start(small())
    forks = manager.fork(run, run.telemetry.step, [{}, {"l2": 0.0}])
    manager.change(run, l2=1.0)
    manager.set_pace(run, 100.0)
    wait_for_state(queued, states.FINISHED)
    for fork in forks:
        manager.stop(fork)
        wait_for_state(fork, states.STOPPED)
        manager.resume(fork)
        manager.stop(fork)
        wait_for_state(fork, states.STOPPED)
    wait_until(lambda: store.load_about(run.id) is not None)
    run.process.popen.kill()
    wait_for_state(run, states.INTERRUPTED)
    manager.get(run.id)
    SingleRun(run).give_order(manager, "toggle")
    wait_for_updates(run)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    hub.live_frame(SingleRun(run), {})
    manager.remove_from_memory(run.id)
    assert found == [], "\n".join(found)


def test_the_manager_does_not_wait_for_a_board_that_is_being_encoded(make_manager: Any, tmp_path: Path) -> None:
    """The lock of a run is held while a part of its board is encoded, which takes long on a busy machine."""
    store = Store(tmp_path / "runs.sqlite")
    manager = make_manager(cap=4, store=store)
    ended = [manager.get(train_run(store, small(seed=seed))) for seed in range(MAX_RUNS_WITH_KEYFRAMES + 2)]
    run, other = (manager.start(endless(seed=seed)) for seed in (1, 2))
    wait_for_updates(run)
    wait_for_updates(other)

    def use() -> None:
        manager.pause(run)
        manager.resume(run)
        manager.get(ended[0].id)
        manager.watch(run, 1)
        manager.start(small())

    with run.lock, ended[0].lock, ended[-1].lock:
        thread = threading.Thread(target=use, daemon=True)
        thread.start()
        wait_until(lambda: not thread.is_alive())
        wait_for_updates(other)
    wait_for_updates(run)

"""No file is opened and no process is started under a lock of the manager, a hub or a run."""

from __future__ import annotations

import sys
import threading
import traceback
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dashboard.live import hub as hub_module
from dashboard.live.hub import Hub
from dashboard.live.run_group import RunGroup
from dashboard.live.single_run import SingleRun
from dashboard.replay.exports import EXPORTS, Source
from engine.runs import states
from engine.runs.server import control as control_module
from engine.runs.server import manager as manager_module
from engine.runs.server import run as run_module
from engine.runs.server.memory_budget import MAX_RUNS_WITH_KEYFRAMES
from engine.runs.store.store import Store
from tests.engine.runs.driving import endless, small, start_watched, wait_for_state, wait_for_updates
from tests.engine.runs.store.keeping import train_run
from tests.processes import wait_until

EVENTS = ("open", "sqlite3.connect", "subprocess.Popen", "os.mkdir", "os.listdir", "os.remove", "os.rename")

_thread = threading.local()
_events: list[str] = []
_has_audit_hook = False


class CountedLock:
    """A lock that counts how many locks the current thread holds.

    Args:
        lock: the lock to use.
    """

    def __init__(self, lock: Any) -> None:
        self._lock = lock

    def acquire(self, *arguments: Any) -> bool:
        taken = self._lock.acquire(*arguments)
        if taken:
            _thread.count = getattr(_thread, "count", 0) + 1
        return taken

    def release(self) -> None:
        self._lock.release()
        _thread.count -= 1

    def __enter__(self) -> CountedLock:
        self.acquire()
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


class CountingThreading(ModuleType):
    """The module `threading` with counted locks."""

    def __init__(self) -> None:
        super().__init__("threading")

    def __getattr__(self, name: str) -> Any:
        original = getattr(threading, name)
        return (lambda: CountedLock(original())) if name in ("Lock", "RLock") else original


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event in EVENTS and getattr(_thread, "count", 0):
        name = str(arguments[0]) if arguments else ""
        if not name.endswith((".py", ".pyc")):  # tracebacks of failing tests and late imports read these
            _thread.count, count = 0, _thread.count
            _events.append(f"{event} {name}\n{''.join(traceback.format_stack()[-8:])}")
            _thread.count = count


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were opened under a lock, each with its stack."""
    global _has_audit_hook
    for module in (manager_module, control_module, run_module, hub_module):
        monkeypatch.setattr(module, "threading", CountingThreading())
    if not _has_audit_hook:  # an audit hook cannot be removed
        sys.addaudithook(_audit)
        _has_audit_hook = True
    _events.clear()
    return _events


def test_opening_a_file_under_a_lock_is_found(found: list[str], tmp_path: Path) -> None:
    with run_module.threading.Lock(), suppressed(FileNotFoundError):
        (tmp_path / "none").open()
    assert len(found) == 1
    with suppressed(FileNotFoundError):
        (tmp_path / "none").open()
    assert len(found) == 1


def suppressed(error: type[Exception]) -> Any:
    return pytest.raises(error)


@pytest.mark.slow
def test_no_file_is_opened_under_a_lock(make_manager: Any, found: list[str], tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.sqlite")
    manager = make_manager(cap=1, spare=True, store=store)
    hub = Hub(manager)
    stored = [train_run(store, small(seed=seed)) for seed in range(MAX_RUNS_WITH_KEYFRAMES + 3)]

    for run_id in stored:  # boards of stored runs, live and in the past
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
    source = Source(run, partial(store.load, run.id))
    for export in EXPORTS.values():
        if export.unavailable_reason(source) is None:
            assert export.make_content(source)
    manager.remove_from_memory(run.id)
    assert found == [], "\n".join(found)


def test_the_manager_does_not_wait_for_the_encoding_of_a_board(make_manager: Any, tmp_path: Path) -> None:
    """A board is encoded under the lock of its run, which takes long on a busy machine."""
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

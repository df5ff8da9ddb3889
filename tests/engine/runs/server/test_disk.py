"""A store that waits, for example for another program: only calls that need the store wait for it."""

from __future__ import annotations

import threading

import pytest

from dashboard.live.hub import Hub
from dashboard.live.single_run import SingleRun
from engine.runs import states
from engine.runs.server.memory_budget import MAX_RUNS_WITH_KEYFRAMES
from engine.runs.server.run import Run
from engine.runs.store.store import Store
from tests.engine.runs.driving import endless, small, start_watched, wait_for_state, wait_for_updates
from tests.engine.runs.store.keeping import train_run
from tests.processes import wait_until

SLOW_METHODS = ("list", "load_about", "load", "save", "save_queued", "describe", "delete")


class SlowStore(Store):
    """A store whose calls wait between `hold` and `release`.

    Attributes:
        calls: the names of all calls. waiting: the number of calls that wait.
    """

    def __init__(self, path) -> None:
        super().__init__(path)
        self.calls: list[str] = []
        self.waiting = 0
        self._released = threading.Event()
        self._released.set()

    def hold(self) -> None:
        self._released.clear()

    def release(self) -> None:
        self._released.set()

    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        if name not in SLOW_METHODS:
            return found

        def slow(*arguments, **options):
            self.calls.append(name)
            self.waiting += 1
            self._released.wait()
            self.waiting -= 1
            return found(*arguments, **options)

        return slow


@pytest.fixture
def store(tmp_path) -> SlowStore:
    store = SlowStore(tmp_path / "runs.sqlite")
    yield store
    store.release()


def in_thread(action) -> threading.Thread:
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread


def assert_nothing_else_waits(manager, other: Run) -> None:
    """Assert that orders, viewers, other starts and frames, which do not need the store, do not wait."""
    hub = Hub(manager)

    def use() -> None:
        with hub.register_viewer(SingleRun(other)) as subscription:
            subscription.set_panels(["cost"])
            hub.live_frame(SingleRun(other), {})
        manager.set_pace(other, 50.0)
        manager.pause(other)
        manager.step(other)
        manager.resume(other)
        manager.stop(manager.start(small(seed=9), steps="step"))

    thread = in_thread(use)
    wait_until(lambda: not thread.is_alive())
    wait_for_updates(other)


def start_interrupted(manager) -> Run:
    run = manager.start(endless())
    wait_for_updates(run)
    wait_until(lambda: manager.store.load_about(run.id) is not None)
    run.process.popen.kill()
    wait_for_state(run, states.INTERRUPTED)
    return run


def stored_without_keyframes(manager) -> Run:
    """A run whose keyframes have been dropped from memory."""
    runs = [manager.get(train_run(manager.store, small(seed=seed))) for seed in range(MAX_RUNS_WITH_KEYFRAMES + 1)]
    wait_for_state(manager.start(small()), states.FINISHED)
    wait_until(lambda: runs[0].has_dropped_keyframes)
    return runs[0]


def start_queued(manager):
    manager.start(endless())
    return lambda: manager.start(endless(seed=2))


def fork_queued(manager):
    parent = manager.start(endless())
    wait_for_updates(parent)
    return lambda: manager.fork(parent, parent.telemetry.step, [{}, {"l2": 0.0}])


def resume_interrupted(manager):
    run = start_interrupted(manager)
    return lambda: manager.resume(run)


def open_interrupted(manager):
    run = start_interrupted(manager)
    run.process = None  # as after a restart of the server
    return lambda: manager.get(run.id)


def open_stored(manager):
    run_id = train_run(manager.store, small())
    return lambda: manager.get(run_id)


def open_long_ended(manager):
    run = stored_without_keyframes(manager)
    return lambda: manager.get(run.id)


CASES = (start_queued, fork_queued, resume_interrupted, open_interrupted, open_stored, open_long_ended)


@pytest.mark.parametrize("prepare", CASES, ids=lambda prepare: prepare.__name__)
def test_only_calls_that_use_the_store_wait_for_the_disk(make_manager, store, prepare):
    manager = make_manager(cap=1, store=store)
    other = start_watched(manager, endless(seed=3), pace=100.0)
    wait_for_updates(other)
    use_store = prepare(manager)
    store.hold()
    user = in_thread(use_store)
    wait_until(lambda: store.waiting)
    assert_nothing_else_waits(manager, other)
    assert user.is_alive(), "this call waits for the store"
    store.release()
    wait_until(lambda: not user.is_alive())


def test_orders_do_not_wait_for_a_process_that_is_being_created(make_manager, monkeypatch):
    manager = make_manager()
    other = start_watched(manager, endless())
    wait_for_updates(other)
    creating, created = threading.Event(), threading.Event()
    take = manager.spare.take

    def slow():
        creating.set()
        created.wait()
        return take()

    monkeypatch.setattr(manager.spare, "take", slow)
    user = in_thread(lambda: manager.start(small()))
    wait_until(creating.is_set)
    orders = in_thread(lambda: (manager.watch(other, 2), manager.pause(other), manager.resume(other)))
    wait_until(lambda: not orders.is_alive())
    wait_for_updates(other)
    created.set()
    wait_until(lambda: not user.is_alive())


def test_a_new_board_loads_no_other_run(make_manager, store):
    """Earlier versions loaded the runs of other boards again at each start."""
    manager = make_manager(store=store)
    hub = Hub(manager)
    ended = [manager.get(train_run(store, small(seed=seed))) for seed in range(MAX_RUNS_WITH_KEYFRAMES + 4)]
    for run in ended:
        hub.live_frame(SingleRun(run), {})
    run = manager.start(small())
    wait_for_state(run, states.FINISHED)
    wait_until(lambda: any(each.has_dropped_keyframes for each in ended))
    store.calls.clear()
    hub.live_frame(SingleRun(run), {})
    assert store.calls == []
    manager.remove_from_memory(ended[0].id)
    assert hub.live_frame(SingleRun(run), {}) is not None


def test_saving_a_run_as_queued_does_not_overwrite_its_progress(make_manager, store):
    manager = make_manager(cap=1, store=store)
    first = manager.start(endless())
    store.hold()
    queued: list[Run] = []
    user = in_thread(lambda: queued.append(manager.start(small())))
    wait_until(lambda: store.waiting)
    (run,) = (each for each in manager.runs() if each is not first)
    manager.stop(first)
    wait_for_state(run, states.FINISHED)
    store.release()
    wait_until(lambda: not user.is_alive())
    about = store.load_about(run.id)
    assert (about.state, about.step) == (states.FINISHED, 40)


def test_a_closed_manager_refuses_to_start_a_run(make_manager):
    manager = make_manager()
    manager.close()
    with pytest.raises(ValueError, match="the server is stopping"):
        manager.start(small())

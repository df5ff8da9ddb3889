"""A worker without enough memory: its run is interrupted and can continue from its checkpoint."""

from __future__ import annotations

import resource
import sys

import pytest

from engine.errors import FieldError
from engine.runs import states
from engine.runs.messages import RunSetup
from engine.runs.server.manager import Manager
from engine.runs.store.store import Store
from engine.runs.worker.broken import end_of
from tests.engine.runs.driving import endless, small, wait_for_state
from tests.engine.runs.store.keeping import train_run
from tests.processes import wait_until


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "runs.sqlite")


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the memory of another process")
def test_a_run_without_memory_is_interrupted_and_resumable(store):
    """The memory of the worker process is limited. In earlier versions the run had failed."""
    manager = Manager(spare=False, store=store)
    try:
        run = manager.start(endless(hidden=(3_000, 100), train_size=1_000))
        wait_until(lambda: store.load_about(run.id) is not None and run.telemetry.step > 0)
        resource.prlimit(run.process.popen.pid, resource.RLIMIT_AS, (1 << 20, resource.RLIM_INFINITY))
        wait_for_state(run, states.INTERRUPTED)
        assert "memory was not enough" in run.reason
        assert "continues from its last checkpoint" in run.reason
        saved_step = store.load_about(run.id).step
        manager.resume(run)
        wait_until(lambda: run.state == states.RUNNING and run.telemetry.step > saved_step)
    finally:
        manager.close()


def test_without_a_checkpoint_the_run_has_failed(store):
    setup = RunSetup(small().to_dict(), about_fields={"id": "0" * 16}, store_path=store.path)
    assert end_of(MemoryError(), setup, None)[0] == states.FAILED
    assert end_of(MemoryError(), RunSetup(small().to_dict()), None)[0] == states.FAILED


def test_a_stored_run_without_memory_is_interrupted(store):
    run_id = train_run(store, small(), until=12)
    setup = RunSetup(small().to_dict(), about_fields={"id": run_id}, store_path=store.path)
    state, reason = end_of(MemoryError("Unable to allocate 3 GiB"), setup, None)
    assert state == states.INTERRUPTED
    assert reason.startswith("the memory was not enough (Unable to allocate 3 GiB): close other runs or programs")


def test_an_error_that_would_be_repeated_is_a_failure(store):
    run_id = train_run(store, small(), until=12)
    setup = RunSetup(small().to_dict(), about_fields={"id": run_id}, store_path=store.path)
    assert end_of(ZeroDivisionError("x"), setup, None) == (states.FAILED, "ZeroDivisionError: x")
    assert end_of(FieldError("dataset", "is missing"), setup, None) == (states.FAILED, "dataset is missing")

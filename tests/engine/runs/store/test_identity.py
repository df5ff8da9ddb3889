"""The store is moved or deleted while a run is saved: the page shows it, and saving continues."""

from __future__ import annotations

import io
import shutil

import pytest

from engine.errors import FieldError
from engine.runs import states
from engine.runs.messages import Command, RunSetup, Verb
from engine.runs.server.manager import Manager
from engine.runs.store import journal as journal_module
from engine.runs.store.identity import FileWatch
from engine.runs.store.store import Store
from engine.runs.worker.worker import Worker
from tests.engine.runs.driving import endless, small, wait_for_state, wait_for_updates
from tests.engine.runs.store.keeping import advance, assert_same_run, train_run
from tests.processes import wait_until


@pytest.fixture
def manager(store):
    manager = Manager(spare=False, store=store)
    yield manager
    manager.close()


def remove_file(store: Store, how: str) -> None:
    folder = store.path.parent
    if how == "moved":
        folder.rename(folder.with_name("moved"))
    elif how == "deleted":
        shutil.rmtree(folder)
    else:
        store.path.unlink()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["moved", "deleted", "only the file deleted"])
def test_the_whole_run_is_saved_again(manager, store, how):
    """Earlier versions wrote to the deleted file without an error."""
    run = manager.start(endless(), pace=200.0)
    wait_until(lambda: store.load_about(run.id) is not None and store.load_about(run.id).step > 20)
    assert manager.persistence.notice() is None
    remove_file(store, how)
    wait_until(lambda: "moved or deleted while this run was saved" in (run.telemetry.save_error or ""))
    assert "was moved or deleted" in manager.persistence.notice()
    wait_for_updates(run)
    wait_until(lambda: run.telemetry.save_error is None)
    wait_until(lambda: store.load_about(run.id) is not None)
    assert "There is a new file" in manager.persistence.notice()
    assert store.load_about(run.id).state == states.RUNNING, "the training lock is beside the new file"
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    record = store.load(run.id)
    assert record.about.step == run.telemetry.step
    assert next(iter(record.telemetry.keyframes)).step == 0
    assert record.telemetry.snapshots[0].epoch == 0
    if how == "moved":
        assert Store(store.path.parent.with_name("moved") / store.path.name).load(run.id) is not None


def test_the_last_write_is_tried_again_after_the_file_was_moved(store, tmp_path, monkeypatch):
    monkeypatch.setattr(journal_module, "RETRY_INTERVAL", 0.0)
    about = {"id": "0" * 15 + "1", "created": 1.0}
    worker = Worker(RunSetup(small().to_dict(), about_fields=about, store_path=store.path), io.BytesIO())
    worker.apply(Command(Verb.RESUME))
    advance(worker, 12)
    worker.send_report()
    worker.write_if_due(now=True)
    assert store.load_about(about["id"]).step == 12
    store.path.parent.rename(tmp_path / "moved")
    while worker.state == states.RUNNING:
        worker.train_slice()
    worker.finish_writing()
    worker.journal.close()
    assert not worker.journal.has_unwritten
    assert store.load_about(about["id"]).state == states.FINISHED
    assert_same_run(store.load(about["id"]), store.load(train_run(store, small())))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["moved", "deleted"])
def test_a_run_that_is_paused_after_its_file_was_removed_is_saved(manager, store, how):
    run = manager.start(endless(), pace=200.0)
    wait_until(lambda: store.load_about(run.id) is not None)
    remove_file(store, how)
    manager.pause(run)
    wait_for_state(run, states.PAUSED)
    wait_until(lambda: store.load_about(run.id) is not None and store.load_about(run.id).state == states.PAUSED)
    assert store.load_about(run.id).step == run.telemetry.step
    wait_until(lambda: run.telemetry.save_error is None)


@pytest.mark.slow
def test_a_store_that_is_put_back_is_used_again(manager, store):
    run = manager.start(endless(), pace=200.0)
    wait_until(lambda: store.load_about(run.id) is not None)
    manager.persistence.notice()
    away = store.path.parent.with_name("away")
    store.path.parent.rename(away)
    wait_until(lambda: run.telemetry.save_error)
    away.rename(store.path.parent)
    wait_until(lambda: run.telemetry.save_error is None)
    assert manager.persistence.notice() is None
    saved_step = store.load_about(run.id).step
    wait_until(lambda: store.load_about(run.id).step > saved_step)


def test_a_run_that_is_missing_from_the_store_cannot_be_resumed(manager, store):
    run = manager.start(small(epochs=4), steps="step_epoch")
    wait_for_state(run, states.PAUSED)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    wait_until(lambda: run.process.popen.poll() is not None)
    shutil.rmtree(store.path.parent)
    with pytest.raises(FieldError, match="cannot be resumed: it is not in the store"):
        manager.resume(run)
    assert (run.state, run.telemetry.step) == (states.STOPPED, 10)


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_deleted_file_is_noticed_even_if_its_inode_is_used_again(tmp_path, is_replaced):
    path = tmp_path / "home" / "runs.sqlite"
    watch = FileWatch(path)
    assert watch.notice() is None, "there is no file yet"
    path.parent.mkdir()
    path.write_text("one")
    assert watch.notice() is None
    shutil.rmtree(path.parent)
    if is_replaced:
        path.parent.mkdir()
        path.write_text("two")
    assert ("There is a new file" if is_replaced else "as soon as a run is saved") in watch.notice()
    assert str(path) in watch.notice()

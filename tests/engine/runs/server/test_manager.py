"""One run and its worker: every order, and the numbers that come of it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from engine import FieldError
from engine.runs import states
from engine.runs.history.telemetry import EPOCH_SERIES, epoch_values
from engine.runs.server import manager as manager_module
from engine.runs.server.eviction import ABANDONED_AFTER
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run
from tests.engine.runs.driving import Clock, becomes, endless, headless, held, obeys, small, start_watched, trains_on
from tests.processes import alive, open_files, wait_until


def says_something_new(manager: Manager, run: Run) -> None:
    """Wait for one more report of a run that rests."""
    reported = threading.Event()
    end = run.listen(reported.set)
    manager.watch(run, 0 if run.watchers else 1)
    wait_until(reported.is_set)
    end()


def test_a_run_can_be_started_paused_resumed_and_stopped(make_manager):
    manager = make_manager()
    run = start_watched(manager, endless())
    assert run.state == states.RUNNING
    trains_on(run)
    manager.pause(run)
    becomes(run, states.PAUSED)
    paused_at = run.telemetry.step
    says_something_new(manager, run)
    assert run.telemetry.step == paused_at
    manager.resume(run)
    assert run.state == states.RUNNING
    trains_on(run)
    manager.stop(run)
    becomes(run, states.STOPPED)
    assert run.telemetry.step > paused_at
    assert run.reason is None
    assert run.process.popen.wait(10) == 0


def test_a_step_is_exactly_one_mini_batch(make_manager):
    manager = make_manager()
    run = manager.start(endless(), steps="step")
    for step in (1, 2, 3):
        wait_until(lambda step=step: run.telemetry.step >= step)
        becomes(run, states.PAUSED)
        says_something_new(manager, run)
        assert run.telemetry.step == step
        manager.step(run)
    wait_until(lambda: run.telemetry.step == 4)
    _, costs = headless(small(epochs=1))
    with run.lock:  # a report is taken part by part
        assert run.telemetry.mini_batch_cost.line()[1].tolist() == costs[:4].tolist()


def test_a_step_ends_a_training_run_after_one_more_mini_batch(make_manager):
    manager = make_manager()
    run = manager.start(endless(), pace=5)
    wait_until(lambda: run.telemetry.step)
    manager.step(run)
    becomes(run, states.PAUSED)
    paused_at = run.telemetry.step
    says_something_new(manager, run)
    assert run.telemetry.step == paused_at


def test_step_epoch_pauses_exactly_at_the_end_of_the_epoch(make_manager):
    manager = make_manager()
    run = manager.start(endless(), pace=1, steps="step_epoch")  # an order, and no pace: this waits no 10 s
    wait_until(lambda: run.telemetry.step == 10)
    becomes(run, states.PAUSED)
    manager.step(run)
    wait_until(lambda: run.telemetry.step == 11)
    manager.step_epoch(run)
    wait_until(lambda: run.telemetry.step >= 20)
    becomes(run, states.PAUSED)
    says_something_new(manager, run)
    assert run.telemetry.step == 20
    assert run.telemetry.snapshot.epoch == 2


def test_step_epoch_of_the_last_epoch_finishes_the_run(make_manager):
    manager = make_manager()
    run = manager.start(small(epochs=1), steps="step_epoch")
    becomes(run, states.FINISHED)
    assert run.telemetry.step == 10


def test_a_pace_is_kept_and_can_be_changed_on_the_way(make_manager):
    manager = make_manager()
    began = time.monotonic()
    run = start_watched(manager, endless(), pace=20)
    wait_until(lambda: run.telemetry.step >= 10)
    assert run.telemetry.step <= 20 * (time.monotonic() - began) + 2
    manager.set_pace(run, None)
    wait_until(lambda: run.telemetry.step > 1_000)
    manager.set_pace(run, 1)
    obeys(manager, run)
    began, first = time.monotonic(), run.telemetry.step
    wait_until(lambda: run.telemetry.step > first)
    assert run.telemetry.step - first <= 1 * (time.monotonic() - began) + 2


def test_a_finished_run_keeps_its_telemetry_and_its_process_ends_well(make_manager):
    run = make_manager().start(small())
    becomes(run, states.FINISHED)
    assert run.process.popen.wait(10) == 0
    assert run.telemetry.step == 40
    assert run.telemetry.snapshot.epoch == 4
    assert [keyframe.step for keyframe in run.telemetry.keyframes][-1] == 40, "to look at it by"
    assert run.telemetry.steps_per_second == 0


def test_orders_to_a_run_that_has_ended_change_nothing(make_manager):
    manager = make_manager()
    run = manager.start(small(epochs=1))
    becomes(run, states.FINISHED)
    run.process.popen.wait(10)
    for order in (manager.resume, manager.step, manager.step_epoch, manager.pause, manager.stop):
        order(run)
        assert run.state == states.FINISHED
    manager.set_pace(run, 3)
    manager.watch(run, 1)
    assert run.telemetry.step == 10


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_run_at_full_speed_has_the_numbers_of_a_headless_one(make_manager, noise):
    config = small(epochs=20, label_noise=noise)
    snapshots, costs = headless(config)
    run = make_manager().start(config)
    becomes(run, states.FINISHED)
    for name in EPOCH_SERIES:
        x, y = run.telemetry.epochs[name].line()
        assert x.tolist() == list(range(21))
        np.testing.assert_array_equal(y, [epoch_values(snapshot)[name] for snapshot in snapshots])
    assert run.telemetry.snapshot == snapshots[-1]
    x, y = run.telemetry.mini_batch_cost.line()
    assert x.tolist() == list(range(1, 201))
    assert y.tolist() == costs.tolist()


def test_watching_pausing_and_stepping_change_no_number(make_manager):
    config = small(epochs=6)
    snapshots, costs = headless(config)
    manager = make_manager()
    run = manager.start(config, pace=200, steps="step")
    manager.watch(run, 1)
    for order in (manager.step, manager.step_epoch, manager.step, manager.step, manager.step_epoch):
        wait_until(lambda: run.state == states.PAUSED and run.telemetry.step)
        order(run)
    manager.resume(run)
    manager.set_pace(run, None)
    becomes(run, states.FINISHED)
    assert run.telemetry.snapshot == snapshots[-1]
    assert run.telemetry.mini_batch_cost.line()[1].tolist() == costs.tolist()


def test_a_long_run_reports_every_mini_batch_cost_once(make_manager):
    config = small(epochs=300)
    _, costs = headless(config)
    run = make_manager().start(config)
    becomes(run, states.FINISHED)
    assert run.telemetry.step == len(costs) == 3_000
    x, y = run.telemetry.mini_batch_cost.line()
    assert (x[-1], y[-1]) == (3_000, costs[-1])
    firsts = x[:-1:2].astype(int)
    for first, after, one, other in zip(firsts, [*firsts[1:], 3_001], y[:-1:2], y[1:-1:2], strict=True):
        bucket = costs[first - 1 : after - 1]
        assert {one, other} == {bucket.min(), bucket.max()}


def test_a_listener_hears_of_every_state_until_it_is_told_to_end(make_manager):
    manager = make_manager()
    run = manager.start(endless(), steps="step")
    becomes(run, states.PAUSED)
    heard: list[str] = []
    end = run.listen(lambda: heard.append(run.state))
    manager.resume(run)
    trains_on(run)
    end()
    manager.stop(run)
    becomes(run, states.STOPPED)
    assert states.RUNNING in heard
    assert states.STOPPED not in heard


def test_runs_are_found_by_their_ids_and_listed_oldest_first(make_manager):
    manager = make_manager()
    runs = [manager.start(endless(), steps="step") for _ in range(3)]
    assert manager.runs() == runs
    assert len({run.token for run in runs}) == len({run.id for run in runs}) == 3
    assert manager.get(runs[1].id) is runs[1]
    assert manager.get("none such") is None
    assert manager.get(None) is None


# processes


def test_a_start_takes_the_spare_that_is_kept_warm_and_another_is_made(make_manager):
    manager = make_manager(spare=True)
    spare = manager.spare.process.popen.pid
    run = manager.start(endless())
    assert run.process.popen.pid == spare
    trains_on(run)
    wait_until(lambda: manager.spare.process is not None)
    assert manager.spare.process.popen.pid != spare
    assert alive(manager.spare.process.popen.pid)


def test_close_ends_all_processes_and_nothing_starts_afterwards(make_manager):
    manager = make_manager(cap=1, spare=True)
    spare = manager.spare.process
    running, queued, paused = (manager.start(endless()) for _ in range(3))
    manager.pause(paused)
    trains_on(running)
    pids = [spare.popen.pid, *(run.process.popen.pid for run in (running, queued, paused))]
    assert all(alive(pid) for pid in pids)
    manager.close()
    assert not any(alive(pid) for pid in pids)
    with pytest.raises(FieldError, match="start it again"):
        manager.start(small())
    assert running.state != states.FAILED, "its end was wanted"


def test_a_run_that_has_ended_holds_no_open_files(make_manager):
    manager = make_manager()
    before = open_files()
    for _ in range(4):
        run = manager.start(small(epochs=1))
        becomes(run, states.FINISHED)
    wait_until(lambda: open_files() <= before)
    assert run.telemetry.step == 10


def test_a_python_file_in_the_working_directory_is_not_taken_for_the_standard_library(
    make_manager, tmp_path, monkeypatch
):
    (tmp_path / "random.py").write_text("raise RuntimeError('this is the wrong random')")
    monkeypatch.chdir(tmp_path)
    run = make_manager().start(small(epochs=1))
    becomes(run, states.FINISHED)


def test_the_longest_paused_run_that_nobody_watches_is_stopped_to_make_room(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 3)
    manager = make_manager()
    watched, old, young = (manager.start(endless(), steps="step") for _ in range(3))
    for run in (watched, old, young):
        wait_until(lambda run=run: run.state == states.PAUSED and run.telemetry.step == 1)
    manager.watch(watched, 1)
    manager.step(young)
    manager.step(watched)
    wait_until(lambda: young.telemetry.step == 2)
    one_more = manager.start(small())
    becomes(old, states.STOPPED)
    assert "made room for another: it was paused" in old.reason
    becomes(one_more, states.FINISHED)
    assert {watched.state, young.state} == {states.PAUSED}


def test_a_run_in_slow_motion_that_nobody_has_watched_for_long_gives_way(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 4)
    clock = Clock()
    manager = make_manager(cap=1, clock=clock)
    slow, watched, left = (manager.start(endless(), pace=1) for _ in range(3))
    full_speed = manager.start(endless())
    manager.watch(watched, 1)
    manager.watch(left, 1)
    clock.now += ABANDONED_AFTER - 1
    manager.watch(left, 0)
    with pytest.raises(FieldError, match="4 runs are open"):
        manager.start(small(), pace=1)  # a tab may yet come back
    clock.now += 61
    first = manager.start(small(), pace=1_000)
    becomes(slow, states.STOPPED)
    assert "it made room for another" in slow.reason
    assert "held to a pace of 1/s and nobody had watched it for 11 minutes" in slow.reason
    becomes(first, states.FINISHED)
    manager.start(small(epochs=1_000_000), pace=1)
    with pytest.raises(FieldError, match="4 runs are open"):
        manager.start(small(), pace=1)
    clock.now += ABANDONED_AFTER - 60
    manager.start(small(), pace=1)
    becomes(left, states.STOPPED)
    assert [run.state for run in (watched, full_speed)] == [states.RUNNING] * 2


def test_a_queued_run_that_nobody_has_watched_for_long_gives_way_but_a_paused_one_before(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 3)
    clock = Clock()
    manager = make_manager(cap=1, clock=clock)
    trains, queued = manager.start(endless()), manager.start(endless())
    clock.now += 2 * ABANDONED_AFTER
    paused = manager.start(endless(), steps="step")
    becomes(paused, states.PAUSED)
    manager.start(endless(), pace=1)
    becomes(paused, states.STOPPED)
    assert queued.state == states.QUEUED
    manager.start(endless(), pace=1)
    assert queued.state == states.STOPPED
    assert "waited for its turn and nobody had watched it for 20 minutes" in queued.reason
    assert trains.state == states.RUNNING


def test_a_run_that_comes_back_to_the_page_is_not_abandoned(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 1)
    clock = Clock()
    manager = make_manager(clock=clock)
    run = manager.start(endless(), pace=1)
    clock.now += 2 * ABANDONED_AFTER
    manager.watch(run, 1)
    manager.watch(run, 2)
    manager.watch(run, 1)
    with pytest.raises(FieldError, match="1 runs are open"):
        manager.start(small())
    manager.watch(run, 0)
    with pytest.raises(FieldError, match="1 runs are open"):
        manager.start(small())
    assert run.state == states.RUNNING


def test_a_run_that_is_being_stopped_holds_no_place_and_hears_no_more_orders(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 2)
    manager = make_manager(cap=2)
    runs = [manager.start(endless()) for _ in range(2)]
    with held(*runs):  # none has ended before it is asked to go on
        for run in runs:
            manager.stop(run)
            manager.resume(run)
            manager.step(run)
        others = [manager.start(endless()) for _ in range(2)]
        assert [run.state for run in others] == [states.RUNNING] * 2
    for run in runs:
        becomes(run, states.STOPPED)


def test_a_run_that_replaces_another_is_never_refused_and_stops_it(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 2)
    manager = make_manager()
    before, other = (start_watched(manager, endless(), pace=1) for _ in range(2))
    with pytest.raises(FieldError, match="2 runs are open"):
        manager.start(endless())
    after = manager.start(endless(), pace=1, replaces=before)
    assert after.state == states.RUNNING
    becomes(before, states.STOPPED)
    assert before.reason is None
    assert other.state == states.RUNNING
    again = manager.start(endless(), pace=1, replaces=after)
    becomes(manager.start(small(epochs=1), replaces=again), states.FINISHED)
    becomes(manager.start(small(epochs=1), replaces=before), states.FINISHED)  # one that has ended is none to stop


def test_a_replacement_that_is_refused_leaves_the_run_alone(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 1)
    manager = make_manager()
    before = start_watched(manager, endless(), pace=1)
    manager._runs["another"] = other = Run(endless(), None)
    manager.watch(other, 1)
    with pytest.raises(FieldError, match="1 runs are open"):
        manager.start(endless(), replaces=before)
    assert before.state == states.RUNNING
    trains_on(before)
    del manager._runs["another"]


def test_where_every_run_is_needed_another_is_refused_by_name_and_way_out(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 2)
    manager = make_manager()
    runs = [manager.start(endless(), pace=1) for _ in range(2)]
    with pytest.raises(FieldError, match=r"2 runs are open.*reset or stop one"):
        manager.start(small())
    assert manager.runs() == runs
    manager.stop(runs[0])
    becomes(runs[0], states.STOPPED)
    becomes(manager.start(small()), states.FINISHED)


def test_only_so_many_ended_runs_are_kept_the_oldest_go(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_ENDED_RUNS", 1)
    manager = make_manager()
    runs = []
    for _ in range(3):
        runs.append(manager.start(small(epochs=1)))
        becomes(runs[-1], states.FINISHED)
    runs.append(manager.start(small(epochs=1)))
    assert manager.runs() == runs[-2:]


@pytest.mark.parametrize(
    ("cores", "hidden", "threads"),
    [(1, (800, 800), 1), (2, (800, 800), 2), (2, (40, 40), 1)],
    ids=["one core", "a large network on two cores", "a small network on two cores"],
)
def test_a_worker_multiplies_in_as_many_threads_as_pay_and_has_cores(make_manager, monkeypatch, cores, hidden, threads):
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    run = make_manager(cores=cores).start(endless(hidden=hidden, mini_batch_size=100))
    trains_on(run)
    pid = run.process.popen.pid
    first = ticks_of_threads(pid)

    def worked() -> list[int]:
        return sorted(ticks - first.get(thread, 0) for thread, ticks in ticks_of_threads(pid).items())

    wait_until(lambda: worked()[-threads] >= 40)
    assert sum(ticks >= 20 for ticks in worked()) == threads


def ticks_of_threads(pid: int) -> dict[str, int]:
    """The processor time that each thread of a process has used, in hundredths of a second."""
    found = {}
    for folder in Path(f"/proc/{pid}/task").iterdir():
        fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        found[folder.name] = int(fields[11]) + int(fields[12])
    return found

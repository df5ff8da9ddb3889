"""The processes of a manager: the spare, threads, files and the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import FieldError
from engine.runs import states
from tests.engine.runs.driving import endless, small, wait_for_state, wait_for_updates
from tests.processes import alive, open_files, wait_until


def test_a_start_uses_the_spare_process_and_a_new_one_is_created(make_manager):
    manager = make_manager(spare=True)
    spare = manager.spare.process.popen.pid
    run = manager.start(endless())
    assert run.process.popen.pid == spare
    wait_for_updates(run)
    wait_until(lambda: manager.spare.process is not None)
    assert manager.spare.process.popen.pid != spare
    assert alive(manager.spare.process.popen.pid)


def test_close_ends_all_processes_and_prevents_starts(make_manager):
    manager = make_manager(cap=1, spare=True)
    spare = manager.spare.process
    running, queued, paused = (manager.start(endless()) for _ in range(3))
    manager.pause(paused)
    wait_for_updates(running)
    pids = [spare.popen.pid, *(run.process.popen.pid for run in (running, queued, paused))]
    assert all(alive(pid) for pid in pids)
    manager.close()
    assert not any(alive(pid) for pid in pids)
    with pytest.raises(FieldError, match="start the server again"):
        manager.start(small())
    assert running.state != states.FAILED, "the process was ended on purpose"


@pytest.mark.slow
def test_an_ended_run_has_no_open_files(make_manager):
    manager = make_manager()
    before = open_files()
    for _ in range(4):
        run = manager.start(small(epochs=1))
        wait_for_state(run, states.FINISHED)
    wait_until(lambda: open_files() <= before)
    assert run.telemetry.step == 10


def test_a_local_file_does_not_replace_the_standard_library(make_manager, tmp_path, monkeypatch):
    (tmp_path / "random.py").write_text("raise RuntimeError('this is the wrong random')")
    monkeypatch.chdir(tmp_path)
    run = make_manager().start(small(epochs=1))
    wait_for_state(run, states.FINISHED)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cores", "hidden", "threads"),
    [(1, (800, 800), 1), (2, (800, 800), 2), (2, (40, 40), 1)],
    ids=["one core", "a large network on two cores", "a small network on two cores"],
)
def test_a_worker_uses_one_thread_per_core_for_large_networks_only(make_manager, monkeypatch, cores, hidden, threads):
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    run = make_manager(cores=cores).start(endless(hidden=hidden, mini_batch_size=100))
    wait_for_updates(run)
    pid = run.process.popen.pid
    first = ticks_of_threads(pid)

    def new_ticks() -> list[int]:
        return sorted(ticks - first.get(thread, 0) for thread, ticks in ticks_of_threads(pid).items())

    wait_until(lambda: new_ticks()[-threads] >= 40)
    assert sum(ticks >= 20 for ticks in new_ticks()) == threads


def ticks_of_threads(pid: int) -> dict[str, int]:
    """The processor time of each thread of a process, in hundredths of a second."""
    found = {}
    for folder in Path(f"/proc/{pid}/task").iterdir():
        fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        found[folder.name] = int(fields[11]) + int(fields[12])
    return found

"""Downloads by several processes at once, and after a killed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.data.download.fetching import fetch_source
from engine.data.download.sources import FILE_NAMES
from engine.data.files.locking import remove_partial_files
from tests.engine.data.family import Mirrors, file_names, small_source, zipped
from tests.processes import wait_until
from tests.slowing import PATIENCE

ROOT = Path(__file__).parents[4]
ZIPPED_NAMES = {f"{name}.gz" for name in FILE_NAMES}
SCRIPT = """
import sys
from pathlib import Path
from engine.data.download.fetching import fetch_source
from tests.engine.data.family import small_source
fetch_source(small_source([sys.argv[1]]), Path(sys.argv[2]))
"""


def start_fetching(url: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SCRIPT, url, str(folder)], cwd=ROOT, stderr=subprocess.PIPE)


def started_partial_files(folder: Path) -> list[Path]:
    """The partial files that are not empty."""
    return [path for path in (folder / "mnist").glob(".*.part") if path.stat().st_size]


def assert_complete(folder: Path) -> None:
    assert file_names(folder) == ZIPPED_NAMES
    for name, body in zipped().items():
        assert (folder / "mnist" / name).read_bytes() == body


def test_the_next_fetch_cleans_up_after_a_killed_download(mirrors: Mirrors, tmp_path: Path) -> None:
    process = start_fetching(mirrors.url("stalls"), tmp_path)
    wait_until(lambda: started_partial_files(tmp_path))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(started_partial_files(tmp_path)) == 1
    assert not file_names(tmp_path) & ZIPPED_NAMES
    fetch_source(small_source([mirrors.url("good")]), tmp_path)
    assert_complete(tmp_path)


def test_two_processes_download_each_file_once(mirrors: Mirrors, tmp_path: Path) -> None:
    processes = [start_fetching(mirrors.url("good"), tmp_path) for _ in range(2)]
    for process in processes:
        _, errors = process.communicate(timeout=60 * PATIENCE)
        assert process.returncode == 0, errors.decode()
    assert_complete(tmp_path)
    assert sorted(mirrors.requested_paths) == sorted(f"/good/{name}" for name in ZIPPED_NAMES)


def test_a_process_that_waits_for_a_killed_one_continues(mirrors: Mirrors, tmp_path: Path) -> None:
    first = start_fetching(mirrors.url("stalls"), tmp_path)
    wait_until(lambda: started_partial_files(tmp_path))
    second = start_fetching(mirrors.url("good"), tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(1.0)  # it waits while the first process runs
    first.kill()
    first.communicate()
    _, errors = second.communicate(timeout=60 * PATIENCE)
    assert second.returncode == 0, errors.decode()
    assert_complete(tmp_path)


def test_without_file_locks_two_downloads_at_once_succeed(
    mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.files.locking._try_acquire", lambda file: None)
    barrier = threading.Barrier(2)
    failures: list[BaseException] = []

    def fetch() -> None:
        waits = []

        def progress(name: str, done: int, total: int | None) -> None:
            if not waits:  # both start before one ends
                waits.append(barrier.wait(20 * PATIENCE))

        try:
            fetch_source(small_source([mirrors.url("good")]), tmp_path, progress)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert_complete(tmp_path)
    assert mirrors.requested_paths.count(f"/good/{FILE_NAMES[0]}.gz") == 2


def test_without_a_lock_only_old_partial_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recent, old = tmp_path / ".young.gz.1-aa.part", tmp_path / ".old.gz.1-aa.part"
    for path in (recent, old):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    remove_partial_files(tmp_path, has_lock=False)
    assert file_names(tmp_path) == {recent.name}
    remove_partial_files(tmp_path, has_lock=True)
    assert file_names(tmp_path) == set()

"""Fetching by several processes at once, and after one that was killed in the middle."""

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
from tests.engine.data.family import Mirrors, left, small_source, zipped
from tests.processes import wait_until
from tests.slowing import PATIENCE

ROOT = Path(__file__).parents[4]
ZIPPED = {f"{name}.gz" for name in FILE_NAMES}
SCRIPT = """
import sys
from pathlib import Path
from engine.data.download.fetching import fetch_source
from tests.engine.data.family import small_source
fetch_source(small_source([sys.argv[1]]), Path(sys.argv[2]))
"""


def fetching(url: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SCRIPT, url, str(folder)], cwd=ROOT, stderr=subprocess.PIPE)


def grown(folder: Path) -> list[Path]:
    """The partial files that have something in them."""
    return [path for path in (folder / "mnist").glob(".*.part") if path.stat().st_size]


def assert_whole(folder: Path) -> None:
    assert left(folder) == ZIPPED
    for name, body in zipped().items():
        assert (folder / "mnist" / name).read_bytes() == body


def test_the_next_fetch_cleans_up_after_a_killed_download(mirrors: Mirrors, tmp_path: Path) -> None:
    process = fetching(mirrors.url("stalls"), tmp_path)
    wait_until(lambda: grown(tmp_path))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(grown(tmp_path)) == 1
    assert not left(tmp_path) & ZIPPED
    fetch_source(small_source([mirrors.url("good")]), tmp_path)
    assert_whole(tmp_path)


def test_two_processes_fetch_the_same_once(mirrors: Mirrors, tmp_path: Path) -> None:
    processes = [fetching(mirrors.url("good"), tmp_path) for _ in range(2)]
    for process in processes:
        _, words = process.communicate(timeout=60 * PATIENCE)
        assert process.returncode == 0, words.decode()
    assert_whole(tmp_path)
    assert sorted(mirrors.asked) == sorted(f"/good/{name}" for name in ZIPPED)


def test_one_that_waits_for_a_killed_one_goes_on_by_itself(mirrors: Mirrors, tmp_path: Path) -> None:
    first = fetching(mirrors.url("stalls"), tmp_path)
    wait_until(lambda: grown(tmp_path))
    second = fetching(mirrors.url("good"), tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(1.0)  # it holds back as long as the first lives
    first.kill()
    first.communicate()
    _, words = second.communicate(timeout=60 * PATIENCE)
    assert second.returncode == 0, words.decode()
    assert_whole(tmp_path)


def test_where_there_are_no_locks_both_fetch_and_both_end_well(
    mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.files.locking._try_acquire", lambda file: None)
    together = threading.Barrier(2)
    failures: list[BaseException] = []

    def fetch() -> None:
        waited = []

        def told(name: str, done: int, total: int | None) -> None:
            if not waited:  # both have begun before either is done
                waited.append(together.wait(20 * PATIENCE))

        try:
            fetch_source(small_source([mirrors.url("good")]), tmp_path, told)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert_whole(tmp_path)
    assert mirrors.asked.count(f"/good/{FILE_NAMES[0]}.gz") == 2


def test_without_a_lock_only_old_partial_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    young, old = tmp_path / ".young.gz.1-aa.part", tmp_path / ".old.gz.1-aa.part"
    for path in (young, old):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    remove_partial_files(tmp_path, has_lock=False)
    assert left(tmp_path) == {young.name}
    remove_partial_files(tmp_path, has_lock=True)
    assert left(tmp_path) == set()

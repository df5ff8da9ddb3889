"""Downloads in the background: their progress, their end, and joining a download."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from dashboard.state import downloads as module
from dashboard.state.downloads import latest_download, start_download
from engine import FieldError
from tests.slowing import PATIENCE

TIMEOUT = 20 * PATIENCE  # seconds

Progress = Callable[[str, int, int | None], None]


class Downloads:
    """Replaces `engine.data.fetch`: the test controls when a download reports and ends."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self._orders: dict[str, queue.SimpleQueue[Callable[[Progress], bool]]] = defaultdict(queue.SimpleQueue)

    def fetch(self, name: str, progress: Progress) -> None:
        self.started.append(name)
        while self._orders[name].get(timeout=TIMEOUT)(progress):
            pass

    def reports(self, name: str, file: str, done: int, total: int | None) -> None:
        """Make a download report its progress, and wait until it has."""
        reported = threading.Event()

        def report(progress: Progress) -> bool:
            progress(file, done, total)
            reported.set()
            return True

        self._orders[name].put(report)
        assert reported.wait(TIMEOUT)

    def end(self, name: str, error: Exception | None = None) -> None:
        """End a download, optionally with an error, and wait until its thread has ended."""
        (thread,) = (each for each in threading.enumerate() if each.name == f"fetch {name}")

        def finish(progress: Progress) -> bool:
            if error is not None:
                raise error
            return False

        self._orders[name].put(finish)
        thread.join(TIMEOUT)
        assert not thread.is_alive()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Downloads]:
    fake = Downloads()
    monkeypatch.setattr(module, "fetch", fake.fetch)
    monkeypatch.setattr(module, "_latest", {})
    yield fake
    for name, current in list(module._latest.items()):  # also a download whose thread has not called `fetch` yet
        if not current.finished:
            fake.end(name)


def test_there_is_no_download_before_one_is_started(downloads):
    assert latest_download("mnist") is None
    start_download("kmnist")
    assert latest_download("mnist") is None


def test_a_download_has_the_progress_and_number_of_its_current_file(downloads):
    current = start_download("mnist")
    assert (current.share, current.file_count, current.finished) == (0.0, 0, False)
    downloads.reports("mnist", "images.gz", 0, 400)
    assert (current.file, current.share, current.file_count) == ("images.gz", 0.0, 1)
    downloads.reports("mnist", "images.gz", 100, 400)
    assert (current.received_bytes, current.total_bytes, current.share, current.file_count) == (100, 400, 0.25, 1)
    downloads.reports("mnist", "labels.gz", 30, 40)
    assert (current.file, current.share, current.file_count) == ("labels.gz", 0.75, 2)
    downloads.reports("mnist", "labels.gz", 60, 40)
    assert current.share == 1.0, "the share is at most 1"
    downloads.reports("mnist", "more.gz", 70, None)
    assert (current.share, current.file_count) == (0.0, 3), "the size is unknown"


def test_a_successful_download_has_no_problem(downloads):
    current = start_download("mnist")
    assert not current.finished
    downloads.end("mnist")
    assert current.finished
    assert current.problem is None
    assert latest_download("mnist") is current


def test_a_failed_download_has_the_reason_and_advice(downloads):
    current = start_download("mnist")
    downloads.end("mnist", FieldError("dataset", "no mirror can be reached: connect this machine to the network"))
    assert current.finished
    assert current.problem == "no mirror can be reached: connect this machine to the network"


def test_an_unexpected_error_is_reported_and_logged(downloads, caplog):
    current = start_download("mnist")
    downloads.end("mnist", RuntimeError("the disk is upside down"))
    assert current.finished
    assert current.problem == "cannot be fetched (RuntimeError: the disk is upside down): try again"
    (record,) = (each for each in caplog.records if each.name == module.__name__)
    assert record.getMessage() == "fetching mnist failed"
    assert record.exc_info is not None


def test_a_second_start_joins_the_download_in_progress(downloads):
    first = start_download("mnist")
    downloads.reports("mnist", "images.gz", 1, 2)
    assert start_download("mnist") is first
    assert downloads.started == ["mnist"]


def test_simultaneous_starts_share_one_download(downloads):
    barrier, results = threading.Barrier(8), []

    def start() -> None:
        barrier.wait(TIMEOUT)
        results.append(start_download("mnist"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    assert len(results) == 8
    assert len({id(each) for each in results}) == 1
    downloads.end("mnist")
    assert downloads.started == ["mnist"]


def test_two_sets_are_fetched_at_the_same_time(downloads):
    one, other = start_download("mnist"), start_download("kmnist")
    downloads.reports("kmnist", "images.gz", 1, 2)
    downloads.reports("mnist", "images.gz", 1, 4)
    assert (one.share, other.share) == (0.25, 0.5)
    downloads.end("kmnist")
    assert (one.finished, other.finished) == (False, True)


@pytest.mark.parametrize("error", [FieldError("dataset", "no mirror can be reached"), None], ids=["failure", "success"])
def test_a_finished_download_can_be_started_again(downloads, error):
    first = start_download("mnist")
    downloads.reports("mnist", "images.gz", 1, 2)
    downloads.end("mnist", error)
    second = start_download("mnist")
    assert second is not first
    assert latest_download("mnist") is second
    assert (second.file, second.file_count, second.problem, second.finished) == ("", 0, None, False)
    downloads.reports("mnist", "images.gz", 1, 4)
    assert second.share == 0.25
    assert first.share == 0.5
    assert (first.problem is None) == (error is None), "the first download keeps its result"
    downloads.end("mnist")
    assert downloads.started == ["mnist", "mnist"]
    assert second.problem is None

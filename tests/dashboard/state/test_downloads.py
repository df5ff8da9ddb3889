"""Downloads in the background: how far they are, how they end, and who joins them."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from dashboard.state import downloads as module
from dashboard.state.downloads import begin, latest
from engine import FieldError
from tests.slowing import PATIENCE

WAIT = 20 * PATIENCE  # seconds: a test that fails must end, too

Progress = Callable[[str, int, int | None], None]


class Downloads:
    """Stands in for `engine.data.fetch`: a download does what the test says, when the test says it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._orders: dict[str, queue.SimpleQueue[Callable[[Progress], bool]]] = defaultdict(queue.SimpleQueue)

    def fetch(self, name: str, progress: Progress) -> None:
        self.asked.append(name)
        while self._orders[name].get(timeout=WAIT)(progress):
            pass

    def says(self, name: str, file: str, done: int, total: int | None) -> None:
        """Let a download report; comes back when it has."""
        said = threading.Event()

        def say(progress: Progress) -> bool:
            progress(file, done, total)
            said.set()
            return True

        self._orders[name].put(say)
        assert said.wait(WAIT)

    def ends(self, name: str, error: Exception | None = None) -> None:
        """Let a download end, by an error where there is one; comes back when its thread has ended."""
        (thread,) = (each for each in threading.enumerate() if each.name == f"fetch {name}")

        def end(progress: Progress) -> bool:
            if error is not None:
                raise error
            return False

        self._orders[name].put(end)
        thread.join(WAIT)
        assert not thread.is_alive()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Downloads]:
    served = Downloads()
    monkeypatch.setattr(module, "fetch", served.fetch)
    monkeypatch.setattr(module, "_newest", {})
    yield served
    for name, current in list(module._latest.items()):  # also one whose thread has asked for nothing yet
        if not current.finished:
            served.ends(name)


def test_nothing_is_known_of_what_nobody_has_asked_for(downloads):
    assert latest("mnist") is None
    begin("kmnist")
    assert latest("mnist") is None


def test_a_download_says_how_far_its_file_is_and_which_of_the_files_it_is(downloads):
    current = begin("mnist")
    assert (current.share, current.files, current.finished) == (0.0, 0, False)
    downloads.says("mnist", "images.gz", 0, 400)
    assert (current.file, current.share, current.files) == ("images.gz", 0.0, 1)
    downloads.says("mnist", "images.gz", 100, 400)
    assert (current.done, current.total, current.share, current.files) == (100, 400, 0.25, 1)
    downloads.says("mnist", "labels.gz", 30, 40)
    assert (current.file, current.share, current.files) == ("labels.gz", 0.75, 2)
    downloads.says("mnist", "labels.gz", 60, 40)
    assert current.share == 1.0, "a bar cannot be more than full, whatever a server has said"
    downloads.says("mnist", "more.gz", 70, None)
    assert (current.share, current.files) == (0.0, 3), "of a size that is not known nothing can be said"


def test_a_download_that_ends_well_has_no_problem(downloads):
    current = begin("mnist")
    assert not current.finished
    downloads.ends("mnist")
    assert current.finished
    assert current.problem is None
    assert latest("mnist") is current


def test_a_download_that_fails_says_why_and_what_to_do(downloads):
    current = begin("mnist")
    downloads.ends("mnist", FieldError("dataset", "no mirror can be reached: connect this machine to the network"))
    assert current.finished
    assert current.problem == "no mirror can be reached: connect this machine to the network"


def test_also_an_error_that_nobody_foresaw_is_put_in_words(downloads):
    current = begin("mnist")
    downloads.ends("mnist", RuntimeError("the disk is upside down"))
    assert current.finished
    assert current.problem == "cannot be fetched (RuntimeError: the disk is upside down): try again"


def test_who_asks_for_what_is_under_way_joins_it(downloads):
    first = begin("mnist")
    downloads.says("mnist", "images.gz", 1, 2)
    assert begin("mnist") is first
    assert downloads.asked == ["mnist"]


def test_many_who_ask_at_the_same_moment_make_one_download(downloads):
    together, got = threading.Barrier(8), []

    def ask() -> None:
        together.wait(WAIT)
        got.append(begin("mnist"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert len(got) == 8
    assert len({id(each) for each in got}) == 1
    downloads.ends("mnist")
    assert downloads.asked == ["mnist"]


def test_two_sets_are_fetched_beside_each_other(downloads):
    one, other = begin("mnist"), begin("kmnist")
    downloads.says("kmnist", "images.gz", 1, 2)
    downloads.says("mnist", "images.gz", 1, 4)
    assert (one.share, other.share) == (0.25, 0.5)
    downloads.ends("kmnist")
    assert (one.finished, other.finished) == (False, True)


@pytest.mark.parametrize("error", [FieldError("dataset", "no mirror can be reached"), None], ids=["failure", "success"])
def test_after_its_end_it_can_be_begun_again_from_nothing(downloads, error):
    first = begin("mnist")
    downloads.says("mnist", "images.gz", 1, 2)
    downloads.ends("mnist", error)
    second = begin("mnist")
    assert second is not first
    assert latest("mnist") is second
    assert (second.file, second.files, second.problem, second.finished) == ("", 0, None, False)
    downloads.says("mnist", "images.gz", 1, 4)
    assert second.share == 0.25
    assert first.share == 0.5
    assert (first.problem is None) == (error is None), "what the first has come to stays as it was"
    downloads.ends("mnist")
    assert downloads.asked == ["mnist", "mnist"]
    assert second.problem is None

"""The number of BLAS threads of a run: it depends on the network, the cores and the other runs."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from engine.runs.messages import Command, RunSetup, Verb
from engine.runs.worker.channel import receive
from engine.runs.worker.threads import MIN_PRODUCT, BlasThreads, blas_threads, cores_per_run
from engine.runs.worker.worker import Worker
from tests.engine.runs.driving import endless, small, wait_for_state
from tests.processes import wait_until

SMALL, LARGE = (784, 100, 10), (784, 2_000, 2_000, 10)  # with mini-batches of 100: 8 and 400 million multiply-adds


@pytest.mark.parametrize(
    ("sizes", "batch", "cores", "runs", "threads"),
    [
        (SMALL, 10, 8, 1, 1),
        (SMALL, 600, 8, 1, 3),  # 47 million
        (LARGE, 100, 8, 1, 8),
        (LARGE, 100, 2, 1, 2),
        (LARGE, 100, 1, 1, 1),
        (LARGE, 100, 8, 2, 4),
        (LARGE, 100, 8, 3, 2),
        (LARGE, 100, 8, 9, 1),
        (LARGE, 100, 8, 0, 8),
        ((64, 10), 1_000, 8, 1, 1),
    ],
)
def test_small_networks_use_one_thread_and_large_ones_the_free_cores(sizes, batch, cores, runs, threads):
    assert blas_threads(sizes, batch, cores_per_run(cores, runs)) == threads


def test_the_threshold_is_the_multiply_adds_of_the_largest_product():
    width = int(MIN_PRODUCT) // 1_000
    assert blas_threads((10, 1_000, width, 10), 1, 8) == 2
    assert blas_threads((10, 1_000, width - 1, 10), 1, 8) == 1


@given(st.lists(st.integers(1, 5_000), min_size=2, max_size=6), st.integers(1, 1_000), st.integers(1, 256), st.data())
def test_parallel_runs_never_use_more_threads_than_cores(sizes, batch, cores, data):
    runs = data.draw(st.integers(1, cores))
    threads = blas_threads(sizes, batch, cores_per_run(cores, runs))
    assert threads >= 1
    assert runs * threads <= cores
    assert threads <= cores_per_run(cores, runs)


@pytest.fixture
def current_threads():
    """A function that returns the thread counts of all BLAS libraries; they are restored afterwards."""
    with threadpool_limits(limits=None, user_api="blas"):

        def thread_counts() -> set[int]:
            return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

        before = thread_counts()
        yield thread_counts
    assert thread_counts() == before


def test_the_number_of_threads_is_set_in_blas_and_starts_at_one(current_threads: Callable[[], set[int]]):
    threads = BlasThreads()
    assert current_threads() == {1}
    for number in (2, 1, 3):
        threads.set_count(number)
        assert current_threads() == {number}


# Changes of the number of cores


def large_worker(cores: int, used: list[int]) -> Worker:
    config = small(hidden=(1_100, 1_100), mini_batch_size=100)  # 121 million multiply-adds
    return Worker(RunSetup(config.to_dict(), cores=cores), io.BytesIO(), used.append)


def test_a_worker_sets_its_threads_before_the_first_product():
    used: list[int] = []
    worker = large_worker(4, used)
    assert used == [4]
    for cores, expected in ((4, [4]), (2, [4, 2]), (2, [4, 2]), (1, [4, 2, 1]), (8, [4, 2, 1, 8])):
        worker.apply(Command(Verb.THREADS, cores))
        assert used == expected
    used.clear()
    small_one = Worker(RunSetup(small().to_dict(), cores=4), io.BytesIO(), used.append)
    small_one.apply(Command(Verb.THREADS, 8))
    assert used == [], "a small network keeps one thread"


@pytest.mark.slow
def test_training_runs_share_the_cores(make_manager):
    manager = make_manager(cap=4, cores=4)
    alone = manager.start(endless())
    assert alone.cores == 4
    paced = manager.start(endless(), pace=5)
    assert {run.cores for run in (alone, paced)} == {2}
    manager.set_pace(alone, 5)
    assert {run.cores for run in (alone, paced)} == {2}, "a paced run counts as training"
    third = manager.start(endless())
    assert {run.cores for run in manager.runs()} == {1}
    manager.pause(third)
    wait_until(lambda: {run.cores for run in manager.runs()} == {2})
    manager.stop(paced)
    wait_until(lambda: (alone.cores, third.cores) == (4, 4))  # the commands arrive one after another
    manager.pause(alone)
    wait_for_state(alone, "paused")
    assert alone.cores == 4, "a pause does not change the threads of a single run"


def test_the_number_of_cores_does_not_change_a_small_run():
    def costs_of(*commands: Command) -> np.ndarray:
        out = io.BytesIO()
        worker = Worker(RunSetup(small().to_dict()), out)
        for command in commands:
            worker.apply(command)
        while worker.state == "running":
            worker.train_slice()
        out.seek(0)
        costs = []
        while out.tell() < len(out.getvalue()):
            costs.append(receive(out).costs)
        return np.concatenate(costs)

    with_one_thread = costs_of(Command(Verb.STEP), Command(Verb.RESUME))
    with_changes = costs_of(
        Command(Verb.STEP), Command(Verb.THREADS, 2), Command(Verb.RESUME), Command(Verb.THREADS, 1)
    )
    assert len(with_changes) == 40
    assert with_changes.tobytes() == with_one_thread.tobytes()

"""Several processes share the memory of a data set, measured with real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine import RunConfig, select
from engine.data import Dataset
from tests.conftest import skip_or_fail

ROLLUP = Path("/proc/self/smaps_rollup")
# The script prints its proportional share of memory and waits for a line before each next stage.
SCRIPT = """
import sys
from engine import RunConfig, load_dataset, select

def share():
    lines = open("/proc/self/smaps_rollup")
    print(next(int(line.split()[1]) for line in lines if line.startswith("Pss:")), flush=True)
    sys.stdin.readline()

load_dataset("digits")
print("ready", flush=True); sys.stdin.readline()
share()
dataset = load_dataset("mnist")
parts = (dataset.training, dataset.validation, dataset.test)
seen = [part.x.sum() + part.labels.sum() for part in parts]  # reads every page
run = select(RunConfig(dataset="mnist", train_size=None, label_noise=0.0), dataset)  # as in a worker
print("loaded", flush=True); sys.stdin.readline()
share()
"""


@pytest.fixture(scope="module")
def cache(mnist: Dataset) -> Iterator[str]:
    """Prepared files that the process of the tests has not mapped, because it would count as a reader."""
    if not ROLLUP.exists():
        skip_or_fail("shared memory is measured with /proc/self/smaps_rollup of Linux 4.14 or later")
    with tempfile.TemporaryDirectory() as folder:
        data_memory(1, folder)  # prepares them
        yield folder


def data_memory(processes: int, cache: str) -> int:
    """The memory of the data in all processes together, in kB: their shares with the data minus those without."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "REGSCOPE_CACHE": cache},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]

    def stage() -> list[str]:
        """Read a line from every process, then let all continue: shares are correct only while all wait."""
        lines = []
        for process in running:
            assert process.stdout is not None
            lines.append(process.stdout.readline())
        for process in running:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        return lines

    try:
        assert stage() == ["ready\n"] * processes
        without = sum(map(int, stage()))
        assert stage() == ["loaded\n"] * processes
        return sum(map(int, stage())) - without
    finally:
        for process in running:
            process.kill()
            process.communicate()


@pytest.mark.mnist
@pytest.mark.slow
def test_twenty_runs_on_mnist_use_at_most_1_3_times_the_memory_of_one(mnist: Dataset, cache: str) -> None:
    one, twenty = data_memory(1, cache), data_memory(20, cache)
    size = sum(part.x.nbytes for part in (mnist.training, mnist.validation, mnist.test) if part) // 1024
    assert one >= size, "the whole data set was in memory"
    assert twenty <= 1.3 * one


@pytest.mark.mnist
def test_three_runs_on_mnist_use_little_more_memory_than_one(cache: str) -> None:
    assert data_memory(3, cache) <= 1.1 * data_memory(1, cache)


@pytest.mark.mnist
def test_the_data_of_a_run_on_mnist_are_views(mnist: Dataset) -> None:
    data = select(RunConfig.demo(dataset="mnist", train_size=None), mnist)
    assert np.shares_memory(data.x, mnist.training.x)
    assert np.shares_memory(data.evaluation.x, mnist.validation.x)


@pytest.mark.mnist
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_another_split_of_mnist_consists_of_views(mnist: Dataset, share: float) -> None:
    config = RunConfig.demo(dataset="mnist", train_size=None, validation_share=share)
    data = select(config, mnist)
    all_x = np.concatenate([mnist.training.x, mnist.validation.x])
    assert (data.x == all_x[: data.n]).all()
    assert (data.evaluation.x == all_x[data.n :]).all()
    for part in (data.x, data.evaluation.x):
        assert part.base is not None
        assert np.shares_memory(part, mnist.training.x) or np.shares_memory(part, mnist.validation.x)
        assert not part.flags.writeable

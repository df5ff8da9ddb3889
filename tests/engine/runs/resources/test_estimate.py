"""The estimate, compared with the peak memory of real processes and with the real file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine import RunConfig
from engine.data import Table, keep
from engine.data.shape import data_shape
from engine.runs.resources.estimate import estimate
from tests.slowing import PATIENCE

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads peaks from the Linux kernel")

SERVER = """
import json, sys, time
from pathlib import Path
from dashboard.live.hub import Hub
from dashboard.live.single_run import SingleRun
from engine import RunConfig, dataset_of
from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.store.store import Store

def peak(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)

if __name__ == "__main__":
    config = RunConfig.from_dict(json.loads(sys.argv[1]))
    store = Store(Path(sys.argv[2]) / "runs.sqlite")
    hub = Hub(Manager(cap=1, spare=False, store=store))
    dataset_of(config)
    def train(config):
        run, worker_peak, seen = hub.manager.start(config), 0, {}
        watched, pid = SingleRun(run), run.process.popen.pid
        with hub.register_viewer(watched):
            while run.state not in states.FINAL:
                hub.live_frame(watched, seen)
                worker_peak = max(worker_peak, peak(pid))
                time.sleep(0.01)
        assert run.state == states.FINISHED, run.reason
        return worker_peak
    small_worker = train(RunConfig(hidden=(10,), epochs=1, train_size=20))
    before = peak("self")
    worker = train(config)
    hub.close()
    print(json.dumps([worker - small_worker, peak("self") - before, store.nbytes()]))
"""


def measured(config: RunConfig, folder: Path) -> list[int]:
    """Return the bytes that a run adds to worker, server and disk; the worker's peak is that of the last look."""
    done = subprocess.run(
        [sys.executable, "-c", SERVER, json.dumps(config.to_dict()), str(folder)],
        capture_output=True,
        text=True,
        timeout=300 * PATIENCE,
        cwd=Path(__file__).parents[4],
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@linux
@pytest.mark.slow
@pytest.mark.parametrize(
    "fields",
    [
        {"hidden": (2_000, 2_000)},
        {"hidden": (2_000, 1_000), "drop_probability": 0.5, "l2": 0.1},
        {"hidden": (1_500, 1_500), "dtype": "float64"},
        {"hidden": (10_000,), "mini_batch_size": 1_200, "train_size": 1_200},
    ],
    ids=str,
)
def test_a_network_takes_about_as_much_as_estimated(fields, tmp_path):
    config = RunConfig(**{"epochs": 2, "train_size": 100, "learning_rate": 0.01, **fields})
    worker, server, disk = measured(config, tmp_path)
    needs = estimate(config)
    assert 0.75 * worker < needs.worker < 1.6 * worker
    assert 0.75 * (worker + server) < needs.memory < 1.6 * (worker + server)
    assert disk < 1.1 * needs.disk + 5_000_000, "a short run has fewer keyframes than estimated"


@linux
@pytest.mark.slow
@pytest.mark.parametrize("fields", [{}, {"pixel_noise": 0.1}, {"dtype": "float64"}], ids=str)
def test_a_data_set_takes_about_as_much_as_estimated(fields, tmp_path, monkeypatch):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    x = np.random.default_rng(1).standard_normal((40_000, 500), dtype=np.float32)
    name = keep(Table(x, np.arange(len(x)) % 2, ("a", "b")))
    config = RunConfig(dataset=name, hidden=(5,), epochs=1, mini_batch_size=500, **fields)
    worker, _, _ = measured(config, tmp_path)
    assert 0.75 * worker < estimate(config).worker < 1.6 * worker
    assert estimate(config).largest_field == "train_size"


def test_the_shape_of_ones_own_set_is_that_of_the_loaded_one(tmp_path, monkeypatch):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    x = np.random.default_rng(1).standard_normal((50, 3), dtype=np.float32)
    name = keep(Table(x, np.arange(50) % 2, ("a", "b")))
    config = RunConfig(dataset=name, validation_share=0.2, train_size=11)
    shape = data_shape(config)
    assert (shape.training, shape.validation, shape.features, shape.classes) == (35, 15, 3, 2)
    assert shape.examples_in_use(config) == (11, 10)


def test_a_mini_batch_or_the_examples_may_need_most():
    assert estimate(RunConfig(hidden=(5_000, 5_000))).largest_field == "hidden"
    assert estimate(RunConfig(hidden=(500,), mini_batch_size=100_000)).largest_field == "mini_batch_size"


def test_a_resumed_run_needs_more():
    config = RunConfig(hidden=(1_000, 1_000))
    assert estimate(config, is_resumed=True).memory > 1.3 * estimate(config).memory


def test_the_default_run_needs_little():
    assert estimate(RunConfig.demo()).memory < 20_000_000

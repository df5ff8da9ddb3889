"""The decision regions of a run, compared point by point, and when a worker sends them."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import RunConfig, Training, dataset_of, select
from engine.analysis.boundary import boundary_grid
from engine.data import Table, keep
from engine.runs import states
from engine.runs.extracts import EXTRACTS
from engine.runs.extracts.plane import SHADES, regions_of
from engine.runs.messages import Report
from engine.runs.worker import pace, recorder, reporter, worker
from tests.engine.runs.driving import Clock, InMemoryWorker, small

PACE = 100.0  # mini-batches per second of the clock below


def planar(**changes: Any) -> RunConfig:
    return small(**{"dataset": "spirals", "hidden": (6, 5), "activation": "tanh", "epochs": 10_000, **changes})


class ClockedWorker(InMemoryWorker):
    """A worker in this process that trains at a pace by a clock set by hand."""

    def __init__(self, config: RunConfig, clock: Clock, watched: bool = True) -> None:
        super().__init__(config, tuple(EXTRACTS) if watched else None, PACE)
        self._clock = clock

    def train_for(self, seconds: float) -> list[tuple[float, Report]]:
        """Train for `seconds` of the clock or to the end; return the reports with their times."""
        found = []
        for _ in range(round(seconds * PACE)):
            if self.worker.state in states.FINAL:
                break
            self._clock.now += 1 / PACE
            self.worker.train_slice()
            found += [(self._clock.now, report) for report in self.reports()]
        return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (worker, recorder, pace, reporter):
        monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=clock, time=clock))
    return clock


# Regions


def region(outputs: list[float]) -> int:
    """The region of one point by the definition in `Plane`: the winning class, and its surplus over an even share."""
    k, winner = len(outputs), 0
    for candidate in range(1, k):
        if outputs[candidate] > outputs[winner]:
            winner = candidate
    surplus = (outputs[winner] - 1 / k) / (1 - 1 / k)
    return winner * SHADES + min(SHADES - 1, max(0, math.floor(surplus * SHADES)))


@given(st.integers(2, 12), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32), st.floats(0.02, 20))
def test_regions_equal_those_of_a_loop_over_the_points(classes, rows, columns, seed, evenness):
    outputs = np.random.default_rng(seed).dirichlet(np.full(classes, evenness), (rows, columns))
    regions = regions_of(outputs)
    assert regions.dtype == np.uint8
    assert regions.tolist() == [[region(point.tolist()) for point in row] for row in outputs]


@pytest.mark.parametrize("classes", [2, 3, 6, 12])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_outputs_give_a_shade_of_their_own_class(classes, dtype):
    for k in range(classes):
        certain = np.eye(classes, dtype=dtype)[np.newaxis, k : k + 1]
        assert regions_of(certain).tolist() == [[k * SHADES + SHADES - 1]]
        faint = np.full((1, 1, classes), 1 / classes, dtype)
        faint[..., k] *= 1 + 1e-5
        assert regions_of(faint).tolist() == [[k * SHADES]]
    assert regions_of(np.full((1, 1, classes), 1 / classes, dtype)).tolist() == [[0]]


# Reports of a worker


@pytest.mark.parametrize(
    "config",
    [
        planar(),
        planar(drop_probability=0.0, label_noise=0.1),
        planar(dataset="blobs", blob_classes=5, cost="log-likelihood", hidden=()),
        planar(dropout_scaling="inverted", pixel_noise=0.3, dtype="float64"),
    ],
    ids=["dropout", "no dropout", "five blobs", "inverted scaling"],
)
def test_a_plane_shows_the_outputs_of_the_full_network_at_its_step(clock, config):
    in_memory = ClockedWorker(config, clock)
    in_memory.command("resume")
    planes = [report.extracts.get("plane") for _, report in in_memory.train_for(1.0) if report.extracts.get("plane")]
    assert len(planes) > 3
    alone = Training(config, select(config, dataset_of(config)))
    for plane in planes:
        while alone.step < plane.step:
            alone.run(plane.step - alone.step)
        grid = boundary_grid(alone.inference_parameters(), alone.architecture, plane.extent)
        assert plane.regions.tolist() == [[region_of(point, config.dtype) for point in row] for row in grid]


def region_of(outputs: np.ndarray, dtype: str) -> int:
    """`region` computed with the precision of the run."""
    k, number = len(outputs), np.dtype(dtype).type
    winner = max(range(k), key=lambda each: (outputs[each], -each))
    surplus = (outputs[winner] - number(1 / k)) / number(1 - 1 / k)
    return winner * SHADES + min(SHADES - 1, max(0, math.floor(surplus * number(SHADES))))


def test_the_extent_contains_every_point_and_never_changes(clock):
    config = planar()
    in_memory = ClockedWorker(config, clock)
    in_memory.command("resume")
    (extent,) = {
        report.extracts.get("plane").extent for _, report in in_memory.train_for(1.0) if report.extracts.get("plane")
    }
    data = select(config, dataset_of(config))
    for x in (data.x, data.evaluation.x):
        assert extent.left < x[:, 0].min() <= x[:, 0].max() < extent.right
        assert extent.bottom < x[:, 1].min() <= x[:, 1].max() < extent.top


def test_a_watched_plane_is_sent_at_most_once_per_interval(clock):
    in_memory = ClockedWorker(planar(), clock)
    in_memory.command("resume")
    in_memory.reports()
    seen = [
        (now, report.extracts.get("plane").step)
        for now, report in in_memory.train_for(5.0)
        if report.extracts.get("plane")
    ]
    assert len(seen) > 5 * 5, "at least five planes per second"
    for (before, step), (after, later) in pairwise(seen):
        assert after - before >= EXTRACTS["plane"].interval - 1e-9
        assert later > step


def test_a_plane_is_not_sent_without_a_viewer(clock):
    in_memory = ClockedWorker(planar(), clock, watched=False)
    in_memory.command("resume")
    reports = [*in_memory.reports(), *(report for _, report in in_memory.train_for(3.0))]
    assert len(reports) > 4
    assert all(report.extracts.get("plane") is None for report in reports)
    in_memory.command("watch", tuple(EXTRACTS))
    assert in_memory.reports()[-1].extracts.get("plane").step == in_memory.worker.training.step, (
        "a new viewer gets the plane at once"
    )
    in_memory.command("watch", None)
    in_memory.reports()
    assert all(report.extracts.get("plane") is None for _, report in in_memory.train_for(3.0))


def test_a_paused_run_has_sent_the_plane_of_its_last_step(clock):
    in_memory = ClockedWorker(planar(), clock)
    in_memory.command("step")
    assert in_memory.reports()[-1].extracts.get("plane").step == 1
    in_memory.command("step")  # at the same time of the clock
    assert in_memory.reports()[-1].extracts.get("plane").step == 2
    in_memory.command("resume")
    in_memory.train_for(1.0)
    in_memory.command("pause")
    (report,) = in_memory.reports()
    assert report.state == states.PAUSED
    last = in_memory.worker.training.step
    assert last > 50
    assert report.extracts.get("plane") is None or report.extracts.get("plane").step == last
    assert in_memory.worker.recorder._extract_times["plane"][1] == last


def test_a_finished_run_that_is_watched_has_sent_its_last_plane(clock):
    in_memory = ClockedWorker(planar(epochs=3), clock)
    in_memory.command("resume")
    last = in_memory.train_for(1.0)[-1][1]
    assert (last.state, last.step, last.extracts.get("plane").step) == (states.FINISHED, 30, 30)


def test_runs_on_images_have_no_plane(clock):
    in_memory = ClockedWorker(small(epochs=10_000), clock)
    in_memory.command("resume")
    reports = [*in_memory.reports(), *(report for _, report in in_memory.train_for(1.0))]
    in_memory.command("pause")
    reports += in_memory.reports()
    assert len(reports) > 5
    assert all(report.extracts.get("plane") is None for report in reports)


@pytest.mark.parametrize(("features", "classes", "has_plane"), [(2, 6, True), (2, 7, False), (3, 2, False)])
def test_own_data_with_two_features_and_up_to_six_classes_has_a_plane(
    clock, features, classes, has_plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(130, features)).astype(np.float32)
    table = Table(x, np.arange(130) % classes, tuple(f"{k:02}" for k in range(classes)))
    in_memory = ClockedWorker(RunConfig.demo(dataset=keep(table), train_size=50, hidden=(4,)), clock)
    in_memory.command("step")
    plane = in_memory.reports()[-1].extracts.get("plane")
    assert (plane is not None) is has_plane

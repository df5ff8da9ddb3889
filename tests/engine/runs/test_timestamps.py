"""Times of day for the order of runs, with a clock that is set back."""

from __future__ import annotations

import ast
import time
from pathlib import Path

from engine import RunConfig
from engine.runs.server.run import Run
from engine.runs.timestamps import next_timestamp

ROOT = Path(__file__).parents[3]

# The only files that read the time of day, each with the reason.
TIME_OF_DAY = {
    "engine/runs/timestamps.py": "never goes back",
    "engine/runs/worker/reporter.py": "shown as the time of a report, and compared for equality only",
    "engine/runs/worker/headless.py": "the begin of the only run of a process",
    "engine/runs/store/store.py": "deleted runs can be restored for a day, also after a restart",
    "engine/runs/store/identity.py": "shown in a notice",
    "engine/data/files/locking.py": "compared with the time of a file; an old partial file is removed later",
    "dashboard/pages/runs.py": "the age of a run, shown",
    "dashboard/commands/runs.py": "the age of a run, shown",
}


def test_a_run_is_newer_than_those_before_it_although_the_clock_is_set_back(monkeypatch):
    now, first = time.time(), next_timestamp()
    runs = []
    for clock in (now + 1.0, now - 3600.0, now - 3600.0, now - 3599.0, now + 2.0):
        monkeypatch.setattr(time, "time", lambda clock=clock: clock)
        runs.append(Run(RunConfig(), None))
    created = [run.created for run in runs]
    assert sorted(set(created)) == created
    assert created[0] > first
    assert created[3] - created[0] < 0.001, "the clock is followed again as soon as it has caught up"
    assert created[4] == now + 2.0


def test_no_other_file_reads_the_time_of_day():
    """A duration by the time of day stops for an hour when the clock is set back by one."""
    found = set()
    for folder in ("engine", "dashboard"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and ast.unparse(node) in (
                    "time.time",
                    "datetime.now",
                    "time.time_ns",
                ):
                    found.add(file.relative_to(ROOT).as_posix())
    assert found == set(TIME_OF_DAY)


def test_the_page_reads_the_time_of_day_only_to_show_it():
    names = {"Date.now", "new Date"}
    found = {
        (file.name, name)
        for file in (ROOT / "dashboard").rglob("*.js")
        for name in names
        if name in file.read_text(encoding="utf-8")
    }
    # the age of a frame is published for benchmarks; the time of the last message is shown
    assert found == {("published_state.js", "Date.now"), ("liveness.js", "new Date")}

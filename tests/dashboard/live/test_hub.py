"""Frames: complete for a new viewer, later only the changes of panels in the viewport."""

from __future__ import annotations

import json
import math
import threading
from dataclasses import replace

import pytest

from dashboard.charts.panels.catalogue import PANELS
from dashboard.live.part_cache import PartCache
from dashboard.live.single_run import SingleRun
from engine import Diverged, Snapshot
from engine.learning.metrics import Measurement
from engine.runs import states
from engine.runs.messages import Report
from engine.runs.server.run import Run
from tests.dashboard.live.reading import read
from tests.dashboard.watching import CONFIGS, config_of, reports_of, run_of
from tests.engine.runs.driving import wait_for_reports
from tests.processes import wait_until


def test_a_new_viewer_gets_every_panel_with_its_whole_history(hub):
    run = run_of(config_of("default"))
    frame = read(hub.live_frame(SingleRun(run), {}))
    assert frame["run"] == run.id
    assert set(frame["panels"]) == set(PANELS)
    assert frame["status"]["step"] == run.telemetry.step
    for name in PANELS:
        assert frame["panels"][name] == json.loads(json.dumps(SingleRun(run).part_body(name)))


def test_a_viewer_gets_nothing_twice(hub):
    run, seen = run_of(config_of("default")), {}
    assert hub.live_frame(SingleRun(run), seen) is not None
    assert hub.live_frame(SingleRun(run), seen) is None
    assert hub.live_frame(SingleRun(run), {}) is not None, "another viewer gets everything"


def test_a_frame_has_the_panels_that_changed_and_no_others(hub):
    config = config_of("default")
    run, seen = run_of(config, steps=13), {}
    hub.live_frame(SingleRun(run), seen)
    snapshot = run.telemetry.snapshot
    weights, recent_masks = run.telemetry.extracts["weights"], run.telemetry.extracts["recent_masks"]
    run.telemetry.add_report(Report("paused", 17, 0.0))
    frame = read(hub.live_frame(SingleRun(run), seen))
    assert (frame["status"]["step"], frame["panels"]) == (17, {})
    for new, parts in (
        ({"snapshots": (replace(snapshot, epoch=4, step=17),)}, {"epochs", "status"}),
        ({"extracts": {"weights": weights}}, {"weights"}),
        ({"extracts": {"recent_masks": recent_masks}}, {"recent_masks"}),
        ({"extracts": {"recent_masks": recent_masks, "weights": weights}}, {"recent_masks", "weights"}),
    ):
        run.telemetry.add_report(Report("paused", 17, 0.0, **new))
        frame = read(hub.live_frame(SingleRun(run), seen))
        assert set(frame["panels"]) == {name for name, panel in PANELS.items() if parts & set(panel.telemetry_parts)}
        assert (frame["status"] is not None) == ("snapshots" in new), "the line of metrics shows snapshots"
    run.telemetry.add_report(Report("paused", 17, 0.0))
    assert hub.live_frame(SingleRun(run), seen) is None, "the report has no new data"


def broken_panel(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """Make the update of a panel raise an error until the returned list is cleared."""
    messages, panel = ["no such trace"], PANELS[name]

    def update(config, telemetry):
        if messages:
            raise KeyError(messages[0])
        return panel.update(config, telemetry)

    monkeypatch.setitem(PANELS, name, replace(panel, update=update))
    return messages


def test_an_error_in_a_panel_is_logged_once_and_affects_only_that_panel(hub, monkeypatch, caplog):
    messages = broken_panel(monkeypatch, "weights")
    run, seen = run_of(config_of("default")), {}
    frame = read(hub.live_frame(SingleRun(run), seen))
    assert set(frame["panels"]) == set(PANELS)
    (error,) = frame["panels"]["weights"].values()
    assert PANELS["weights"].title in error
    assert "KeyError: 'no such trace'" in error
    assert "traces" in frame["panels"]["cost"]
    for _ in range(3):
        run.telemetry.add_report(Report("paused", 16, 0.0, extracts={"weights": run.telemetry.extracts["weights"]}))
        assert "trouble" in read(hub.live_frame(SingleRun(run), seen))["panels"]["weights"]
    (record,) = caplog.records
    assert (record.levelname, run.id in record.getMessage()) == ("ERROR", True), "the error is logged once"
    assert record.exc_info is not None
    messages.clear()
    run.telemetry.add_report(Report("paused", 16, 0.0, extracts={"weights": run.telemetry.extracts["weights"]}))
    assert "traces" in read(hub.live_frame(SingleRun(run), seen))["panels"]["weights"]


def test_parts_that_were_not_sent_because_of_an_error_are_sent_later(hub, monkeypatch):
    run, seen = run_of(config_of("default")), {}
    encode = PartCache._make_part
    monkeypatch.setattr(
        PartCache, "_make_part", lambda self, name, *more: 1 / 0 if name == "weights" else encode(self, name, *more)
    )
    with pytest.raises(ZeroDivisionError):
        hub.live_frame(SingleRun(run), seen)
    monkeypatch.undo()
    assert set(read(hub.live_frame(SingleRun(run), seen))["panels"]) == set(PANELS)


def test_a_frame_has_only_the_panels_in_the_viewport(hub):
    run, seen = run_of(config_of("default")), {}
    assert set(read(hub.live_frame(SingleRun(run), seen, ["cost"]))["panels"]) == {"cost"}
    assert hub.live_frame(SingleRun(run), seen, ["cost"]) is None
    frame = read(hub.live_frame(SingleRun(run), seen, ["weights", "cost"]))
    assert set(frame["panels"]) == {"weights"}
    assert frame["status"] is None, "the status is unchanged"
    assert hub.live_frame(SingleRun(run), seen, []) is None


def test_each_part_is_encoded_once_for_all_viewers(hub, monkeypatch):
    encoded: list[str] = []
    for name, panel in PANELS.items():

        def update(config, telemetry, name=name, panel=panel):
            encoded.append(name)
            return panel.update(config, telemetry)

        monkeypatch.setitem(PANELS, name, replace(panel, update=update))
    run = run_of(config_of("default"))
    frames = {hub.live_frame(SingleRun(run), {}) for _ in range(20)}
    assert len(frames) == 1
    assert sorted(encoded) == sorted(PANELS)
    run.telemetry.add_report(
        Report("paused", 14, 0.0, extracts={"recent_masks": run.telemetry.extracts["recent_masks"]})
    )
    for _ in range(5):
        hub.live_frame(SingleRun(run), {})
    assert sorted(encoded) == sorted([*PANELS, "dropout"])


@pytest.mark.parametrize("name", CONFIGS)
def test_the_frames_of_every_kind_of_run_are_valid_json(hub, name):
    run = Run(config_of(name), None)
    assert set(read(hub.live_frame(SingleRun(run), {}))["panels"]) == set(PANELS), "also before the first report"
    for report in reports_of(run.initial_config, 6):
        run.telemetry.add_report(report)
        assert set(read(hub.live_frame(SingleRun(run), {}))["panels"]) == set(PANELS)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_frame_contains_no_number_that_is_not_finite(hub, number):
    run = Run(config_of("default"), None)
    bad = Measurement(number, 0, 0)
    run.telemetry.add_report(Report("running", 0, 0.0, snapshots=(Snapshot(0, 0, bad, bad, bad, bad, number),)))
    run.reason = str(Diverged(3))
    frame = read(hub.live_frame(SingleRun(run), {}))
    assert set(frame["panels"]) == set(PANELS)
    assert run.reason in frame["status"]["notice"]


def test_each_run_has_its_own_frames(hub):
    one, other = run_of(config_of("default")), run_of(config_of("L1"))
    assert read(hub.live_frame(SingleRun(one), {}))["run"] == one.id
    frame = read(hub.live_frame(SingleRun(other), {}))
    assert frame["run"] == other.id
    assert frame["panels"]["weights"]["text"] == PANELS["weights"].update(other.initial_config, other.telemetry).text


def test_frames_are_consistent_while_reports_arrive(hub):
    config = config_of("default", epochs=100)
    run = Run(config, None)
    reports = reports_of(config, 300)
    reports = [replace(report, snapshots=()) for report in reports] + reports
    errors: list[Exception] = []
    done = threading.Event()

    def read_frames() -> None:
        try:
            while not done.is_set():
                for panel in read(hub.live_frame(SingleRun(run), {}))["panels"].values():
                    for trace in panel["traces"]:
                        x = trace.get("x", [])
                        assert isinstance(x, list) or x["dtype"] in ("f4", "i4")
        except Exception as error:
            errors.append(error)

    viewers = [threading.Thread(target=read_frames) for _ in range(3)]
    for viewer in viewers:
        viewer.start()
    for report in reports:
        with run.lock:
            run.telemetry.add_report(report)
    done.set()
    for viewer in viewers:
        viewer.join()
    assert errors == []
    assert read(hub.live_frame(SingleRun(run), {}))["status"]["step"] == run.telemetry.step


# viewers


def test_a_run_counts_its_viewers(hub):
    run, other = run_of(config_of("default")), run_of(config_of("default"))
    with hub.register_viewer(SingleRun(run)), hub.register_viewer(SingleRun(other)):
        with hub.register_viewer(SingleRun(run)):
            assert (run.watchers, other.watchers) == (2, 1)
        assert run.watchers == 1
    assert (run.watchers, other.watchers) == (0, 0)


def test_a_viewer_that_fails_is_no_longer_counted(hub):
    run = run_of(config_of("default"))
    with pytest.raises(ConnectionError), hub.register_viewer(SingleRun(run)):
        raise ConnectionError
    assert run.watchers == 0


def test_a_viewer_that_polls_is_counted_for_a_limited_time(hub):
    run = run_of(config_of("default"))
    hub.register_polling_viewer(SingleRun(run), 1.0)
    hub.register_polling_viewer(SingleRun(run), 1.2)
    assert run.watchers == 2
    wait_until(lambda: run.watchers == 0)


def test_a_run_makes_extracts_only_while_it_has_viewers(hub):
    run = hub.manager.start(config_of("default", epochs=1_000_000))
    wait_until(lambda: run.telemetry.step)
    with hub.register_viewer(SingleRun(run)):
        wait_until(lambda: "recent_masks" in run.telemetry.extracts)
        drawn = run.telemetry.sequence_numbers["recent_masks"]
        wait_until(lambda: run.telemetry.sequence_numbers["recent_masks"] > drawn + 2)
    wait_for_reports(hub.manager, run)  # reports that were sent before the viewer disconnected have arrived
    drawn, step = run.telemetry.sequence_numbers["recent_masks"], run.telemetry.step
    wait_until(lambda: run.telemetry.step > step)
    assert run.telemetry.sequence_numbers["recent_masks"] == drawn
    assert run.state == states.RUNNING


def test_the_hub_keeps_nothing_of_runs_without_viewers(hub):
    runs = [run_of(config_of("default"), steps=1) for _ in range(5)]
    for run in runs:
        with hub.register_viewer(SingleRun(run)):
            hub.live_frame(SingleRun(run), {})
    assert len(hub._viewers) == 0
    assert len(hub._part_caches) == 0


def test_closing_the_hub_ends_its_workers(hub):
    run = hub.manager.start(config_of("default", epochs=1_000_000))
    wait_until(lambda: run.telemetry.step)
    hub.close()
    assert run.process.popen.poll() is not None

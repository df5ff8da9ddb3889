"""Looking back over the live socket, and the extracts of watched and ended runs."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.charts.panels.catalogue import PANELS
from dashboard.live import ended_runs
from dashboard.live.single_run import SingleRun
from engine import FieldError
from engine.runs import states
from engine.runs.extracts import EXTRACTS
from engine.runs.history import past_telemetry as past_module
from tests.dashboard.live.reading import read
from tests.dashboard.live.test_routes import ENDLESS, receive, receive_until
from tests.dashboard.watching import config_of, decoded, telemetry_of
from tests.engine.runs.driving import wait_for_reports
from tests.processes import wait_until


@pytest.fixture
def ended(start):
    """A run that has ended without a viewer."""
    run = start(config_of("default"))
    wait_until(lambda: run.state == states.FINISHED)
    return run


def live_frame(viewer: Any) -> dict[str, Any]:
    return receive_until(viewer, lambda frame: "past" not in frame and set(frame["panels"]) == set(PANELS))


# looking back


def test_looking_back_sends_past_frames_and_then_a_complete_live_frame(watch, ended):
    viewer = watch(ended)
    first = live_frame(viewer)
    for step in (9, 0, 20):
        viewer.send(f'{{"at": {step}, "drawn": true}}')
        frame = receive_until(viewer, lambda frame: frame.get("past"))
        assert (frame["status"]["step"], frame["status"]["last"]) == (step, 20)
        assert set(frame["panels"]) == set(PANELS)
        assert decoded(frame["panels"]["accuracy"]["traces"][0]["x"]).tolist() == list(range(step // 4 + 1))
    viewer.send('{"at": null, "drawn": true}')
    assert live_frame(viewer)["panels"] == first["panels"]


def test_a_viewer_that_looks_back_gets_the_live_status_without_panels(watch, start, live):
    run = start(ENDLESS)
    viewer = watch(run)
    receive(viewer)
    wait_until(lambda: run.telemetry.step > 30)
    viewer.send('{"at": 12, "drawn": true}')
    frame = receive_until(viewer, lambda frame: frame.get("past"))
    assert frame["status"]["step"] == 12
    last = frame["status"]["last"]
    for _ in range(3):
        viewer.send("{}")
        frame = receive(viewer)
        assert "past" not in frame
        assert frame["panels"] == {}
        assert frame["status"]["last"] >= last
        last = frame["status"]["last"]
    viewer.send("{}")
    receive_until(viewer, lambda frame: frame["status"]["last"] > last)
    viewer.send('{"at": null, "drawn": true}')
    assert live_frame(viewer)["status"]["step"] > last


@pytest.mark.parametrize("change", ["chosen weight", "pace"])
def test_a_viewer_that_looks_back_sees_a_chosen_weight_and_slow_motion_at_once(watch, ended, live, change):
    viewer = watch(ended)
    live_frame(viewer)
    viewer.send('{"at": 9, "drawn": true}')
    before = receive_until(viewer, lambda frame: frame.get("past"))
    viewer.send('{"drawn": true}')
    if change == "pace":
        live.hub.manager.set_pace(ended, 1.0)
    else:
        SingleRun(ended).choose_weight([1, 4, 2])
    after = receive_until(viewer, lambda frame: frame.get("past"))
    assert (after["status"]["step"], set(after["panels"])) == (9, set(before["panels"]))
    changed = {name for name, body in after["panels"].items() if body != before["panels"][name]}
    required, possible = ({"dropout"}, {"dropout", "network"}) if change == "pace" else ({"tug"}, {"tug"})
    assert required <= changed <= possible


def test_other_viewers_continue_to_watch_live(watch, ended):
    back, other = watch(ended), watch(ended)
    live_frame(back)
    first = live_frame(other)
    back.send('{"at": 3, "drawn": true}')
    receive_until(back, lambda frame: frame.get("past"))
    other.send('{"again": true, "drawn": true}')
    assert live_frame(other)["panels"] == first["panels"]


@pytest.mark.parametrize(
    ("at", "step"),
    [
        ('"x"', None),
        ("true", None),
        ("1e99", None),
        ("3.5", None),
        ("[3]", None),
        ("{}", None),
        ("NaN", None),
        ("-5", 0),
        ("1" + "0" * 300, 20),
    ],
)
def test_an_invalid_step_is_ignored(watch, ended, at, step):
    viewer = watch(ended)
    live_frame(viewer)
    viewer.send(f'{{"at": {at}, "drawn": true}}')
    if step is None:
        assert live_frame(viewer)["status"]["step"] == 20
    else:
        assert receive_until(viewer, lambda frame: frame.get("past"))["status"]["step"] == step
    viewer.send('{"at": 4, "drawn": true}')
    assert receive_until(viewer, lambda frame: frame.get("past"))["status"]["step"] == 4


def test_a_past_frame_has_only_the_panels_in_the_viewport(watch, ended):
    viewer = watch(ended)
    live_frame(viewer)
    viewer.send('{"at": 8, "panels": ["cost"], "drawn": true}')
    assert set(receive_until(viewer, lambda frame: frame.get("past"))["panels"]) == {"cost"}
    viewer.send('{"panels": ["cost", "weights"]}')
    frame = receive_until(viewer, lambda frame: frame.get("past"))
    assert (set(frame["panels"]), frame["status"]["step"]) == ({"cost", "weights"}, 8)


def test_looking_back_does_not_change_the_run(watch, start, live):
    config = config_of("default", epochs=300)
    run = start(config, pace=2000.0)
    viewer = watch(run)
    receive(viewer)
    for k in range(40):
        viewer.send(f'{{"at": {7 * k}, "drawn": true}}')
        receive(viewer)
    live.hub.manager.set_pace(run, None)
    wait_until(lambda: run.state == states.FINISHED)
    expected = telemetry_of(config, 1200).keyframes.latest_at_or_before(1200)
    assert expected.step == 1200
    assert run.telemetry.keyframes.latest_at_or_before(1200).flat.tolist() == expected.flat.tolist()


def test_without_the_data_set_past_frames_have_only_panels_without_extracts(hub, monkeypatch):
    run = hub.manager.start(config_of("default"))
    wait_until(lambda: run.state == states.FINISHED)
    past_module._select_cached.cache_clear()

    def missing(config: Any) -> None:
        raise FieldError("dataset", "does not exist any more")

    monkeypatch.setattr(past_module, "dataset_of", missing)
    frame = read(hub.past_frame(SingleRun(run), 9))
    for name, panel in PANELS.items():
        assert ("trouble" in frame["panels"][name]) == bool(panel.extracts), name
    assert "does not exist any more" in frame["panels"]["weights"]["trouble"]
    assert set(read(hub.live_frame(SingleRun(run), {}))["panels"]) == set(PANELS), "the live frame is complete"
    assert run.telemetry.extracts == {}


# runs that ended without a viewer


def test_a_run_that_ended_unwatched_has_complete_panels_in_its_first_frame(hub):
    run = hub.manager.start(config_of("two features"))
    wait_until(lambda: run.state == states.FINISHED)
    assert run.telemetry.extracts == {}
    read(hub.live_frame(SingleRun(run), {}, ["cost"]))
    assert run.telemetry.extracts == {}, "only extracts of panels in the viewport are made"
    frame = read(hub.live_frame(SingleRun(run), {}))
    watched = telemetry_of(config_of("two features"), 20)
    for name, panel in PANELS.items():
        if panel.applies_to(run.initial_config):
            assert frame["panels"][name]["traces"] or frame["panels"][name]["rows"], name
    assert set(run.telemetry.extracts) == {extract for panel in PANELS.values() for extract in panel.extracts}
    assert (run.telemetry.extracts["plane"].regions == watched.extracts["plane"].regions).all()
    assert run.telemetry.extracts["weights"].shares.tolist() == watched.extracts["weights"].shares.tolist()


def test_extracts_of_an_ended_run_are_made_once_and_errors_logged_once(hub, monkeypatch, caplog):
    run = hub.manager.start(config_of("default"))
    wait_until(lambda: run.state == states.FINISHED)
    made = []
    for name, extract in EXTRACTS.items():

        def make(run_state, name=name, extract=extract):
            made.append(name)
            if name == "weights":
                raise ZeroDivisionError("no weights today")
            return extract.make(run_state)

        monkeypatch.setitem(
            EXTRACTS, name, extract.__class__(name, make, extract.interval, extract.masks_only, extract.series_values)
        )
    for _ in range(3):
        frame = read(hub.live_frame(SingleRun(run), {}))
    assert sorted(made) == sorted({extract for panel in PANELS.values() for extract in panel.extracts})
    assert frame["panels"]["dropout"]["traces"]
    (record,) = caplog.records
    assert "'weights'" in record.getMessage()


def test_making_the_extracts_of_an_ended_run_does_not_hold_its_lock(hub, monkeypatch):
    run = hub.manager.start(config_of("default"))
    wait_until(lambda: run.state == states.FINISHED)
    run_state_at = ended_runs.run_state_at

    def checked_run_state_at(*arguments: Any) -> Any:
        assert not run.lock.locked()
        return run_state_at(*arguments)

    monkeypatch.setattr(ended_runs, "run_state_at", checked_run_state_at)
    assert hub.has_missing_extracts(SingleRun(run), ["weights"])
    hub.make_missing_extracts(SingleRun(run), ["weights"])
    assert not hub.has_missing_extracts(SingleRun(run), ["weights"])
    assert "weights" in run.telemetry.extracts


# the extracts of a run in training


def extracts_of(*panels: str) -> set[str]:
    return {extract for name in panels for extract in PANELS[name].extracts}


def test_a_run_makes_the_extracts_of_all_its_viewers_and_none_without_viewers(watch, start, live):
    run = start(ENDLESS)
    one, other = watch(run), watch(run)
    for viewer in (one, other):
        receive(viewer)
    one.send('{"panels": ["weights", "cost"], "drawn": true}')
    other.send('{"panels": ["dropout"], "drawn": true}')
    wait_until(lambda: set(run.watched_extracts or ()) == extracts_of("weights", "cost", "dropout"))
    other.send('{"panels": [], "drawn": true}')
    wait_until(lambda: set(run.watched_extracts or ()) == extracts_of("weights", "cost"))
    wait_for_reports(live.hub.manager, run)  # reports that were sent before have arrived
    mask_number, drawn = run.telemetry.sequence_numbers["recent_masks"], run.telemetry.sequence_numbers["weights"]
    wait_until(lambda: run.telemetry.sequence_numbers["weights"] > drawn + 1)
    assert run.telemetry.sequence_numbers["recent_masks"] == mask_number
    one.send('{"panels": [], "drawn": true}')
    wait_until(lambda: run.watched_extracts == ())
    one.close()
    other.close()
    wait_until(lambda: run.watched_extracts is None)


def test_a_viewer_of_panels_without_extracts_gets_reports_only(hub):
    run = hub.manager.start(ENDLESS)
    with hub.register_viewer(SingleRun(run)) as watching:
        assert set(run.watched_extracts) == extracts_of(*PANELS)
        assert watching.set_panels(("accuracy",))
        assert run.watched_extracts == ()
        assert not watching.set_panels(("accuracy",)), "the panels are unchanged"
    assert run.watched_extracts is None


def test_a_frame_of_the_past_that_was_lost_is_sent_again(watch, ended):
    viewer = watch(ended)
    live_frame(viewer)
    viewer.send('{"at": 8, "drawn": true}')
    first = receive_until(viewer, lambda frame: frame.get("past"))
    viewer.send('{"again": true, "drawn": true}')
    assert receive_until(viewer, lambda frame: frame.get("past"))["panels"] == first["panels"]

"""Bodies of panels: the previous body and the changes make the complete body."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import style
from dashboard.charts.panels.catalogue import PANELS
from dashboard.live.frames.parts import Part, difference, dumps, shared_prefix
from dashboard.live.single_run import SingleRun
from engine.runs.extracts import EXTRACTS
from engine.runs.history.series import Series
from engine.runs.server.run import Run
from tests.dashboard.live.reading import joined
from tests.dashboard.watching import CONFIGS, config_of, reports_of, run_of


def body_of(series: list[Series], **more: Any) -> dict[str, Any]:
    return {"traces": [style.line_data(each) for each in series], "layout": {}, "text": "", "note": "", **more}


@given(
    st.lists(st.lists(st.floats(-1e3, 1e3, width=32), max_size=60), min_size=2, max_size=12),
    st.integers(1, 40),
    st.randoms(use_true_random=False),
)
def test_changes_joined_with_the_previous_body_make_the_new_body(batches, capacity, random):
    series = [Series(capacity), Series(capacity)]
    received: dict[str, Any] | None = None
    count = 0
    for batch in batches:
        for each in series:
            each.extend(np.arange(count, count + len(batch)), np.array(batch) * (1 if each is series[0] else -1))
        count += len(batch)
        body = body_of(series, layout={"xaxis.range": [0, random.randint(1, 3)]}, text=str(random.randint(1, 2)))
        sent = body if received is None else json.loads(dumps(difference(received, body)))
        received = body if received is None else joined(received, sent)
        assert received == body


@pytest.mark.parametrize("name", CONFIGS)
def test_all_joined_frames_equal_the_frame_of_a_new_viewer(name):
    config = config_of(name)
    run = Run(config, None)
    received: dict[str, dict[str, Any]] = {}
    before: dict[str, dict[str, Any]] = {}
    for report in reports_of(config, 20):
        run.telemetry.add_report(report)
        for panel in PANELS:
            body = json.loads(dumps(SingleRun(run).part_body(panel)))
            sent = json.loads(dumps(difference(before[panel], body))) if panel in before else body
            received[panel] = joined(received[panel], sent) if panel in received else sent
            before[panel] = body
            for trace, expected in zip(received[panel]["traces"], body["traces"], strict=False):
                assert {**trace, **expected} == trace
            without_parts = {"traces": 0, "layout": 0}
            assert {**received[panel], **body, **without_parts} == {**received[panel], **without_parts}


def test_unchanged_parts_are_not_sent_again():
    series = [Series()]
    series[0].extend(np.arange(50), np.ones(50))
    body = body_of(series, layout={"shapes": [1]}, text="text", note="note", rows=[{"label": "λ"}])
    assert difference(body, body) == {"traces": [{}], "layout": {}}
    other = {**body, "layout": {"shapes": [2]}, "text": "other text"}
    assert difference(body, other) == {"traces": [{}], "layout": {"shapes": [2]}, "text": "other text"}


def test_only_the_new_end_of_a_line_is_sent():
    series = Series()
    series.extend(np.arange(300), np.linspace(0, 1, 300))
    before = body_of([series])
    series.append(300, 7.0)
    (trace,) = difference(before, body_of([series]))["traces"]
    assert trace["y"].keys() == {"dtype", "from", "bdata"}
    assert len(trace["y"]["bdata"]) <= 8
    assert trace["y"]["from"] % 4 == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (style.encode_array(np.zeros((9, 9))), style.encode_array(np.ones((9, 9)))),
        (style.encode_array(np.zeros((9, 9))), style.encode_array(np.zeros((8, 9)))),
        (style.encode_array(np.zeros((9, 9))), style.encode_array(np.zeros(80))),
        (style.encode_array(np.zeros(80)), style.encode_array(np.zeros((9, 9)))),
        (style.encode_array(np.zeros(80)), style.encode_array(np.zeros(81, np.int32))),
        (style.encode_array(np.zeros(80)), style.encode_array(np.zeros(0))),
        (style.encode_array(np.zeros(0)), style.encode_array(np.zeros(80))),
        (style.encode_bits(np.zeros((90, 90))), style.encode_bits(np.ones((90, 90)))),
        ({"color": "red", "size": 3}, {"color": "blue", "size": 3}),
        (style.encode_array(np.zeros(80)), {"color": "blue"}),
        ([1, 2], "three"),
    ],
)
def test_an_array_that_is_not_a_longer_line_is_sent_completely(old, new):
    def body(value):
        return {"traces": [{"z": value}], "layout": {}, "text": "", "note": ""}

    assert difference(body(old), body(new))["traces"] == [{"z": new}]


def test_a_panel_is_sent_completely_before_and_after_an_error():
    good, bad = body_of([Series()]), {"trouble": "no such trace"}
    assert difference(bad, good) is good
    assert difference(good, bad) is bad
    assert difference(good, {**good, "traces": []})["traces"] == [], (
        "traces are sent completely if their number changes"
    )


@given(st.text("ab", max_size=40), st.text("ab", max_size=40), st.text("ab", max_size=40))
def test_the_shared_prefix_of_two_texts(start, one, other):
    one, other = start + one, start + other
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    assert shared_prefix(one, other) == count


def test_a_viewer_with_the_previous_version_gets_the_changes():
    series = Series()
    parts: list[Part] = []
    bodies = []
    for k in range(4):
        series.extend(np.arange(100 * k, 100 * k + 100), np.sin(np.arange(100)))
        bodies.append(body_of([series]))
        parts.append(Part(10 * k, bodies[-1], parts[-1] if parts else None))
    last = parts[-1]
    assert json.loads(last.json_since(20)) == json.loads(dumps(difference(bodies[2], bodies[3])))
    assert len(last.json_since(20)) < len(last.json_since(None))
    for seen in (None, 0, 10, 19, 21, 30, 40):
        assert json.loads(last.json_since(seen)) == bodies[3]
    assert json.loads(parts[0].json_since(None)) == bodies[0]


def test_the_changes_of_a_long_line_are_much_smaller_than_the_line():
    config = config_of("default", epochs=400)
    run = Run(config, None)
    telemetry = run.telemetry
    sizes = []
    before = None
    for report in reports_of(config, 200 * 4):
        telemetry.add_report(report)
    snapshot = telemetry.snapshot
    for epoch in range(telemetry.snapshot.epoch + 1, 380):
        step = epoch * telemetry.steps_per_epoch
        report = type(report)("running", step, 9.0, snapshots=(type(snapshot)(**{**vars(snapshot), "epoch": epoch}),))
        telemetry.add_report(report)
        body = SingleRun(run).part_body("accuracy")
        if before is not None:
            sizes.append((len(dumps(difference(before, body))), len(dumps(body))))
        before = body
    assert sizes
    changes, complete = sizes[-1]
    assert changes < complete / 10


# looking back


def test_bodies_of_the_past_use_the_config_of_their_step():
    run = run_of(config_of("default"), steps=17)
    status, bodies = SingleRun(run).frame_parts_at(9, list(PANELS))
    assert set(bodies) == set(PANELS)
    assert (status["step"], status["last"], status["state"]) == (9, run.telemetry.step, run.state)
    assert status["keyframe"] <= 9
    assert bodies["cost"]["traces"] != SingleRun(run).part_body("cost")["traces"]
    json.loads(dumps([status, bodies]), parse_constant=lambda name: pytest.fail(name))


@pytest.mark.parametrize("name", CONFIGS)
def test_every_kind_of_run_can_be_looked_back_at_from_its_start(name):
    run = run_of(config_of(name), steps=17)
    for step in (0, 1, 8, 17, 10**9, -3):
        _, bodies = SingleRun(run).frame_parts_at(
            step, [name for name, panel in PANELS.items() if panel.applies_to(run.initial_config)]
        )
        assert [body["trouble"] for body in bodies.values() if "cannot" in body.get("trouble", "")] == []


@pytest.mark.parametrize("name", CONFIGS)
def test_a_frame_of_the_first_step_shows_nothing_of_later_steps(name):
    """A frame of the past must set the same attributes: an attribute that is missing keeps its value."""
    run = run_of(config_of(name), steps=17)
    _, bodies = SingleRun(run).frame_parts_at(0, list(PANELS))
    for panel in PANELS:
        if not PANELS[panel].applies_to(run.initial_config):
            continue
        live, past = SingleRun(run).part_body(panel), bodies[panel]
        if "trouble" in past:
            assert "no data of update 0" in past["trouble"]
            continue
        assert [set(trace) for trace in past["traces"]] == [set(trace) for trace in live["traces"]], panel
        assert set(past["layout"]) == set(live["layout"]), panel


def test_without_an_earlier_keyframe_only_panels_without_extracts_are_drawn():
    run = run_of(config_of("default"), steps=17)
    run.telemetry.keyframes.drop_all_but_last()
    status, bodies = SingleRun(run).frame_parts_at(9, list(PANELS))
    assert status["keyframe"] is None
    for name, panel in PANELS.items():
        assert ("trouble" in bodies[name]) == bool(panel.extracts), name
    _, bodies = SingleRun(run).frame_parts_at(run.telemetry.step, list(PANELS))
    assert all("trouble" not in body for body in bodies.values())


def test_an_error_in_a_panel_of_the_past_affects_only_that_panel(monkeypatch):
    def broken(run_state):
        raise ZeroDivisionError("no weights today")

    monkeypatch.setitem(EXTRACTS, "weights", EXTRACTS["weights"].__class__("weights", broken, 0.25))
    _, bodies = SingleRun(run_of(config_of("default"), steps=17)).frame_parts_at(9, list(PANELS))
    failed = {name for name, body in bodies.items() if "trouble" in body}
    assert failed == {name for name, panel in PANELS.items() if "weights" in panel.extracts}
    assert "no weights today" in bodies["weights"]["trouble"]


def test_the_status_before_the_first_report_is_valid_json():
    run = Run(config_of("default"), None)
    assert json.loads(dumps(SingleRun(run).part_body("status")))["step"] == 0


def test_an_infinite_number_affects_only_its_panel_in_a_past_frame(monkeypatch):
    panel = PANELS["cost"]
    broken = replace(panel, update=lambda *run: replace(panel.update(*run), layout={"shapes": [float("nan")]}))
    monkeypatch.setitem(PANELS, "cost", broken)
    _, bodies = SingleRun(run_of(config_of("default"), steps=17)).frame_parts_at(9, list(PANELS))
    assert [name for name, body in bodies.items() if "trouble" in body] == ["cost"]
    json.loads(dumps(bodies), parse_constant=lambda word: pytest.fail(f"{word} is not valid JSON"))

"""The live socket: access, contents of frames, errors, and malformed messages."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dashboard.charts import metrics_line
from dashboard.charts.panels.catalogue import PANELS
from dashboard.live import routes as routes_module
from dashboard.live.hub import Hub
from dashboard.live.messages import HEARTBEAT
from dashboard.live.routes import MAX_REQUEST, SERVER_ERROR, TOO_LARGE
from dashboard.live.single_run import SingleRun
from engine.analysis.twins import MAX_LINES
from engine.runs import states
from tests.dashboard.watching import config_of, decoded, run_of
from tests.fuzzing import damaged_bytes, damaged_value
from tests.processes import wait_until
from tests.slowing import PATIENCE

ENDLESS = config_of("default", epochs=1_000_000)


def receive(viewer: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(viewer.recv(timeout=20 * PATIENCE))
    return body


def receive_until(viewer: Any, condition: Any) -> dict[str, Any]:
    """Receive frames until one meets a condition, and return it."""
    deadline = time.monotonic() + 20 * PATIENCE
    while time.monotonic() < deadline:
        frame = receive(viewer)
        if condition(frame):
            return frame
        viewer.send("{}")
    raise AssertionError("none of the frames meets the condition")


@pytest.fixture
def paused(start):
    """A run that is paused after one epoch."""
    run = start(ENDLESS, steps="step_epoch")
    wait_until(lambda: run.state == states.PAUSED and run.telemetry.step)
    return run


# access


@pytest.mark.parametrize(
    "change",
    [
        lambda address, run: address.replace(run.token, run.token[:-1]),
        lambda address, run: address.replace(run.token, ""),
        lambda address, run: address.replace(run.token, "%C3%A9%FF"),
        lambda address, run: address.split("?")[0],
        lambda address, run: address.replace(run.id, "0123456789abcdef"),
    ],
    ids=["a wrong token", "an empty token", "a token that is not ASCII", "no token", "no such run"],
)
def test_a_socket_without_the_run_and_its_token_is_refused(watch, live, paused, change):
    with pytest.raises(InvalidStatus) as refused:
        watch(paused, address=change(live.address(paused), paused))
    assert refused.value.response.status_code == 403
    assert paused.watchers == 0


def test_the_token_of_another_run_is_refused(watch, live, start, paused):
    other = start(ENDLESS, steps="step")
    with pytest.raises(InvalidStatus):
        watch(paused, address=live.address(paused).replace(paused.token, other.token))


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "http://127.0.0.1.elsewhere.example", "null", "http://["]
)
def test_a_page_of_another_origin_is_refused(watch, paused, origin):
    with pytest.raises(InvalidStatus) as refused:
        watch(paused, origin=origin)
    assert refused.value.response.status_code == 403


def test_a_page_of_the_same_origin_may_watch(watch, live, paused):
    viewer = watch(paused, origin=f"http://127.0.0.1:{live.port}")
    assert receive(viewer)["run"] == paused.id


# the disk


@pytest.fixture
def disk_threads(live, monkeypatch):
    """The threads that have loaded a run from the disk."""
    threads = []
    store = live.hub.manager.store
    load = store.load

    def recording_load(run_id: str) -> Any:
        threads.append(threading.current_thread())
        return load(run_id)

    monkeypatch.setattr(store, "load", recording_load)
    return threads


@pytest.mark.parametrize("count", [1, MAX_LINES, MAX_LINES + 1, 450])
def test_a_refused_request_does_not_read_from_the_disk(watch, live, paused, disk_threads, count):
    ids = [f"{i:016x}" for i in range(count)]
    for watched_id in (ids[0], "-".join(["group", *ids])):
        with pytest.raises(InvalidStatus):
            watch(paused, address=live.address(paused).replace(paused.id, watched_id))
    assert disk_threads == []


def test_keyframes_are_loaded_outside_of_the_event_loop(watch, live, start, disk_threads):
    run = start(config_of("default"))
    wait_until(lambda: run.state == states.FINISHED)
    run.has_dropped_keyframes = True
    assert receive(watch(run))["run"] == run.id
    assert disk_threads
    assert live.loop_thread not in disk_threads


def test_a_run_is_resumed_outside_of_the_event_loop(watch, live, start, disk_threads):
    run = start(ENDLESS)
    wait_until(lambda: run.telemetry.step > 0)
    run.process.popen.kill()
    wait_until(lambda: run.state == states.INTERRUPTED)
    viewer = watch(run)
    receive(viewer)
    del disk_threads[:]
    viewer.send('{"order":"toggle"}')
    wait_until(lambda: run.state == states.RUNNING)
    assert disk_threads
    assert live.loop_thread not in disk_threads


# frames


def test_the_first_frame_after_the_end_has_the_whole_history(watch, start):
    run = start(config_of("default"))
    wait_until(lambda: run.state == states.FINISHED)
    frame = receive(watch(run))
    assert set(frame["panels"]) == set(PANELS)
    assert frame["status"]["state"] == states.FINISHED
    assert frame["status"]["step"] == 20
    for trace in frame["panels"]["accuracy"]["traces"][:2]:
        assert decoded(trace["x"]).tolist() == [0, 1, 2, 3, 4, 5]
    assert decoded(frame["panels"]["dropout"]["traces"][0]["z"]).shape == (12, 20)


def test_frames_follow_the_run_from_its_start_to_its_end(watch, start, live):
    run = start(ENDLESS)
    viewer = watch(run)
    steps = []
    for _ in range(5):
        # a frame without a status may contain a panel that an earlier frame left out
        frame = receive_until(viewer, lambda frame: frame["status"])
        steps.append(frame["status"]["step"])
        viewer.send("{}")
    assert steps == sorted(steps)
    assert steps[-1] > steps[0]
    live.hub.manager.stop(run)
    receive_until(viewer, lambda frame: frame["status"] and frame["status"]["state"] == states.STOPPED)


def test_a_second_frame_is_not_sent_before_the_first_is_drawn(watch, start):
    run = start(ENDLESS)
    viewer = watch(run)
    first = receive(viewer)
    before = run.telemetry.sequence_numbers["status"]
    wait_until(lambda: run.telemetry.sequence_numbers["status"] > before + 5)
    with pytest.raises(TimeoutError):
        viewer.recv(timeout=0.3)
    viewer.send("{}")
    assert receive(viewer)["status"]["step"] > first["status"]["step"]
    with pytest.raises(TimeoutError):
        viewer.recv(timeout=0.3)


def test_two_viewers_get_the_same_panels(watch, paused):
    watch(paused)
    wait_until(lambda: "weights" in paused.telemetry.extracts)  # made as soon as there is a viewer
    one, other = watch(paused), watch(paused)
    first = receive_until(one, lambda frame: len(frame["panels"]) == len(PANELS))
    assert receive_until(other, lambda frame: len(frame["panels"]) == len(PANELS))["panels"] == first["panels"]
    assert paused.watchers == 3


def test_a_viewer_that_does_not_draw_does_not_delay_others(watch, start):
    run = start(ENDLESS)
    silent, active = watch(run), watch(run)
    receive(silent)
    for _ in range(8):
        receive(active)
        active.send("{}")
    with pytest.raises(TimeoutError):
        silent.recv(timeout=0.1)


def test_only_panels_in_the_viewport_are_sent(watch, live, start):
    run = start(ENDLESS)
    viewer = watch(run)
    receive(viewer)
    viewer.send('{"panels":["cost","no such panel"]}')
    for _ in range(4):
        assert set(receive(viewer)["panels"]) <= {"cost"}
        viewer.send("{}")  # without `panels`, so the panels stay the same
    viewer.send('{"panels":[]}')
    live.hub.manager.pause(run)
    receive_until(viewer, lambda frame: frame["status"] and frame["status"]["state"] == states.PAUSED)
    viewer.send('{"panels":["dropout"]}')
    assert receive_until(viewer, lambda frame: frame["panels"])["panels"].keys() == {"dropout"}


# errors


def test_an_error_in_the_status_is_logged_and_closes_the_socket(watch, paused, monkeypatch, caplog):
    def fail(config, telemetry):
        raise RuntimeError("no metrics today")  # Starlette raises the same type for a lost connection

    monkeypatch.setattr(metrics_line, "metric_rows", fail)
    with paused.lock:
        paused.telemetry.sequence_numbers["status"] += 1  # otherwise the encoded status would be sent
    viewer = watch(paused)
    with pytest.raises(ConnectionClosed):
        viewer.recv(timeout=20 * PATIENCE)
    assert viewer.close_code == SERVER_ERROR
    (record,) = (record for record in caplog.records if record.name == "dashboard.live.routes")
    assert (record.levelname, paused.id in record.getMessage()) == ("ERROR", True)
    assert "no metrics today" in str(record.exc_info[1])
    wait_until(lambda: paused.watchers == 0)


def test_a_panel_that_cannot_be_drawn_leaves_its_viewer_connected(watch, paused, monkeypatch):
    def no_chart(config, telemetry):
        raise RuntimeError("no chart today")

    watch(paused)
    wait_until(lambda: "weights" in paused.telemetry.extracts)  # made as soon as there is a viewer
    monkeypatch.setitem(PANELS, "cost", replace(PANELS["cost"], update=no_chart))
    with paused.lock:
        paused.telemetry.sequence_numbers["epochs"] += 1
    viewer = watch(paused)
    assert "no chart today" in receive(viewer)["panels"]["cost"]["trouble"]
    with paused.lock:
        paused.telemetry.sequence_numbers["weights"] += 1
    paused.call_listeners()
    viewer.send("{}")
    receive_until(viewer, lambda frame: frame["panels"].get("weights", {}).get("traces"))


def test_a_viewer_that_disconnects_is_not_logged(watch, start, caplog):
    run = start(ENDLESS)
    viewers = [watch(run) for _ in range(3)]
    for viewer in viewers:
        receive(viewer)
        viewer.send("{}")
    viewers[0].close()
    viewers[1].socket.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: run.watchers == 1)
    assert [record for record in caplog.records if record.name.startswith("dashboard")] == []


# disconnected viewers and malformed messages


@pytest.mark.parametrize("how", ["closes", "is cut off"])
def test_a_viewer_that_disconnects_is_no_longer_counted(watch, start, how):
    run = start(ENDLESS)
    staying, leaving = watch(run), watch(run)
    for viewer in (staying, leaving):
        receive(viewer)
    assert run.watchers == 2
    if how == "closes":
        leaving.close()
    else:
        leaving.socket.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: run.watchers == 1)
    staying.close()
    wait_until(lambda: run.watchers == 0)
    assert run._listeners == []


@pytest.fixture(scope="module")
def long_run(live):
    """A run that trains during many tests."""
    run = live.hub.manager.start(ENDLESS)
    yield run
    live.hub.manager.stop(run)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "drawn",
        "{",
        "null",
        "7",
        '"cost"',
        "[]",
        "NaN",
        '{"panels":"cost"}',
        '{"panels":{"cost":1}}',
        '{"panels":[1,null,["cost"],{"cost":"cost"}]}',
        '{"panels":null}',
        "[" * MAX_REQUEST,
        "\ud7ff\x00",
        "x" * MAX_REQUEST,
        '{"panels":[' + '"cost",' * 9_000 + '"cost"]}',
        b"\x00\xff\x00",
        b"",
    ],
    ids=lambda message: repr(message[:20]) + f" of {len(message)}",
)
def test_the_connection_continues_after_a_malformed_message(watch, long_run, message):
    viewer, other = watch(long_run), watch(long_run)
    receive(viewer)
    viewer.send(message)
    receive(viewer)
    viewer.send('{"panels":["cost","dropout"]}')
    assert receive_until(viewer, lambda frame: "dropout" in frame["panels"])
    receive(other)
    other.send("{}")
    assert receive(other)["run"] == long_run.id


@pytest.mark.parametrize("message", ["x" * (MAX_REQUEST + 1), b"x" * (MAX_REQUEST + 1)], ids=["text", "bytes"])
def test_a_message_longer_than_any_request_closes_the_socket(watch, long_run, message):
    viewer, other = watch(long_run), watch(long_run)
    receive(viewer)
    receive(other)
    viewer.send(message)
    with pytest.raises(ConnectionClosed):
        receive_until(viewer, lambda frame: False)
    assert viewer.close_code == TOO_LARGE
    other.send("{}")
    assert receive(other)["run"] == long_run.id


def test_during_training_each_panel_has_its_own_rate(live, start, monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr(routes_module.time, "monotonic", lambda: now[0])
    run = run_of(config_of("default"))
    run.state = states.RUNNING
    with live.hub.register_viewer(SingleRun(run)) as watching:
        viewer = routes_module.Viewer(None, live.hub, SingleRun(run), watching)

        def sent() -> set[str]:
            run.telemetry.sequence_numbers.update(["epochs", "recent_masks"])
            return set(json.loads(viewer._live_frame(("cost", "accuracy", "dropout")))["panels"])

        assert sent() == {"cost", "accuracy", "dropout"}
        now[0] += PANELS["cost"].redraw_interval / 2
        assert sent() == {"dropout"}
        now[0] += PANELS["cost"].redraw_interval
        assert sent() == {"cost", "accuracy", "dropout"}
        now[0] += PANELS["cost"].redraw_interval / 2
        run.state = states.PAUSED
        assert sent() == {"cost", "accuracy", "dropout"}, "a paused run has no limit"


# heartbeats


def test_a_page_that_asks_for_heartbeats_gets_them_while_no_frame_is_sent(watch, live, paused):
    """A run that is paused sends no frames, and neither does one whose last frame has not been drawn."""
    viewer, older_page = watch(paused, address=f"{live.address(paused)}&heartbeats="), watch(paused)
    receive_until(viewer, lambda frame: frame.get("panels"))
    beats = [viewer.recv(timeout=20 * PATIENCE) for _ in range(3)]
    assert beats[1:] == [HEARTBEAT] * 2
    receive(older_page)
    with pytest.raises(TimeoutError):
        older_page.recv(timeout=0.1)


def test_heartbeats_go_on_while_a_run_is_loaded(watch, live, paused, monkeypatch):
    loading, loaded, find = threading.Event(), threading.Event(), live.hub.find
    monkeypatch.setattr(live.hub, "find", lambda run_id: (loading.set(), loaded.wait(), find(run_id))[-1])
    viewer = watch(paused, address=f"{live.address(paused)}&heartbeats=")
    wait_until(loading.is_set)
    try:
        assert viewer.recv(timeout=20 * PATIENCE) == HEARTBEAT
    finally:
        loaded.set()
    receive_until(viewer, lambda frame: "run" in frame)


@pytest.mark.slow
def test_damaged_messages_neither_end_the_socket_nor_the_server(paused, watch, caplog):
    sample_requests = [{"panels": ["cost"]}, {"at": 5}, {"again": True}, {"order": "step"}, {"drawn": True}]
    viewer = watch(paused)
    receive(viewer)
    for seed in range(1_000):
        chance = random.Random(seed)
        text = json.dumps(damaged_value(chance, chance.choice(sample_requests)))
        content = damaged_bytes(chance, text.encode()) if chance.random() < 0.5 else text.encode()
        viewer.send(content if chance.random() < 0.1 else content.decode(errors="replace"))
        if seed % 20 == 0:
            viewer.send('{"panels": ["cost"], "again": true, "at": null}')
            viewer.send('{"drawn": true}')
            receive(viewer)
    with watch(paused) as other:
        assert receive(other)["run"] == paused.id
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


WAITING = 14  # more than the default pool of asyncio has threads on machines of up to eight cores


def test_orders_and_frames_do_not_wait_for_viewers_of_a_locked_store(watch, start, monkeypatch):
    runs = [start(config_of("default", epochs=1_000_000, seed=seed)) for seed in (1, 2)]
    first = watch(runs[0])
    first.recv(timeout=20 * PATIENCE)
    find, unlocked, waiting = Hub.find, threading.Event(), []

    def wait_for_the_store(hub, watched_id):
        waiting.append(watched_id)
        assert unlocked.wait(60 * PATIENCE)
        return find(hub, watched_id)

    monkeypatch.setattr(Hub, "find", wait_for_the_store)
    try:
        others = [watch(runs[1]) for _ in range(WAITING)]
        wait_until(lambda: len(waiting) == WAITING)
        first.send('{"drawn": true}')
        first.recv(timeout=20 * PATIENCE)
        first.send('{"order": "toggle"}')
        wait_until(lambda: runs[0].state == states.PAUSED)
        first.send('{"at": 5}')
        first.send('{"drawn": true}')
        first.recv(timeout=20 * PATIENCE)
    finally:
        unlocked.set()
    for other in others:
        other.recv(timeout=20 * PATIENCE)

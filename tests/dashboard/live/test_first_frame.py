"""The first frame of a viewer can take long; other viewers do not wait for it."""

from __future__ import annotations

import json
import threading

from dashboard.charts.panels.catalogue import PANELS
from dashboard.live import watched as watched_module
from dashboard.live.hub import Hub
from engine import dataset_of
from engine.runs import states
from tests.dashboard.watching import config_of
from tests.processes import wait_until
from tests.slowing import PATIENCE

ENDLESS = config_of("default", epochs=1_000_000)


def slow_data_set(monkeypatch) -> tuple[threading.Event, threading.Event]:
    """Make the loading of data sets wait.

    Returns:
        An event that is set when the loading starts, and an event that ends the wait when it is set.
    """
    loading, loaded = threading.Event(), threading.Event()

    def slow(config):
        loading.set()
        assert loaded.wait(60 * PATIENCE)
        return dataset_of(config)

    monkeypatch.setattr(watched_module, "dataset_of", slow)
    return loading, loaded


def test_other_boards_get_frames_while_a_data_set_is_loaded(watch, start, monkeypatch):
    other = watch(start(ENDLESS))
    other.recv(timeout=20 * PATIENCE)
    other.send("{}")
    loading, loaded = slow_data_set(monkeypatch)
    slow_viewer = watch(start(config_of("two features", epochs=1_000_000)))
    wait_until(loading.is_set)
    for _ in range(5):
        other.recv(timeout=20 * PATIENCE)
        other.send("{}")
    loaded.set()
    assert set(json.loads(slow_viewer.recv(timeout=20 * PATIENCE))["panels"]) == set(PANELS)


def test_a_request_for_lost_data_during_the_first_frame_is_answered(watch, start, monkeypatch):
    """The request arrives while a thread makes the first frame, which then does not count as the answer."""
    making, made = threading.Event(), threading.Event()
    live_frame = Hub.live_frame

    def slow_first_frame(*arguments):
        if not making.is_set():
            making.set()
            assert made.wait(60 * PATIENCE)
        return live_frame(*arguments)

    run = start(ENDLESS, steps="step")
    wait_until(lambda: run.telemetry.step == 1 and run.state == states.PAUSED)
    monkeypatch.setattr(Hub, "live_frame", slow_first_frame)
    viewer = watch(run)
    wait_until(making.is_set)
    viewer.send('{"again": true}')
    viewer.send('{"order": "step"}')
    wait_until(lambda: run.telemetry.step == 2)  # requests are handled in order, so the first one was handled, too
    made.set()
    for _ in range(2):
        assert set(json.loads(viewer.recv(timeout=20 * PATIENCE))["panels"]) == set(PANELS)
        viewer.send("{}")

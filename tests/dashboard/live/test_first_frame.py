"""The first frame of a viewer can take long; other viewers do not wait for it."""

from __future__ import annotations

import json
import threading

from dashboard.charts.panels.catalogue import PANELS
from dashboard.live import watched as watched_module
from engine import dataset_of
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
    loading, loaded = slow_data_set(monkeypatch)
    viewer = watch(start(ENDLESS, steps="step_epoch"))
    wait_until(loading.is_set)
    viewer.send('{"again": true}')
    loaded.set()
    for _ in range(2):
        assert set(json.loads(viewer.recv(timeout=20 * PATIENCE))["panels"]) == set(PANELS)
        viewer.send("{}")

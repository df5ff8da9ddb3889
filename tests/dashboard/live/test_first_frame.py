"""The first frame of a viewer takes long, so the boards of others must not wait for it."""

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
    """Make the loading of data sets wait; return an event that is set when it starts, and one that ends the wait."""
    loading, loaded = threading.Event(), threading.Event()

    def slow(config):
        loading.set()
        assert loaded.wait(60 * PATIENCE)
        return dataset_of(config)

    monkeypatch.setattr(watched_module, "dataset_of", slow)
    return loading, loaded


def test_other_boards_go_on_while_a_data_set_is_loaded(watch, start, monkeypatch):
    lively = watch(start(ENDLESS))
    lively.recv(timeout=20 * PATIENCE)
    lively.send("{}")
    loading, loaded = slow_data_set(monkeypatch)
    slow_viewer = watch(start(config_of("two features", epochs=1_000_000)))
    wait_until(loading.is_set)
    for _ in range(5):
        lively.recv(timeout=20 * PATIENCE)
        lively.send("{}")
    loaded.set()
    assert set(json.loads(slow_viewer.recv(timeout=20 * PATIENCE))["panels"]) == set(PANELS)


def test_a_board_that_lost_data_while_its_first_frame_was_made_gets_complete_panels_again(watch, start, monkeypatch):
    loading, loaded = slow_data_set(monkeypatch)
    viewer = watch(start(ENDLESS, steps="step_epoch"))
    wait_until(loading.is_set)
    viewer.send('{"again": true}')
    loaded.set()
    for _ in range(2):
        assert set(json.loads(viewer.recv(timeout=20 * PATIENCE))["panels"]) == set(PANELS)
        viewer.send("{}")

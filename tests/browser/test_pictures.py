"""Charts as pictures, and exports, as a browser saves them."""

from __future__ import annotations

import csv
import io
import struct
from pathlib import Path

import pytest

from engine.runs.store.file import from_json
from tests.browser.board import board, number, open_board, press, state, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def paused(page, server):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 150, "it trains")
    press(page, "Pause")
    until(lambda: state(page) == "paused", "it rests")
    return page


def test_a_chart_is_saved_as_png_and_as_svg(paused):
    panel = paused.locator('[data-panel="accuracy"]')
    width, height = (panel.locator(".rs-chart").bounding_box()[side] for side in ("width", "height"))
    for kind in ("png", "svg"):
        panel.hover()
        with paused.expect_download() as download:
            panel.get_by_label("as a picture").select_option(kind)
        assert download.value.suggested_filename == f"regscope-accuracy-step-{number(paused, 'step')}.{kind}"
        content = Path(download.value.path()).read_bytes()
        if kind == "png":
            assert content[:8] == b"\x89PNG\r\n\x1a\n"
            assert struct.unpack(">II", content[16:24]) == (2 * round(width), 2 * (round(height) + 40))
        else:
            text = content.decode()
            assert text.startswith("<svg")
            assert "Accuracy" in text
            assert "<script" not in text


def test_the_run_is_saved_as_json_and_its_series_as_csv(paused):
    run_id = board(paused).get_attribute("data-run-id")
    found = {}
    for label in ("Whole run (.json)", "Series over the epochs (.csv)", "Replay, one page (.html)"):
        if not paused.get_by_role("button", name=label).is_visible():
            paused.locator(".st-key-export button").first.click()
        with paused.expect_download() as download:
            paused.get_by_role("button", name=label).click()
        found[label] = Path(download.value.path()).read_bytes()
        assert download.value.suggested_filename.startswith(f"regscope-digits-{run_id[:8]}.")
    record = from_json(found["Whole run (.json)"])
    assert record.about.id == run_id
    rows = list(csv.DictReader(io.StringIO(found["Series over the epochs (.csv)"].decode())))
    told = record.telemetry.snapshots
    assert [float(row["judge_accuracy"]) for row in rows] == [snapshot.judge.accuracy for snapshot in told]
    assert found["Replay, one page (.html)"].startswith(b"<!doctype html>")

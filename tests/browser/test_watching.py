"""Starting and watching a run in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.board import (
    PANELS,
    board,
    number,
    open_board,
    pixels,
    points,
    press,
    state,
    train_to_the_end,
    until,
)
from tests.slowing import PATIENCE

pytestmark = pytest.mark.browser

LONG = "/?epochs=1000"  # a run that does not end early on a slow machine


def test_pressing_start_changes_all_four_panels(page, server):
    open_board(page, server.url + LONG)
    assert state(page) == "ready"
    before = {panel: pixels(page, panel) for panel in PANELS}
    press(page, "Start")
    until(lambda: number(page, "frames") >= 3, "three frames are drawn")
    page.mouse.move(5, 5)
    for panel in PANELS:
        assert pixels(page, panel) != before[panel], panel
    first = {panel: pixels(page, panel) for panel in PANELS}
    frames = number(page, "frames")
    until(lambda: number(page, "frames") >= frames + 5, "five more frames are drawn")
    for panel in PANELS:
        assert pixels(page, panel) != first[panel], f"{panel} does not change any more"
    assert state(page) == "running"
    assert number(page, "step") > 0


@pytest.mark.slow
def test_after_30_frames_every_panel_is_the_same_node_and_a_zoom_is_kept(page, server):
    open_board(page, server.url + LONG)
    press(page, "Start")
    until(lambda: number(page, "frames") >= 3, "the first frames are drawn")
    page.evaluate(
        "names => { for (const n of names) for (const s of ['', ' .js-plotly-plot', ' .main-svg'])"
        " document.querySelector(`[data-panel=${n}]${s}`).mark = n; }",
        list(PANELS),
    )
    box = page.locator('[data-panel="accuracy"] .nsewdrag').first.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 90, steps=5)
    page.mouse.up()
    axes = (
        "() => { const l = document.querySelector('[data-panel=accuracy] .js-plotly-plot')._fullLayout;"
        " return [...l.xaxis.range, ...l.yaxis.range]; }"
    )
    until(lambda: page.evaluate(axes)[1] < 900, "the zoom takes effect")  # of 1,000 epochs
    zoomed = page.evaluate(axes)
    start = number(page, "frames")
    until(lambda: number(page, "frames") >= start + 30, "30 more frames are drawn", 60)
    assert page.evaluate(axes) == zoomed
    marks = page.evaluate(
        "names => names.map(n => ['', ' .js-plotly-plot', ' .main-svg'].map("
        "s => document.querySelector(`[data-panel=${n}]${s}`).mark))",
        list(PANELS),
    )
    assert marks == [[panel] * 3 for panel in PANELS]


@pytest.mark.slow
def test_a_reload_finds_the_running_run_with_its_history(page, server):
    open_board(page, server.url + LONG)
    press(page, "Start")
    until(lambda: number(page, "step") > 150, "three epochs are complete")
    run, step = board(page).get_attribute("data-run-id"), number(page, "step")
    page.reload()
    page.wait_for_selector('[data-panel="dropout"] .main-svg', timeout=30_000 * PATIENCE)
    until(lambda: number(page, "frames") >= 1, "the first frame after the reload is drawn")
    assert board(page).get_attribute("data-run-id") == run
    assert number(page, "step") >= step
    assert state(page) == "running"
    assert points(page) >= 4, "epochs 0 to 3 are in the first frame"
    until(lambda: page.get_by_role("button", name="Pause", exact=True).is_visible(), "the first button is Pause")


@pytest.mark.slow
def test_pause_stops_step_advances_by_one_and_step_epoch_by_one_epoch(page, server):
    open_board(page, server.url + LONG)
    press(page, "Start")
    until(lambda: number(page, "step") > 20, "some steps are complete")
    press(page, "Pause")
    until(lambda: state(page) == "paused", "the run is paused")
    paused = number(page, "step")
    page.wait_for_timeout(1_000)
    assert number(page, "step") == paused
    press(page, "Step")
    until(lambda: number(page, "step") != paused, "the step is drawn")
    page.wait_for_timeout(500)
    assert number(page, "step") == paused + 1
    press(page, "Step epoch")
    end = (paused // 50 + 1) * 50 if (paused + 1) % 50 else paused + 51
    until(lambda: number(page, "step") == end, f"the epoch ends at step {end}")
    until(lambda: state(page) == "paused", "the run is paused again")
    press(page, "Step epoch")
    until(lambda: number(page, "step") == end + 50, "another epoch is complete")
    press(page, "Resume")
    until(lambda: number(page, "step") > end + 50, "the run trains on")
    assert state(page) == "running"


@pytest.mark.slow
def test_a_run_at_full_speed_finishes_and_can_be_started_again(page, server):
    open_board(page, server.url)
    page.get_by_role("radio", name="full", exact=True).click()
    first = train_to_the_end(page)
    assert number(page, "step") == 5_000
    until(lambda: page.get_by_role("button", name="Start", exact=True).is_visible(), "another run can be started")
    assert train_to_the_end(page) != first, "another run is on the board"
    assert number(page, "step") == 5_000


@pytest.mark.slow
def test_reset_clears_the_board_and_can_be_undone(page, server):
    open_board(page, server.url + LONG)
    press(page, "Start")
    until(lambda: number(page, "step") > 60, "an epoch is complete")
    run = board(page).get_attribute("data-run-id")
    press(page, "Reset")
    until(lambda: state(page) == "ready", "the board is empty")
    assert board(page).get_attribute("data-run-id") == ""
    until(lambda: points(page) == 0, "the lines are removed")
    press(page, "Undo reset")
    until(lambda: state(page) == "paused", "the run is on the board again and paused")
    assert board(page).get_attribute("data-run-id") == run
    until(lambda: number(page, "frames") >= 1 and points(page) > 1, "the history is drawn")

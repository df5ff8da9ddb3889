"""Changes that are shown for a moment."""

from __future__ import annotations

from pathlib import Path

import pytest

BOARD_CSS = Path(__file__).parents[3] / "dashboard/live/assets/board.css"

pytestmark = pytest.mark.browser

FLASH = """
  const { Flash } = await load("live/assets/panels/pointing/flash");
  let now = 1000, animations = [];
  performance.now = () => now;
  window.matchMedia = () => ({ matches: argument === "reduce" });
  const chart = document.body.appendChild(document.createElement("div"));
  chart.innerHTML = `<div class="scatterlayer"><i class="trace traceaa"></i><i class="trace tracebb"></i></div>`;
  for (const node of chart.querySelectorAll("i")) {
    const name = node.className.slice(-2);
    node.animate = (frames, { duration }) => animations.push([name, frames.map((each) => each.opacity), duration]);
  }
  chart._fullData = [{ uid: "aa" }, { uid: "bb" }];
  const flash = new Flash(chart);
  const traces = [{ meta: { flash: 300 }, mode: "lines" }, { meta: { flash: 300 }, mode: "markers" }];
  const changed = [{ x: [] }, { x: [] }];
  const show = (...args) => { animations = []; flash.show(...args); return animations; };
"""


def test_changed_traces_fade_and_others_do_not(run):
    found = run(
        FLASH + "return [show(traces, changed), (now += 1000, show(traces, [{}, { x: [] }])), show(traces, [])];"
    )
    assert found == [[["aa", [1, 0], 300], ["bb", [1, 0], 300]], [["bb", [1, 0], 300]], []]


def test_traces_without_a_time_never_flash(run):
    assert run(FLASH + "return show([{ meta: null }, {}], changed);") == []


def test_there_are_at_most_three_flashes_in_any_second(run):
    found = run(
        FLASH
        + """const times = [];
        for (let frame = 0; frame < 400; frame += 1) {
          now += 10;
          if (show(traces, changed).some(([, opacity]) => opacity.length === 2 && opacity[0] === 1)) times.push(now);
        }
        return times;"""
    )
    assert len(found) == 12, "three in each of four seconds"
    assert all(later - first >= 1000 for first, later in zip(found, found[3:], strict=False))


def test_a_user_who_prefers_less_motion_sees_the_changes_without_a_flash(run):
    found = run(FLASH + "return show(traces, changed);", "reduce")
    assert found == [["bb", [0], 1]], "the lines stay, and the markers that only fade are not shown"


def test_lines_stay_visible_while_paused_and_fading_markers_do_not(run):
    found = run(
        FLASH
        + """for (const node of chart.querySelectorAll("i")) delete node.animate;
        const style = document.head.appendChild(document.createElement("style"));
        style.textContent = argument;
        const board = document.body.appendChild(document.createElement("div"));
        board.className = "rs-board";
        board.append(chart);
        flash.show(traces, changed);
        for (const animation of document.getAnimations()) animation.finish();
        return ["running", "paused", "running"].map((state) => {
          board.dataset.state = state;
          return [...chart.querySelectorAll("i")].map((node) => getComputedStyle(node).opacity);
        });""",
        BOARD_CSS.read_text(),
    )
    assert found == [["0", "0"], ["1", "0"], ["0", "0"]]

"""Slow motion, and the choice of a weight by a click, on the real page."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest

from dashboard.charts.panels.catalogue import PANELS
from tests.browser.board import number, press, until
from tests.browser.conftest import pause_runs

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHART = "document.querySelector('[data-panel={}] .js-plotly-plot')"
COLUMNS = "() => {{ const [low, high] = {}._fullLayout.xaxis.range; return high - low; }}".format(
    CHART.format("dropout")
)
# animations that start visible and last long enough to be seen; a suppressed flash hides its trace in a millisecond
FLASHES = """() => document.getAnimations().filter(({ effect }) => effect.target.closest("[data-panel=network]")
  && effect.getKeyframes()[0].opacity === "1" && effect.getTiming().duration > 100).length"""
VISIBLE = """() => [...document.querySelectorAll("[data-panel=network] .rs-emphasis")].map((node) =>
  Number(getComputedStyle(node).opacity))"""
PIXEL = f"""() => {{ const chart = {CHART.format("pictures")}, box = chart.getBoundingClientRect();
  const {{ xaxis, yaxis }} = chart._fullLayout;
  return [box.x + xaxis._offset + xaxis.d2p(2), box.y + yaxis._offset + yaxis.d2p(1)]; }}"""
EQUATION = "() => [...document.querySelectorAll('[data-panel=tug] text')].map((each) => each.textContent).join(' ')"
SELECTED = "() => document.querySelector('[data-panel=tug] select').selectedOptions[0].label"


@pytest.fixture
def training(page, server):
    panels = "".join(f"&panels={quote_plus(PANELS[name].title)}" for name in ("tug", "network", "pictures", "dropout"))
    page.goto(f"{server.url}/?hidden=30&drop_probability=0.5&l2=1.0&pace=125&epochs=400&layout=custom{panels}")
    page.wait_for_selector("[data-panel=dropout] .main-svg")
    press(page, "Start")
    until(lambda: number(page, "step") > 120, "the run trains")
    yield page
    pause_runs(page)


def choose_pace(page, name):
    page.locator(".st-key-transport").get_by_text(name, exact=True).first.click()


def test_a_slow_pace_shows_twelve_columns_and_what_a_mini_batch_changed(training):
    page = training
    assert page.evaluate(COLUMNS) == 100
    choose_pace(page, "1")
    until(lambda: page.evaluate(COLUMNS) == pytest.approx(12), "the columns are wide")
    until(lambda: page.evaluate(FLASHES) == 3, "the changes of a mini-batch fade")
    until(lambda: page.evaluate(VISIBLE) == [0, 0], "the changes have faded")
    press(page, "Pause")
    until(lambda: page.evaluate(VISIBLE) == [1, 1], "the changes stay while the run is paused")
    choose_pace(page, "125")
    until(lambda: page.evaluate(COLUMNS) == pytest.approx(100), "the columns are narrow")


def test_a_click_on_a_pixel_chooses_its_weight(training):
    page = training
    page.mouse.click(*page.evaluate(PIXEL))
    until(lambda: page.evaluate(SELECTED) == "chosen weight", "the option is selected")
    until(
        lambda: "pixel in row 2, column 3 → hidden neuron 1:" in page.evaluate(EQUATION),
        "the update of this weight is shown",
    )

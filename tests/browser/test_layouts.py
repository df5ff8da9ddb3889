"""Layouts: chosen on the page, stored in its address and in the browser."""

from __future__ import annotations

import pytest

from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import LAYOUTS, panels_of
from engine import RunConfig
from tests.browser.board import number, open_board, press, titles, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def wanted(name):
    return sorted(panel.name for panel in panels_of(RunConfig.demo(), name))


def choose_layout(page, name):
    page.get_by_role("button", name="View").click()
    page.get_by_role("radio", name=name, exact=True).click()
    page.keyboard.press("Escape")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in LAYOUTS if name != "overview"])
def test_a_layout_shows_its_panels_with_the_run_going_on_and_a_reload_keeps_it(page, server, name):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 50, "it trains")
    choose_layout(page, name)
    until(lambda: sorted(titles(page)) == wanted(name), f"the panels of {name} are there")
    at = number(page, "frames")
    until(lambda: number(page, "frames") > at + 10, "frames go on")
    for panel in wanted(name):
        if PANELS[panel].figure:
            drawn = f"document.querySelector('[data-panel={panel}] .js-plotly-plot')?._fullData?.length > 0"
            until(lambda drawn=drawn: page.evaluate(drawn), f"{panel} is drawn")
    page.reload()
    until(lambda: sorted(titles(page)) == wanted(name), "a reload keeps the layout")
    page.goto(server.url)
    until(lambda: sorted(titles(page)) == wanted(name), "this browser has kept it for a page without it in its address")


def test_choosing_a_panel_makes_a_layout_of_ones_own(page, server):
    open_board(page, server.url)
    page.get_by_role("button", name="View").click()
    for title in ("Accuracy", "Dropped neurons"):
        before = titles(page)
        page.get_by_role("button", name=title, exact=True).last.click()
        until(lambda before=before: titles(page) != before, f"{title} is chosen")
    assert sorted(titles(page)) == ["accuracy", "dropout"], "only the chosen ones are there"
    until(lambda: "layout=custom" in page.evaluate("location.href"), "the address says so")

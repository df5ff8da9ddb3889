"""Layouts: chosen on the page, and stored in the address and in the browser."""

from __future__ import annotations

import pytest

from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import LAYOUTS, panels_of
from engine import RunConfig
from tests.browser.board import number, open_board, press, titles, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def panel_names(name):
    """Return the names of the panels of a layout, sorted."""
    return sorted(panel.name for panel in panels_of(RunConfig.demo(), name))


def choose_layout(page, name):
    page.get_by_role("button", name="View").click()
    page.get_by_role("radio", name=name, exact=True).click()
    page.keyboard.press("Escape")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in LAYOUTS if name != "overview"])
def test_a_layout_shows_its_panels_while_the_run_continues_and_survives_a_reload(page, server, name):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 50, "the run trains")
    choose_layout(page, name)
    until(lambda: sorted(titles(page)) == panel_names(name), f"the panels of {name} are shown")
    frames = number(page, "frames")
    until(lambda: number(page, "frames") > frames + 10, "more frames are drawn")
    for panel in panel_names(name):
        if PANELS[panel].figure:
            drawn = f"document.querySelector('[data-panel={panel}] .js-plotly-plot')?._fullData?.length > 0"
            until(lambda drawn=drawn: page.evaluate(drawn), f"{panel} is drawn")
    page.reload()
    until(lambda: sorted(titles(page)) == panel_names(name), "a reload keeps the layout")
    page.goto(server.url)
    until(lambda: sorted(titles(page)) == panel_names(name), "the browser has stored the layout")


def test_choosing_a_panel_makes_a_custom_layout(page, server):
    open_board(page, server.url)
    page.get_by_role("button", name="View").click()
    for title in ("Accuracy", "Dropped neurons"):
        before = titles(page)
        page.get_by_role("button", name=title, exact=True).last.click()
        until(lambda before=before: titles(page) != before, f"{title} is chosen")
    assert sorted(titles(page)) == ["accuracy", "dropout"], "only the chosen panels are shown"
    until(lambda: "layout=custom" in page.evaluate("location.href"), "the address has the custom layout")

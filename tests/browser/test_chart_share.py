"""The share of the panels that the charts fill, measured in a real browser."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dashboard.charts.panels.layouts import LAYOUTS
from tests.browser.board import at_rest, number, open_board, press, state, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# The area inside the axes of each visible chart, in percent of its panel.
SHARES = """() => Object.fromEntries([...document.querySelectorAll('.rs-panel:not([hidden])')].flatMap((panel) => {
  const layout = panel.querySelector('.rs-chart')._fullLayout;
  if (!layout) return [];
  const axes = Object.keys(layout).filter((name) => /^xaxis\\d*$/.test(name));
  const areas = axes.map((name) => layout[name]._length * layout[name.replace('x', 'y')]._length);
  const { width, height } = panel.getBoundingClientRect();
  return [[panel.dataset.panel, 100 * areas.reduce((sum, area) => sum + area, 0) / (width * height)]];
}))"""


@pytest.mark.parametrize(("width", "height", "share"), [(1280, 720, 55), (1920, 1080, 65)])
def test_the_axes_fill_most_of_every_panel(page, server, width, height, share):
    page.set_viewport_size({"width": width, "height": height})
    for layout in LAYOUTS:
        page.goto(f"{server.url}/?l2=1.0&train_size=60&epochs=3&pace=full&layout={layout}")
        page.get_by_role("button", name="Start", exact=True).wait_for()
        press(page, "Start")
        until(lambda: state(page) == "finished" and number(page, "frames") > 0, "the run is drawn")
        at_rest(page)
        shares = page.evaluate(SHARES)
        assert len(shares) >= 5, layout
        small = {name: round(found, 1) for name, found in shares.items() if found < share}
        assert not small, f"{layout} at {width} × {height}"


def test_names_of_lines_do_not_cover_each_other(page, server):
    open_board(page, f"{server.url}/?l2=1.0&train_size=100&epochs=20&pace=full")
    press(page, "Start")
    until(lambda: state(page) == "finished" and number(page, "frames") > 0, "the run is drawn")
    for panel in ("cost", "accuracy", "norms"):
        boxes = page.evaluate(
            """(panel) => [...document.querySelectorAll(`[data-panel=${panel}] .rs-line-labels button:not([hidden])`)]
                 .map((node) => node.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom])""",
            panel,
        )
        assert len(boxes) >= 2, panel
        ordered = sorted(boxes)
        assert all(first[1] <= second[0] + 1 for first, second in pairwise(ordered)), panel

"""Clicks that choose a weight."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CLICKS = """
  const { WeightClicks } = await load("live/assets/panels/pointing/weight_clicks");
  const axis = { _offset: 10, p2d: (p) => p / 20, d2p: (d) => 20 * d };
  const panelOf = (name, traces) => {
    const chart = document.body.appendChild(document.createElement("div"));
    Object.assign(chart, { _fullLayout: { xaxis: axis, yaxis: axis }, _fullData: traces });
    chart.append(Object.assign(document.createElement("i"), { className: "nsewdrag" }));
    const choices = { select: (label) => selected.push(label) };
    return { name, chart, traces, section: document.createElement("section"), choices };
  };
  const selected = [], chosen = [];
  const tiles = { names: ["a", "b"], neurons: [3, 8], height: 2, width: 3, gap: 1, columns: 2 };
  const pictures = panelOf("pictures", [{ meta: tiles }]);
  const connections = { meta: { weight_layer: 1 }, x: [1, 4], y: [1, 4], customdata: [[5, 6, 0.1], [7, 8, 0.2]] };
  const network = panelOf("network", [{ x: [0], y: [0] }, connections]);
  const tug = panelOf("tug", []);
  let panels = [pictures, network, tug];
  const clicks = new WeightClicks(() => panels, (weight) => chosen.push(weight));
  panels.forEach((each) => clicks.link(each));
  const placeOf = ({ chart }, x, y) => {
    const box = chart.getBoundingClientRect();
    return { clientX: box.left + 10 + 20 * x, clientY: box.top + 10 + 20 * y, isPrimary: true, button: 0 };
  };
  const press = (panel, x, y, event = {}) =>
    panel.chart.dispatchEvent(new PointerEvent("pointerdown", { ...placeOf(panel, x, y), ...event }));
  const release = (panel, x, y, event = {}) =>
    document.dispatchEvent(new PointerEvent("pointerup", { ...placeOf(panel, x, y), ...event }));
  const click = (panel, x, y, move = 0, event = {}) => {
    press(panel, x, y, event);
    release(panel, x + move / 20, y, event);
  };
"""


def test_a_pixel_chooses_the_weight_from_this_input_to_the_neuron_of_the_picture(run):
    found = run(CLICKS + "click(pictures, 0, 0); click(pictures, 6.2, 0.9); return [chosen, selected];")
    # x 6 is column 2 of the second picture, y 1 its row 1: input 1 · 3 + 2
    assert found == [[[0, 0, 3], [0, 5, 8]], ["chosen weight", "chosen weight"]]


def test_a_connection_chooses_its_weight_if_the_click_is_near(run):
    found = run(CLICKS + "click(network, 4.2, 4.1); click(network, 2.5, 2.5); return chosen;")
    assert found == [[1, 6, 7]]


@pytest.mark.parametrize(
    "action",
    [
        "click(pictures, 3, 0)",  # between two pictures
        "click(pictures, -1, 0)",
        "click(pictures, 0, 0, 9)",  # a zoom
        "panels = [pictures, network]; click(pictures, 0, 0)",  # no panel shows the weight
        "clicks.close(); click(pictures, 0, 0)",
        "click(tug, 0, 0)",
        "click(pictures, 0, 0, 0, { button: 2 })",
        "click(pictures, 0, 0, 0, { isPrimary: false })",  # a second finger
        "press(pictures, 0, 0); document.dispatchEvent(new PointerEvent('pointercancel')); release(pictures, 0, 0)",
    ],
)
def test_other_clicks_choose_nothing(run, action):
    assert run(CLICKS + action + "; return [chosen, selected];") == [[], []]


def test_a_double_click_and_a_click_on_the_shown_weight_send_nothing_more(run):
    found = run(
        CLICKS
        + """click(pictures, 0, 0);
        click(pictures, 0, 0);
        const twice = [...chosen];
        tug.traces = [{}, { meta: { chosen_weight: [1, 6, 7] } }];
        click(network, 4, 4);
        const shown = [...chosen];
        click(pictures, 6, 1);
        return [twice, shown, chosen, selected.length];"""
    )
    assert found == [[[0, 0, 3]], [[0, 0, 3]], [[0, 0, 3], [0, 5, 8]], 4]


def test_the_pointer_shows_where_a_click_chooses_a_weight(run):
    found = run(
        CLICKS
        + """const cursorAt = (panel, x, y) => {
          panel.chart.dispatchEvent(new PointerEvent("pointermove", placeOf(panel, x, y)));
          return panel.chart.querySelector(".nsewdrag").style.cursor;
        };
        const unmarked = cursorAt(pictures, 0, 0);
        clicks.mark();
        const cursors = [[pictures, 0, 0], [pictures, 3, 0], [network, 4.1, 4], [network, 2.5, 2.5], [tug, 0, 0]].map(
          (place) => cursorAt(...place));
        cursorAt(pictures, 0, 0);
        pictures.chart.dispatchEvent(new PointerEvent("pointerleave"));
        return [unmarked, cursors, pictures.chart.querySelector(".nsewdrag").style.cursor];"""
    )
    assert found == ["", ["pointer", "", "pointer", "", ""], ""]


def test_panels_with_weights_are_marked_while_a_panel_shows_the_chosen_one(run):
    found = run(
        CLICKS
        + """const marks = () => [pictures, network, tug].map(({ section }) => section.hasAttribute("data-chooses"));
        clicks.mark();
        const before = marks();
        panels = [pictures, network];
        clicks.mark();
        return [before, marks()];"""
    )
    assert found == [[True, True, False], [False, False, False]]

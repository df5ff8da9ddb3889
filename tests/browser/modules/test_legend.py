"""The legend of a panel and the samples of lines."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SAMPLE = """
  const { lineSample, Legend } = await load("live/assets/panels/legend");
  const attributes = (node) => Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value]));
  const parts = (...trace) => [...lineSample(...trace).children].map((node) => [node.tagName, attributes(node)]);
"""


@pytest.mark.parametrize(("width", "box"), [(None, "0 0 18 10"), (36, "0 0 36 10")])
def test_a_line_sample_has_the_width_of_the_style_sheet(run, width, box):
    """The width is 18 pixels in the legend (`.rs-legend svg`) and 36 in the table of runs (`.rs-swatch svg`)."""
    found = run(
        SAMPLE
        + """const svg = lineSample({ line: { color: "teal" } }, argument ?? undefined);
        return [svg.getAttribute("viewBox"), svg.getAttribute("aria-hidden"), svg.firstChild.getAttribute("x1"),
                svg.firstChild.getAttribute("x2")];""",
        width,
    )
    assert found == [box, "true", "0", box.split()[2]]


@pytest.mark.parametrize(
    ("trace", "thickness", "dashes"),
    [
        ({"line": {"color": "teal"}}, "2", "none"),
        ({"line": {"color": "teal", "width": 1, "dash": "solid"}}, "1", "none"),
        ({"line": {"color": "teal", "width": 5, "dash": "dash"}}, "2", "6,3"),
        ({"line": {"color": "teal", "dash": "dot"}}, "2", "1.5,3"),
        ({"line": {"color": "teal", "dash": "dashdot"}}, "2", "6,3,1.5,3"),
        ({"line": {"color": "teal", "dash": "longdash"}}, "2", "10,4"),
        ({"line": {"color": "teal", "dash": "2px,5px"}}, "2", "2,5"),
        ({"marker": {"color": "teal"}}, "2", "none"),
    ],
)
def test_a_line_sample_has_the_style_of_its_line(run, trace, thickness, dashes):
    ((tag, line),) = run(SAMPLE + "return parts(argument);", trace)
    assert (tag, line["stroke"], line["stroke-width"], line["stroke-dasharray"]) == ("line", "teal", thickness, dashes)
    assert (line["y1"], line["y2"]) == ("5", "5")


def test_a_line_sample_shows_the_outline_under_the_line(run):
    found = run(SAMPLE + 'return parts({ line: { color: "teal", outline: "grey" } });')
    assert [(line["stroke"], line["stroke-width"]) for _, line in found] == [("grey", "4.5"), ("teal", "2")]


def test_a_line_sample_shows_area_line_and_marker(run):
    found = run(
        SAMPLE
        + """const line = { color: "teal" };
        return [
          parts({ line, fill: "tozeroy", fillcolor: "aqua" }), parts({ line, fill: "none", fillcolor: "aqua" }),
          parts({ line, fill: "tozeroy" }), parts({ line, marker: { color: "red" }, mode: "lines+markers" }),
          parts({ line, marker: { color: [1, 2] }, mode: "markers" }), parts({ mode: "lines" }),
        ];"""
    )
    area, no_area, no_area_colour, line_and_marker, colour_list, plain = found
    assert [tag for tag, _ in area] == ["rect", "line"]
    assert area[0][1] == {"x": "0", "y": "5", "width": "18", "height": "5", "fill": "aqua"}
    assert [tag for tag, _ in no_area] == [tag for tag, _ in no_area_colour] == ["line"]
    assert [(tag, node["stroke"]) for tag, node in line_and_marker] == [("line", "teal"), ("circle", "red")]
    assert line_and_marker[1][1] == {"cx": "9", "cy": "5", "r": "3.2", "fill": "red", "stroke": "red"}
    assert [(tag, node["fill"]) for tag, node in colour_list] == [("circle", "teal")]
    assert plain[0][1]["stroke"] == "currentColor"


def test_the_legend_lists_named_traces_unless_they_are_hidden(run):
    found = run(
        SAMPLE
        + """const legend = new Legend(() => {});
        const traces = [{ name: "<b>cost</b>" }, {}, { name: "a", showlegend: false }, { name: "b", visible: false },
                        { name: "c", visible: "legendonly" }, { name: "d", showlegend: true }];
        const names = (...given) => {
          legend.show(...given);
          return [...legend.root.children].map((node) => node.textContent);
        };
        const first = names(traces, "corner");
        const [node] = legend.root.children;
        const none = names(traces, "none");
        return { first, none, again: names(traces, "row"), type: node.type, title: node.title,
                 pressed: node.getAttribute("aria-pressed"), parts: [...node.children].map(({ tagName }) => tagName),
                 shown: traces[4].visible };"""
    )
    names = ["cost", "c", "d"]
    assert (found["first"], found["none"], found["again"]) == (names, [], names)
    assert (found["type"], found["title"], found["pressed"]) == ("button", "Hide or show this line", "true")
    assert (found["parts"], found["shown"]) == (["svg"], True)


def test_legend_entries_are_replaced_only_if_their_look_changes(run):
    """Ten frames per second must not replace the button that has the focus."""
    found = run(
        SAMPLE
        + """const legend = new Legend(() => {});
        const marker = { color: "red" };
        const base = { name: "cost", line: { color: "teal" }, marker, mode: "lines", fillcolor: "aqua" };
        const kept = (change) => {
          legend.show([base], "corner");
          const { firstChild } = legend.root;
          legend.show([{ ...base, ...change }], "corner");
          return legend.root.firstChild === firstChild;
        };
        return [kept({ y: [1, 2] }), kept({ name: "b" }), kept({ line: { color: "blue" } }), kept({ mode: "markers" }),
                kept({ marker: { color: "blue" } }), kept({ fillcolor: "blue" })];"""
    )
    assert found == [True, False, False, False, False, False]


# names at the ends of lines

CHART = """
  // a chart of 200 × 100 pixels with one pixel per unit and the zero at the top left, inside margins of 40 and 10
  const chartOf = (lines, visible = true) => ({
    calcdata: lines.map((points) => points.map(([x, y], i) => ({ x, y, ...(i ? {} : { trace: { visible } }) }))),
    _fullLayout: {
      margin: { r: 8 },
      xaxis: { _length: 200, _offset: 40, c2p: (value) => value },
      yaxis: { _length: 100, _offset: 10, c2p: (value) => value },
    },
  });
  const { LineLabels } = await load("live/assets/panels/line_labels");
  const clicked = [];
  const labels = new LineLabels((name) => clicked.push(name));
  document.body.append(labels.root);
  labels.root.style.cssText = "position: relative; width: 248px; height: 130px; font: 12px/15px sans-serif";
  const style = document.createElement("style");
  style.textContent = ".labels button { position: absolute; left: 0; top: 0; padding: 0; border: 0; font: inherit }";
  labels.root.className = "labels";
  document.head.append(style);
  const tracesOf = (...names) => names.map((name, index) => ({ trace: { name, line: { color: "teal" } }, index }));
  const places = () => [...labels.root.children].filter((node) => !node.hidden).map((node) => {
    const box = node.getBoundingClientRect(), base = labels.root.getBoundingClientRect();
    return [node.textContent, box.left - base.left, box.top + box.height / 2 - base.top, box.right - base.left];
  });
"""


def test_the_name_of_a_line_is_beside_its_last_point(run):
    found = run(
        CHART
        + """labels.setTraces(tracesOf("a", "<b>b</b>"));
        labels.place(chartOf([[[0, 5], [100, 20]], [[0, 5], [90, 80], [95, NaN]]]), 1);
        return places();"""
    )
    assert [(name, round(left), round(top)) for name, left, top, _ in found] == [("a", 145, 30), ("b", 135, 90)]


def test_names_do_not_cover_each_other_and_stay_inside_the_chart(run):
    found = run(
        CHART
        + """labels.setTraces(tracesOf("a", "b", "c", "d"));
        labels.place(chartOf([[[0, 0], [50, 98]], [[0, 0], [50, 97]], [[0, 0], [50, 2]], [[0, 0], [50, 96]]]), 1);
        return places();"""
    )
    middles = {name: round(top, 1) - 10 for name, _, top, _ in found}
    assert middles == {"c": 7.5, "d": 62.5, "b": 77.5, "a": 92.5}


def test_a_name_without_room_beside_its_line_ends_at_the_edge(run):
    found = run(
        CHART
        + 'labels.setTraces(tracesOf("a long name")); labels.place(chartOf([[[0, 5], [200, 20]]]), 1); return places();'
    )
    ((_, _, _, right),) = found
    assert right == pytest.approx(40 + 200 + 8 - 2, abs=1)


@pytest.mark.parametrize(
    ("points", "visible"), [([], True), ([[0, 5], [50, 500]], True), ([[300, 5]], True), ([[0, 5]], "legendonly")]
)
def test_a_line_without_an_end_inside_the_axes_has_no_name(run, points, visible):
    script = """labels.setTraces(tracesOf("a"));
        labels.place(chartOf([argument.points], argument.visible), 1);
        return places();"""
    assert run(CHART + script, {"points": points, "visible": visible}) == []


def test_names_of_lines_that_are_gone_are_removed_and_a_click_reports_the_name(run):
    found = run(
        CHART
        + """labels.setTraces(tracesOf("a", "b"));
        labels.place(chartOf([[[0, 5]], [[0, 50]]]), 1);
        labels.root.firstChild.click();
        labels.setTraces(tracesOf("b"));
        labels.place(chartOf([[[0, 5]]]), 1);
        labels.place({}, 1);
        return [clicked, places().map(([name]) => name)];"""
    )
    assert found == [["a"], ["b"]]


def test_lines_have_their_names_at_their_ends_and_other_traces_in_the_corner(run):
    found = run(
        SAMPLE
        + """const legend = new Legend(() => {});
        const traces = [{ name: "line", mode: "lines" }, { name: "noise", mode: "lines", meta: "corner" },
                        { name: "points", mode: "markers" }];
        const look = () => {
          legend.show(traces, "ends");
          return [legend.labels.traces.map(({ trace, index }) => [trace.name, index]),
                  [...legend.root.children].map((node) => node.textContent)];
        };
        const before = look();
        legend.toggle("line");
        const hidden = look();
        legend.root.firstChild.click();
        return [before, hidden, look()];"""
    )
    shown = [[["line", 0]], ["noise", "points"]]
    assert found == [shown, [[], ["line", "noise", "points"]], shown]

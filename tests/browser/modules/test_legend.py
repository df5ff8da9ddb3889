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
        const first = names(traces);
        const [node] = legend.root.children;
        const none = names(traces, false);
        return { first, none, again: names(traces, true), type: node.type, title: node.title,
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
          legend.show([base]);
          const { firstChild } = legend.root;
          legend.show([{ ...base, ...change }]);
          return legend.root.firstChild === firstChild;
        };
        return [kept({ y: [1, 2] }), kept({ name: "b" }), kept({ line: { color: "blue" } }), kept({ mode: "markers" }),
                kept({ marker: { color: "blue" } }), kept({ fillcolor: "blue" })];"""
    )
    assert found == [True, False, False, False, False, False]

"""A panel: figures, frames, zoom, legend and options."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

PANEL = """
  const { Panel } = await load("live/assets/panels/panel");
  const figured = (layout, rest = {}, traces = 1) => {
    const data = Array.from({ length: traces }, () => ({ x: [], y: [], name: "cost", line: { width: 3 } }));
    const base = { font: { size: 12 }, margin: { l: 30, r: 3, t: 20, b: 30 } };
    const light = JSON.stringify({ data, layout: { ...base, ...layout } });
    const dark = JSON.stringify({ data, layout: { ...base, ...layout, paper_bgcolor: "darker" } });
    return { ...spec(), figures: { light, dark }, ...rest };
  };
  const panelOf = (given) => {
    const panel = new Panel(given, document.body);
    panel.mount(given, false);
    return panel;
  };
  const fire = (panel, name, event) => panel.chart.handlers[name].forEach((handler) => handler(event));
"""


def test_a_panel_is_a_section_labelled_by_its_title(run):
    found = run(
        PANEL
        + """const { section, name, inViewport } = panelOf({ ...spec("cost"), look: "It falls." });
        const named = document.getElementById(section.getAttribute("aria-labelledby"));
        const parts = [...section.children].map((part) => part.className);
        return { tag: section.tagName, parts, title: named.textContent,
                 heading: named.tagName, data: section.dataset.panel,
                 look: section.querySelector(".rs-hint").textContent,
                 tooltip: section.querySelector(".rs-hint").title,
                 empty: section.lastChild.textContent, name, inViewport };"""
    )
    assert found["parts"] == [*("rs-head", "rs-caption", "rs-plot", "rs-rows", "rs-menu", "rs-hidden", "rs-empty")]
    assert (found["tag"], found["heading"], found["title"]) == ("SECTION", "H3", "Panel cost")
    assert (found["data"], found["name"], found["inViewport"]) == ("cost", "cost", True)
    assert found["look"] == found["tooltip"] == "It falls."
    assert found["empty"] == "Press Start to train"


def test_the_head_of_a_panel_has_title_note_lists_and_menu(run):
    found = run(
        PANEL
        + """const options = [{ label: "linear", traces: {}, layout: {} }];
        const choices = [{ name: "scale", label: "Scale", options }];
        const [head] = panelOf(figured({}, { choices })).section.children;
        return [...head.children].map((part) => [part.tagName, part.querySelectorAll("select").length]);"""
    )
    assert found == [["H3", 0], ["DIV", 0], ["DIV", 1], ["BUTTON", 0]]


@pytest.mark.parametrize(("place", "entries"), [("corner", 1), ("row", 1), ("ends", 1), ("none", 0)])
def test_the_legend_of_a_panel_replaces_that_of_plotly(run, place, entries):
    found = run(
        PANEL
        + """const panel = panelOf(figured({ showlegend: true }, { legend: argument }));
        return [panel.chart.layout.showlegend, panel.legend.root.children.length, panel.section.dataset.legend];""",
        place,
    )
    assert found == [False, entries, place]


def test_the_ticks_of_an_axis_of_epochs_are_those_of_the_figure_unless_it_is_zoomed(run):
    found = run(
        PANEL
        + """const panel = panelOf(figured({ xaxis: { tickvals: [0, 5] } }, { legend: "ends" }));
        const modes = [panel.chart.layout.xaxis.tickmode];
        fire(panel, "plotly_relayout", { "xaxis.range[0]": 2 });
        panel.redraw();
        modes.push(panel.chart.layout.xaxis.tickmode);
        panel.resetZoom();
        modes.push(panel.chart.layout.xaxis.tickmode);
        return modes;"""
    )
    assert found == ["array", "auto", "array"]


def test_the_sentence_of_a_frame_replaces_the_caption_until_a_frame_has_none(run):
    found = run(
        PANEL
        + """const panel = panelOf({ ...figured({}), look: "It falls." });
        const looks = [];
        for (const body of [{ caption: "It fell by 3 %." }, {}, { caption: "" }]) {
          panel.draw({ traces: [], layout: {}, ...body });
          looks.push([panel.hint.textContent, panel.hint.title, panel.section.hasAttribute("data-caption")]);
        }
        return looks;"""
    )
    assert found == [2 * ["It fell by 3 %."] + [True], 2 * ["It fell by 3 %."] + [True], 2 * ["It falls."] + [False]]


def test_a_chart_has_no_mode_bar_and_does_not_zoom_with_the_wheel(run):
    found = run(PANEL + "return panelOf(figured({})).chart.options;")
    assert found == {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"}


def test_a_figure_is_mounted_again_only_for_another_theme_scale_or_run(run):
    found = run(
        PANEL
        + """const given = figured({});
        const panel = panelOf(given);
        panel.draw({ traces: [{ y: [1, 2] }], layout: {} });
        const counts = [];
        const look = (incomplete) => counts.push([Plotly.drawn.length, incomplete, panel.chart.data[0].y]);
        look(null);
        look(panel.mount(given, false));
        look(panel.mount(given, true));
        panel.scale = 2;
        look(panel.mount(given, true));
        panel.showsOldRun = true;
        look(panel.mount(given, true));
        look(panel.mount(given, true));
        return counts;"""
    )
    assert found == [
        [2, None, [1, 2]],
        [2, False, [1, 2]],
        [3, False, [1, 2]],
        [4, False, [1, 2]],
        [5, False, []],
        [5, False, []],
    ]


def test_every_drawing_has_a_new_revision(run):
    """Plotly.js reads changed data only if `datarevision` differs."""
    found = run(
        PANEL
        + """const panel = panelOf(figured({}));
        const revisions = [panel.chart.layout.datarevision];
        for (let frame = 0; frame < 2; frame += 1) {
          panel.draw({ traces: [], layout: {} });
          revisions.push(panel.chart.layout.datarevision);
        }
        panel.mount(figured({ title: "other" }), true);
        revisions.push(panel.chart.layout.datarevision);
        return revisions;"""
    )
    assert sorted(set(found)) == found


def test_a_figure_with_other_traces_requests_the_complete_panel(run):
    found = run(
        PANEL
        + """const panel = panelOf(figured({}));
        panel.draw({ traces: [{ y: [1] }], layout: { title: "drawn" } });
        const incomplete = panel.mount(figured({}, {}, 2), false);
        return [incomplete, panel.chart.data.map(({ y }) => y), panel.chart.layout.title ?? null];"""
    )
    assert found == [True, [[], []], None]


def test_the_layout_of_the_frames_stays_in_another_theme(run):
    found = run(
        PANEL
        + """const panel = panelOf(figured({}));
        panel.draw({ traces: [], layout: { "xaxis.range": [0, 5] } });
        panel.draw({ traces: [], layout: { "yaxis.range": [2, 3] } });
        panel.mount(figured({}), true);
        const { paper_bgcolor: background, xaxis, yaxis } = panel.chart.layout;
        return { background, xaxis, yaxis };"""
    )
    fixed = {"autorange": False}
    assert found == {"background": "darker", "xaxis": {"range": [0, 5], **fixed}, "yaxis": {"range": [2, 3], **fixed}}


def test_a_frame_replaces_note_and_spoken_text_only_if_it_has_them(run):
    found = run(
        PANEL
        + """const panel = panelOf(figured({}));
        const looks = [];
        for (const body of [{ note: "at step 3", text: "Cost 0.5" }, {}, { note: "", text: "" }]) {
          panel.draw({ traces: [], layout: {}, ...body });
          looks.push([panel.note.textContent, panel.text.textContent]);
        }
        return looks;"""
    )
    assert found == [["at step 3", "Cost 0.5"], ["at step 3", "Cost 0.5"], ["", ""]]


def test_a_zoomed_axis_keeps_its_range_until_a_double_click(run):
    found = run(
        PANEL
        + """const panel = panelOf(figured({}));
        const ranges = [];
        const frame = (to) => {
          panel.draw({ traces: [], layout: { "xaxis.range": [0, to], "yaxis.range": [0, to] } });
          ranges.push([panel.chart.layout.xaxis.range[1], panel.chart.layout.yaxis.range[1]]);
        };
        frame(1);
        fire(panel, "plotly_relayout", { "xaxis.range[0]": 0.2, "xaxis.range[1]": 0.4 });
        frame(2);
        fire(panel, "plotly_relayout", { "yaxis.range": [3, 4] });
        frame(3);
        fire(panel, "plotly_relayout", { "xaxis.autorange": true });
        frame(4);
        fire(panel, "plotly_doubleclick");
        await new Promise((resolve) => setTimeout(resolve, 1));
        ranges.push([panel.chart.layout.xaxis.range[1], panel.chart.layout.yaxis.range[1]]);
        frame(5);
        return ranges;"""
    )
    assert found == [[1, 1], [1, 2], [1, 2], [4, 2], [4, 4], [5, 5]]


def test_a_zoom_survives_another_theme_but_not_another_run(run):
    found = run(
        PANEL
        + """const panel = panelOf(figured({}));
        const ranges = [];
        panel.draw({ traces: [{ y: [1] }], layout: { "xaxis.range": [0, 9], "yaxis.range": [0, 9] } });
        fire(panel, "plotly_relayout", { "xaxis.range[0]": 2 });
        panel.chart.layout.xaxis = { range: [2, 3], autorange: false };
        panel.chart.layout.yaxis = { range: [4, 5], autorange: false };
        const rangeOf = (axis) => panel.chart.layout[axis]?.range ?? null;
        const look = () => ranges.push([rangeOf("xaxis"), rangeOf("yaxis")]);
        panel.mount(figured({ xaxis: {}, yaxis: {} }), true);
        look();
        panel.showsOldRun = true;
        panel.mount(figured({ xaxis: {}, yaxis: {} }), true);
        look();
        panel.draw({ traces: [], layout: { "xaxis.range": [0, 1] } });
        look();
        return { ranges, listeners: panel.chart.handlers.plotly_relayout.length };"""
    )
    assert found["ranges"] == [[[2, 3], [0, 9]], [None, None], [[0, 1], None]]
    assert found["listeners"] == 1


def test_a_selected_option_stays_in_force_with_every_frame(run):
    found = run(
        PANEL
        + """const options = ["plain", "log"].map((label) => (
          { label, traces: { 0: { mode: label } }, layout: { "yaxis.type": label } }));
        const panel = panelOf(figured({}, { choices: [{ name: "scale", label: "Scale", options }] }));
        const looks = [];
        const look = () => looks.push([panel.chart.data[0].mode, panel.chart.layout.yaxis.type]);
        look();
        const list = panel.section.querySelector("select");
        fire(panel, "plotly_relayout", { "yaxis.range": [0, 1] });
        list.selectedIndex = 1;
        list.dispatchEvent(new Event("change"));
        look();
        panel.draw({ traces: [{ mode: "lines" }], layout: { "yaxis.type": "date" } });
        look();
        return { looks, zoomed: panel.zoomed.size };"""
    )
    assert found == {"looks": [["plain", "plain"], ["log", "log"], ["log", "log"]], "zoomed": 0}


def test_a_pressed_legend_entry_is_drawn_at_once(run):
    found = run(
        PANEL
        + """const panel = panelOf(figured({}, { legend: "corner" }));
        panel.legend.root.firstChild.click();
        const hidden = [Plotly.drawn.length, panel.chart.data[0].visible];
        panel.draw({ traces: [{ y: [1] }], layout: {} });
        return [hidden, panel.chart.data[0].visible];"""
    )
    assert found == [[2, "legendonly"], "legendonly"]


def test_a_panel_in_talk_mode_enlarges_figure_and_frames(run):
    found = run(
        PANEL
        + """const panel = panelOf(figured({}));
        panel.scale = 2;
        panel.mount(figured({}), false);
        panel.draw({ traces: [{ line: { width: 2 } }],
                     layout: { annotations: [{ text: "a", font: { size: 15 } }] } });
        const { layout, data } = panel.chart;
        return [layout.font.size, layout.annotations[0].font.size, data[0].line.width];"""
    )
    assert found == [24, 30, 4]


def test_rows_replace_the_chart_of_a_panel_without_figures(run):
    found = run(
        PANEL
        + """const given = { ...spec("lmbda"), figures: null };
        const panel = panelOf(given);
        const looks = [];
        const look = (incomplete) => looks.push([panel.plot.hidden, panel.rows.root.hidden,
                                                 panel.rows.root.children.length, incomplete]);
        panel.draw({ traces: [], layout: {}, rows: [{ label: "λ", value: "0.1", copy: "0.1" }] });
        panel.draw({ traces: [], layout: {} });
        panel.missedFrame = true;
        look(panel.mount(given, false));
        panel.showsOldRun = true;
        look(panel.mount(given, false));
        const chart = panelOf(figured({}));
        return [...looks, [chart.plot.hidden, chart.rows.root.hidden]];"""
    )
    assert found[:2] == [[True, False, 1, True], [True, False, 0, False]]
    assert found[2] == [False, True]


def test_a_frame_without_a_figure_draws_nothing(run):
    found = run(
        PANEL
        + """const panel = new Panel(spec(), document.body);
        panel.draw({ traces: [{ y: [1] }], layout: {} });
        return Plotly.drawn.length;"""
    )
    assert found == 0


def test_nothing_of_the_last_run_stays_on_a_panel_of_another_one(run):
    found = run(
        PANEL
        + """const panel = panelOf(figured({}));
        panel.draw({ traces: [{ y: [1] }], layout: {}, text: "It was 1.", note: "best 1" });
        panel.showsOldRun = true;
        panel.mount(figured({}), false);
        return [panel.note.textContent, panel.note.title, panel.text.textContent, panel.chart.data[0].y];"""
    )
    assert found == ["", "", "", []]

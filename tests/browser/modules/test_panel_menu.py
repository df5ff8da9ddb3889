"""The menu of a panel: explanation, smoothed lines, full size, and the chart as a table."""

from __future__ import annotations

import math

import pytest

pytestmark = pytest.mark.browser

PANEL = """
  const { Panel } = await load("live/assets/panels/panel");
  const traces = [{ name: "a", mode: "lines", y: [], x: [] }, { name: "noise", mode: "lines", y: [], meta: "corner" }];
  const figure = JSON.stringify({ data: traces, layout: { font: {}, margin: { l: 3, r: 3, t: 3, b: 3 }, xaxis: {} } });
  const figures = { light: figure, dark: figure };
  const given = (rest = {}) => ({ ...spec("cost"), about: ["One.", "Two."], figures, ...rest });
  const enlarged = [];
  const panelOf = (specification) => {
    const onEnlarge = (each) => enlarged.push(each.name);
    const panel = new Panel(specification, document.body, { stepName: () => "step-7", onEnlarge });
    panel.mount(specification, false);
    return panel;
  };
"""


def test_the_menu_explains_the_panel_and_has_its_caption_and_note(run):
    found = run(
        PANEL
        + """const panel = panelOf(given({ look: "It falls." }));
        panel.draw({ traces: [], layout: {}, note: "best 9", caption: "It fell." });
        const before = [panel.menu.root.matches(":popover-open"), panel.menu.button.getAttribute("aria-expanded")];
        panel.menu.button.click();
        const texts = [...panel.menu.root.querySelectorAll("p")].map((node) => node.textContent);
        const box = panel.menu.root.getBoundingClientRect();
        return { before, open: panel.menu.root.matches(":popover-open"), texts,
                 expanded: panel.menu.button.getAttribute("aria-expanded"),
                 label: panel.menu.button.getAttribute("aria-label"),
                 inside: box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight };"""
    )
    assert found["before"] == [False, "false"]
    assert (found["open"], found["expanded"], found["inside"]) == (True, "true", True)
    assert found["texts"] == ["It fell.", "best 9", "One.", "Two."]
    assert "Panel cost" in found["label"]


def test_the_button_and_the_title_enlarge_the_panel(run):
    found = run(
        PANEL
        + """const panel = panelOf(given());
        panel.menu.button.click();
        panel.menu.enlarge.click();
        const open = panel.menu.root.matches(":popover-open");
        panel.title.dispatchEvent(new MouseEvent("dblclick"));
        return [open, enlarged];"""
    )
    assert found == [False, ["cost", "cost"]]


def test_a_panel_without_a_chart_has_no_files_and_one_without_lines_no_smoothing(run):
    found = run(
        PANEL
        + """const hidden = (rest) => {
          const { menu } = panelOf(given(rest));
          return [menu.smoothLabel.hidden, ...[...menu.files.children].map((node) => node.hidden)];
        };
        return [hidden({ smooth: true }), hidden({}), hidden({ figures: null })];"""
    )
    assert found == [5 * [False], [True, *4 * [False]], [True, False, *3 * [True]]]


def test_lines_are_smoothed_as_the_panel_says_until_the_user_chooses(run):
    found = run(
        PANEL
        + """const counts = (panel) => panel.chart.data.length;
        const smooth = panelOf(given({ smooth: true }));
        smooth.draw({ traces: [{ y: [0, 1, 1] }], layout: {} });
        const plain = panelOf({ ...given({ smooth: false }), name: "accuracy" });
        plain.draw({ traces: [{ y: [0, 1, 1] }], layout: {} });
        const before = [counts(smooth), counts(plain)];
        smooth.menu.smooth.click();
        plain.menu.smooth.click();
        const after = [counts(smooth), counts(plain)];
        const again = panelOf(given({ smooth: true }));
        return [before, after, again.menu.isSmooth, smooth.traces[0].y];"""
    )
    assert found == [[3, 2], [2, 3], False, [0, 1, 1]]


def test_the_measured_line_stays_behind_the_smoothed_one(run):
    found = run(
        """const { withSmoothedLines } = await load("live/assets/panels/smoothing");
        const bytes = new Uint8Array(new Float32Array([4, 0, 2]).buffer);
        const y = { dtype: "f4", bdata: btoa(String.fromCharCode(...bytes)) };
        const line = { name: "a", mode: "lines", y, fill: "tonexty", zorder: -1, hovertemplate: "%{y}" };
        const others = [{ mode: "markers", name: "m", y: [1, 2] },
                        { name: "c", mode: "lines", meta: "corner", y: [1, 2] },
                        { name: "h", mode: "lines", visible: false, y: [1, 2] }, { mode: "lines", y: [1, 2] },
                        { name: "one", mode: "lines", y: [1] }, { name: "x0", mode: "lines", y: undefined }];
        const drawn = withSmoothedLines([line, ...others]);
        return [drawn, line, y];"""
    )
    drawn, line, y = found
    assert len(drawn) == 8
    smoothed, measured = drawn[0], drawn[7]
    assert (smoothed["hoverinfo"], smoothed["hovertemplate"], smoothed["fill"]) == ("skip", None, "tonexty")
    assert (measured["y"], measured["hovertemplate"], measured["fill"]) == (y, "%{y}", "none")
    assert (measured["showlegend"], measured["zorder"], measured["opacity"] < 0.5) == (False, -2, True)
    assert line["y"] == y, "the traces of the panel keep the measured values"


def test_the_moving_average_has_no_bias_and_skips_missing_values(run):
    values = [4.0, None, 0.0, 2.0, 2.0]
    found = run(
        """const { movingAverage } = await load("live/assets/panels/smoothing");
        const smooth = movingAverage(argument.map((value) => value ?? NaN));
        return smooth.map((value) => (Number.isNaN(value) ? null : value));""",
        values,
    )
    seen: list[float] = []
    for value, smooth in zip(values, found, strict=True):
        if value is None:
            assert smooth is None
            continue
        seen.append(value)
        weights = [0.6**age for age in range(len(seen))][::-1]
        assert math.isclose(smooth, sum(w * v for w, v in zip(weights, seen, strict=True)) / sum(weights))


# the table

CSV = """
  const { csvOf } = await load("live/assets/panels/csv");
  const chart = { _fullLayout: { xaxis: { tickprefix: "epoch " }, yaxis: { title: { text: "correct, %" } } },
                  _fullData: [{ name: "=a, b", visible: true }, { name: "hidden", visible: "legendonly" }],
                  calcdata: [[{ x: 0, y: 10 }, { x: 1, y: NaN }, { x: 2, y: 12.5 }], [{ x: 0, y: 1 }]] };
"""


def test_a_table_has_the_visible_points_and_no_formula(run):
    """A spreadsheet would compute a cell that starts with "=", so it starts with an apostrophe."""
    assert run(CSV + "return csvOf(chart, argument ?? [{}, {}]);") == (
        'line,epoch,"correct, %",value\r\n"\'=a, b",0,10,\r\n"\'=a, b",2,12.5,\r\n'
    )


def test_a_table_has_the_measured_values_of_a_smoothed_line_once(run):
    """The chart draws the smoothed line, and the measured one as a further trace."""
    found = run(CSV + "return csvOf(chart, argument);", [{"y": [20, 21, 22]}])
    assert found.split("\r\n")[1:-1] == ['"\'=a, b",0,20,', '"\'=a, b",1,21,', '"\'=a, b",2,22,']


def test_a_class_of_a_matrix_has_its_name_and_a_full_width_formula_is_text(run):
    found = run(
        CSV
        + """const axis = { tickvals: [0, 1], ticktext: ["\\uFF1Dcat", "a &lt;b&gt;"] };
        const matrix = { _fullLayout: { xaxis: axis, yaxis: axis }, _fullData: [{ visible: true }],
                         calcdata: [[{ z: [[3, 1], [0, 4]] }]] };
        return csvOf(matrix, [{}]);"""
    )
    assert found.split("\r\n")[1:3] == [",'\uff1dcat,'\uff1dcat,3", ",a <b>,'\uff1dcat,1"]


def test_the_cells_of_a_heatmap_have_a_value(run):
    found = run(
        CSV
        + """const heatmap = { ...chart, _fullData: [{ visible: true, x0: 5, dx: 2 }],
                          calcdata: [[{ z: [new Uint8Array([1, 0]), new Uint8Array([0, 1])] }]] };
        return csvOf(heatmap, [{}]);"""
    )
    assert found.split("\r\n")[1:-1] == [",5,0,1", ",7,0,0", ",5,1,0", ",7,1,1"]


def test_a_table_is_saved_under_the_name_of_panel_and_step(run):
    found = run(
        PANEL
        + CSV
        + """const panel = panelOf(given()), saved = [];
        Object.assign(panel.chart, chart);
        panel.traces = [{}, {}];
        const createObjectURL = URL.createObjectURL;
        let text;
        URL.createObjectURL = (blob) => { text = blob.text(); return createObjectURL.call(URL, blob); };
        HTMLAnchorElement.prototype.click = function () { saved.push(this.download); };
        panel.menu.saveTable();
        return [saved, (await text).split("\\r\\n").length];"""
    )
    assert found == [["regscope-cost-step-7.csv"], 4]


# full size


def test_one_panel_at_a_time_is_at_full_size_until_escape(run):
    found = run(
        """const { FullSize } = await load("live/assets/panels/full_size");
        const panels = ["one", "two"].map((name) => (
          { name, isFull: false, scale: 1, section: document.createElement("div") }));
        let restyled = 0;
        const full = new FullSize(() => panels, () => { restyled += 1; });
        const lookOf = ({ isFull, scale, section }) => [isFull, scale > 1, section.hasAttribute("data-full")];
        const look = () => [panels.map(lookOf), restyled];
        const looks = [];
        full.toggle(panels[0]);
        looks.push(look());
        full.toggle(panels[1]);
        looks.push(look());
        const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", { key }));
        press("a");
        press("Escape");
        looks.push(look());
        press("Escape");
        full.toggle(panels[0]);
        full.close();
        press("Escape");
        looks.push(look());
        return looks;"""
    )
    on, off = [True, True, True], [False, False, False]
    assert found == [[[on, off], 1], [[off, on], 2], [[off, off], 3], [[on, off], 4]]


# check boxes for further lines

SWITCHES = (
    PANEL
    + """
  const traces2 = [{ name: "a", mode: "lines", x: [], y: [] },
                   { name: "b", mode: "lines", x: [], y: [], visible: false }];
  const figure2 = JSON.stringify({ data: traces2, layout: { font: {}, margin: {}, xaxis: {} } });
  const switches = [{ name: "more", label: "One more line", trace: 1 }];
  const switched = (rest = {}) => panelOf(given({ figures: { light: figure2, dark: figure2 }, switches, ...rest }));
  const boxOf = (panel) => panel.menu.switches.root.querySelector("input");
  const isDrawn = (panel) => panel.chart.data[1].visible === true;
"""
)


def test_a_check_box_shows_its_line_and_is_stored(run):
    found = run(
        SWITCHES
        + """const panel = switched(), label = panel.menu.switches.root.querySelector("label");
        const before = [boxOf(panel).checked, isDrawn(panel), label.textContent];
        label.click();
        const on = [boxOf(panel).checked, isDrawn(panel), localStorage.getItem("regscope.cost.more")];
        panel.draw({ traces: [{ y: [1] }, { y: [2] }], layout: {} });
        const later = isDrawn(panel);
        const again = switched();
        const stored = [boxOf(again).checked, isDrawn(again)];
        boxOf(again).click();
        return [before, on, later, stored, isDrawn(again), localStorage.getItem("regscope.cost.more")];"""
    )
    assert found == [[False, False, "One more line"], [True, True, "on"], True, [True, True], False, "off"]


def test_a_line_that_the_run_does_not_have_is_explained_in_the_menu_and_if_it_is_on_in_the_caption(run):
    found = run(
        SWITCHES
        + """const panel = switched({ look: "It falls." });
        const look = () => [panel.hint.textContent, panel.menu.switches.root.textContent];
        panel.draw({ traces: [], layout: {}, caption: "It fell.", missing: { more: "Not recorded." } });
        const looks = [look()];
        boxOf(panel).click();
        looks.push(look());
        panel.draw({ traces: [], layout: {}, caption: "It fell again." });
        looks.push(look());
        panel.draw({ traces: [], layout: {}, missing: {} });
        looks.push(look());
        panel.draw({ traces: [], layout: {}, missing: { more: "Not recorded." } });
        panel.showsOldRun = true;
        panel.mount(given({ look: "It falls.", figures: { light: figure2, dark: figure2 }, switches }), false);
        looks.push(look());
        return looks;"""
    )
    with_reason, without = "One more lineNot recorded.", "One more line"
    assert found == [
        ["It fell.", with_reason],
        ["Not recorded.", with_reason],
        ["Not recorded.", with_reason],
        ["It fell again.", without],
        ["It falls.", without],
    ]


def test_mounting_the_same_check_boxes_again_keeps_the_focus(run):
    found = run(
        SWITCHES
        + """const panel = switched();
        panel.menu.button.click();
        boxOf(panel).focus();
        panel.mount(given({ figures: { light: figure2, dark: figure2 }, switches }), true);
        return document.activeElement === boxOf(panel);"""
    )
    assert found is True

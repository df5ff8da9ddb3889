"""The grid of panels."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

GRID = """
  const { PanelGrid } = await load("live/assets/panels/panel_grid");
  const calls = [];
  const grid = new PanelGrid({
    viewportChanged: () => calls.push("viewport"), requestAll: () => calls.push("all"), stepName: () => "step-7",
  });
  document.body.append(grid.root);
"""


def test_the_grid_shows_the_panels_of_the_layout_in_its_order(run):
    found = run(
        GRID
        + """const looks = [];
        const look = () => looks.push(["one", "two", "three"].map((name) => {
          const section = grid.panelsByName.get(name)?.section;
          return section ? [section.style.order, section.hidden, section.hasAttribute("data-large")] : null;
        }));
        grid.mount([spec("one"), { ...spec("two"), large: true }], false, false);
        look();
        grid.mount([spec("three"), spec("two")], false, false);
        look();
        return { looks, names: grid.panels().map(({ name }) => name), sections: grid.root.children.length };"""
    )
    assert found["looks"] == [
        [["0", False, False], ["1", False, True], None],
        [["0", True, False], ["1", False, False], ["0", False, False]],
    ]
    assert (found["names"], found["sections"]) == (["three", "two"], 3)


def test_only_talk_mode_keeps_the_scale_of_a_panel(run):
    found = run(
        GRID
        + """const specs = [spec("one")];
        grid.mount(specs, false, false);
        const [panel] = grid.panels();
        panel.scale = 2;
        grid.mount(specs, false, true);
        const inTalk = panel.scale;
        grid.mount(specs, false, false);
        return [inTalk, panel.scale];"""
    )
    assert found == [2, 1]


def test_one_incomplete_panel_requests_all_panels_once(run):
    found = run(
        GRID
        + """const specs = ["one", "two", "three"].map((name) => spec(name));
        grid.mount(specs, false, false);
        const before = [...calls];
        grid.panelsByName.get("two").missedFrame = true;
        grid.mount(specs, false, false);
        return [before, calls];"""
    )
    assert found == [[], ["all"]]


def test_another_theme_changes_every_panel(run):
    found = run(
        GRID
        + """const themed = (name) => { const given = spec(name);
          given.figures.dark = given.figures.light.replace('"font":{}', '"font":{"color":"pale"}'); return given; };
        grid.mount([themed("one"), themed("two")], false, false);
        grid.restyle(true);
        return grid.panels().map(({ chart }) => chart.layout.font.color);"""
    )
    assert found == ["pale", "pale"]


def test_a_new_run_removes_the_errors_of_the_old_run(run):
    found = run(
        GRID
        + """grid.mount([spec("one"), spec("two")], false, false);
        grid.draw({ one: { trouble: "Too many classes." } });
        const [one, two] = grid.panels();
        const marked = [one, two].map(({ section }) => section.hasAttribute("data-trouble"));
        const before = [grid.panelErrors(), ...marked];
        grid.startRun();
        return [before, grid.panelErrors(), one.showsOldRun, two.showsOldRun, calls];"""
    )
    assert found == [[["Too many classes.", ""], True, False], ["", ""], True, True, []]


def test_the_panels_in_the_viewport_follow_scrolling(run):
    found = run(
        """let scroll;
        window.IntersectionObserver = class {
          constructor(changed) { scroll = changed; this.observed = []; }
          observe(section) { this.observed.push(section.dataset.panel); }
          disconnect() { this.observed = []; }
        };"""
        + GRID
        + """grid.mount([spec("one"), spec("two"), spec("three")], false, false);
        const all = grid.namesInViewport();
        scroll([{ target: grid.panelsByName.get("one").section, isIntersecting: false }]);
        const scrolled = grid.namesInViewport();
        grid.mount([spec("one"), spec("two")], false, false);
        grid.panelsByName.get("two").section.hidden = true;
        const observed = [...grid.viewportObserver.observed];
        const hidden = grid.namesInViewport();
        grid.close();
        return { all, scrolled, hidden, observed, calls, after: grid.viewportObserver.observed };"""
    )
    assert found == {
        "all": ["one", "two", "three"],
        "scrolled": ["two", "three"],
        "hidden": [],
        "observed": ["one", "two", "three"],
        "calls": ["viewport"],
        "after": [],
    }


def test_a_chart_that_changes_its_size_is_resized_unless_it_is_hidden(run):
    found = run(
        """let change;
        window.ResizeObserver = class {
          constructor(changed) { change = changed; this.observed = 0; }
          observe() { this.observed += 1; }
          disconnect() { this.observed = 0; }
        };
        const resized = [], purged = [], panel = { resize() { resized.push(1); } };
        Plotly.purge = (chart) => purged.push(chart);"""
        + GRID
        + """grid.mount([spec("one"), spec("two")], false, false);
        const shown = { data: [], offsetParent: document.body, closest: () => ({ regscopePanel: panel }) };
        change([{ target: shown }, { target: { ...shown, offsetParent: null } },
                { target: { ...shown, data: undefined } }]);
        panel.resize = () => Promise.reject(new Error("the chart is being removed"));
        change([{ target: shown }]);
        const { observed } = grid.sizeObserver;
        grid.close();
        const charts = grid.panels().map(({ chart }) => chart);
        return { resized, observed, after: grid.sizeObserver.observed,
                 purged: purged.length === 2 && charts.every((chart) => purged.includes(chart)) };"""
    )
    assert found == {"resized": [1], "observed": 2, "after": 0, "purged": True}


def test_files_of_panels_have_the_step_and_one_panel_can_fill_the_board(run):
    found = run(
        GRID
        + """grid.mount([spec("one"), { ...spec("two"), figures: null }], false, false);
        const [one, two] = grid.panels();
        two.title.dispatchEvent(new MouseEvent("dblclick"));
        const full = [one.isFull, two.isFull, two.scale];
        grid.mount([spec("one"), { ...spec("two"), figures: null }], false, false);
        const kept = two.scale;
        document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
        return [full, kept, two.scale, one.menu.fileName()];"""
    )
    scale = pytest.approx(5 / 3)
    assert found == [[False, True, scale], scale, 1, "regscope-one-step-7"]


def test_the_cursors_of_two_charts_of_the_grid_are_linked(run):
    found = run(
        """const hovered = [];
        const nameOf = (chart) => chart.closest("section").dataset.panel;
        Plotly.Fx = { hover: (chart, { xval }) => hovered.push([nameOf(chart), xval]), unhover() {} };
        window.requestAnimationFrame = (call) => call();"""
        + GRID
        + """const linked = (name) => ({ ...spec(name), cursor: "step" });
        grid.mount([linked("one"), linked("two"), spec("three")], false, false);
        const [hover] = grid.panelsByName.get("one").chart.handlers.plotly_hover;
        hover({ event: { isTrusted: true }, points: [{ x: 7 }] });
        return hovered;"""
    )
    assert found == [["two", 7]]

"""Single JavaScript modules in a real browser, loaded from the working tree without a server."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.dashboard.live.sample_frames import real_frames

pytestmark = pytest.mark.browser


def test_bits_packed_by_numpy_are_unpacked(run):
    matrix = np.random.default_rng(1).integers(0, 2, (5, 11))
    packed = np.packbits(matrix.reshape(-1))
    found = run(
        """const { decodeArrays } = await load("live/assets/panels/arrays");
        const z = { dtype: "bits", shape: "5, 11", bdata: btoa(String.fromCharCode(...argument)) };
        return decodeArrays({ z: 0 }, { z }).z.map((row) => [...row]);""",
        packed.tolist(),
    )
    assert found == matrix.tolist()


def test_an_array_can_continue_the_previous_one(run):
    found = run(
        """const { completeArrays } = await load("live/assets/panels/arrays");
        const news = { y: { dtype: "f4", from: 4, bdata: "XY" }, name: "cost" };
        return completeArrays(news, { y: { dtype: "f4", bdata: "abcdef" } });"""
    )
    assert found == {"y": {"dtype": "f4", "bdata": "abcdXY"}, "name": "cost"}


def test_a_layout_is_stored_under_the_key_of_version_0_1_0(run):
    found = run(
        """const { LayoutMemory } = await load("live/assets/layout_memory");
        const restored = [];
        const keep = (layout) => new LayoutMemory((old) => restored.push(old)).remember(layout);
        keep({ name: "own", panels: ["cost"], in_address: true });
        const stored = localStorage.getItem("regscope.layout");
        keep({ name: "overview", panels: [], in_address: false });
        keep({ name: "link", panels: [], in_address: true });
        return { stored: JSON.parse(stored), restored };"""
    )
    assert found == {
        "stored": {"name": "own", "panels": ["cost"]},
        "restored": [{"name": "own", "panels": ["cost"]}],
    }


def test_talk_mode_enlarges_markers_of_one_size_and_of_several(run):
    found = run(
        """const { enlargeTrace } = await load("live/assets/panels/enlarge");
        return [{ size: 5 }, { size: [6, 14, 0] }, {}].map((marker) => {
          const trace = { marker };
          enlargeTrace(trace, 2);
          return [trace.marker, marker.size];
        });"""
    )
    assert found == [[{"size": 10}, 5], [{"size": [12, 28, 0]}, [6, 14, 0]], [{}, None]]


def test_talk_mode_enlarges_every_text_and_margin(run):
    found = run(
        """const { enlargeFigure } = await load("live/assets/panels/enlarge");
        const figure = { data: [{ line: { width: 3 }, marker: { size: 6 } }], layout: {
          font: { size: 15 }, margin: { l: 30, r: 3, t: 6, b: 33 }, xaxis: { tickfont: { size: 9 } },
          annotations: [{ text: "a", font: { size: 18 } }] } };
        enlargeFigure(figure, 2);
        return figure;"""
    )
    layout, (trace,) = found["layout"], found["data"]
    assert layout["font"]["size"] == 30
    assert layout["xaxis"]["tickfont"]["size"] == 24  # at least 12 pixels, enlarged
    assert layout["annotations"][0]["font"]["size"] == 36
    assert layout["margin"] == {"l": 60, "r": 6, "t": 12, "b": 66}
    assert (trace["line"]["width"], trace["marker"]["size"]) == (6, 12)


@pytest.mark.parametrize(("symbol", "fill"), [("circle-open", "none"), ("circle", "teal"), (None, "teal")])
def test_the_legend_draws_open_marks_hollow(run, symbol, fill):
    found = run(
        """const { lineSample } = await load("live/assets/panels/legend");
        const marker = { color: "teal", symbol: argument };
        const circle = lineSample({ marker, mode: "markers" }).querySelector("circle");
        return [circle.getAttribute("fill"), circle.getAttribute("stroke")];""",
        symbol,
    )
    assert found == [fill, "teal"]


def test_a_pressed_legend_entry_hides_its_line_until_the_next_press(run):
    found = run(
        """const { Legend } = await load("live/assets/panels/legend");
        let changes = 0;
        const legend = new Legend(() => { changes += 1; });
        const traces = [{ name: "training" }, { name: "validation" }];
        legend.show(traces);
        const states = [];
        for (let press = 0; press < 2; press += 1) {
          legend.root.children[1].click();
          legend.show(traces);
          states.push([traces.map((trace) => trace.visible ?? null), legend.root.children[1].ariaPressed]);
        }
        return { states, changes };"""
    )
    assert found == {"states": [[[None, "legendonly"], "false"], [[None, True], "true"]], "changes": 2}


def test_the_data_of_a_new_run_replace_those_of_the_old_run(run):
    found = run(
        """const { Panel } = await load("live/assets/panels/panel");
        const panel = new Panel(spec(), document.body);
        panel.mount(spec(), false);
        panel.draw({ traces: [{ y: [1, 2], x: [1, 2] }], layout: { title: "old" } });
        panel.showsOldRun = true;
        const incomplete = panel.mount(spec(), false);
        const mounted = { ...panel.chart.data[0] };
        panel.draw({ traces: [{ x: [7] }], layout: {} });
        const joined = { ...panel.encodedTraces[0] };
        return { incomplete, mounted, joined };"""
    )
    assert found == {"incomplete": False, "mounted": {"x": [], "y": []}, "joined": {"x": [7]}}


def test_a_panel_that_cannot_be_drawn_has_an_error_and_requests_all_panels_once(run):
    found = run(
        """const { PanelGrid } = await load("live/assets/panels/panel_grid");
        let requests = 0;
        const grid = new PanelGrid({ viewportChanged() {}, requestAll() { requests += 1; }, stepName: () => "" });
        document.body.append(grid.root);
        const specs = [spec("bad"), spec("good")];
        grid.mount(specs, false, false);
        const good = { traces: [{ y: [3] }], layout: {} };
        const bad = { traces: [{ y: { from: 2, bdata: "" } }], layout: {} }; // continues an array that is missing
        for (let frame = 0; frame < 2; frame += 1) grid.draw({ bad, good, unknown: good });
        const troubles = grid.panelErrors();
        const drawn = grid.panelsByName.get("good").chart.data[0].y;
        grid.draw({ bad: { traces: [], layout: {} } });
        return { requests, troubles, drawn, after: grid.panelErrors() };"""
    )
    trouble, none = found["troubles"]
    assert trouble.startswith("The panel “Panel bad” cannot be drawn (")
    assert none == ""
    assert found["requests"] == 1
    assert found["drawn"] == [3]
    assert found["after"] == ["", ""]


def test_one_script_loads_plotly_for_all_boards(run):
    found = run(
        """const { loadPlotly } = await load("live/assets/plotly_loader");
        delete window.Plotly;
        const both = [loadPlotly("/none.js?1"), loadPlotly("/none.js?1")];
        const scripts = document.querySelectorAll("script[src*='none.js']");
        window.Plotly = { version: "stand-in" };
        const waiting = Promise.all(both).then((each) => each.map((plotly) => plotly.version));
        const timeout = new Promise((resolve) => setTimeout(() => resolve("no script was loaded"), 5000));
        return { count: scripts.length, found: await Promise.race([waiting, timeout]) };"""
    )
    assert found == {"count": 1, "found": ["stand-in", "stand-in"]}


@pytest.mark.parametrize(("page", "socket"), [("http", "ws"), ("https", "wss")])
def test_a_page_with_https_opens_a_secure_socket(run, page, socket):
    found = run(
        """const { Connection } = await load("live/assets/socket/connection");
        const nothing = () => {};
        const connection = new Connection({
          onMessage: nothing, onNotice: nothing, onFallback: nothing, onOpen: nothing, onLost: nothing,
          panels: () => ["cost", "accuracy"], isPolling: () => false,
        });
        connection.setAddress(`${argument}://modules.test/regscope/live/7`);
        connection.setAddress(`${argument}://modules.test/regscope/live/7`);
        return sockets.map(({ url }) => url);""",
        page,
    )
    assert found == [f"{socket}://modules.test/regscope/live/7?heartbeats=&panels=cost%2Caccuracy"]


def test_a_viewer_draws_a_frame_and_requests_the_next(run):
    frame = next(iter(real_frames(("cost",)).values()))
    found = run(
        """const { Viewer } = await load("live/assets/socket/viewer");
        const drawn = [], notices = [];
        const viewer = new Viewer({
          onFrame: (frame) => drawn.push(frame.run), onNotice: (texts) => notices.push(texts),
          onFallback() {}, onOpen() {}, onLost() {}, panels: () => ["cost"], isPolling: () => false,
        });
        viewer.setAddress("http://modules.test/live");
        for (const text of [argument, "{", "{", argument]) viewer.receive(text);
        const malformed = notices.map(({ malformedMessage }) => malformedMessage).filter((text) => text !== undefined);
        return { drawn, malformed, sent: sockets[0].sent };""",
        json.dumps(frame),
    )
    ready = {"panels": ["cost"], "drawn": True}
    assert found["drawn"] == [frame["run"]] * 2
    assert found["sent"] == [ready, {"again": True}, ready, ready, ready]  # complete panels are requested once
    assert [bool(text) for text in found["malformed"]] == [False, True, True, False]


def test_notices_are_shown_when_they_are_set_and_hidden_when_removed(run):
    found = run(
        """const { Notices } = await load("live/assets/status/notices");
        const notices = new Notices(() => ["a panel", ""]);
        const states = [];
        for (const texts of [{ connection: "lost" }, { run: "over" }, { connection: "", run: "" }]) {
          notices.set(texts);
          states.push(notices.root.textContent);
        }
        const shown = notices.root.hasAttribute("data-shown");
        notices.panelErrors = () => [];
        notices.show();
        return { states, shown, after: notices.root.hasAttribute("data-shown") };"""
    )
    assert found == {"states": ["lost a panel", "over lost a panel", "a panel"], "shown": True, "after": False}


def test_talk_mode_shows_one_or_two_panels_from_the_current_one(run):
    found = run(
        """const { Talk } = await load("live/assets/controls/talk");
        const { largeScale } = await load("live/assets/panels/enlarge");
        const panels = ["a", "b", "c"].map((name) => ({ name, section: document.createElement("p"), scale: 1 }));
        const root = document.createElement("div");
        let restyled = 0;
        const talk = new Talk({ root, panels: () => panels, perform() {}, restyle() { restyled += 1; } });
        const look = () => {
          const shown = panels.filter(({ section }) => !section.hasAttribute("data-away")).map(({ name }) => name);
          return [shown.join(""), talk.positionLabel.textContent, panels[0].scale];
        };
        const looks = [];
        for (const [act, value] of [["setOn", true], ["movePanels", -1], ["setCount", 2], ["setOn", false]]) {
          talk[act](value);
          looks.push(look());
        }
        return { looks, restyled, scale: largeScale(), columns: root.style.getPropertyValue("--rs-talk-columns") };"""
    )
    scale = found["scale"]
    assert found["looks"] == [
        ["a", "1 of 3", scale],
        ["c", "3 of 3", scale],
        ["ac", "3 and 1 of 3", scale],
        ["abc", "3 and 1 of 3", 1],
    ]
    assert found["restyled"] == 4
    assert found["columns"] == "2"


def test_a_rendered_board_has_its_panels_one_socket_and_a_stored_layout(run):
    found = run(
        """const { render } = await load("live/assets/board");
        const slot = document.createElement("div");
        document.body.append(slot);
        const component = (layout) => ({ setStateValue() {}, setTriggerValue() {}, data: {
          run: "7", state: "paused", over: false, toggle: "Resume", metrics: [], table: null,
          keys: { labels: {} }, colours: { light: {}, dark: {} },
          plotly: "/plotly.js", socket: "http://modules.test/live", panels: [spec("one"), spec("two")], layout,
        } });
        for (const name of ["overview", "own"]) {
          slot.regscope = component({ name, panels: [], in_address: true });
          render(slot);
          await new Promise((resolve) => setTimeout(resolve));
        }
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        return { boards: slot.children.length, panels: slot.querySelectorAll("[data-panel]").length,
                 sockets: sockets.length, layout: JSON.parse(localStorage.getItem("regscope.layout")).name };"""
    )
    assert found == {"boards": 1, "panels": 2, "sockets": 1, "layout": "own"}


def test_keys_pressed_in_a_list_do_not_move_the_player(run):
    found = run(
        """const { Player } = await load("replay/assets/player");
        const status = { state: "finished", keyframe: null, metrics: [] };
        const frame = (step) => ({ status: { ...status, step }, epoch: step, panels: {} });
        const player = new Player(document.body, [spec()], [frame(1), frame(2), frame(3)]);
        const press = (key, target) => {
          target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          return player.frameIndex;
        };
        const { body } = document;
        return [player.frameIndex, press("Home", player.speedSelect), press("Home", body), press("ArrowRight", body),
                press("ArrowRight", player.slider), press("End", body), press("ArrowLeft", body)];"""
    )
    assert found == [2, 2, 0, 1, 1, 2, 1]


def test_a_panel_that_missed_a_frame_while_hidden_requests_all_panels(run):
    found = run(
        """const { PanelGrid } = await load("live/assets/panels/panel_grid");
        let requests = 0;
        const grid = new PanelGrid({ viewportChanged() {}, requestAll() { requests += 1; }, stepName: () => "" });
        const both = [spec("one"), spec("two")];
        grid.mount(both, false, false);
        grid.mount(both.slice(0, 1), false, false);
        grid.draw({ two: { traces: [{ y: [3] }], layout: {} } });
        const before = requests;
        grid.mount(both, false, false);
        return [before, requests];"""
    )
    assert found == [0, 1]


def test_a_button_does_not_submit_a_form(run):
    found = run(
        """const { createButton } = await load("live/assets/dom");
        let presses = 0;
        const node = createButton("Step", "one mini-batch", () => { presses += 1; });
        node.click();
        return [node.tagName, node.type, node.title, node.textContent, presses];"""
    )
    assert found == ["BUTTON", "button", "one mini-batch", "Step", 1]

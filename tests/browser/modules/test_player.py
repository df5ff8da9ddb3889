"""The modules of the replay: the player, and reading the data of a replay file."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode

import pytest

pytestmark = pytest.mark.browser

PLAYER = """
  const { Player } = await load("replay/assets/player");
  const timers = new Map();
  let count = 0;
  window.setInterval = (call, pause) => { timers.set(++count, { call, pause }); return count; };
  window.clearInterval = (number) => timers.delete(number);
  let darken;
  const theme = { matches: false, addEventListener: (name, call) => { if (name === "change") darken = call; } };
  window.matchMedia = (query) => (query === "(prefers-color-scheme: dark)" ? theme : null);
  const status = (step) => ({ state: "finished", keyframe: null, metrics: [["Epoch", String(step), "", ""]], step });
  const panels = (y) => ({ one: { traces: [{ y: [y] }], layout: {} } });
  const frames = [10, 20, 30, 40].map((step) => ({ status: status(step), epoch: step / 20, panels: panels(step) }));
  const themed = { ...spec("one"), large: true, cursor: "step" };
  themed.figures.dark = themed.figures.light.replace('"font":{}', '"font":{"color":"pale"}');
  const player = new Player(document.body, [themed, { ...spec("two"), cursor: "step" }], frames);
  const root = document.body.firstChild;
  const [one, two] = root.querySelectorAll("[data-panel]");
  const press = (key, target = document.body) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    return event.defaultPrevented;
  };
  const change = (node, type, values) => { Object.assign(node, values); node.dispatchEvent(new Event(type)); };
  const look = () => ({ ...root.dataset, at: Number(player.slider.value),
                        words: root.querySelector(".rs-state").textContent, label: player.positionLabel.textContent,
                        y: one.regscopePanel.chart.data[0].y[0] });
"""


def test_a_replay_starts_with_its_last_frame(run):
    found = run(
        PLAYER
        + """const { slider, speedSelect: speed, playButton: toggle } = player;
        return { ...look(), max: slider.max, min: slider.min, step: slider.step, type: slider.type,
                 spoken: slider.getAttribute("aria-valuetext"), name: slider.getAttribute("aria-label"),
                 speeds: [...speed.options].map(({ text }) => text), speed: speed.value,
                 list: speed.getAttribute("aria-label"), toggle: [toggle.textContent, toggle.title],
                 large: [one, two].map((each) => each.hasAttribute("data-large")),
                 metrics: root.querySelector("dl").textContent, marked: root.hasAttribute("data-regscope-replay"),
                 parts: [...root.children].map(({ className }) => className),
                 bar: [...root.children[2].children].map(({ tagName }) => tagName) };"""
    )
    label = "epoch 2.0, step 40"
    assert (found["state"], found["words"], found["step"], found["at"]) == ("finished", "finished", "1", 3)
    assert (found["label"], found["spoken"], found["y"]) == (label, label, 40)
    assert (found["min"], found["max"], found["type"]) == ("0", "3", "range")
    assert (found["name"], found["list"]) == ("Step of the run", "Speed")
    assert (found["speeds"], found["speed"]) == (["½×", "1×", "2×", "4×", "8×"], "1")
    assert found["toggle"] == ["Play", "Play and pause (space)"]
    assert found["large"] == [True, False]
    assert found["metrics"] == "Epoch40"
    assert found["marked"]
    assert found["parts"] == ["rs-status-line", "rp-sentence", "rs-timeline rp-bar", "rs-grid"]
    assert found["bar"] == ["BUTTON", "SELECT", "INPUT", "OUTPUT"]


def test_a_replay_shows_the_frame_under_the_slider(run):
    found = run(
        PLAYER
        + """const looks = [];
        for (const value of [0, 1, 3]) {
          change(player.slider, "input", { value });
          looks.push({ ...look(), step: root.dataset.step });
        }
        return looks;"""
    )
    assert [(each["at"], each["y"], each["step"]) for each in found] == [(0, 10, "10"), (1, 20, "20"), (3, 40, "40")]
    assert [each["words"] for each in found] == ["replay", "replay", "finished"]
    assert [each["state"] for each in found] == ["replay", "replay", "finished"]
    assert [each["label"] for each in found] == ["epoch 0.5, step 10", "epoch 1.0, step 20", "epoch 2.0, step 40"]


def test_a_replay_plays_to_its_end_and_then_again_from_the_start(run):
    found = run(
        PLAYER
        + """const tick = () => timers.forEach(({ call }) => call()), states = [];
        const pauses = () => [...timers.values()].map(({ pause }) => pause);
        const see = () => states.push([player.frameIndex, player.playButton.textContent, pauses()]);
        player.playButton.click(); // at the end: it starts again
        see();
        for (let at = 0; at < 3; at += 1) { tick(); see(); }
        change(player.slider, "input", { value: 1 });
        press(" ");
        see();
        change(player.speedSelect, "change", { value: "4" });
        see();
        press(" ");
        see();
        change(player.speedSelect, "change", { value: "0.5" });
        see();
        player.playButton.click();
        see();
        return states;"""
    )
    assert found == [
        [0, "Pause", [200]],
        [1, "Pause", [200]],
        [2, "Pause", [200]],
        [3, "Play", []],
        [1, "Pause", [200]],
        [1, "Pause", [50]],
        [1, "Play", []],
        [1, "Play", []],
        [1, "Pause", [400]],
    ]


def test_keys_move_the_replay_unless_another_element_uses_them(run):
    found = run(
        PLAYER
        + """const moves = ["Home", "ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowRight", "x"];
        const states = moves.map((key) => [press(key), player.frameIndex]);
        const summary = document.createElement("summary");
        document.body.append(summary);
        const left = [[" ", summary], ["Home", summary], ["Home", player.slider], [" ", player.speedSelect]].map(
          ([key, target]) => press(key, target));
        return { states, left, at: player.frameIndex, space: [press(" "), timers.size] };"""
    )
    assert found["states"] == [[True, 0], [True, 1], [True, 2], [True, 1], [True, 3], [True, 3], [False, 3]]
    assert (found["left"], found["at"], found["space"]) == ([False] * 4, 3, [True, 1])


def test_a_replay_shows_the_step_of_the_weights_and_the_error_of_a_panel(run):
    found = run(
        PLAYER
        + """const labels = [];
        for (const [index, keyframe] of [[0, 10], [1, 15], [2, null]]) {
          frames[index].status.keyframe = keyframe;
          const fine = { traces: [], layout: {}, caption: "fine" };
          frames[index].panels.two = index === 1 ? { trouble: "Too many classes." } : fine;
          player.showFrame(index);
          const note = two.regscopePanel.hint.textContent;
          labels.push([player.positionLabel.textContent, two.hasAttribute("data-trouble"), note]);
        }
        return labels;"""
    )
    assert found == [
        ["epoch 0.5, step 10", False, "fine"],
        ["epoch 1.0, step 20, weights of step 15", True, "Too many classes."],
        ["epoch 1.5, step 30", False, "fine"],
    ]


def test_a_replay_follows_the_theme_of_the_browser(run):
    found = run(
        PLAYER
        + """const colour = () => one.regscopePanel.chart.layout.font.color ?? null;
        const light = colour();
        theme.matches = true;
        darken();
        return [light, colour(), one.regscopePanel.chart.data[0].y];"""
    )
    assert found == [None, "pale", [40]]


def test_the_cursors_of_a_replay_are_linked_and_its_charts_resized(run):
    found = run(
        """let resize;
        window.ResizeObserver = class {
          constructor(call) { resize = call; this.observed = []; window.observer = this; }
          observe(chart) { this.observed.push(chart); }
        };
        const resized = [], hovered = [];
        Plotly.Plots.resize = (chart) => resized.push(chart);
        window.requestAnimationFrame = (call) => call();"""
        + PLAYER
        + """Plotly.Fx = { hover: (chart, { xval }) => hovered.push([chart === two.regscopePanel.chart, xval]) };
        const [hover] = one.regscopePanel.chart.handlers.plotly_hover;
        hover({ event: { isTrusted: true }, points: [{ x: 7 }] });
        const drawn = [one, two].map(({ regscopePanel }) => regscopePanel);
        drawn[1].chart.data = undefined;
        resize(drawn.map(({ chart }) => ({ target: chart })));
        return { hovered, resized: resized.map((chart) => chart === drawn[0].chart),
                 observed: observer.observed.length };"""
    )
    assert found == {"hovered": [[True, 7]], "resized": [True], "observed": 2}


# the data of a replay file


def test_a_text_packed_with_gzip_is_unpacked(run):
    text = "λ = 0.1, " * 50
    found = run(
        """const { unpack } = await load("replay/assets/unpack");
        const node = document.createElement("script");
        Object.assign(node, { id: "data", type: "text/plain", textContent: argument });
        document.body.append(node);
        return [await unpack("data"), document.getElementById("data")];""",
        b64encode(gzip.compress(text.encode())).decode(),
    )
    assert found == [text, None]


def test_each_frame_of_a_file_is_completed_from_the_previous_frames(run):
    frames = [
        {
            "one": [
                False,
                {"traces": [{"y": {"dtype": "f4", "bdata": "abcd"}, "name": "a"}], "layout": {"title": "t", "u": 1}},
            ]
        },
        {
            "one": [True, {"traces": [{"y": {"dtype": "f4", "from": 2, "bdata": "XY"}}], "layout": {"u": 2}}],
            "two": [False, {"traces": [], "layout": {}, "note": "n"}],
        },
        {"two": [True, {"traces": [], "layout": {}}]},
        {"one": [False, {"traces": [], "layout": {}}]},
    ]
    given = [
        {
            "status": {"step": step},
            "epoch": step / 2,
            "panels": {name: {"continues": continues, "body": body} for name, (continues, body) in panels.items()},
        }
        for step, panels in enumerate(frames)
    ]
    found = run(
        """const { completeFrames } = await load("replay/assets/unpack");
        return JSON.stringify(completeFrames(argument));""",
        given,
    )
    first = frames[0]["one"][1]
    second = {"traces": [{"y": {"dtype": "f4", "bdata": "abXY"}, "name": "a"}], "layout": {"title": "t", "u": 2}}
    with_note = {"traces": [], "layout": {}, "note": "n"}
    panels = [
        {"one": first},
        {"one": second, "two": with_note},
        {"one": second, "two": with_note},
        {"one": {"traces": [], "layout": {}}, "two": with_note},
    ]
    assert json.loads(found) == [
        {"status": {"step": step}, "epoch": step / 2, "panels": each} for step, each in enumerate(panels)
    ]


def test_a_replay_of_several_runs_has_their_table_at_each_step(run):
    found = run(
        """const { Player } = await load("replay/assets/player");
        let darken;
        const theme = { matches: false, addEventListener: (name, call) => { if (name === "change") darken = call; } };
        window.matchMedia = (query) => (query === "(prefers-color-scheme: dark)" ? theme : null);
        const table = { head: ["Run", "Step"], swatches: [
          { light: "#010101", dark: "#EEEEEE", dash: "solid", outline: null },
          { light: "#020202", dark: "#DDDDDD", dash: "solid", outline: null } ] };
        const row = (step) => (name, line) => ({ state: "finished", line, cells: [name, String(step)] });
        const rows = (step) => ["a", "b"].map(row(step));
        const frames = [1, 2].map((step) => ({ status: { state: "finished", keyframe: null, metrics: [], step,
          table: rows(step) }, epoch: step, panels: { one: { traces: [{ y: [step] }], layout: {} } } }));
        const player = new Player(document.body, [{ ...spec("one"), wide: true }], frames, table);
        const root = document.body.firstChild;
        const look = () => [...root.querySelectorAll("tbody tr")].map((row) => row.textContent);
        const stroke = () => root.querySelector("tbody svg line").getAttribute("stroke");
        const looks = [look()];
        player.showFrame(0);
        looks.push(look());
        const strokes = [stroke()];
        theme.matches = true;
        darken();
        strokes.push(stroke());
        return { looks, strokes, many: root.hasAttribute("data-many"), rows: root.style.getPropertyValue("--rs-rows"),
                 hidden: [root.querySelector("dl").hidden, root.querySelector("table").hidden],
                 wide: root.querySelector("[data-panel]").hasAttribute("data-wide") };"""
    )
    assert found["looks"] == [["a2", "b2"], ["a1", "b1"]]
    assert found["strokes"] == ["#010101", "#EEEEEE"]
    assert (found["many"], found["rows"], found["hidden"], found["wide"]) == (True, "2", [True, False], True)

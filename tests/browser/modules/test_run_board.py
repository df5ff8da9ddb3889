"""A board with fakes of the Streamlit page, of Plotly.js and of the live socket."""

from __future__ import annotations

import pytest

from dashboard.live.keys import mount_data

pytestmark = pytest.mark.browser

# `show` renders the board, `send` delivers a frame, and `settle` waits for the promises of the page.
BOARD = """
  const { render, feed } = await load("live/assets/board");
  window.requestAnimationFrame = (call) => call();
  const slot = document.createElement("div");
  document.body.append(slot);
  const reported = [], keys = argument;
  const page = (rest = {}) => ({
    setStateValue: (name, value) => reported.push(["state", name, value]),
    setTriggerValue: (name, value) => reported.push(["trigger", name, value]),
    data: { run: "7", state: "paused", over: false, toggle: "Resume", metrics: [["Epoch", "0", "", ""]], table: null,
            keys, page: "v1", polling: false, colours: { light: { rule: "grey" }, dark: {} }, plotly: "/plotly.js",
            socket: "http://modules.test/live/7", panels: [spec("one"), spec("two")],
            layout: { name: "own", panels: [], in_address: true }, ...rest },
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 1));
  const show = async (rest) => { slot.regscope = page(rest); render(slot); await settle(); };
  const status = (rest = {}) => ({
    state: "running", over: false, toggle: "Pause", page: "v1", step: 5, last: 5, keyframe: null, fork_refusal: "",
    sentence: "", notice: "", metrics: [["Epoch", "1", "", ""]], spoken: "Cost 1.", measured_at: Date.now() / 1000,
    ...rest });
  const frame = (rest = {}, news = {}) => ({ run: "7", status: status(rest), panels: {}, ...news });
  const send = (message) => sockets.at(-1).onmessage({ data: JSON.stringify(message) });
  const root = () => slot.firstChild;
  const sent = () => sockets.at(-1).sent.filter((message) => !("drawn" in message));
  const slider = () => root().querySelector("input[type=range]");
  const lookBack = (step) => { slider().value = step; slider().dispatchEvent(new Event("input")); };
  const press = (label) => [...root().querySelectorAll("button")].find((node) => node.textContent === label).click();
  const words = () => root().querySelector(".rs-state").textContent;
  const look = () => ({ ...root().dataset, words: words(), metrics: root().querySelector("dl").textContent });
"""


@pytest.fixture
def board(run):
    """Return a function that runs JavaScript after BOARD, with the keys of the board as its argument."""
    return lambda body: run(BOARD + body, mount_data())


def test_the_parts_of_a_board_are_in_the_right_order(board):
    found = board(
        """await show();
        return { name: root().className, marked: root().hasAttribute("data-regscope-board"),
                 parts: [...root().children].map(({ className }) => className) };"""
    )
    assert found["name"] == "rs-board"
    assert found["marked"]
    below = ["rs-timeline", "rs-notice", "rs-grid", "rs-talk-bar", "rs-menu rs-keys", "rs-hidden"]
    assert found["parts"] == ["rs-status-line", "rs-sentence", *below]


def test_a_board_shows_the_state_of_the_page_until_the_first_frame(board):
    found = board(
        """await show();
        const first = look();
        send(frame());
        const second = look();
        await show({ state: "finished", metrics: [] }); // the same run: its frames are newer than the page
        return [first, second, look(), root().regscopeAges.length];"""
    )
    first, second, again, ages = found
    assert (first["state"], first["step"], first["frames"], first["words"]) == ("paused", "0", "0", "paused")
    assert (first["runId"], first["metrics"]) == ("7", "Epoch0")
    assert (second["state"], second["step"], second["frames"], second["words"]) == ("running", "5", "1", "running")
    assert second["metrics"] == "Epoch1"
    assert int(second["bytes"]) > 0
    assert again == second
    assert ages == 1


def test_a_board_without_a_run_shows_the_state_of_its_page(board):
    found = board(
        """const states = [];
        for (const state of ["ready", "queued"]) {
          await show({ run: null, socket: null, state });
          states.push([root().dataset.state, root().dataset.runId, root().dataset.step]);
        }
        return { states, sockets: sockets.length };"""
    )
    assert found == {"states": [["ready", "", "0"], ["queued", "", "0"]], "sockets": 0}


def test_only_the_age_of_a_live_frame_of_a_running_run_is_recorded(board):
    found = board(
        """await show();
        const ages = () => root().regscopeAges.length, counts = [];
        for (const message of [frame(), frame({ state: "paused" }), frame({}, { status: null })]) {
          send(message);
          counts.push(ages());
        }
        lookBack(2);
        send(frame({ step: 2 }, { past: true }));
        return { counts: [...counts, ages()], frames: root().dataset.frames };"""
    )
    assert found == {"counts": [1, 1, 1, 1], "frames": "4"}


def test_a_frame_draws_the_panels_and_ignores_those_of_another_run(board):
    found = board(
        """await show();
        const panels = { one: { traces: [{ y: [1, 2] }], layout: {} } };
        const y = () => root().querySelector("[data-panel=one]").regscopePanel.chart.data[0].y;
        send({ ...frame({ step: 9 }, { panels }), run: "8" });
        const other = [y(), root().dataset.step];
        send(frame({}, { panels }));
        return [other, [y(), root().dataset.step]];"""
    )
    assert found == [[[], "0"], [[1, 2], "5"]]


def test_looking_back_shows_frames_of_the_past_and_the_progress_of_the_run(board):
    found = board(
        """await show();
        send(frame({ step: 9, last: 9 }));
        lookBack(4);
        const looks = [];
        const see = () => looks.push([root().hasAttribute("data-back"), root().dataset.step, words(), slider().max]);
        see();
        send(frame({ step: 10, last: 10, page: "v2", state: "paused" })); // sent before the user looked back
        see();
        send(frame({ step: 4, last: 11, keyframe: 3 }, { past: true }));
        see();
        const label = root().querySelector("output").textContent;
        press("Live");
        see();
        send(frame({ step: 4, last: 12 }, { past: true })); // sent before the user returned
        see();
        send(frame({ step: 12, last: 12 }));
        see();
        return { looks, label, sent: sent(), reported };"""
    )
    assert found["looks"] == [
        [True, "9", "running", "9"],
        [True, "9", "looking back, paused", "10"],
        [True, "4", "looking back, running", "11"],
        [False, "4", "running", "11"],
        [False, "4", "running", "12"],
        [False, "12", "running", "12"],
    ]
    assert found["label"] == "step 4, weights of step 3"
    assert found["sent"] == [{"at": 4}, {"at": None}]
    assert found["reported"] == [["trigger", "page", "v2"]]


def test_a_socket_that_is_opened_again_gets_the_step_to_look_back_at(board):
    found = board(
        """await show();
        sockets.at(-1).onopen();
        const live = [...sent()];
        send(frame({ step: 9, last: 9 }));
        lookBack(4);
        sockets.at(-1).onopen();
        return [live, sent()];"""
    )
    assert found == [[], [{"at": 4}, {"at": 4}]]


def test_another_run_starts_with_an_empty_board(board):
    found = board(
        """await show();
        send(frame({ step: 9, last: 9 }, { panels: { one: { trouble: "Too many classes." } } }));
        sockets.at(-1).onmessage({ data: "{" });
        const before = root().querySelector(".rs-notice").textContent;
        lookBack(4);
        await show({ run: "8", socket: "http://modules.test/live/8", state: "ready" });
        const panel = root().querySelector("[data-panel=one]").regscopePanel;
        return { before, after: root().querySelector(".rs-notice").textContent, ...look(),
                 back: root().hasAttribute("data-back"), max: slider().max, disabled: slider().disabled,
                 sockets: sockets.map(({ url }) => new URL(url).pathname) };"""
    )
    assert "Too many classes." in found["before"]
    assert "cannot read" in found["before"]
    assert found["after"] == ""
    assert (found["runId"], found["state"], found["step"], found["frames"]) == ("8", "ready", "0", "0")
    assert (found["back"], found["max"], found["disabled"], found["words"]) == (False, "1", True, "ready")
    assert found["sockets"] == ["/live/7", "/live/8"]


def test_a_group_has_a_table_and_cannot_be_forked(board):
    found = board(
        """const swatches = [{ light: "teal", dark: "aqua" }, { light: "red", dark: "pink" }];
        const looks = [];
        for (const table of [{ head: ["Run", "State"], swatches }, null]) {
          await show({ table, run: table ? "7,8" : "7" });
          const fork = [...root().querySelectorAll("button")].find((node) => node.textContent === "Fork here");
          looks.push([root().hasAttribute("data-many"), fork.hidden, root().querySelector("table").hidden]);
        }
        return { looks, rows: root().style.getPropertyValue("--rs-rows") };"""
    )
    assert found == {"looks": [[True, True, False], [False, False, True]], "rows": "2"}


def test_orders_go_over_the_socket_while_the_run_has_a_worker(board):
    found = board(
        """await show();
        const key = (name) => document.body.dispatchEvent(
          new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
        key("b");
        send(frame({ over: true }));
        key("b");
        press("Fork here");
        await show({ run: null, socket: null });
        key("b");
        return { sent: sockets.flatMap(({ sent }) => sent).filter(({ order }) => order), reported };"""
    )
    assert found["sent"] == [{"order": "toggle"}]
    *_, (_, _, requests) = found["reported"]
    assert requests["list"] == [[1, "order", "toggle"], [2, "fork", 5], [3, "order", "toggle"]]


def test_talk_mode_of_a_board_follows_keys_layouts_and_orders(board):
    found = board(
        """await show();
        const key = (name) => document.body.dispatchEvent(
          new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
        const away = () => [...root().querySelectorAll("[data-panel]")].map((each) => each.hasAttribute("data-away"));
        const [bar] = root().getElementsByClassName("rs-talk-bar");
        const looks = [away()];
        key("p");
        looks.push(away());
        key("n");
        looks.push(away());
        await show({ panels: [spec("one"), spec("two"), spec("three")] });
        looks.push(away());
        const [toggle] = bar.getElementsByTagName("button");
        const texts = [toggle.textContent, toggle.title, bar.querySelector(".rs-position").textContent];
        const scale = root().querySelector("[data-panel=one]").regscopePanel.scale > 1;
        key("Escape");
        looks.push(away());
        return { looks, texts, scale };"""
    )
    assert found["looks"] == [[False] * 2, [False, True], [True, False], [True, False, True], [False] * 3]
    assert found["texts"] == ["Resume", "Space, b", "2 of 3"]
    assert found["scale"] is True


def test_a_theme_is_applied_to_colours_table_and_figures(board):
    found = board(
        """let tick;
        window.setInterval = (call) => { tick = call; };
        const themed = spec("one");
        themed.figures.dark = themed.figures.light.replace('"font":{}', '"font":{"color":"pale"}');
        const swatches = [{ light: "teal", dark: "aqua" }];
        await show({ panels: [themed], table: { head: ["Run"], swatches }, colours: { light: { rule: "grey" },
                     dark: { rule: "silver" } } });
        send(frame({ table: [{ state: "running", line: 0, cells: ["L1"] }] }));
        const see = () => [root().style.getPropertyValue("--rs-rule"),
                           root().querySelector("line").getAttribute("stroke"),
                           root().querySelector("[data-panel]").regscopePanel.chart.layout.font.color ?? null];
        const light = see();
        root().style.setProperty("--st-background-color", "#000000");
        tick();
        return [light, see()];"""
    )
    assert found == [["grey", "teal", None], ["silver", "aqua", "pale"]]


def test_a_page_that_polls_passes_its_frames_to_the_board(board):
    found = board(
        """await show();
        const json = JSON.stringify(frame()), steps = [];
        const poll = async (run) => { feed(run, json); await settle(); steps.push(root().dataset.step); };
        await poll("7"); // the socket works
        await show({ polling: true });
        await poll("8");
        await poll("7");
        lookBack(2);
        return { steps, reported };"""
    )
    assert found == {"steps": ["0", "0", "5"], "reported": [["state", "at", None], ["state", "at", 2]]}


def test_a_page_that_starts_to_poll_gets_the_step_of_the_timeline(board):
    found = board(
        """await show();
        send(frame({ last: 9 }));
        lookBack(2);
        await show({ polling: true });
        return reported;"""
    )
    assert found == [["state", "at", 2]]


def test_a_page_without_plotly_has_a_notice_and_no_socket(board):
    found = board(
        """delete window.Plotly;
        const scripts = [];
        document.head.append = (script) => scripts.push(script);
        await show();
        scripts[0].onerror();
        await settle();
        return [root().querySelector(".rs-notice").textContent, sockets.length];"""
    )
    assert found == ["plotly.js could not be loaded: load the page again.", 0]


def test_a_layout_stored_in_the_browser_is_reported_to_the_page(board):
    found = board(
        """localStorage.setItem("regscope.layout", JSON.stringify({ name: "kept", panels: [] }));
        await show({ layout: { name: "overview", panels: [], in_address: false } });
        return reported;"""
    )
    [[_, _, requests]] = found
    assert requests["list"] == [[1, "layout", {"name": "kept", "panels": []}]]


def test_lost_data_are_requested_and_the_panels_in_the_viewport_reported(board):
    found = board(
        """let scroll;
        window.IntersectionObserver = class { constructor(call) { scroll = call; } observe() {} disconnect() {} };
        await show();
        scroll([{ target: root().querySelector("[data-panel=one]"), isIntersecting: false }]);
        const panels = { two: { traces: [{ y: { from: 2, bdata: "" } }], layout: {} } };
        send(frame({}, { panels }));
        return sockets.at(-1).sent;"""
    )
    assert found == [
        {"panels": ["two"], "drawn": False},
        {"again": True},
        {"panels": ["two"], "drawn": True},
    ]


def test_a_closed_board_removes_its_parts_listeners_and_socket(board):
    found = board(
        """let closed = 0, cleared = 0;
        WebSocket.prototype.close = () => { closed += 1; };
        window.clearInterval = () => { cleared += 1; };
        const purged = [];
        Plotly.purge = (chart) => purged.push(chart);
        await show();
        const [socket] = sockets;
        const key = (name) => document.body.dispatchEvent(
          new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
        key("p");
        const talk = document.documentElement.classList.contains("rs-talk");
        slot.regscope = page({ socket: "http://modules.test/live/8", run: "8" });
        render(slot);
        slot.regscopeClose(); // before the figures of the new run are mounted
        await settle();
        key("b");
        const after = document.documentElement.classList.contains("rs-talk");
        const children = slot.children.length, count = sockets.length;
        render(slot); // another visit has a new board
        await settle();
        return { talk, after, closed, cleared, purged: purged.length, children, count, orders: socket.sent.some(
                 ({ order }) => order), boards: slot.children.length };"""
    )
    assert found == {
        "talk": True,
        "after": False,
        "closed": 1,
        "cleared": 2,  # the timers of the theme and of the connection
        "purged": 2,
        "children": 0,
        "count": 1,
        "orders": False,
        "boards": 1,
    }


def test_a_board_without_a_connection_shows_no_state_and_takes_no_orders(board):
    found = board(
        """let check;
        window.setInterval = (call) => { check ??= call; return 1; };
        await show();
        send(frame({ step: 9, last: 9 }));
        const key = (name) => document.body.dispatchEvent(
          new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
        const looks = [];
        const see = () => looks.push([root().hasAttribute("data-lost"), words(), slider().disabled]);
        see();
        for (let i = 0; i < 10; i += 1) check();
        see();
        for (const name of ["b", ".", "ArrowLeft"]) key(name);
        const orders = sent();
        send(frame({ step: 10, last: 10 }));
        see();
        key("b");
        return { looks, orders, after: sent(), reported };"""
    )
    assert found["looks"] == [[False, "running", False], [True, "no connection", True], [False, "running", False]]
    assert (found["orders"], found["after"]) == ([], [{"order": "toggle"}])
    assert found["reported"] == []

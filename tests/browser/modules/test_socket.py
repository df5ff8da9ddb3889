"""The modules of the live socket: connection, messages and viewer."""

from __future__ import annotations

import json
import re

import pytest

from dashboard.live.messages import HEARTBEAT, Frame, Request, type_problem
from dashboard.live.routes import SERVER_ERROR
from tests.dashboard.live.sample_frames import real_frames, variants

pytestmark = pytest.mark.browser

CONNECTION = """
  const { Connection } = await load("live/assets/socket/connection");
  const timers = new Map(), calls = [], pauses = [], closed = [], frames = [];
  let check, polling = false;
  window.setInterval = (call) => { check = call; return 7; };
  const wait = (seconds) => { for (let i = 0; i < 4 * seconds; i += 1) check(); };
  window.setTimeout = (call, pause) => { pauses.push(pause); timers.set(pauses.length, call); return pauses.length; };
  window.clearTimeout = (number) => timers.delete(number);
  window.requestAnimationFrame = (call) => frames.push(call);
  WebSocket.prototype.close = function () { closed.push(this.url); };
  const record = (name) => (...given) => { calls.push([name, ...given]); };
  const connection = new Connection({
    onMessage: record("message"), onNotice: record("notice"), onFallback: record("fallback"), onOpen: record("opened"),
    onLost: record("lost"), panels: () => ["cost"], isPolling: () => polling,
  });
  const ring = () => { const due = [...timers.values()]; timers.clear(); due.forEach((call) => call()); };
  const end = (code = 1006) => sockets.at(-1).onclose({ code });
  const notices = () => calls.filter(([name]) => name === "notice").map(([, texts]) => texts.connection);
  const back = () => calls.filter(([name]) => name === "notice").at(-1)[1].connectionBack;
  const lost = () => calls.filter(([name]) => name === "lost").at(-1)[1];
  const hear = (data = '{"heartbeat":true}') => sockets.at(-1).onmessage({ data });
  const fallbacks = () => calls.filter(([name]) => name === "fallback").map(([, on]) => on);
  connection.setAddress("/live/7");
"""


def test_a_lost_connection_is_opened_again_after_increasing_pauses(run):
    found = run(
        CONNECTION
        + """for (let attempt = 0; attempt < 12; attempt += 1) { end(); ring(); }
        return { pauses, sockets: sockets.length, notices: notices(), fallbacks: fallbacks() };"""
    )
    assert found["pauses"] == [500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5000, 5000]
    assert found["sockets"] == 13
    first, *lost = found["notices"]
    assert first == ""
    assert all(text.startswith("No connection to the server since ") for text in lost)
    assert found["fallbacks"] == [True] * 10


def test_a_message_ends_the_notice_and_the_polling(run):
    found = run(
        CONNECTION
        + """for (let attempt = 0; attempt < 3; attempt += 1) { end(); ring(); }
        sockets.at(-1).onopen();
        sockets.at(-1).onmessage({ data: "12345" });
        sockets.at(-1).onmessage({ data: "678" });
        const before = calls.filter(([name]) => name === "message").length;
        frames.splice(0).forEach((call) => call());
        const bytes = connection.receivedCharacters;
        const state = { notice: notices().at(-1), fallback: fallbacks().at(-1), bytes, before };
        const [messages, opened] = ["message", "opened"].map((kind) => calls.filter(([name]) => name === kind));
        end();
        return { ...state, messages, opened, pause: pauses.at(-1), after: notices().at(-1) };"""
    )
    assert (found["notice"], found["fallback"], found["bytes"], found["before"]) == ("", False, 8, 0)
    assert found["messages"] == [["message", "12345"], ["message", "678"]]
    assert found["opened"] == [["opened"]]
    assert found["pause"] == 500
    assert found["after"].startswith("No connection")


TIME = r"\d\d:\d\d:\d\d"


def test_a_silent_socket_is_a_lost_connection_until_the_next_message(run):
    """No clock is read: an hour that is set back or forward changes neither the notice nor the next attempts."""
    found = run(
        CONNECTION
        + """let hours = 0;
        Date.now = () => (hours += 1) * (hours % 2 ? 3600e3 : -3600e3);
        performance.now = Date.now;
        const [socket] = sockets;
        socket.onopen();
        const looks = [];
        const look = () => looks.push([lost(), notices().at(-1), back()]);
        hear();
        wait(2.25);
        look();
        wait(0.25);
        look();
        wait(7);
        look();
        hear();
        look();
        wait(10);
        const heartbeats = calls.filter(([name]) => name === "message").length;
        return { looks, heartbeats, bytes: connection.receivedCharacters, sockets: sockets.length };"""
    )
    connected, silent, longer, again = found["looks"]
    assert connected == [False, "", ""]
    assert silent[0]
    assert re.fullmatch(rf"No connection to the server since {TIME}\. Trying again\u00a0…", silent[1])
    assert longer == silent
    assert again[:2] == [False, ""]
    assert re.fullmatch(
        rf"There was no connection to the server from {TIME} to {TIME}\. The board is live again\.", again[2]
    )
    assert (found["heartbeats"], found["bytes"]) == (0, 0)


def test_the_notice_that_the_connection_is_back_disappears(run):
    found = run(
        CONNECTION
        + """wait(2.5);
        hear();
        const texts = [back()];
        for (let second = 0; second < 11; second += 1) { wait(1); hear(); }
        return [...texts, back(), lost()];"""
    )
    assert found[0]
    assert found[1:] == ["", False]


def test_a_socket_that_stays_silent_is_given_up_for_a_new_one(run):
    found = run(
        CONNECTION
        + """const [first] = sockets;
        wait(10);
        const waiting = [closed.length, sockets.length, connection.isOpen];
        ring();
        first.onmessage({ data: "late" });
        const stillLost = lost();
        sockets.at(-1).onopen();
        hear();
        return { waiting, sockets: sockets.length, stillLost, lost: lost(), fallbacks: fallbacks() };"""
    )
    assert found == {"waiting": [1, 1, False], "sockets": 2, "stillLost": True, "lost": False, "fallbacks": [False]}


def test_polling_is_reported_only_while_polled_frames_arrive(run):
    found = run(
        CONNECTION
        + """for (let attempt = 0; attempt < 3; attempt += 1) { end(); ring(); }
        const looks = [[lost(), notices().at(-1)]]; // the page must poll, and has not done so yet
        polling = true;
        sockets.at(-1).readyState = 0;
        connection.hearPolledFrame();
        looks.push([lost(), notices().at(-1)]);
        end();
        wait(2.25);
        connection.hearPolledFrame();
        looks.push([lost(), notices().at(-1)]);
        wait(2.5);
        looks.push([lost(), notices().at(-1)]);
        ring();
        hear();
        polling = false;
        looks.push([lost(), notices().at(-1)]);
        return looks;"""
    )
    assert [is_lost for is_lost, _ in found] == [True, False, False, True, False]
    words = ["No connection", "cannot be opened: the page is updated twice a second", "twice a second", "No connection"]
    assert all(expected in text for expected, (_, text) in zip(words, found, strict=False))
    assert found[-1][1] == ""


def test_a_computer_that_is_offline_is_named_and_tries_at_once_when_it_is_back(run):
    """A server on the same computer answers also offline; its messages decide."""
    found = run(
        CONNECTION
        + """let online = true;
        Object.defineProperty(navigator, "onLine", { get: () => online, configurable: true });
        const turn = (isOn) => { online = isOn; dispatchEvent(new Event(isOn ? "online" : "offline")); };
        hear();
        turn(false);
        const texts = [notices().at(-1)];
        wait(2.5);
        texts.push(notices().at(-1));
        end();
        const before = sockets.length;
        turn(true);
        texts.push(notices().at(-1));
        const after = sockets.length;
        connection.close();
        turn(false);
        turn(true);
        return { texts, before, after, left: sockets.length, timers: timers.size };"""
    )
    local, offline, online = found["texts"]
    assert local == ""
    assert offline.endswith("This computer is offline.")
    assert online.endswith("Trying again\u00a0…")
    assert (found["before"], found["after"], found["left"], found["timers"]) == (1, 2, 2, 0)


def test_the_heartbeat_is_that_of_the_server(run):
    assert run('return (await load("live/assets/socket/messages")).HEARTBEAT;') == HEARTBEAT


def test_a_server_error_shows_a_notice_and_starts_no_polling(run):
    """With polling the server would fail again. The close code is that of dashboard/live/routes.py."""
    found = run(
        CONNECTION
        + """for (let attempt = 0; attempt < 4; attempt += 1) { end(argument); ring(); }
        return { last: notices().at(-1), fallbacks: fallbacks(), sockets: sockets.length };""",
        SERVER_ERROR,
    )
    assert found["last"].startswith("The server cannot show this run")
    assert (found["fallbacks"], found["sockets"]) == ([], 5)


def test_another_address_closes_the_socket_and_ends_the_attempts(run):
    found = run(
        CONNECTION
        + """const [first] = sockets;
        end();
        connection.setAddress("/live/8");
        ring();
        const opened = sockets.map(({ url }) => new URL(url).pathname);
        const [, second] = sockets;
        connection.setAddress("/live/8");
        connection.setAddress(null);
        second.onclose({ code: 1000 });
        second.onmessage({ data: "late" });
        frames.splice(0).forEach((call) => call());
        ring();
        const messages = calls.filter(([name]) => name === "message");
        return { opened, closed: closed.length, sockets: sockets.length, messages, open: connection.isOpen,
                 sent: connection.send({ at: 1 }), notice: notices().at(-1), attempts: connection.failedAttempts };"""
    )
    assert found == {
        "opened": ["/live/7", "/live/8"],
        "closed": 1,
        "sockets": 2,
        "messages": [],
        "open": False,
        "sent": False,
        "notice": "",
        "attempts": 0,
    }


def test_a_message_is_sent_only_while_the_socket_is_open(run):
    found = run(
        CONNECTION
        + """const [socket] = sockets;
        socket.readyState = 0;
        const early = connection.send({ at: 1 });
        socket.readyState = 1;
        return [early, connection.send({ at: 2 }), socket.sent];"""
    )
    assert found == [False, True, [{"at": 2}]]


# messages


def test_a_frame_is_refused_if_and_only_if_python_refuses_it(run):
    frames = [each for frame in real_frames(("cost", "lmbda")).values() for each in (frame, *variants(frame, Frame))]
    found = run(
        """const { readFrame } = await load("live/assets/socket/messages");
        return argument.map(readFrame).map(({ frame, problem }) => [frame !== null, problem]);""",
        [json.dumps(frame) for frame in frames],
    )
    expected = [not type_problem(frame, Frame) for frame in frames]
    assert set(expected) == {True, False}
    assert [accepted for accepted, _ in found] == expected
    assert [not text for _, text in found] == expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"run": None}, "run is not a text"),
        ({"status": {"state": "paused"}}, "status.over is missing"),
        ({"panels": []}, "panels is not an object"),
        ({"panels": {"cost": {"traces": [1], "layout": {}}}}, "panels.cost.traces[0] is not an object"),
        ({"panels": {"cost": {"traces": {}, "layout": {}}}}, "panels.cost.traces is not a list"),
        ({"panels": {"cost": {"trouble": 1}}}, "panels.cost.trouble is not a text"),
        ({"past": False}, "past is not true"),
        ({"news": 7}, ""),
    ],
)
def test_the_problem_of_a_frame_names_the_field(run, change, words):
    body = """const { readFrame } = await load("live/assets/socket/messages"); return readFrame(argument).problem;"""
    assert run(body, json.dumps({"run": "7", "status": None, "panels": {}, **change})) == words


@pytest.mark.parametrize(
    ("text", "words"), [("{", "it is not JSON"), ("[]", "it is not an object"), ("1", "it is not an object")]
)
def test_a_text_that_is_no_frame_is_refused(run, text, words):
    found = run(
        """const { readFrame } = await load("live/assets/socket/messages"); return readFrame(argument);""", text
    )
    assert found == {"frame": None, "problem": words}


def test_the_requests_of_the_browser_are_those_that_python_reads(run):
    found = run(
        """const make = await load("live/assets/socket/messages");
        return [make.readyMessage(["cost"], true), make.readyMessage([], false), make.againMessage(),
                make.lookBackMessage(7), make.lookBackMessage(null), make.orderMessage("step")];"""
    )
    assert [type_problem(message, Request) for message in found] == [""] * 6
    assert found == [
        {"panels": ["cost"], "drawn": True},
        {"panels": [], "drawn": False},
        {"again": True},
        {"at": 7},
        {"at": None},
        {"order": "step"},
    ]


# viewer

VIEWER = """
  const { Viewer } = await load("live/assets/socket/viewer");
  const calls = [];
  const record = (name) => (...given) => { calls.push([name, ...given]); };
  const viewer = new Viewer({
    onFrame: ({ run }) => { calls.push(["draw", run]); if (run === "bad") throw new Error("cannot be drawn"); },
    onNotice: record("notice"), onFallback: record("fallback"), onOpen: record("opened"), panels: () => ["cost"],
    onLost() {}, isPolling: () => false,
  });
  const frame = (name) => JSON.stringify({ run: name, status: null, panels: {} });
"""


def test_a_viewer_sends_its_requests_over_the_socket(run):
    found = run(
        VIEWER
        + """const early = viewer.sendOrder("step");
        viewer.setAddress("/live/7");
        const [socket] = sockets;
        socket.onopen();
        viewer.sendReady(false);
        viewer.lookBack(3);
        viewer.requestAll();
        const sent = viewer.sendOrder("toggle");
        let closed = 0;
        socket.close = () => { closed += 1; };
        viewer.close();
        const left = calls.filter(([name]) => name !== "notice");
        return { early, sent, messages: socket.sent, closed, calls: left, bytes: viewer.receivedCharacters };"""
    )
    assert found == {
        "early": False,
        "sent": True,
        "messages": [{"panels": ["cost"], "drawn": False}, {"at": 3}, {"again": True}, {"order": "toggle"}],
        "closed": 1,
        "calls": [["opened"]],
        "bytes": 0,
    }


def test_a_viewer_requests_the_next_frame_after_an_error_in_drawing(run):
    found = run(
        VIEWER
        + """viewer.setAddress("/live/7");
        let raised = "";
        try { viewer.receive(frame("bad")); } catch (error) { raised = error.message; }
        const [{ sent }] = sockets;
        viewer.read(frame("polled"));
        return { raised, sent, drawn: calls.filter(([name]) => name === "draw").map(([, run]) => run) };"""
    )
    assert found["raised"] == "cannot be drawn"
    assert found["sent"] == [{"panels": ["cost"], "drawn": True}]
    assert found["drawn"] == ["bad", "polled"]


def test_a_message_of_the_socket_is_drawn_and_counted(run):
    found = run(
        VIEWER
        + """window.requestAnimationFrame = (call) => call();
        viewer.setAddress("/live/7");
        const text = frame("7");
        sockets[0].onmessage({ data: text });
        const fallbacks = calls.filter(([name]) => name === "fallback");
        return { bytes: viewer.receivedCharacters === text.length, drawn: calls.at(-1), fallbacks };"""
    )
    assert found == {"bytes": True, "drawn": ["draw", "7"], "fallbacks": [["fallback", False]]}


def test_a_notice_names_the_problem_of_a_malformed_message(run):
    found = run(
        VIEWER
        + """for (const text of ["{", frame("7")]) viewer.read(text);
        return calls.filter(([name]) => name === "notice").map(([, { malformedMessage }]) => malformedMessage);"""
    )
    bad, good = found
    assert bad == "The server sent a message that this page cannot read (it is not JSON): load the page again."
    assert good == ""

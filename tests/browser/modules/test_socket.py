"""The modules of the live socket: connection, messages and viewer."""

from __future__ import annotations

import json

import pytest

from dashboard.live.messages import Frame, Request, type_problem
from dashboard.live.routes import SERVER_ERROR
from tests.dashboard.live.sample_frames import real_frames, variants

pytestmark = pytest.mark.browser

CONNECTION = """
  const { Connection } = await load("live/assets/socket/connection");
  const timers = new Map(), calls = [], pauses = [], closed = [], frames = [];
  window.setTimeout = (call, pause) => { pauses.push(pause); timers.set(pauses.length, call); return pauses.length; };
  window.clearTimeout = (number) => timers.delete(number);
  window.requestAnimationFrame = (call) => frames.push(call);
  WebSocket.prototype.close = function () { closed.push(this.url); };
  const record = (name) => (...given) => { calls.push([name, ...given]); };
  const connection = new Connection({
    onMessage: record("message"), onNotice: record("notice"), onFallback: record("fallback"), onOpen: record("opened"),
    panels: () => ["cost"],
  });
  const ring = () => { const due = [...timers.values()]; timers.clear(); due.forEach((call) => call()); };
  const end = (code = 1006) => sockets.at(-1).onclose({ code });
  const notices = () => calls.filter(([name]) => name === "notice").map(([, text]) => text);
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
    assert ["is lost" in text for text in lost] == [True] * 2 + [False] * 10
    assert ["cannot be opened" in text for text in lost] == [False] * 2 + [True] * 10
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
    assert "is lost" in found["after"]


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
        return { early, sent, messages: socket.sent, closed, calls, bytes: viewer.receivedCharacters };"""
    )
    assert found == {
        "early": False,
        "sent": True,
        "messages": [{"panels": ["cost"], "drawn": False}, {"at": 3}, {"again": True}, {"order": "toggle"}],
        "closed": 1,
        "calls": [["notice", {"connection": ""}], ["opened"]],
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

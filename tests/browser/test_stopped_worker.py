"""A worker is stopped with SIGSTOP: its board shows a notice, and the page of another run stays responsive."""

from __future__ import annotations

import json
import os
import signal
import threading
from contextlib import suppress

import pytest
from websockets.sync.client import connect

from benchmarks.stopped_worker import worker_of
from dashboard.charts.panels.catalogue import PANELS
from tests.browser.board import board, number, open_board, press, state, until
from tests.processes import alive

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCROLLS = 2_000  # more commands than fit into the pipe of the worker


def start_run(page, server) -> int:
    """Start a run in slow motion and return the process id of its worker."""
    open_board(page, server.url)
    before = set(server.workers())
    press(page, "Start")
    until(lambda: number(page, "step") > 5, "the run trains")
    until(lambda: set(server.workers()) - before, "another spare worker is ready")
    return worker_of(str(board(page).get_attribute("data-run-id")), server)


def scroll(url: str) -> None:
    """Report panels as visible and as hidden in turn; the worker gets a command each time."""
    with suppress(Exception), connect(url, max_size=None, proxy=None, open_timeout=10, close_timeout=1) as socket:
        for i in range(SCROLLS):
            socket.send(json.dumps({"panels": list(PANELS) if i % 2 else [], "drawn": False}))


def test_clicks_on_another_page_are_answered_while_a_worker_is_stopped(page, chromium, server):
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url) if "/live/" in socket.url else None)
    pid = start_run(page, server)
    context = chromium.new_context()
    other = context.new_page()
    start_run(other, server)
    os.kill(pid, signal.SIGSTOP)
    try:
        threading.Thread(target=scroll, args=(sockets[-1],), daemon=True).start()
        until(lambda: page.get_by_text("No report for 5 s").first.is_visible(), "the board shows a notice")
        for name, after in (("Pause", "paused"), ("Resume", "running")) * 3:
            press(other, name)
            until(lambda after=after: state(other) == after, f"the other run is {after}")
        step = number(other, "step")
        until(lambda: number(other, "step") > step, "the other run trains")
    finally:
        if alive(pid):
            os.kill(pid, signal.SIGCONT)
    step = number(page, "step")
    until(lambda: number(page, "step") > step or state(page) == "finished", "the first run trains on")
    until(lambda: not page.get_by_text("No report for 5 s").count(), "the notice is removed")
    context.close()

"""A server or a network that is gone: the board shows it, and that it is back; and clicks that come twice."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.browser.board import board, number, open_board, press, remove_focus, state, until
from tests.browser.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SET_BACK = Path(__file__).parents[1] / "set_back"
# the step of the newest point of the line of mini-batch costs
NEWEST_COST = "document.querySelector('[data-panel=cost] .js-plotly-plot')._fullData[0].x?.at(-1) ?? 0"
LOST = re.compile(r"No connection to the server since \d\d:\d\d:\d\d\.")
BACK = re.compile(r"There was no connection to the server from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d")
AN_HOUR_BACK = (
    "const now = Date.now; let back = 0; Date.now = () => now() - back; window.setBack = () => (back = 3600e3);"
)


def notice(page):
    return page.locator(".rs-notice").inner_text()


def is_lost(page):
    return board(page).get_attribute("data-lost") is not None and bool(LOST.search(notice(page)))


def start(page, url):
    open_board(page, url)
    press(page, "Start")
    until(lambda: number(page, "step") > 5, "it trains")


def trains_on(page):
    step = number(page, "step")
    until(lambda: number(page, "step") > step, "it trains on")


def test_a_stopped_server_is_a_lost_connection_until_it_continues(own_page, own_server):
    start(own_page, own_server.url)
    own_page.evaluate("document.querySelector('.rs-board').mark = 1")
    os.kill(own_server.process.pid, signal.SIGSTOP)
    try:
        until(lambda: is_lost(own_page), "the board shows it")
        assert board(own_page).locator(".rs-state").inner_text() == "no connection"
        assert "twice a second" not in notice(own_page)
        assert own_page.locator(".rs-timeline input").is_disabled()
        assert own_page.locator(".st-key-transport").evaluate("node => node.inert")
        step = number(own_page, "step")
        remove_focus(own_page)
        own_page.keyboard.press("Space")  # an order that would be executed when the server continues
        own_page.wait_for_timeout(100)
    finally:
        os.kill(own_server.process.pid, signal.SIGCONT)
    until(lambda: not is_lost(own_page) and bool(BACK.search(notice(own_page))), "the board shows that it is back")
    until(lambda: number(own_page, "step") > step and state(own_page) == "running", "the run trains on")
    assert own_page.evaluate("document.querySelector('.rs-board').mark") == 1
    press(own_page, "Pause")
    until(lambda: state(own_page) == "paused", "the buttons work again")
    until(lambda: not BACK.search(notice(own_page)), "the notice disappears")


def test_a_paused_run_is_not_a_lost_connection(page, server):
    """No frame is sent, but heartbeats are."""
    start(page, server.url)
    press(page, "Pause")
    until(lambda: state(page) == "paused", "it is paused")
    page.wait_for_timeout(4_000)
    assert board(page).get_attribute("data-lost") is None
    assert notice(page) == ""


def test_a_server_that_is_killed_is_shown_and_another_one_is_found(own_page, own_server, home):
    start(own_page, own_server.url)
    run = board(own_page).get_attribute("data-run-id")
    own_server.process.kill()
    own_server.process.wait()
    until(lambda: is_lost(own_page), "the board shows it")
    for _ in range(20):  # also after the attempts that make a page poll
        assert "twice a second" not in notice(own_page)
        own_page.wait_for_timeout(200)
    again = Server(environment=home, port=own_server.port)
    try:
        until(lambda: board(own_page).count() and board(own_page).get_attribute("data-lost") is None, "it is back", 60)
        assert board(own_page).get_attribute("data-run-id") == run
    finally:
        again.close()


def test_a_browser_that_is_offline_is_named(page, server):
    start(page, server.url)
    page.context.set_offline(True)
    until(lambda: is_lost(page) and "This computer is offline." in notice(page), "the board shows it")
    page.context.set_offline(False)
    until(lambda: board(page).get_attribute("data-lost") is None, "it is back", 40)
    trains_on(page)


def test_a_live_socket_that_falls_silent_is_replaced(new_tab, server):
    """The socket stays open, but nothing arrives any more, as behind a router that has forgotten it."""
    silent = []

    def connect(socket) -> None:
        upstream = socket.connect_to_server()
        silent.append(False)
        number_of_socket = len(silent) - 1
        upstream.on_message(lambda text: None if silent[number_of_socket] else socket.send(text))

    new_tab.route_web_socket(re.compile(r"/regscope/live/"), connect)
    start(new_tab, server.url)
    silent[-1] = True
    until(lambda: is_lost(new_tab), "the board shows it")
    until(lambda: board(new_tab).get_attribute("data-lost") is None, "another socket is opened", 40)
    trains_on(new_tab)


def test_a_page_that_polls_shows_a_stopped_server_too(new_tab, own_server):
    new_tab.route_web_socket(re.compile(r"/regscope/live/"), lambda socket: socket.close())
    start(new_tab, own_server.url)
    until(lambda: "twice a second" in notice(new_tab), "it polls", 30)
    press(new_tab, "Pause")
    until(lambda: state(new_tab) == "paused", "it is paused")
    new_tab.wait_for_timeout(4_000)
    assert "twice a second" in notice(new_tab), "frames that do not change are signs of life, too"
    os.kill(own_server.process.pid, signal.SIGSTOP)
    try:
        until(lambda: is_lost(new_tab), "the board shows it")
        assert "twice a second" not in notice(new_tab)
    finally:
        os.kill(own_server.process.pid, signal.SIGCONT)
    until(lambda: "twice a second" in notice(new_tab), "it polls again", 30)


def test_a_clock_that_is_set_back_in_the_browser_stops_nothing(new_tab, server):
    new_tab.add_init_script(AN_HOUR_BACK)
    start(new_tab, server.url)
    new_tab.evaluate("setBack()")
    for _ in range(5):
        trains_on(new_tab)
    assert board(new_tab).get_attribute("data-lost") is None
    spoken = new_tab.locator(".rs-board [role=status]")
    before = spoken.inner_text()
    until(lambda: spoken.inner_text() != before, "sentences for screen readers go on")


def test_a_clock_that_is_set_back_on_the_server_stops_nothing(chromium, home, store, tmp_path):
    clock = tmp_path / "set back"
    paths = os.pathsep.join(filter(None, [str(SET_BACK), os.environ.get("PYTHONPATH")]))
    server = Server(environment={**home, "PYTHONPATH": paths, "CLOCK_SET_BACK_BY_FILE": str(clock)})
    page = chromium.new_page()
    try:
        start(page, f"{server.url}/?train_size=1000&mini_batch_size=1")  # 8 s an epoch, whose end redraws all lines
        first = board(page).get_attribute("data-run-id")
        trains_on(page)
        clock.touch()
        until(lambda: store.load_about(first).updated < time.time() - 3000, "the worker has the new time")
        for _ in range(5):  # the line of mini-batch costs is redrawn four times a second
            drawn = page.evaluate(NEWEST_COST)
            until(lambda drawn=drawn: page.evaluate(NEWEST_COST) > drawn, "costs are drawn", 2)
            assert state(page) == "running"
        assert board(page).get_attribute("data-lost") is None
        press(page, "Reset")
        until(lambda: state(page) == "ready", "the board is empty")
        start(page, server.url)
        second = board(page).get_attribute("data-run-id")
        until(lambda: store.load_about(second) is not None, "it is stored")
        assert [about.id for about in store.list()] == [second, first], "the newest run first"
    finally:
        page.close()
        server.close()


def test_two_fast_clicks_on_start_start_a_run_and_do_not_pause_it(page, server):
    open_board(page, server.url)
    box = page.get_by_role("button", name="Start", exact=True).bounding_box()
    position = (box["x"] + 20, box["y"] + box["height"] / 2)
    page.mouse.click(*position)
    page.mouse.click(*position)
    until(lambda: number(page, "step") > 20 and state(page) == "running", "it trains")
    until(lambda: not paused_for_clicks(page), "the next click counts")
    page.mouse.dblclick(*position)
    until(lambda: state(page) == "paused", "a double click pauses it, and does not resume it")
    step = number(page, "step")
    until(lambda: not paused_for_clicks(page), "the next click counts")
    press(page, "Resume")
    until(lambda: number(page, "step") > step, "it trains on")


def paused_for_clicks(page):
    return page.evaluate("document.documentElement.classList.contains('rs-just-clicked')")


def test_a_double_click_in_projector_mode_and_a_key_that_is_held_down_act_once(page, server):
    open_board(page, server.url)
    page.keyboard.press("p")
    page.locator(".rs-talk-bar button").first.dblclick()
    until(lambda: number(page, "step") > 20 and state(page) == "running", "it trains")
    remove_focus(page)
    for _ in range(4):
        page.keyboard.down("Space")
    page.keyboard.up("Space")
    until(lambda: state(page) == "paused", "the key has paused it once")
    page.wait_for_timeout(300)
    assert state(page) == "paused"

"""Errors and invalid settings: the page explains them and continues to work."""

from __future__ import annotations

import os
import re
import signal

import pytest

from tests.browser.board import board, choose, look_back, number, open_board, points, press, remove_focus, state, until
from tests.browser.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def count_script_changes(page, seconds):
    """Return how often the script of the page starts or ends within `seconds`."""
    return page.evaluate(
        "async (milliseconds) => { let changes = 0; const watch = new MutationObserver(() => { changes += 1; });"
        " const app = document.querySelector('[data-testid=stApp]');"
        " watch.observe(app, { attributeFilter: ['data-test-script-state'] });"
        " await new Promise((done) => setTimeout(done, milliseconds)); watch.disconnect(); return changes; }",
        1000 * seconds,
    )


def test_a_run_whose_worker_was_killed_is_resumed_at_its_last_step(page, server):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 100, "the run trains")
    run = board(page).get_attribute("data-run-id")
    for pid in server.workers():  # also the spare worker
        os.kill(pid, signal.SIGKILL)
    until(lambda: state(page) == "interrupted", "the run is interrupted")
    assert "signal 9" in page.get_by_role("alert").first.inner_text()
    step = number(page, "step")
    until(lambda: page.get_by_role("button", name="Restart", exact=True).is_visible(), "the run can be restarted")
    press(page, "Resume")
    until(lambda: state(page) in ("running", "finished") and number(page, "step") > step, "the run trains on")
    assert board(page).get_attribute("data-run-id") == run, "the same run"
    until(lambda: not page.get_by_role("alert").first.is_visible(), "the reason is removed")


def test_the_error_for_invalid_hidden_layers_names_the_field_and_a_valid_value(page, server):
    open_board(page, server.url)
    field = page.get_by_label("Hidden layers", exact=True)
    field.fill("thirty")
    field.press("Enter")
    message = page.get_by_text("Hidden layers must be whole numbers")
    until(message.is_visible, "the message is shown")
    assert "'thirty'" in message.inner_text()
    assert "30, 30" in message.inner_text()
    until(page.get_by_role("button", name="Start", exact=True).is_disabled, "Start is disabled")
    field.fill("30, 20")
    field.press("Enter")
    until(lambda: page.get_by_role("button", name="Start", exact=True).is_enabled(), "Start is enabled")
    press(page, "Start")
    layers = page.locator('[data-panel="weights"] select option')
    until(lambda: layers.count() == 3, "the new run has a third layer of weights")
    page.locator('[data-panel="weights"] select').select_option(index=2)
    until(lambda: points(page, "weights", 2) > 0, "the third layer's weights are drawn")


def test_a_mini_batch_larger_than_the_training_set_is_refused(page, server):
    open_board(page, server.url)
    field = page.get_by_label("Mini-batch", exact=True)
    field.fill("600")
    field.press("Enter")
    until(
        page.get_by_text("Mini-batch must be at most the number of training examples, 500").is_visible,
        "the message is shown",
    )
    until(page.get_by_role("button", name="Start", exact=True).is_disabled, "Start is disabled")


def test_a_setting_that_needs_a_restart_waits_for_it(page, server):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 5, "the run trains")
    run = board(page).get_attribute("data-run-id")
    seed = page.get_by_role("spinbutton", name="Seed")
    seed.fill("7")
    seed.press("Enter")
    until(page.get_by_text("One change needs a restart").is_visible, "the message is shown")
    assert state(page) == "running", "the run continues until the restart"
    assert board(page).get_attribute("data-run-id") == run
    press(page, "Restart")
    until(lambda: board(page).get_attribute("data-run-id") != run, "the new run is on the board")
    until(lambda: number(page, "step") > 5, "the run trains")
    until(lambda: page.locator(".st-key-transport").get_by_text("a restart").count() == 0, "no change needs a restart")


def test_another_penalty_applies_during_training_and_is_marked(page, server):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 100, "the run trains")
    run = board(page).get_attribute("data-run-id")
    page.get_by_role("radio", name="L1", exact=True).click()
    until(page.get_by_text("L1 gathers small weights at zero.").is_visible, "the caption describes L1")
    marks = (
        "() => document.querySelector('[data-panel=cost] .js-plotly-plot').layout.annotations?.map((a) => a.hovertext)"
    )
    new_values = "λ of L2 0, λ of L1 1, drop 0"
    until(
        lambda: [text.partition(": ")[2] for text in page.evaluate(marks)] == [new_values],
        "the change is marked with the new values",
    )
    step = number(page, "step")
    until(lambda: number(page, "step") > step + 50, "the run trains on")
    assert board(page).get_attribute("data-run-id") == run
    until(lambda: page.locator(".st-key-transport").get_by_text("a restart").count() == 0, "no change needs a restart")


def test_without_a_live_socket_the_page_shows_a_notice_and_polls(new_tab, server):
    new_tab.route_web_socket(re.compile(r"/regscope/live/"), lambda socket: socket.close())
    open_board(new_tab, server.url)
    press(new_tab, "Start")
    until(new_tab.get_by_text("The live connection cannot be opened").is_visible, "the message is shown", 30)
    new_tab.evaluate("() => { document.querySelector('[data-panel=cost] .js-plotly-plot').mark = 1; }")
    before = number(new_tab, "frames")
    until(lambda: number(new_tab, "frames") >= before + 4, "frames arrive by polling", 30)
    assert points(new_tab) > 1
    assert new_tab.evaluate("() => document.querySelector('[data-panel=cost] .js-plotly-plot').mark") == 1
    press(new_tab, "Reset")
    until(lambda: state(new_tab) == "ready", "the board is empty")
    until(lambda: not count_script_changes(new_tab, 1.2), "the page stops polling without a run")
    press(new_tab, "Start")
    until(lambda: number(new_tab, "frames") >= 2, "another run is shown", 30)


def test_without_a_live_socket_keys_and_looking_back_work(new_tab, server):
    new_tab.route_web_socket(re.compile(r"/regscope/live/"), lambda socket: socket.close())
    open_board(new_tab, server.url)
    press(new_tab, "Start")
    until(lambda: number(new_tab, "step") > 100, "frames arrive by polling", 30)
    board(new_tab).evaluate("node => { node.mark = 'the same' }")
    remove_focus(new_tab)
    new_tab.keyboard.press("Space")
    until(lambda: state(new_tab) == "paused", "the space bar pauses the run")
    look_back(new_tab, 50)
    until(lambda: number(new_tab, "step") == 50, "the past step is shown")
    new_tab.keyboard.press("l")
    until(lambda: number(new_tab, "step") > 100, "the board is live again")
    new_tab.keyboard.press("Space")
    until(lambda: state(new_tab) == "running", "the space bar resumes the run")
    assert board(new_tab).evaluate("node => node.mark") == "the same"


def test_an_unknown_run_in_the_address_is_reported(page, server):
    open_board(page, f"{server.url}/?run=0123456789abcdef")
    until(page.get_by_text("0123456789abcdef is not stored on this machine").is_visible, "the message is shown")
    assert state(page) == "ready"
    press(page, "Start")
    until(lambda: number(page, "frames") > 2, "another run can be started")
    until(lambda: page.get_by_text("is not stored on this machine").count() == 0, "the message is removed")


def test_mnist_without_its_files_is_explained_and_can_be_fetched(page, tmp_path):
    server = Server(environment={"REGSCOPE_DATA": str(tmp_path)})
    try:
        open_board(page, server.url)
        choose(page, "MNIST, 28 × 28")
        until(page.get_by_text("mnist needs the file train-images-idx3-ubyte").is_visible, "the message is shown")
        until(page.get_by_role("button", name="Start", exact=True).is_disabled, "Start is disabled")
        until(page.get_by_role("button", name="Fetch MNIST").is_visible, "MNIST can be fetched")
        button = page.get_by_role("button", name="Fetch (12 MB)")
        until(button.is_visible, "the middle of the board has a button, too")
        box, grid = button.bounding_box(), page.locator(".rs-grid").bounding_box()
        assert abs(box["x"] + box["width"] / 2 - grid["x"] - grid["width"] / 2) < 20
        assert grid["y"] + 100 < box["y"] < grid["y"] + grid["height"] - 100
        button.click(trial=True)  # fails if something covers it
        assert page.get_by_text("Press Start to train").first.is_hidden()
        choose(page, "Digits, 8 × 8")
        until(
            lambda: page.get_by_role("button", name="Start", exact=True).is_enabled(),
            "the bundled data set still works",
        )
    finally:
        server.close()


@pytest.mark.mnist
def test_mnist_from_the_data_folder_trains_in_the_page(page, server, mnist):
    open_board(page, server.url)
    choose(page, "MNIST, 28 × 28")
    page.get_by_text(re.compile("10.000 validate")).wait_for()
    press(page, "Start")
    until(lambda: points(page) > 1, "the first epoch of MNIST is drawn", 60)
    assert state(page) == "running"


def test_each_theme_draws_its_own_colours(page, server):
    colours = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        open_board(page, server.url)
        colours[theme] = page.evaluate(
            "() => document.querySelector('[data-panel=accuracy] .js-plotly-plot').data[1].line.color"
        )
    assert colours == {"light": "#0072B2", "dark": "#5CB3E8"}

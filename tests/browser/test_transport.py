"""The transport operated by keyboard, and looking back at earlier steps."""

from __future__ import annotations

import re

import numpy as np
import pytest

from engine import RunConfig
from engine.learning.dropout import masks
from tests.browser.board import (
    at_rest,
    board,
    look_back,
    matrix,
    mounted_anew,
    number,
    open_board,
    press,
    remove_focus,
    state,
    train_to_the_end,
    until,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def timeline_label(page):
    return page.locator(".rs-timeline output").inner_text().replace("\u202f", "")


def test_the_transport_works_by_keyboard_alone(page, server):
    open_board(page, server.url)
    page.keyboard.press("Space")
    until(lambda: state(page) == "running" and number(page, "step") > 20, "the space bar starts a run")
    page.keyboard.press("Space")
    until(lambda: state(page) == "paused", "the space bar pauses the run")
    at_rest(page)
    step = number(page, "step")
    for i, key in enumerate((".", "ArrowRight", "PageDown"), start=1):
        page.keyboard.press(key)
        until(lambda i=i: number(page, "step") == step + i, f"{key} advances by one step")
    end = (step + 3) // 50 * 50 + 50  # at the end of an epoch, the key trains the whole next epoch
    page.keyboard.press("e")
    until(lambda: number(page, "step") == end and state(page) == "paused", "the epoch is complete")
    page.keyboard.press("PageUp")
    until(lambda: number(page, "step") == end - 1, "the previous step is shown")
    page.keyboard.press("ArrowLeft")
    until(lambda: number(page, "step") == end - 2, "the step before that is shown")
    page.keyboard.press(".")
    until(lambda: number(page, "step") == end - 1, "the next step of the past is shown")
    assert page.locator("[data-regscope-board][data-back]").count() == 1
    page.keyboard.press("l")
    until(lambda: number(page, "step") == end, "the board is live again")
    page.keyboard.press("b")
    until(lambda: state(page) == "running", "the black-screen key of a presenter remote resumes the run")


def test_the_board_is_not_mounted_again_by_interrupted_scripts(page, server):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 20, "the run trains")
    assert mounted_anew(page, ".st-key-pause button, .st-key-resume button", 15) == 0


def test_a_report_of_the_board_with_an_older_address_does_not_undo_a_reset(new_tab, server):
    """The board reports that the run is paused before the browser has the address without the run."""
    held: list[object] = []  # messages of the page for the browser; None while they are not held
    is_holding = False

    def relay(socket) -> None:
        upstream = socket.connect_to_server()
        upstream.on_message(lambda message: held.append(message) if is_holding else socket.send(message))
        sockets.append(socket)

    sockets: list[object] = []
    new_tab.route_web_socket(re.compile("_stcore/stream"), relay)
    open_board(new_tab, server.url)
    press(new_tab, "Start")
    until(lambda: number(new_tab, "step") > 20, "the run trains")
    is_holding = True
    press(new_tab, "Reset")
    until(lambda: state(new_tab) == "paused", "the board shows the paused run")
    new_tab.wait_for_timeout(1_000)  # it reports that to the page, with the address of the run
    assert held
    is_holding = False
    for message in held:
        sockets[-1].send(message)
    until(lambda: state(new_tab) == "ready", "the board is empty")
    new_tab.get_by_role("button", name="Undo reset", exact=True).click()
    until(lambda: state(new_tab) == "paused", "the run is back")


def test_a_key_pressed_in_a_field_types_into_the_field(page, server):
    open_board(page, server.url)
    page.get_by_role("textbox", name="Hidden layers").click()
    for key in (" ", ".", "e", "p"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert state(page) == "ready"
    assert page.get_by_role("textbox", name="Hidden layers").input_value().endswith(" .ep")


def test_looking_back_shows_the_run_as_it_was_with_the_true_masks(page, server):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 500, "ten epochs are complete", 40)
    look_back(page, 333)
    until(lambda: number(page, "step") == 333, "step 333 is shown")
    assert timeline_label(page).startswith("step 333")
    drawn = np.array(matrix(page, "dropout"))
    assert drawn.shape == (100, 100)
    columns = [masks(RunConfig.demo(), 1, step) for step in range(234, 334)]
    assert (drawn > 0).T.tolist() == np.array(columns).tolist()
    last = page.evaluate(
        "() => { const l = document.querySelector('[data-panel=accuracy] .js-plotly-plot')._fullData[1];"
        " return l.x[l.x.length - 1]; }"
    )
    assert last == 6  # complete epochs at step 333, with 50 steps per epoch
    assert "running" in board(page).locator(".rs-state").inner_text()
    newest = int(page.locator(".rs-timeline input").get_attribute("max"))
    until(lambda: int(page.locator(".rs-timeline input").get_attribute("max")) > newest + 50, "the run continues")
    assert number(page, "step") == 333
    page.get_by_role("button", name="Live").click()
    until(lambda: number(page, "step") > newest, "the board is live again")
    remove_focus(page)


@pytest.mark.slow
def test_every_step_of_a_run_in_slow_motion_has_its_own_weights(page, server):
    open_board(page, server.url)
    page.get_by_role("radio", name="5", exact=True).click()
    press(page, "Start")
    until(lambda: number(page, "step") > 20, "twenty mini-batches are complete", 40)
    press(page, "Pause")
    until(lambda: state(page) == "paused", "the run is paused")
    remove_focus(page)
    for step in (1, 9, 19):
        look_back(page, step)
        until(lambda step=step: number(page, "step") == step, f"step {step} is shown")
        until(lambda step=step: timeline_label(page) == f"step {step}", "the weights of the step are shown")


def test_looking_back_works_after_the_end_of_a_run_and_a_reload(page, server):
    open_board(page, server.url)
    page.get_by_role("radio", name="full", exact=True).click()
    train_to_the_end(page)
    page.reload()
    until(lambda: number(page, "step") == 5000, "the page shows the finished run")
    look_back(page, 1234)
    until(lambda: number(page, "step") == 1234, "an earlier step is shown")
    assert timeline_label(page).startswith("step 1234, weights of step ")


def test_the_first_button_shows_resume_after_each_short_epoch(page, server):
    open_board(page, server.url)
    page.get_by_role("radio", name="full", exact=True).click()
    press(page, "Step epoch")
    resume = page.get_by_role("button", name="Resume", exact=True)
    for epoch in range(1, 21):  # the epochs end at various moments of the script run
        until(lambda epoch=epoch: number(page, "step") == 50 * epoch, f"epoch {epoch} is complete")
        page.wait_for_timeout(100)
        until(resume.is_visible, f"the run can be resumed after epoch {epoch}", 5)
        press(page, "Step epoch")

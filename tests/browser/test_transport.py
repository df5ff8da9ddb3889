"""The transport by keyboard alone, and looking back at earlier steps."""

from __future__ import annotations

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


def words(page):
    return page.locator(".rs-timeline output").inner_text().replace("\u202f", "")


def test_all_transport_works_by_keyboard_alone(page, server):
    open_board(page, server.url)
    page.keyboard.press("Space")
    until(lambda: state(page) == "running" and number(page, "step") > 20, "a space has started a run")
    page.keyboard.press("Space")
    until(lambda: state(page) == "paused", "a space has paused it")
    at_rest(page)
    step = number(page, "step")
    for i, key in enumerate((".", "ArrowRight", "PageDown"), start=1):
        page.keyboard.press(key)
        until(lambda i=i: number(page, "step") == step + i, f"{key} has made one step")
    end = (step + 3) // 50 * 50 + 50  # of the next epoch if the run is paused at the end of one
    page.keyboard.press("e")
    until(lambda: number(page, "step") == end and state(page) == "paused", "the epoch has been finished")
    page.keyboard.press("PageUp")
    until(lambda: number(page, "step") == end - 1, "the step before is shown")
    page.keyboard.press("ArrowLeft")
    until(lambda: number(page, "step") == end - 2, "the one before that is shown")
    page.keyboard.press(".")
    until(lambda: number(page, "step") == end - 1, "forward in what has been, before what comes")
    assert page.locator("[data-regscope-board][data-back]").count() == 1
    page.keyboard.press("l")
    until(lambda: number(page, "step") == end, "the board is back at now")
    page.keyboard.press("b")
    until(lambda: state(page) == "running", "a clicker's black-screen key has resumed it")


def test_the_board_is_not_mounted_again_by_interrupted_scripts(page, server):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 20, "it trains")
    assert mounted_anew(page, ".st-key-pause button, .st-key-resume button", 15) == 0


def test_a_key_pressed_in_a_field_is_for_the_field(page, server):
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
    until(lambda: number(page, "step") > 500, "ten epochs are done", 40)
    look_back(page, 333)
    until(lambda: number(page, "step") == 333, "step 333 is shown")
    assert words(page).startswith("step 333")
    drawn = np.array(matrix(page, "dropout"))
    assert drawn.shape == (100, 100)
    columns = [masks(RunConfig.demo(), 1, step) for step in range(234, 334)]
    assert (drawn > 0).T.tolist() == np.array(columns).tolist()
    last = page.evaluate(
        "() => { const l = document.querySelector('[data-panel=accuracy] .js-plotly-plot')._fullData[1];"
        " return l.x[l.x.length - 1]; }"
    )
    assert last == 6  # whole epochs at step 333 of 50 an epoch
    assert "running" in board(page).locator(".rs-state").inner_text()
    behind = int(page.locator(".rs-timeline input").get_attribute("max"))
    until(lambda: int(page.locator(".rs-timeline input").get_attribute("max")) > behind + 50, "the run continues")
    assert number(page, "step") == 333
    page.get_by_role("button", name="Live").click()
    until(lambda: number(page, "step") > behind, "the board shows now again")
    remove_focus(page)


@pytest.mark.slow
def test_every_step_of_a_run_in_slow_motion_has_its_own_weights(page, server):
    open_board(page, server.url)
    page.get_by_text("5", exact=True).click()
    press(page, "Start")
    until(lambda: number(page, "step") > 20, "twenty mini-batches are done", 40)
    press(page, "Pause")
    until(lambda: state(page) == "paused", "it is paused")
    remove_focus(page)
    for step in (1, 9, 19):
        look_back(page, step)
        until(lambda step=step: number(page, "step") == step, f"step {step} is shown")
        until(lambda step=step: words(page) == f"step {step}", "in slow motion every step has weights of its own")


def test_an_ended_run_can_be_looked_back_at_and_a_page_loaded_again_too(page, server):
    open_board(page, server.url)
    page.get_by_text("full", exact=True).click()
    train_to_the_end(page)
    page.reload()
    until(lambda: number(page, "step") == 5000, "the page shows the finished run")
    look_back(page, 1234)
    until(lambda: number(page, "step") == 1234, "an earlier step is shown")
    assert words(page).startswith("step 1234, weights of step ")


def test_the_label_of_the_first_button_is_right_after_short_epochs(page, server):
    open_board(page, server.url)
    page.get_by_text("full", exact=True).click()
    press(page, "Step epoch")
    resume = page.get_by_role("button", name="Resume", exact=True)
    for epoch in range(1, 21):  # the epoch ends while the page is being built, at various moments
        until(lambda epoch=epoch: number(page, "step") == 50 * epoch, f"epoch {epoch} is done")
        page.wait_for_timeout(100)
        until(resume.is_visible, f"after epoch {epoch} it can be resumed", 5)
        press(page, "Step epoch")

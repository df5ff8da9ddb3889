"""A request of the browser with an older address reverts nothing."""

from __future__ import annotations

import pytest

from dashboard import _compat
from engine.runs import states
from tests.dashboard.app_pages import compared_runs, page_switch, press, shown_run, transport_buttons
from tests.processes import wait_until


def send_older(page, **address: str) -> None:
    """Send a request with an older address, as the board does while a change is on its way to the browser."""
    newer = dict(page.query_params)
    page.query_params.clear()
    page.query_params.update(address)
    page.run()
    page.query_params.clear()
    page.query_params.update(newer)


def test_a_run_that_was_reset_stays_off_the_page(open_page):
    page = open_page()
    run = press(page, "Start")
    press(page, "Reset")
    send_older(page, run=run.id)
    assert "Undo reset" in transport_buttons(page)
    page.run()
    assert "Undo reset" in transport_buttons(page)
    assert press(page, "Undo reset") is run


def test_a_new_run_stays_on_the_page(open_page):
    page = open_page(epochs="1", pace="full")
    first = press(page, "Start")
    wait_until(lambda: first.state == states.FINISHED)
    page.number_input("widget.epochs").set_value(1_000_000)
    page.run()
    second = press(page, "Start")
    assert second is not first
    send_older(page, run=first.id, epochs="1", pace="full")
    press(page, "Pause")
    wait_until(lambda: second.state == states.PAUSED)


def test_a_press_with_an_older_address_is_an_order_to_the_run_on_the_page(open_page):
    page = open_page()
    run = press(page, "Start")
    page.query_params.clear()  # the request has the address from before the start
    next(button for button in page.button if button.label == "Pause").click()
    page.run()
    wait_until(lambda: run.state == states.PAUSED)


def test_the_compared_runs_stay_on_the_page(open_page):
    page = open_page(view="compare")
    press(page, "Race: none, L2, L1, dropout")
    runs = compared_runs(page)
    assert len(runs) == 4
    send_older(page, view="compare")
    assert "Pause all" in transport_buttons(page)
    press(page, "Pause all")
    for run in runs:
        wait_until(lambda run=run: run.state in (states.PAUSED, states.FINISHED))


def test_the_page_stays_the_one_that_was_chosen(open_page):
    page = open_page()
    page_switch(page).set_value("runs").run()
    send_older(page)
    assert page_switch(page).value == "runs"


@pytest.mark.parametrize("private_part", [True, False])
def test_a_change_of_one_parameter_keeps_the_others_of_the_page(open_page, monkeypatch, private_part):
    if not private_part:
        monkeypatch.setattr(_compat, "set_parameter_without_message", lambda name, texts: False)
    page = open_page(seed="3")
    run = press(page, "Start")
    page.query_params.clear()  # the request has an older address
    page.number_input("widget.epochs").set_value(7)
    page.run()
    assert shown_run(page) is run
    texts = {name: "".join(value) for name, value in page.query_params.items()}
    assert (texts["seed"], texts["epochs"]) == ("3", "7")

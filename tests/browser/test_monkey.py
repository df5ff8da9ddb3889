"""Random actions on the page raise no error in the browser, on the page or in the server."""

from __future__ import annotations

import pytest

from tests.browser.board import board, number, open_board, press, until
from tests.browser.conftest import SIZE
from tests.browser.monkey import Monkey
from tests.browser.server_log import log_errors

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEED, ACTIONS = 1, 150  # others: `python -m benchmarks.monkey --seed 2`


def test_random_actions_raise_no_error(own_page, own_server):
    page = own_page
    open_board(page, own_server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 20, "it trains")
    monkey = Monkey(page, own_server, SEED)
    for _ in range(ACTIONS):
        monkey.act()
    assert len(monkey.actions) == ACTIONS
    assert sum("nothing" in action or "interrupted" in action for action in monkey.actions) < ACTIONS / 3
    page.goto(own_server.url)  # the browser may have stored another layout, or projector mode
    until(lambda: board(page).count() > 0 and not board(page).get_attribute("data-run-id"), "a new page has no run")
    monkey.check()


def test_an_error_of_the_page_is_found(chromium, own_server):
    """Otherwise the test above could not fail."""
    page = chromium.new_page(viewport=SIZE)  # not the fixture, because that reports the error, too
    open_board(page, own_server.url)
    monkey = Monkey(page, own_server, SEED)
    monkey.check()
    page.evaluate("setTimeout(() => { throw new Error('on purpose'); })")
    until(lambda: monkey.found_errors(), "the error is noticed")
    with pytest.raises(AssertionError, match=f"seed {SEED}, after 0 actions: uncaught JavaScript error: on purpose"):
        monkey.check()
    page.close()


def test_a_traceback_in_the_log_is_found_and_the_addresses_are_not():
    start = "\n  You can now view your Streamlit app in your browser.\n\n  URL: http://127.0.0.1:8501\n\n"
    assert log_errors(start) == []
    (error,) = log_errors(f"{start}Traceback (most recent call last):\n  File ...\nValueError: no\n")
    assert error.endswith("Traceback (most recent call last):\n  File ...\nValueError: no")

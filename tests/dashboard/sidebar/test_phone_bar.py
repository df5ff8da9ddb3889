"""The bar of a narrow screen. It has the widgets on every screen; the style sheet hides it on wide ones."""

from __future__ import annotations

from dashboard.sidebar import phone_bar
from dashboard.state.navigation import PAGE_PARAMETER
from tests.dashboard.app_pages import choose_regularizers, press, widget_value


def control(page, name):
    """Return a control of the bar; its key changes with its value."""
    (found,) = [each for each in page.segmented_control if each.key.startswith(name)]
    return found


def test_the_bar_shows_the_page_and_the_regularizer(open_page):
    page = open_page()
    assert control(page, phone_bar.PAGE).value == "train"
    assert control(page, phone_bar.REGULARIZER).value == "Combine"
    choose_regularizers(page, "l2")
    assert control(page, phone_bar.REGULARIZER).value == "L2"


def test_the_bar_chooses_a_page_and_a_regularizer(open_page):
    page = open_page()
    control(page, phone_bar.REGULARIZER).set_value("L1")
    page.run()
    assert widget_value(page, "regularizer") == "L1"
    run = press(page, "Start")
    assert (run.initial_config.l2, bool(run.initial_config.l1), run.initial_config.drop_probability) == (0, True, 0)
    control(page, phone_bar.PAGE).set_value("compare")
    page.run()
    assert page.session_state[PAGE_PARAMETER] == "compare"
    assert "compare" in page.query_params["view"]


def test_a_value_from_before_a_change_does_not_take_it_back(open_page):
    """The browser may send it once more, when the program has changed the setting."""
    page = open_page()
    old = control(page, phone_bar.REGULARIZER)
    choose_regularizers(page, "l1")
    page.session_state[old.key] = "Combine"
    page.run()
    assert widget_value(page, "regularizer") == "L1"
    assert control(page, phone_bar.REGULARIZER).key != old.key

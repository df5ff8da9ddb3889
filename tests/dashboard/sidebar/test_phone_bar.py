"""The bar of a narrow screen. It has the widgets on every screen; the style sheet hides it on wide ones."""

from __future__ import annotations

from dashboard.sidebar import phone_bar
from dashboard.state.navigation import PAGE_PARAMETER
from tests.dashboard.app_pages import choose_regularizers, press, widget_value


def test_the_bar_shows_the_page_and_the_regularizer(open_page):
    page = open_page()
    assert page.segmented_control(phone_bar.PAGE).value == "train"
    assert page.segmented_control(phone_bar.REGULARIZER).value == "Combine"
    choose_regularizers(page, "l2")
    assert page.segmented_control(phone_bar.REGULARIZER).value == "L2"


def test_the_bar_chooses_a_page_and_a_regularizer(open_page):
    page = open_page()
    page.segmented_control(phone_bar.REGULARIZER).set_value("L1")
    page.run()
    assert widget_value(page, "regularizer") == "L1"
    run = press(page, "Start")
    assert (run.initial_config.l2, bool(run.initial_config.l1), run.initial_config.drop_probability) == (0, True, 0)
    page.segmented_control(phone_bar.PAGE).set_value("compare")
    page.run()
    assert page.session_state[PAGE_PARAMETER] == "compare"
    assert "compare" in page.query_params["view"]

"""The regularizer and the pace set with keys."""

from __future__ import annotations

import pytest

from dashboard.sidebar import page_commands
from dashboard.state import session
from dashboard.state.settings.widgets import widget_key
from tests.dashboard.app_pages import choose_regularizers, press, widget_value


@pytest.fixture
def perform(monkeypatch):
    """Return a function that executes a command at the start of a script run, as a key of the board does."""

    def run_with(page, command):
        start = session.start_script_run

        def start_and_perform(choices):
            start(choices)
            assert page_commands.perform(command, ())

        with monkeypatch.context() as patch:
            patch.setattr(session, "start_script_run", start_and_perform)
            page.run()

    return run_with


def test_a_key_chooses_a_regularizer_and_changes_its_strength(open_page, perform):
    page = open_page()
    perform(page, "regularizer 1")
    assert (widget_value(page, "regularizer"), widget_value(page, "l2")) == ("L2", 1.0)
    perform(page, "stronger")
    assert widget_value(page, "l2") == 2.0
    perform(page, "weaker")
    perform(page, "weaker")
    assert widget_value(page, "l2") == 0.5
    perform(page, "regularizer 4")
    perform(page, "stronger")
    assert (widget_value(page, "regularizer"), widget_value(page, "drop_probability")) == ("Dropout", 0.6)
    perform(page, "regularizer 0")
    perform(page, "stronger")
    assert widget_value(page, "regularizer") == "None"
    perform(page, "faster")
    assert widget_value(page, "pace") == "250/s"


def test_an_old_value_of_the_browser_does_not_undo_a_key(open_page, perform):
    page = open_page()
    choose_regularizers(page, "l1")
    perform(page, "regularizer 1")
    for _ in range(2):
        page.segmented_control(widget_key("regularizer")).set_value("L1")  # the request still has the old value
        page.run()
        assert widget_value(page, "regularizer") == "L2"
    page.segmented_control(widget_key("regularizer")).set_value("L1")  # the user
    page.run()
    assert widget_value(page, "regularizer") == "L1"


def test_a_click_on_the_old_value_counts_once_the_browser_has_the_new_one(open_page, perform):
    page = open_page()
    choose_regularizers(page, "l1")
    perform(page, "regularizer 1")
    page.run()
    page.segmented_control(widget_key("regularizer")).set_value("L1")
    page.run()
    assert widget_value(page, "regularizer") == "L1"
    run = press(page, "Start")
    assert run.initial_config.l1 > 0

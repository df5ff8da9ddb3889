"""The regularizer and the pace set with keys."""

from __future__ import annotations

import pytest

from dashboard.sidebar import page_commands
from dashboard.state import session
from tests.dashboard.app_pages import choose_regularizers, page_switch, press, widget_key, widget_value


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


def test_a_late_request_with_the_values_before_a_key_does_not_undo_it(open_page, perform):
    page = open_page()
    choose_regularizers(page, "l1")
    values_before = page._tree.get_widget_states()
    for command, name, value in [
        ("regularizer 1", "regularizer", "L2"),
        ("stronger", "l2", 2.0),
        ("regularizer 4", "regularizer", "Dropout"),
        ("weaker", "drop_probability", 0.4),
        ("faster", "pace", "250/s"),
    ]:
        perform(page, command)
        for _ in range(3):
            page._run(values_before)
            assert widget_value(page, name) == value, command


def test_a_late_request_from_the_page_before_does_not_return_to_it(open_page, perform):
    page = open_page()
    values_before = page._tree.get_widget_states()
    perform(page, "race")
    page.run()
    assert page_switch(page).value == "compare"
    page._run(values_before)
    assert page_switch(page).value == "compare"


def test_a_click_after_a_key_counts(open_page, perform):
    page = open_page()
    choose_regularizers(page, "l1")
    perform(page, "regularizer 1")
    page.segmented_control(widget_key(page, "regularizer")).set_value("L1")
    page.run()
    assert widget_value(page, "regularizer") == "L1"
    run = press(page, "Start")
    assert run.initial_config.l1 > 0

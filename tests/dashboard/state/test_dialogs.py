"""Dialogs that stay open over script runs."""

from __future__ import annotations

import pytest

from dashboard.state import dialogs
from tests.dashboard.app_pages import press

SEE, ADD = "Only corrupted labels", "CSV with a header"  # a text of each dialog


def open_dialogs(page):
    found = {SEE for toggle in page.toggle if toggle.label == SEE}
    return found | {ADD for caption in page.caption if caption.value.startswith(ADD)}


@pytest.mark.parametrize(("button", "dialog"), [("See", SEE), ("Add", ADD)])
def test_a_dialog_stays_open_over_script_runs_until_it_is_dismissed(open_page, button, dialog):
    page = open_page()
    assert not open_dialogs(page)
    press(page, button)
    assert open_dialogs(page) == {dialog}
    page.run()  # a script run as at the end of a run
    assert open_dialogs(page) == {dialog}
    del page.session_state[dialogs._OPEN]  # the effect of dismissing the dialog
    page.run()
    assert not open_dialogs(page)


def test_only_one_dialog_is_open_at_a_time(open_page):
    page = open_page()
    press(page, "See")
    press(page, "Add")
    assert open_dialogs(page) == {ADD}


def test_a_dialog_of_a_missing_run_is_not_shown(open_page):
    page = open_page()
    page.session_state[dialogs._OPEN] = ("fork", ("0" * 16, 50))
    page.run()
    assert not [each for each in page.button if each.label == "Start the forks"]

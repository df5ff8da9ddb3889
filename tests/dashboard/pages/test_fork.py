"""The fork dialog without a browser."""

from __future__ import annotations

import pytest

from dashboard.state import dialogs
from dashboard.state.pages import fork_dialog
from engine.analysis.futures import UNCHANGED, futures_of
from engine.runs import states
from engine.runs.history.keyframes import Keyframes
from engine.runs.server.forking import MAX_FORKS
from tests.dashboard.app_pages import compared_runs, press, shown_run
from tests.processes import wait_until


@pytest.fixture
def page(open_page):
    """The page with a run that is paused after an epoch."""
    page = open_page()
    run = press(page, "Step epoch")
    wait_until(lambda: run.state == states.PAUSED and run.telemetry.step == 50)
    return page


def open_dialog(page, step=50):
    """Open the dialog as the button Fork here of the board does."""
    run = shown_run(page)
    page.session_state[dialogs._OPEN] = (fork_dialog.DIALOG, (run.id, step))
    page.run()
    return run


def test_the_dialog_shows_the_step_and_the_possible_changes(page):
    run = open_dialog(page)
    assert any("From the weights of step 50, epoch 1.0" in each.value for each in page.markdown)
    (pills,) = [each for each in page.pills if each.label.startswith("Futures")]
    assert pills.options == list(futures_of(run.initial_config))
    assert UNCHANGED in pills.value
    assert len(pills.value) == 2


def test_more_futures_than_the_maximum_cannot_be_started(page):
    open_dialog(page)
    (pills,) = [each for each in page.pills if each.label.startswith("Futures")]
    pills.set_value(list(pills.options)[: MAX_FORKS + 1])
    page.run()
    assert any(f"at most {MAX_FORKS}" in each.value for each in page.warning)
    (start,) = [each for each in page.button if each.label == "Start the forks"]
    assert start.disabled


def test_the_compare_page_shows_the_forks_and_their_parent(page):
    parent = open_dialog(page)
    press(page, "Start the forks")
    first, *forks = compared_runs(page)
    assert first is parent
    assert [fork.parent for fork in forks] == [parent.id] * 2
    assert {fork.forked_at for fork in forks} == {50}
    assert forks[0].name == UNCHANGED


def test_the_dialog_stays_open_over_reruns_until_the_forks_start(page):
    open_dialog(page)
    page.run()
    press(page, "Start the forks")
    page.run()
    assert not [each for each in page.button if each.label == "Start the forks"]


def test_the_dialog_reports_that_the_weights_are_no_longer_stored(page, monkeypatch):
    monkeypatch.setattr(Keyframes, "latest_at_or_before", lambda self, step: None)
    open_dialog(page, 20)
    assert any("The weights of step 20 are no longer stored" in each.value for each in page.markdown)
    assert not [each for each in page.button if each.label == "Start the forks"]


def test_an_untrained_run_cannot_be_forked(page, monkeypatch):
    monkeypatch.setattr(Keyframes, "latest_at_or_before", lambda self, step: None)
    monkeypatch.setattr(shown_run(page).telemetry, "step", 0)
    open_dialog(page, 0)
    assert any("This run has not trained yet" in each.value for each in page.markdown)

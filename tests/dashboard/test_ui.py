"""The script of the page without a browser and with real runs."""

from __future__ import annotations

import pytest

from dashboard.live.hub import get_hub
from dashboard.pages import live_board, train
from dashboard.pages.comparing import compare
from engine import RunConfig
from engine.runs import states
from engine.runs.server import manager as manager_module
from engine.runs.server.processes.spare import SpareWorker
from tests.dashboard.app_pages import press, shown_run, transport_buttons, widget_key
from tests.dashboard.watching import config_of
from tests.processes import wait_until


def test_a_page_without_a_run_can_only_start_one(open_page):
    page = open_page()
    assert transport_buttons(page) == {"Start": True, "Step": True, "Step epoch": True, "Reset": False}
    assert shown_run(page) is None


def test_the_buttons_start_pause_resume_and_step_a_run(open_page):
    page = open_page()
    run = press(page, "Start")
    assert run.initial_config == RunConfig.demo()
    assert "Pause" in transport_buttons(page)
    press(page, "Pause")
    wait_until(lambda: run.state == states.PAUSED)
    page.run()
    press(page, "Resume")
    assert run.state == states.RUNNING
    press(page, "Step")
    wait_until(lambda: run.state == states.PAUSED)
    step = run.telemetry.step
    press(page, "Step epoch")
    wait_until(lambda: run.state == states.PAUSED)
    assert run.telemetry.step == 50 * (step // 50 + 1)


@pytest.mark.parametrize(("view", "part"), [(train, "first_button"), (compare, "pace_control")])
def test_a_change_during_a_script_run_causes_another(open_page, monkeypatch, view, part):
    page = open_page()
    run = press(page, "Step epoch")
    wait_until(lambda: run.state == states.PAUSED)
    page = open_page(run.id) if view is train else open_page(view="compare", runs=run.id)
    versions, draw, mount = [], getattr(view, part), live_board.mount_board

    def draw_and_change(*arguments, **options):
        draw(*arguments, **options)
        run.state = states.RUNNING  # between the drawing of the bar and of the board

    def recording_mount(*arguments, **options):
        versions.append(options["page_version"])
        return mount(*arguments, **options)

    monkeypatch.setattr(view, part, draw_and_change)
    monkeypatch.setattr(live_board, "mount_board", recording_mount)
    page.run()
    run.state = states.PAUSED
    assert versions[-1].startswith(states.PAUSED), "the page has the new state"


def test_a_step_without_a_run_starts_a_run_with_one_step(open_page):
    run = press(open_page(), "Step")
    wait_until(lambda: run.telemetry.step == 1)
    assert run.state == states.PAUSED


def test_a_run_has_the_config_of_the_widgets(open_page):
    page = open_page()
    page.text_input(widget_key(page, "hidden")).set_value("30, 20")
    page.number_input(widget_key(page, "mini_batch_size")).set_value(7)
    page.number_input(widget_key(page, "seed")).set_value(12)
    page.slider(widget_key(page, "label_noise")).set_value(20)
    page.slider(widget_key(page, "drop_probability")).set_value(0.25)
    page.select_slider(widget_key(page, "l2")).set_value(5.0)
    page.selectbox(widget_key(page, "cost")).set_value("quadratic")
    page.run()
    assert press(page, "Start").initial_config == RunConfig.demo(
        hidden=(30, 20), mini_batch_size=7, seed=12, label_noise=0.2, drop_probability=0.25, l2=5.0, cost="quadratic"
    )


def test_a_page_opened_by_a_link_shows_the_settings_of_its_run(open_page):
    config = config_of("three hidden layers", l2=3.0, seed=4)
    run = get_hub().manager.start(config, 25.0, "step")
    page = open_page(run.id)
    assert page.text_input(widget_key(page, "hidden")).value == "12, 9, 5"
    assert page.select_slider(widget_key(page, "l2")).value == 3.0
    assert page.number_input(widget_key(page, "seed")).value == 4
    assert "Restart" not in transport_buttons(page), "the sidebar has the settings of the run"
    assert shown_run(page) is run


def test_a_restart_ends_the_previous_run(open_page):
    page = open_page()
    before = press(page, "Start")
    page.number_input(widget_key(page, "seed")).set_value(99)
    page.run()
    assert shown_run(page) is before
    after = press(page, "Restart")
    assert after is not before
    assert after.initial_config == RunConfig.demo(seed=99)
    wait_until(lambda: before.state == states.STOPPED)


def test_a_restart_does_not_wait_for_the_end_of_the_previous_run(open_page, monkeypatch):
    page = open_page()
    page.segmented_control(widget_key(page, "pace")).set_value("full")
    before = press(page, "Start")
    runs = get_hub().manager.runs()
    monkeypatch.setattr(manager_module, "MAX_WORKERS", sum(run.state not in states.FINAL for run in runs))
    monkeypatch.setattr(get_hub().manager, "cap", 1)
    get_hub().manager.watch(before, 1)
    page.number_input(widget_key(page, "epochs")).set_value(100_000)
    page.run()
    after = press(page, "Restart")
    assert not page.error
    assert after is not before
    assert after.state == states.RUNNING
    wait_until(lambda: before.state == states.STOPPED)


def test_a_run_whose_process_cannot_start_is_shown_with_the_reason(open_page, monkeypatch):
    page = open_page()
    monkeypatch.setattr(SpareWorker, "take", no_process)
    run = press(page, "Start")
    assert run.state == states.FAILED
    assert "Resource temporarily unavailable" in run.reason
    monkeypatch.undo()
    assert press(page, "Start").state == states.RUNNING


def no_process(spare: SpareWorker) -> None:
    raise OSError(11, "Resource temporarily unavailable")


def test_a_page_whose_run_is_deleted_shows_a_message(open_page):
    page = open_page()
    page.number_input(widget_key(page, "seed")).set_value(8)
    page.run()
    manager = get_hub().manager
    run = press(page, "Start")
    manager.stop(run)
    wait_until(lambda: run.state == states.STOPPED)
    wait_until(lambda: manager.store.load_about(run.id) is not None)
    del manager._runs[run.id]  # as after a hundred other runs have ended
    page.run()
    assert not page.warning, "the run is loaded from the store"
    manager.store.delete([run.id])
    del manager._runs[run.id]
    page.run()
    (warning,) = page.warning
    assert f"{run.id} is no longer stored here: it was deleted" in warning.value
    assert transport_buttons(page)["Start"]
    assert page.number_input(widget_key(page, "seed")).value == 8, "the settings of the deleted run stay"
    press(page, "Start")
    assert not page.warning


def test_a_reset_removes_the_run_from_the_page_and_can_be_undone(open_page):
    page = open_page()
    page.number_input(widget_key(page, "seed")).set_value(5)
    page.run()
    run = press(page, "Start")
    assert press(page, "Reset") is None
    wait_until(lambda: run.state == states.PAUSED)
    page.number_input(widget_key(page, "seed")).set_value(6)
    page.run()
    assert press(page, "Undo reset") is run
    assert page.number_input(widget_key(page, "seed")).value == 5


def test_invalid_settings_are_explained_and_cannot_be_started(open_page):
    page = open_page()
    page.text_input(widget_key(page, "hidden")).set_value("thirty")
    page.run()
    (error,) = page.error
    assert "must be whole numbers" in error.value
    assert not any(transport_buttons(page).values())
    page.text_input(widget_key(page, "hidden")).set_value("30")
    page.run()
    assert not page.error
    assert transport_buttons(page)["Start"]


def test_a_run_that_does_not_exist_is_reported(open_page):
    page = open_page("0123456789abcdef")
    (warning,) = page.warning
    assert "0123456789abcdef is not stored on this machine" in warning.value
    assert transport_buttons(page)["Start"]
    press(page, "Start")
    assert not page.warning

"""The compare page without a browser."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.live.hub import get_hub
from dashboard.pages.comparing import race as form
from dashboard.state.pages import compare_page as state
from engine import FieldError, RunConfig
from engine.analysis.twins import MAX_LINES, PRESETS, differing_fields, race_twins
from engine.runs import states
from engine.runs.server import manager as manager_module
from engine.runs.server.run import Run
from tests.dashboard.app_pages import compared_runs, page_switch, press, shown_run, transport_buttons, widget_key
from tests.processes import wait_until

FIRST_PRESET = "none, L2, L1, dropout"


def start(page: AppTest, label: str = "Start race") -> list[Run]:
    """Press a button that starts a race; return the runs on the page."""
    press(page, label)
    return compared_runs(page)


def pick(page: AppTest, preset: str) -> None:
    page.pills(key=state.PRESET).set_value(preset)
    page.run()


def offered(page: AppTest) -> list[str]:
    """Return the names of the twins in the form."""
    lists = [each.value for each in page.main.markdown if each.value.startswith("1. ")]
    return [line.split(". ", 1)[1] for line in lists[0].splitlines()] if lists else []


@pytest.fixture
def page(open_page) -> AppTest:
    return open_page(view="compare")


def test_the_empty_page_has_a_button_that_starts_a_race(page):
    assert [each.value for each in page.subheader] == ["Nothing is compared yet"]
    assert transport_buttons(page)["Pause all"] is False
    runs = start(page, f"Race: {FIRST_PRESET}")
    assert [run.name for run in runs] == ["no regularization", "L2 λ 1", "L1 λ 0.5", "dropout ½"]
    assert [run.initial_config for run in runs] == [twin.config for twin in race_twins(RunConfig.demo(), FIRST_PRESET)]
    assert len({run.group for run in runs}) == 1
    assert runs[0].group
    assert {run.pace for run in runs} == {125.0}, "the pace of the sidebar"
    assert not page.subheader
    assert shown_run(page) is None, "the train page has no run"


def test_the_switch_opens_the_other_page(open_page):
    page = open_page()
    assert "Start" in transport_buttons(page)
    page_switch(page).set_value("compare")
    page.run()
    assert "Start race" in transport_buttons(page)
    page_switch(page).set_value("train")
    page.run()
    assert "Start" in transport_buttons(page)
    assert "Start race" not in transport_buttons(page)


def test_an_unknown_page_in_the_address_shows_the_first_page(open_page):
    assert "Start" in transport_buttons(open_page(view="no such page"))


@pytest.mark.parametrize("preset", PRESETS)
def test_the_form_lists_the_twins_of_a_preset(page, preset):
    pick(page, preset)
    assert offered(page) == [twin.name.replace("|", "\\|") for twin in race_twins(RunConfig.demo(), preset, 500)]
    assert transport_buttons(page)["Start race"]


def test_the_twins_have_the_settings_of_the_sidebar(page):
    page.text_input(widget_key(page, "hidden")).set_value("7, 5")
    page.number_input(widget_key(page, "seed")).set_value(12)
    page.select_slider(widget_key(page, "l2")).set_value(5.0)
    page.run()
    pick(page, "a ladder of λ")
    runs = start(page)
    assert {
        (run.initial_config.hidden, run.initial_config.seed, run.initial_config.drop_probability) for run in runs
    } == {((7, 5), 12, 0.5)}
    assert [run.initial_config.l2 for run in runs] == [0.5, 1.5, 5.0, 15.0, 50.0]


def vary(page: AppTest, field: str, values: str) -> None:
    pick(page, state.ONE_FIELD)
    page.selectbox(key=state.FIELD).set_value(field)
    page.text_input(key=state.VALUES).set_value(values)
    page.run()


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("l2", "0, 0.5, 2", [0.0, 0.5, 2.0]),
        ("hidden", "30; 100; 30, 30;", [(30,), (100,), (30, 30), ()]),
        ("max_norm", "off, 2", [None, 2.0]),
        ("seed", "1, 2, 3", [1, 2, 3]),
        ("activation", "sigmoid, tanh", ["sigmoid", "tanh"]),
    ],
)
def test_any_field_can_be_raced_with_given_values(page, field, values, expected):
    vary(page, field, values)
    runs = start(page)
    assert [getattr(run.initial_config, field) for run in runs] == expected
    assert set(differing_fields([run.initial_config for run in runs])) == {field}


@pytest.mark.parametrize(
    ("field", "values", "words"),
    [
        ("l2", "0, 1, 1", "must differ, got L2 λ 1 twice"),
        ("l2", "lots", "must be a number"),
        ("l2", "", "at least 1"),
        ("seed", "1,2,3,4,5,6,7,8,9", f"at most {MAX_LINES}, got 9"),
        ("hidden", "thirty", "must be whole numbers"),
        ("train_size", "100, 2000", "at most 1297, all of digits, got 2000"),
    ],
)
def test_an_invalid_race_shows_an_error_and_cannot_start(page, field, values, words):
    vary(page, field, values)
    (error,) = page.error
    assert words in error.value.replace("\\", "")
    assert transport_buttons(page)["Start race"] is False
    assert offered(page) == []


def test_commands_apply_to_all_runs(page):
    runs = start(page)
    wait_until(lambda: all(run.telemetry.step for run in runs), 40)
    press(page, "Pause all")
    wait_until(lambda: {run.state for run in runs} == {states.PAUSED})
    page.run()
    press(page, "Step epoch")
    wait_until(lambda: {run.state for run in runs} == {states.PAUSED})
    assert all(run.telemetry.step % 50 == 0 for run in runs)
    page.run()
    press(page, "Resume all")
    assert {run.state for run in runs} == {states.RUNNING}
    page.segmented_control(widget_key(page, "pace")).set_value("5/s")
    page.run()
    assert {run.pace for run in runs} == {5.0}


def test_resume_all_pauses_no_run_that_was_resumed_after_the_page_was_drawn(page):
    runs = start(page)
    wait_until(lambda: all(run.telemetry.step for run in runs), 40)
    press(page, "Pause all")
    wait_until(lambda: {run.state for run in runs} == {states.PAUSED})
    page.run()
    get_hub().manager.resume(runs[0])
    press(page, "Resume all")
    assert {run.state for run in runs} == {states.RUNNING}


@pytest.mark.slow
def test_interrupted_runs_resume_with_the_others_and_stopped_ones_do_not(page):
    paused, killed, stopped, also_killed = runs = start(page)
    wait_until(lambda: all(run.telemetry.step for run in runs), 40)
    get_hub().manager.stop(stopped)
    get_hub().manager.pause(paused)
    for run in (killed, also_killed):
        wait_until(lambda run=run: (about := get_hub().manager.store.load_about(run.id)) and about.step, 20)
        run.process.popen.kill()
    wait_until(lambda: [run.state for run in (killed, also_killed)] == [states.INTERRUPTED] * 2, 20)
    wait_until(lambda: (paused.state, stopped.state) == (states.PAUSED, states.STOPPED), 20)
    page.run()
    press(page, "Resume all")
    assert [run.state for run in runs] == [states.RUNNING, states.RUNNING, states.STOPPED, states.RUNNING]
    get_hub().manager.stop(paused)
    for run in (killed, also_killed):
        wait_until(lambda run=run: run.telemetry.seconds > 0 and run.process is not None, 20)
        run.process.popen.kill()
    wait_until(lambda: paused.state == states.STOPPED, 20)
    wait_until(lambda: [run.state for run in (killed, also_killed)] == [states.INTERRUPTED] * 2, 20)
    page.run()
    press(page, "Resume all")
    assert [run.state for run in (killed, also_killed)] == [states.RUNNING] * 2
    get_hub().manager.stop(killed)
    get_hub().manager.stop(also_killed)
    wait_until(lambda: {run.state for run in runs} == {states.STOPPED}, 20)
    page.run()
    assert transport_buttons(page)["Pause all"] is False


def test_a_refused_resume_is_explained(page, monkeypatch):
    runs = start(page)
    wait_until(lambda: all(run.telemetry.step for run in runs), 40)
    press(page, "Pause all")
    wait_until(lambda: {run.state for run in runs} == {states.PAUSED})
    page.run()

    def refuse(self, run):
        raise FieldError("run", "cannot be resumed: it is not stored")

    with monkeypatch.context() as patch:
        patch.setattr(manager_module.Manager, "resume", refuse)
        press(page, "Resume all")
    assert [each.value for each in page.error] == ["run cannot be resumed: it is not stored"]
    press(page, "Resume all")
    assert not page.error


def test_the_address_of_the_page_opens_the_same_runs(page, open_page):
    runs = start(page)
    other = open_page(view="compare", runs=",".join(run.id for run in runs))
    assert compared_runs(other) == runs
    assert not other.subheader
    assert not other.warning


def test_unknown_runs_in_the_address_are_reported_and_the_others_shown(page, open_page):
    runs = start(page)
    other = open_page(view="compare", runs=f"{runs[0].id},{'0' * 16},{runs[2].id}")
    assert compared_runs(other) == [runs[0], runs[2]]
    assert "1 of the runs in the address is not stored here: it was deleted" in other.warning[0].value
    none = open_page(view="compare", runs="<b>,anything")
    assert "Some runs in the address are not stored here: they were deleted" in none.warning[0].value
    assert "Start race" in transport_buttons(none)
    assert "runs" not in none.query_params


def test_an_address_with_hundreds_of_runs_loads_none(open_page, monkeypatch):
    loaded: list[str] = []
    monkeypatch.setattr(get_hub().manager.store, "load", loaded.append)
    page = open_page(view="compare", runs=",".join(f"{i:016x}" for i in range(450)))
    assert f"must be 1 to {MAX_LINES} to be compared live, got 450" in page.error[0].value
    assert loaded == []


def test_more_runs_than_the_maximum_are_refused(page, open_page):
    runs = [get_hub().manager.start(RunConfig.demo(seed=seed), 1.0, "step") for seed in range(MAX_LINES + 1)]
    try:
        page = open_page(view="compare", runs=",".join(run.id for run in runs))
        assert f"must be 1 to {MAX_LINES} to be compared live" in page.error[0].value
    finally:
        for run in runs:
            get_hub().manager.stop(run)


def test_another_race_replaces_and_stops_the_previous_one(page):
    before = start(page)
    after = start(page)
    assert set(before).isdisjoint(after)
    wait_until(lambda: {run.state for run in before} == {states.STOPPED})
    assert not any(run.state in states.FINAL for run in after)


def test_if_one_run_of_a_race_cannot_start_all_are_stopped(page, monkeypatch):
    manager = get_hub().manager
    before = {run.id for run in manager.runs()}
    watched = [manager.start(RunConfig.demo(seed=seed), 1.0) for seed in range(2)]
    for run in watched:
        manager.watch(run, 1)  # a watched run is not evicted
    alive = [run for run in manager.runs() if run.state not in states.FINAL and not run.stopping]
    monkeypatch.setattr(manager_module, "MAX_WORKERS", len(alive) + 2)
    start(page)
    started = [run for run in manager.runs() if run.id not in before and run not in watched]
    assert len(started) == 2
    wait_until(lambda: {run.state for run in started} == {states.STOPPED})
    assert compared_runs(page) == []
    assert "The race cannot start: run cannot start" in page.error[0].value
    monkeypatch.undo()
    assert len(start(page)) == 4
    assert not page.error
    for run in watched:
        manager.watch(run, 0)
        manager.stop(run)


def test_the_sidebar_does_not_change_the_run_of_the_other_page(open_page):
    page = open_page()
    run = press(page, "Start")
    page_switch(page).set_value("compare")
    page.run()
    page.select_slider(widget_key(page, "l2")).set_value(5.0)
    page.run()
    assert run.current_config.l2 == 1.0
    page_switch(page).set_value("train")
    page.run()
    assert run.current_config.l2 == 1.0
    assert page.select_slider(widget_key(page, "l2")).value == 1.0, (
        "the sidebar of the train page has the settings of its run"
    )


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("l2", " 0.1 ,, 1e-3", [0.1, 0.001]),
        ("train_size", "all, 100", [None, 100]),
        ("hidden", "", []),
    ],
)
def test_values_are_parsed_by_the_rules_of_their_field(field: str, text: str, expected: list[Any]):
    assert state.parse_values(field, text) == expected


def test_every_field_that_can_be_varied_is_a_field_of_a_run():
    assert set(form.VARIABLE_FIELDS) <= set(RunConfig.demo().to_dict())
    for field, values in (("hidden", "1; two"), ("l2", "none"), ("l2", "0.1, -1")):
        with pytest.raises(FieldError, match=f"^{field} must be"):
            state.parse_values(field, values)

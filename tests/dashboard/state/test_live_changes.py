"""Changes in the sidebar while a run trains: applied live, after a restart, or refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.string_util import validate_material_icon
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import _compat
from dashboard.live.hub import get_hub
from dashboard.state.live_changes import APPLIED_LIVE, NEEDS_RESTART
from engine import RunConfig
from engine.families.penalties import PENALTIES
from engine.learning.checkpoint import CHANGEABLE_FIELDS
from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run
from tests.dashboard.app_pages import choose_regularizers, press, shown_run, transport_buttons, widget_key, widget_value
from tests.dashboard.watching import config_of
from tests.processes import wait_until


def start_run(page: AppTest, order: str = "Start") -> Run:
    """Start a run on this page and wait until it trains."""
    run = press(page, order)
    assert run is not None
    wait_until(lambda: run.telemetry.step > 0)
    return run


def applied_changes(run: Run) -> list[dict[str, object]]:
    """Return the changes that the worker has applied, in order."""
    return [dict(change.fields) for change in run.telemetry.changes]


def set_slider(page: AppTest, name: str, value: float) -> None:
    page.select_slider(widget_key(page, name)).set_value(value)
    page.run()


def restart_texts(page: AppTest) -> list[str]:
    return [caption.value for caption in page.main.caption if "restart" in caption.value]


# applied live


@pytest.mark.parametrize("order", ["Start", "Step"])
def test_a_slider_changes_the_open_run_without_a_restart(open_page, order):
    page = open_page()
    run = start_run(page, order)
    set_slider(page, "l2", 5.0)
    assert shown_run(page) is run
    assert "Restart" not in transport_buttons(page)
    wait_until(lambda: applied_changes(run) == [{"l2": 5.0}])
    assert run.telemetry.changes[0].step > 0
    assert run.current_config == RunConfig.demo(l2=5.0)
    assert run.initial_config == RunConfig.demo(), "the initial config is unchanged"


@pytest.mark.parametrize(
    ("kind", "name", "value", "field"),
    [
        ("select_slider", "learning_rate", 0.1, "learning_rate"),
        ("slider", "drop_probability", 0.25, "drop_probability"),
        ("slider", "input_drop_probability", 0.2, "input_drop_probability"),
        ("number_input", "max_norm", 3.0, "max_norm"),
    ],
)
def test_every_changeable_setting_changes_the_open_run(open_page, kind, name, value, field):
    page = open_page(max_norm="2", input_drop_probability="0.1")
    run = start_run(page)
    getattr(page, kind)(widget_key(page, name)).set_value(value)
    page.run()
    wait_until(lambda: applied_changes(run) == [{field: value}])
    assert not page.error


def test_a_change_is_sent_once_and_not_in_every_script_run(open_page, monkeypatch):
    page = open_page()
    run = start_run(page)
    changes = []
    change = Manager.change
    monkeypatch.setattr(
        Manager, "change", lambda self, run, **fields: changes.append(fields) or change(self, run, **fields)
    )
    page.run()
    assert changes == []
    set_slider(page, "l2", 2.0)
    page.run()
    page.run()
    assert changes == [{"l2": 2.0}]
    wait_until(lambda: applied_changes(run) == changes)


def test_each_lambda_keeps_its_value_while_the_penalty_is_switched(open_page):
    page = open_page()
    set_slider(page, "l2", 3.0)
    choose_regularizers(page, "drop_probability")
    assert not any(slider.key == widget_key(page, "l2") for slider in page.select_slider)
    run = start_run(page)
    assert (run.initial_config.l2, run.initial_config.l1) == (0.0, 0.0)
    choose_regularizers(page, "l2", "drop_probability")
    assert (run.current_config.l2, run.current_config.l1) == (3.0, 0.0)
    choose_regularizers(page, "l2", "l1", "drop_probability")
    set_slider(page, "l1", 0.2)
    assert (run.current_config.l2, run.current_config.l1) == (3.0, 0.2)
    choose_regularizers(page, "l1", "drop_probability")
    assert (run.current_config.l2, run.current_config.l1) == (0.0, 0.2)
    assert not any(slider.key == widget_key(page, "l2") for slider in page.select_slider), "one penalty has one slider"
    page.segmented_control(widget_key(page, "l1_rule")).set_value("proximal")
    page.run()
    assert run.current_config.l1_rule == "proximal"
    choose_regularizers(page, "l2", "drop_probability")
    assert (run.current_config.l2, run.current_config.l1) == (3.0, 0.0)
    choose_regularizers(page, "l2", "l1", "drop_probability")
    assert (run.current_config.l2, run.current_config.l1) == (3.0, 0.2)
    wait_until(lambda: len(run.telemetry.changes) == 7)
    assert applied_changes(run)[0] == {"l2": 3.0}
    assert applied_changes(run)[3] == {"l2": 0.0}
    assert applied_changes(run)[5] == {"l2": 3.0, "l1": 0.0}, "both fields are one change"
    assert run.state == states.RUNNING


def test_without_an_open_run_no_change_is_applied(open_page, monkeypatch):
    monkeypatch.setattr(Manager, "change", lambda *args, **fields: pytest.fail("a change without an open run"))
    page = open_page()
    set_slider(page, "l2", 5.0)
    run = start_run(page)
    assert run.initial_config.l2 == 5.0
    get_hub().manager.stop(run)
    wait_until(lambda: run.state == states.STOPPED)
    set_slider(page, "l2", 2.0)
    assert run.current_config.l2 == 5.0, "a run that has ended is not changed"
    press(page, "Start")
    press(page, "Reset")
    set_slider(page, "l2", 0.5)


# changes that need a restart


def test_fields_that_need_a_restart_are_counted_and_do_not_change_the_run(open_page):
    page = open_page()
    run = start_run(page)
    page.number_input(widget_key(page, "seed")).set_value(7)
    set_slider(page, "l2", 5.0)
    assert restart_texts(page) == ["One change needs a restart"]
    (restart,) = (button for button in page.main.button if button.label == "Restart")
    assert "Seed 1 → 7" in restart.help
    assert "λ" not in restart.help
    wait_until(lambda: applied_changes(run) == [{"l2": 5.0}])
    assert run.current_config == RunConfig.demo(l2=5.0)
    page.segmented_control(widget_key(page, "dropout_mask")).set_value("example")
    page.run()
    assert restart_texts(page) == ["2 changes need a restart"]
    assert shown_run(page) is run
    after = press(page, "Restart")
    assert after.initial_config == RunConfig.demo(seed=7, l2=5.0, dropout_mask="example")
    assert restart_texts(page) == []


def test_a_lambda_that_follows_the_training_size_changes_with_the_restart(open_page):
    page = open_page()
    page.toggle(widget_key(page, "keep_ratio")).set_value(True)
    run = start_run(page)
    page.select_slider(widget_key(page, "train_size")).set_value(1_000)
    page.run()
    assert widget_value(page, "l2") == 2.0
    assert run.current_config == RunConfig.demo(), "the run keeps its λ/n"
    assert restart_texts(page) == ["2 changes need a restart"]
    get_hub().manager.change(run, drop_probability=0.25)  # a change by another page
    page.run()
    assert (widget_value(page, "drop_probability"), widget_value(page, "l2")) == (0.25, 2.0)
    get_hub().manager.change(run, drop_probability=0.5)
    page.select_slider(widget_key(page, "train_size")).set_value(500)
    page.run()
    assert restart_texts(page) == []
    set_slider(page, "l2", 3.0)
    assert run.current_config.l2 == 3.0
    page.select_slider(widget_key(page, "train_size")).set_value(1_000)
    page.run()
    assert press(page, "Restart").initial_config == RunConfig.demo(train_size=1_000, l2=6.0)


def test_icons_show_when_a_change_takes_effect_while_a_run_is_open(open_page):
    page = open_page()
    headers = [header.value for header in page.sidebar.header]
    assert headers == ["Data", "Network", "Regularizer", "Training"]
    start_run(page)
    page.run()
    marks = {header.value.partition(" ")[0]: header.value.partition(" ")[2] for header in page.sidebar.header}
    assert marks == {
        "Data": NEEDS_RESTART.icon,
        "Network": NEEDS_RESTART.icon,
        "Regularizer": APPLIED_LIVE.icon,
        "Training": NEEDS_RESTART.icon,
    }
    widgets = [*page.sidebar.select_slider, *page.sidebar.slider, *page.sidebar.number_input]
    widgets += page.sidebar.segmented_control
    marked = {each.key: each.label.rpartition(" ")[2] for each in widgets if ":material" in each.label}
    assert marked == {
        widget_key(page, "learning_rate"): APPLIED_LIVE.icon,
        widget_key(page, "l1_rule"): APPLIED_LIVE.icon,
        widget_key(page, "dropout_count"): NEEDS_RESTART.icon,
        widget_key(page, "dropout_mask"): NEEDS_RESTART.icon,
        widget_key(page, "dropout_scaling"): NEEDS_RESTART.icon,
    }
    assert {name for name, icon in marked.items() if icon == APPLIED_LIVE.icon} <= {
        widget_key(page, name) for name in CHANGEABLE_FIELDS
    }
    press(page, "Reset")
    assert [header.value for header in page.sidebar.header] == headers


# refused changes


def test_a_refused_change_is_explained_until_the_value_is_valid(open_page):
    page = open_page()
    page.select_slider(widget_key(page, "train_size")).set_value(20)
    page.run()
    run = start_run(page)
    set_slider(page, "l2", 100.0)
    (error,) = page.error
    assert error.value.startswith("λ of L2 must keep ηλ/n below 2, got 0.5 · 100 / 20 = 2.5")
    assert "take λ below 80" in error.value
    assert run.current_config.l2 == 1.0
    page.run()
    assert page.error, "the error stays as long as the value"
    set_slider(page, "l2", 50.0)
    assert not page.error
    assert run.current_config.l2 == 50.0
    wait_until(lambda: applied_changes(run) == [{"l2": 50.0}])
    assert run.telemetry.refusal_reason is None, "the worker never received the refused change"


def test_a_change_that_is_invalid_for_the_run_but_not_the_sidebar_is_refused(open_page):
    page = open_page()
    page.select_slider(widget_key(page, "train_size")).set_value(20)
    page.run()
    run = start_run(page)
    page.select_slider(widget_key(page, "train_size")).set_value(1_000)
    set_slider(page, "l2", 100.0)
    (error,) = page.error
    assert "/ 20 = 2.5" in error.value
    assert run.current_config.l2 == 1.0
    assert restart_texts(page) == ["One change needs a restart"], "the refused change is not counted"
    assert press(page, "Restart").initial_config == RunConfig.demo(train_size=1_000, l2=100.0)
    assert not page.error


def test_after_a_refusal_by_the_worker_the_sidebar_shows_the_current_values(open_page, monkeypatch):
    page = open_page()
    run = start_run(page)
    get_hub().manager.change(run, l2=2_500.0)
    wait_until(lambda: run.telemetry.refusal_reason is not None)
    wait_until(lambda: run.current_config.l2 == 1.0)
    monkeypatch.setattr(Manager, "change", lambda *args, **fields: pytest.fail("the refused change is sent again"))
    page.run()
    (warning,) = page.warning
    assert warning.value.startswith(
        "The change was refused, and the run continues without it: λ of L2 must keep ηλ/n below 2, got 0.5 · 2500 / 500"
    )
    assert "take λ below 2000" in warning.value
    assert widget_value(page, "l2") == 1.0
    monkeypatch.undo()
    set_slider(page, "l2", 2.0)
    wait_until(lambda: applied_changes(run) == [{"l2": 2.0}])
    page.run()
    assert not page.warning


# other pages of the run


def test_a_page_opened_by_a_link_shows_the_current_settings_of_the_run(open_page):
    config = config_of("three hidden layers", l2=3.0, seed=4)
    run = get_hub().manager.start(config, 25.0)
    get_hub().manager.change(run, l2=0.0, l1=0.7, drop_probability=0.25, max_norm=2.5, l1_rule="clip")
    config_before = run.current_config
    page = open_page(run.id)
    assert "L1" in widget_value(page, "parts")
    assert page.select_slider(widget_key(page, "l1")).value == 0.7
    assert page.slider(widget_key(page, "drop_probability")).value == 0.25
    assert page.number_input(widget_key(page, "max_norm")).value == 2.5
    assert page.segmented_control(widget_key(page, "l1_rule")).value == "clip"
    assert "Restart" not in transport_buttons(page)
    page.run()
    assert run.current_config == config_before, "opening a page changes nothing"


def test_a_page_opened_after_the_end_of_a_run_shows_its_last_settings(open_page):
    run = get_hub().manager.start(config_of("default"), 5.0)
    get_hub().manager.change(run, l2=0.0, l1=0.7)
    get_hub().manager.stop(run)
    wait_until(lambda: run.state == states.STOPPED)
    page = open_page(run.id)
    assert "L1" in widget_value(page, "parts")
    assert widget_value(page, "l1") == 0.7


def test_two_pages_of_one_run_show_each_others_changes(open_page):
    one = open_page()
    run = start_run(one)
    other = open_page(run.id)
    set_slider(one, "l2", 5.0)
    assert run.current_config.l2 == 5.0
    other.slider(widget_key(other, "drop_probability")).set_value(0.25)
    other.run()
    assert run.current_config == RunConfig.demo(l2=5.0, drop_probability=0.25)
    assert widget_value(other, "l2") == 5.0
    one.run()
    assert widget_value(one, "drop_probability") == 0.25
    choose_regularizers(one, "l1", "drop_probability")
    other.run()
    assert "L1" in widget_value(other, "parts")
    other.run()
    one.run()
    wait_until(lambda: len(applied_changes(run)) == 3)
    assert applied_changes(run) == [
        {"l2": 5.0},
        {"drop_probability": 0.25},
        {"l2": 0.0, "l1": PENALTIES["l1"].demo_strength},
    ]


def test_opening_another_run_on_a_page_does_not_change_the_run(open_page, monkeypatch):
    page = open_page()
    start_run(page)
    set_slider(page, "l2", 5.0)
    other = get_hub().manager.start(config_of("L1", l1=0.3), 5.0)
    page.query_params["run"] = other.id
    with monkeypatch.context() as back_button:
        back_button.setattr(_compat, "went_back_or_forward", lambda: True)
        page.run()
    page.run()
    assert other.current_config == other.initial_config
    assert "L1" in widget_value(page, "parts")
    assert widget_value(page, "l1") == 0.3


def test_undoing_a_reset_restores_the_current_settings_of_the_run(open_page):
    page = open_page()
    run = start_run(page)
    set_slider(page, "l2", 5.0)
    press(page, "Reset")
    set_slider(page, "l2", 0.1)
    page.slider(widget_key(page, "drop_probability")).set_value(0.0)
    page.run()
    assert press(page, "Undo reset") is run
    assert widget_value(page, "l2") == 5.0
    assert widget_value(page, "drop_probability") == 0.5
    assert run.current_config == RunConfig.demo(l2=5.0)
    assert "Restart" not in transport_buttons(page)


@pytest.mark.parametrize("when", [APPLIED_LIVE, NEEDS_RESTART], ids=["live", "restart"])
def test_the_icon_beside_a_setting_is_a_valid_icon(when):
    assert validate_material_icon(when.icon) == when.icon


def test_every_icon_of_the_page_is_an_icon_of_streamlit():
    texts = [path.read_text(encoding="utf-8") for path in Path(dashboard.__file__).parent.rglob("*.py")]
    icons = {icon for text in texts for icon in re.findall(r":material/\w+:", text)}
    assert len(icons) > 5
    for icon in icons:
        validate_material_icon(icon)

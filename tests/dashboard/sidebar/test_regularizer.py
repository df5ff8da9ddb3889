"""The regularizer section of the sidebar: its texts and its configs."""

from __future__ import annotations

import math

import pytest

from dashboard.state.settings.widgets import widget_key
from engine import RunConfig
from engine.data.checks import check_against_data
from engine.families.penalties import PENALTIES
from tests.dashboard.app_pages import choose, press, transport_buttons, widget_value


def choose_penalty(page, kind):
    page.segmented_control(widget_key("penalty")).set_value(kind)
    page.run()


def penalty_text(page):
    """Return the line that explains the penalty."""
    (line,) = (
        caption.value
        for caption in page.sidebar.caption
        if caption.value.startswith(("ηλ/n", "Each update", "No penalty"))
    )
    return line


def warnings_of(page):
    return [caption.value for caption in page.sidebar.caption if ":material/warning:" in caption.value]


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("None", RunConfig.demo(l2=0.0)),
        ("L2", RunConfig.demo(l2=2.0)),
        ("L1", RunConfig.demo(l2=0.0, l1=0.5)),
        ("Elastic net", RunConfig.demo(l2=2.0, l1=0.5)),
    ],
)
def test_each_penalty_sets_its_config_and_is_set_from_it(open_page, kind, config):
    page = open_page()
    choose_penalty(page, "Elastic net")
    assert [slider.label for slider in page.sidebar.select_slider if "λ" in slider.label] == ["λ of L2", "λ of L1"]
    page.select_slider(widget_key("l1")).set_value(0.5)
    page.select_slider(widget_key("l2")).set_value(2.0)
    page.run()
    choose_penalty(page, kind)
    run = press(page, "Start")
    assert run.initial_config == config
    other = open_page(run.id)
    assert widget_value(other, "penalty") == kind
    for name in ("l2", "l1"):
        assert widget_value(other, name) == (getattr(config, name) or PENALTIES[name].demo_strength)


def test_every_widget_below_more_sets_its_field(open_page):
    page = open_page()
    choose_penalty(page, "L1")
    page.segmented_control(widget_key("l1_rule")).set_value("proximal")
    page.number_input(widget_key("max_norm")).set_value(2.5)
    page.slider(widget_key("input_drop_probability")).set_value(0.2)
    page.segmented_control(widget_key("dropout_count")).set_value("bernoulli")
    page.segmented_control(widget_key("dropout_mask")).set_value("example")
    page.segmented_control(widget_key("dropout_scaling")).set_value("inverted")
    page.run()
    assert press(page, "Start").initial_config == RunConfig.demo(
        l2=0.0, l1=PENALTIES["l1"].demo_strength, l1_rule="proximal", max_norm=2.5, input_drop_probability=0.2,
        dropout_count="bernoulli", dropout_mask="example", dropout_scaling="inverted",
    )  # fmt: skip


def test_the_rule_of_l1_can_be_chosen_if_l1_is_on(open_page):
    page = open_page()
    disabled = {}
    for kind in ("None", "L2", "L1", "Elastic net"):
        choose_penalty(page, kind)
        disabled[kind] = page.segmented_control(widget_key("l1_rule")).disabled
    assert disabled == {"None": True, "L2": True, "L1": False, "Elastic net": False}


def test_every_control_of_the_section_has_a_help_text(open_page):
    page = open_page()
    choose_penalty(page, "Elastic net")
    names = ("penalty", "l1", "l2", "drop_probability", "l1_rule", "max_norm", "input_drop_probability")
    names += ("dropout_count", "dropout_mask", "dropout_scaling")
    widgets = [*page.sidebar.segmented_control, *page.sidebar.slider, *page.sidebar.select_slider]
    helps = {each.key: each.help for each in [*widgets, *page.sidebar.number_input]}
    assert all(len(helps[widget_key(name)]) > 30 for name in names)


def test_the_effect_of_lambda_is_described_for_every_penalty(open_page):
    page = open_page()
    # η = 0.5, n = 500, 50 updates per epoch
    halves = math.log(0.5) / math.log(1 - 0.001) / 50
    assert penalty_text(page) == f"ηλ/n = 0.001 · a weight halves in {halves:.3g} epochs"
    choose_penalty(page, "L1")
    page.select_slider(widget_key("l1")).set_value(2.0)
    page.run()
    assert penalty_text(page) == "ηλ/n = 0.002 off every weight, each update"
    choose_penalty(page, "Elastic net")
    assert penalty_text(page) == "Each update: 0.1 % and 0.002 off a weight"
    choose_penalty(page, "None")
    assert penalty_text(page) == "No penalty: no weight decays."


def test_there_are_warnings_for_probable_mistakes(open_page):
    page = open_page()
    assert warnings_of(page) == []
    page.text_input(widget_key("hidden")).set_value("100, 10")
    page.slider(widget_key("drop_probability")).set_value(0.95)
    page.run()
    (warning,) = warnings_of(page)
    assert "Dropout of 0.95 rounds to every one of the 10 neurons of hidden layer 2" in warning
    assert "use less than 0.95" in warning
    assert transport_buttons(page)["Start"], "a warning does not prevent a start"
    page.slider(widget_key("drop_probability")).set_value(0.9)
    page.run()
    assert warnings_of(page) == []
    page.select_slider(widget_key("train_size")).set_value(20)
    page.select_slider(widget_key("l2")).set_value(50.0)
    page.run()
    (warning,) = warnings_of(page)
    assert "λ of L2 makes ηλ/n = 1.25, more than 1" in warning


def test_the_warning_for_dropped_inputs_depends_on_the_data_set(open_page):
    page = open_page()
    page.slider(widget_key("input_drop_probability")).set_value(0.8)
    page.run()
    assert warnings_of(page) == []
    choose(page, "moons")
    press(page, "Keep mine")
    (warning,) = warnings_of(page)
    assert "Dropout of the inputs of 0.8 rounds to every one of the 2 inputs" in warning


def test_a_strong_l1_causes_a_warning_and_can_be_trained(open_page):
    page = open_page()
    page.select_slider(widget_key("train_size")).set_value(20)
    choose_penalty(page, "L1")
    page.select_slider(widget_key("l1")).set_value(100.0)
    page.run()
    assert not page.error
    (warning,) = warnings_of(page)
    assert "λ of L1 makes λ/n = 5" in warning
    check_against_data(press(page, "Start").initial_config, 20)


def test_both_lambdas_follow_the_training_size(open_page):
    page = open_page()
    page.toggle(widget_key("keep_ratio")).set_value(True)
    choose_penalty(page, "Elastic net")
    page.select_slider(widget_key("l1")).set_value(0.5)
    page.run()
    page.select_slider(widget_key("train_size")).set_value(1_000)
    page.run()
    assert (widget_value(page, "l2"), widget_value(page, "l1")) == (2.0, 1.0)

"""The regularizer section of the sidebar: its texts and its configs."""

from __future__ import annotations

import math

import pytest

from engine import RunConfig
from engine.analysis.suggested import suggestion
from engine.data.checks import check_against_data
from engine.families.penalties import PENALTIES
from tests.dashboard.app_pages import choose, choose_regularizers, press, transport_buttons, widget_key, widget_value


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
    ("fields", "config", "choice"),
    [
        ((), RunConfig.demo(l2=0.0, drop_probability=0.0), "None"),
        (("l2",), RunConfig.demo(l2=2.0, drop_probability=0.0), "L2"),
        (("l1",), RunConfig.demo(l2=0.0, l1=0.2, drop_probability=0.0), "L1"),
        (("drop_probability",), RunConfig.demo(l2=0.0, drop_probability=0.3), "Dropout"),
        (("l2", "l1"), RunConfig.demo(l2=2.0, l1=0.2, drop_probability=0.0), "Combine"),
        (
            ("l2", "drop_probability", "max_norm", "input_drop_probability"),
            RunConfig.demo(l2=2.0, drop_probability=0.3, max_norm=3.0, input_drop_probability=0.2),
            "Combine",
        ),
        (("max_norm",), RunConfig.demo(l2=0.0, drop_probability=0.0, max_norm=3.0), "Combine"),
    ],
)
def test_each_choice_sets_its_config_and_is_set_from_it(open_page, fields, config, choice):
    page = open_page()
    choose_regularizers(page, "l2", "l1", "drop_probability")
    page.select_slider(widget_key(page, "l1")).set_value(0.2)
    page.select_slider(widget_key(page, "l2")).set_value(2.0)
    page.slider(widget_key(page, "drop_probability")).set_value(0.3)
    page.run()
    choose_regularizers(page, *fields)
    run = press(page, "Start")
    assert run.initial_config == config
    other = open_page(run.id)
    assert widget_value(other, "regularizer") == choice
    for name in ("l2", "l1"):
        assert widget_value(other, name) == (getattr(config, name) or PENALTIES[name].demo_strength)


def test_none_switches_everything_off_and_the_strengths_come_back(open_page):
    page = open_page(l2="3", max_norm="2.5", input_drop_probability="0.1", drop_probability="0.4")
    assert widget_value(page, "regularizer") == "Combine"
    choose_regularizers(page)
    assert not page.sidebar.pills
    run = press(page, "Start")
    assert run.initial_config == RunConfig.demo(l2=0.0, drop_probability=0.0)
    page.segmented_control(widget_key(page, "regularizer")).set_value("Combine")
    page.run()
    config = run.current_config
    assert (config.l2, config.max_norm, config.input_drop_probability, config.drop_probability) == (3.0, 2.5, 0.1, 0.4)


@pytest.mark.parametrize(
    ("before", "parts"),
    [((), ["L2", "Dropout"]), (("drop_probability",), ["L2", "Dropout"]), (("l1",), ["L1", "Dropout"])],
)
def test_combine_starts_with_the_regularizer_that_was_on_and_another(open_page, before, parts):
    page = open_page(l2="0", drop_probability="0")
    choose_regularizers(page, *before)
    page.segmented_control(widget_key(page, "regularizer")).set_value("Combine")
    page.run()
    assert widget_value(page, "parts") == parts


def test_only_the_strengths_of_what_is_on_are_shown(open_page):
    page = open_page()
    shown = {}
    for fields in ((), ("l2",), ("drop_probability",), ("l2", "l1")):
        choose_regularizers(page, *fields)
        sliders = [*page.sidebar.select_slider, *page.sidebar.slider]
        shown[fields] = [slider.label for slider in sliders if "λ" in slider.label or "Dropout" in slider.label]
    assert shown == {
        (): [],
        ("l2",): ["λ, strength of the penalty"],
        ("drop_probability",): ["Dropout: drop 0.50, keep 0.50"],
        ("l2", "l1"): ["λ of L2", "λ of L1"],
    }


# suggested strengths


def suggestion_texts(page):
    captions = [caption.value for caption in page.sidebar.caption]
    return [text for text in captions if text.startswith(("Suggested here", "It does not help here"))] + [
        button.label for button in page.sidebar.button if button.label.startswith("Use ")
    ]


def test_a_regularizer_that_is_switched_on_starts_with_the_suggested_strength(open_page):
    page = open_page(l2="0", drop_probability="0", dataset="digits", train_size="500")
    choose_regularizers(page, "group_lasso")
    suggested = suggestion(RunConfig.demo(), "group_lasso", 500)
    assert widget_value(page, "group_lasso") == suggested.strength
    assert suggestion_texts(page) == [f"Suggested here: {suggested.gain:+.1f} ± {suggested.error} points"]


def test_a_strength_of_the_user_stays_until_the_suggested_one_is_taken(open_page):
    page = open_page()
    choose_regularizers(page, "l2")
    page.select_slider(widget_key(page, "l2")).set_value(5.0)
    page.run()
    choose_regularizers(page, "l1")
    choose_regularizers(page, "l2")
    assert widget_value(page, "l2") == 5.0
    suggested = suggestion(RunConfig.demo(), "l2", 500)
    (label,) = suggestion_texts(page)
    assert label.startswith(f"Use {suggested.strength:g}:")
    press(page, label)
    assert widget_value(page, "l2") == suggested.strength


def test_without_a_size_or_a_measured_set_nothing_is_suggested(open_page):
    page = open_page()
    choose_regularizers(page, "l2")
    assert len(suggestion_texts(page)) == 1
    page.select_slider(widget_key(page, "train_size")).set_value(20)
    page.run()
    assert suggestion_texts(page) == [], "nothing of that size was measured"
    page.select_slider(widget_key(page, "train_size")).set_value(500)
    page.run()
    choose_regularizers(page, "l2", "drop_probability")
    assert suggestion_texts(page) == [], "only single regularizers were measured"


def test_every_widget_of_the_section_sets_its_field(open_page):
    page = open_page()
    choose_regularizers(page, "l1", "drop_probability", "max_norm", "input_drop_probability")
    page.segmented_control(widget_key(page, "l1_rule")).set_value("proximal")
    page.select_slider(widget_key(page, "l1")).set_value(0.2)
    page.number_input(widget_key(page, "max_norm")).set_value(2.5)
    page.slider(widget_key(page, "input_drop_probability")).set_value(0.3)
    page.segmented_control(widget_key(page, "dropout_count")).set_value("bernoulli")
    page.segmented_control(widget_key(page, "dropout_mask")).set_value("example")
    page.segmented_control(widget_key(page, "dropout_scaling")).set_value("inverted")
    page.run()
    assert press(page, "Start").initial_config == RunConfig.demo(
        l2=0.0, l1=0.2, l1_rule="proximal", max_norm=2.5, input_drop_probability=0.3,
        dropout_count="bernoulli", dropout_mask="example", dropout_scaling="inverted",
    )  # fmt: skip


def test_the_rule_of_l1_can_be_chosen_if_l1_is_on(open_page):
    page = open_page()
    disabled = {}
    for fields in ((), ("l2",), ("l1",), ("l2", "l1")):
        choose_regularizers(page, *fields)
        disabled[fields] = page.segmented_control(widget_key(page, "l1_rule")).disabled
    assert disabled == {(): True, ("l2",): True, ("l1",): False, ("l2", "l1"): False}


def test_every_control_of_the_section_has_a_help_text(open_page):
    page = open_page()
    choose_regularizers(page, "l2", "l1", "drop_probability", "max_norm", "input_drop_probability")
    names = ("regularizer", "parts", "l1", "l2", "drop_probability", "l1_rule", "max_norm", "input_drop_probability")
    names += ("dropout_count", "dropout_mask", "dropout_scaling")
    widgets = [*page.sidebar.segmented_control, *page.sidebar.pills, *page.sidebar.slider, *page.sidebar.select_slider]
    helps = {each.key: each.help for each in [*widgets, *page.sidebar.number_input]}
    assert all(len(helps[widget_key(page, name)]) > 30 for name in names)


def test_the_effect_of_lambda_is_described_for_every_penalty(open_page):
    page = open_page()
    # η = 0.5, n = 500, 50 updates per epoch
    halves = math.log(0.5) / math.log(1 - 0.001) / 50
    assert penalty_text(page) == f"ηλ/n = 0.001 · a weight halves in {halves:.3g} epochs"
    choose_regularizers(page, "l1")
    page.select_slider(widget_key(page, "l1")).set_value(2.0)
    page.run()
    assert penalty_text(page) == "ηλ/n = 0.002 off every weight, each update"
    choose_regularizers(page, "l2", "l1")
    assert penalty_text(page) == "Each update: 0.1 % and 0.002 off a weight"
    choose_regularizers(page)
    assert "Nothing keeps the network from memorizing." in [caption.value for caption in page.sidebar.caption]


def test_there_are_warnings_for_probable_mistakes(open_page):
    page = open_page()
    assert warnings_of(page) == []
    page.text_input(widget_key(page, "hidden")).set_value("100, 10")
    page.slider(widget_key(page, "drop_probability")).set_value(0.95)
    page.run()
    (warning,) = warnings_of(page)
    assert "Dropout of 0.95 rounds to every one of the 10 neurons of hidden layer 2" in warning
    assert "use less than 0.95" in warning
    assert transport_buttons(page)["Start"], "a warning does not prevent a start"
    page.slider(widget_key(page, "drop_probability")).set_value(0.9)
    page.run()
    assert warnings_of(page) == []
    page.select_slider(widget_key(page, "train_size")).set_value(20)
    page.select_slider(widget_key(page, "l2")).set_value(50.0)
    page.run()
    (warning,) = warnings_of(page)
    assert "λ of L2 makes ηλ/n = 1.25, more than 1" in warning


def test_the_warning_for_dropped_inputs_depends_on_the_data_set(open_page):
    page = open_page()
    choose_regularizers(page, "l2", "input_drop_probability")
    page.slider(widget_key(page, "input_drop_probability")).set_value(0.8)
    page.run()
    assert warnings_of(page) == []
    choose(page, "moons")
    press(page, "Keep mine")
    (warning,) = warnings_of(page)
    assert "Dropout of the inputs of 0.8 rounds to every one of the 2 inputs" in warning


def test_a_strong_l1_causes_a_warning_and_can_be_trained(open_page):
    page = open_page()
    page.select_slider(widget_key(page, "train_size")).set_value(20)
    choose_regularizers(page, "l1")
    page.select_slider(widget_key(page, "l1")).set_value(100.0)
    page.run()
    assert not page.error
    (warning,) = warnings_of(page)
    assert "λ of L1 makes λ/n = 5" in warning
    check_against_data(press(page, "Start").initial_config, 20)


def test_both_lambdas_follow_the_training_size(open_page):
    page = open_page()
    page.toggle(widget_key(page, "keep_ratio")).set_value(True)
    choose_regularizers(page, "l2", "l1")
    page.select_slider(widget_key(page, "l1")).set_value(0.5)
    page.run()
    page.select_slider(widget_key(page, "train_size")).set_value(1_000)
    page.run()
    assert (widget_value(page, "l2"), widget_value(page, "l1")) == (2.0, 1.0)


def test_parts_that_are_switched_off_stay_off_and_others_keep_their_strengths(open_page):
    page = open_page()
    choose_regularizers(page, "l2", "drop_probability")
    run = press(page, "Start")
    page.pills(widget_key(page, "parts")).set_value([])
    page.run()
    assert widget_value(page, "parts") == []
    assert (run.current_config.l2, run.current_config.drop_probability) == (0.0, 0.0)
    page.pills(widget_key(page, "parts")).set_value(["L2", "Dropout", "Max-norm"])
    page.run()
    config = run.current_config
    assert (config.l2, config.drop_probability, config.max_norm) == (1.0, 0.5, 3.0)


def test_a_choice_that_is_on_already_changes_no_strength(open_page):
    page = open_page(l2="0.0", drop_probability="0.5", label_noise="0.0")
    steered = widget_value(page, "drop_probability")
    page.segmented_control(widget_key(page, "regularizer")).set_value("Dropout")
    page.run()
    assert widget_value(page, "drop_probability") == steered == 0.5


def test_a_suited_strength_is_no_choice_of_the_user(open_page):
    page = open_page(first=True)
    choose(page, "spirals")
    choose(page, "digits")
    choose_regularizers(page, "l2")
    assert widget_value(page, "l2") == suggestion(RunConfig.demo(), "l2", 500).strength

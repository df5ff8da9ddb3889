"""The page and its address: a link sets the sidebar, and the address contains the settings of the sidebar."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import _compat
from dashboard.charts.panels.layouts import CUSTOM, LAYOUTS
from dashboard.live.hub import get_hub
from dashboard.sidebar import reading, sidebar
from dashboard.sidebar.carried_settings import differences
from dashboard.state.pages.evidence_state import PART, PARTS
from dashboard.state.settings.links import NAMES, config_and_pace, link_parameters
from dashboard.state.settings.page_settings import PACES
from dashboard.state.settings.widgets import FIELDS_WITHOUT_WIDGET
from engine import RunConfig
from engine.analysis.suggested import suited_config
from engine.runs import states
from tests.conftest import fuzz
from tests.dashboard.app_pages import choose, press, transport_buttons, widget_key, widget_value
from tests.dashboard.serving import ROOT
from tests.dashboard.state.settings.test_links import CONFIGS, PACE_VALUES
from tests.processes import wait_until
from tests.slowing import PATIENCE

EXTREME = {
    "train_size": None,
    "validation_share": 0.301,
    "label_noise": 0.137,
    "pixel_noise": 0.30000000000000004,
    "drop_probability": 0.97,
    "input_drop_probability": 1e-17,
    "l2": 0.30000000000000004,
    "l1": 1e-300,
    "max_norm": 1e-6,
    "learning_rate": 1e-9,
    "mini_batch_size": 1_001,
    "epochs": 1_000_000,
    "seed": 2**63 - 1,
    "hidden": (),
}


def address_settings(page: AppTest) -> dict[str, str]:
    """Return the settings in the address."""
    return {name: value for name, value in page.query_params.items() if name in NAMES}


def test_the_address_of_the_default_page_has_no_settings(open_page):
    page = open_page(first=True)
    assert address_settings(page) == {}
    assert press(page, "Start").initial_config == suited_config("digits")


def test_a_link_sets_the_sidebar_and_the_config_of_the_run(open_page):
    config = RunConfig.demo(hidden=(30, 20), seed=7, l2=0.0, l1=0.5, drop_probability=0.25, label_noise=0.1)
    page = open_page(**link_parameters(config, 25.0))
    assert page.text_input(widget_key(page, "hidden")).value == "30, 20"
    assert page.number_input(widget_key(page, "seed")).value == 7
    assert "L1" in widget_value(page, "parts")
    assert page.slider(widget_key(page, "label_noise")).value == 10
    assert address_settings(page) == link_parameters(config, 25.0)
    run = press(page, "Start")
    assert (run.initial_config, run.pace) == (config, 25.0)
    assert address_settings(page) == link_parameters(config, 25.0)


@pytest.mark.parametrize("field", EXTREME)
def test_a_run_has_the_exact_value_of_a_link_between_the_steps_of_a_widget(open_page, field):
    config = RunConfig.demo(**{field: EXTREME[field]})
    page = open_page(**link_parameters(config, 125.0))
    assert not page.error or "mini_batch" in field
    assert address_settings(page) == link_parameters(config, 125.0)
    if field != "mini_batch_size":  # larger than the training set, which the sidebar refuses
        assert press(page, "Start").initial_config == config


def test_a_widget_shows_all_digits_of_the_value_in_the_link(open_page):
    page = open_page(**link_parameters(RunConfig.demo(**EXTREME), 125.0))
    assert page.slider(widget_key(page, "label_noise")).value == 13.7
    assert page.slider(widget_key(page, "label_noise")).proto.format == "%g %%"
    assert page.slider(widget_key(page, "drop_probability")).value == 0.97
    assert page.slider(widget_key(page, "drop_probability")).max == 0.97
    assert page.number_input(widget_key(page, "seed")).placeholder == str(2**63 - 1)
    assert "0.30000000000000004" in page.select_slider(widget_key(page, "l2")).proto.options
    assert "30.1 %" in page.select_slider(widget_key(page, "validation_share")).proto.options
    assert "all" in page.select_slider(widget_key(page, "train_size")).proto.options


@fuzz(5, 25, config=CONFIGS, pace=PACE_VALUES)
def test_any_valid_link_sets_the_sidebar_exactly(config, pace):
    results = []
    with pytest.MonkeyPatch.context() as patched:
        read = reading.read_settings
        patched.setattr(sidebar, "read_settings", lambda: results.append(read()) or results[-1])
        page = AppTest.from_file(str(ROOT / "dashboard" / "ui.py"), default_timeout=60 * PATIENCE)
        page.query_params.update(link_parameters(config, pace))
        page.run()
    assert not page.exception
    assert (results[-1].link, results[-1].pace) == (config, pace)
    assert address_settings(page) == link_parameters(config, pace)


def test_a_changed_setting_is_in_the_address_and_a_default_is_not(open_page):
    page = open_page(layout="dropout", utm_source="mail")
    page.number_input(widget_key(page, "seed")).set_value(12)
    page.run()
    assert address_settings(page) == {"seed": "12"}
    page.number_input(widget_key(page, "seed")).set_value(1)
    page.run()
    assert address_settings(page) == {"l2": "1.0"}, "without any parameter the page has other settings"
    assert page.query_params == {"layout": "dropout", "utm_source": "mail", "l2": "1.0"}, "other parameters stay"


def test_the_demonstration_of_a_data_set_is_in_the_address(open_page):
    page = open_page()
    choose(page, "spirals")
    config, pace = config_and_pace(address_settings(page))
    assert (config.dataset, config.activation, config.hidden, pace) == ("spirals", "tanh", (30, 30), 1000.0)
    choose(page, "digits")
    assert address_settings(page) == {}


def test_an_address_with_other_spellings_of_the_values_is_not_rewritten(open_page):
    page = open_page(l2="5", seed="1", drop_probability=".25")
    assert address_settings(page) == {"l2": "5", "seed": "1", "drop_probability": ".25"}


def test_an_invalid_text_in_the_sidebar_does_not_change_the_address(open_page):
    page = open_page(hidden="30")
    page.text_input(widget_key(page, "hidden")).set_value("thirty")
    page.number_input(widget_key(page, "seed")).set_value(3)
    page.run()
    assert address_settings(page) == {"hidden": "30"}
    page.text_input(widget_key(page, "hidden")).set_value("20")
    page.run()
    assert address_settings(page) == {"hidden": "20", "seed": "3"}


# refused parameters


def test_a_refused_parameter_is_explained_and_stays_in_the_address(open_page):
    page = open_page(label_noise="0.7", cost="foo", seed="3")
    (error,) = page.error
    assert "Corrupted labels" in error.value
    assert "must be a number from 0 to 0.5, got 0.7" in error.value
    assert "The default is used, 0.3" in error.value
    assert "must be one of cross-entropy, quadratic, log-likelihood, got 'foo'" in error.value
    assert widget_value(page, "label_noise") == 30
    assert widget_value(page, "seed") == 3, "the other parameters are used"
    assert address_settings(page) == {"label_noise": "0.7", "cost": "foo", "seed": "3"}
    page.number_input(widget_key(page, "epochs")).set_value(50)
    page.run()
    assert address_settings(page) == {"label_noise": "0.7", "cost": "foo", "seed": "3", "epochs": "50"}
    assert page.error


def test_changing_the_setting_replaces_the_refused_parameter(open_page):
    page = open_page(label_noise="0.7", epochs="x")
    page.slider(widget_key(page, "label_noise")).set_value(20)
    page.run()
    assert address_settings(page) == {"label_noise": "0.2", "epochs": "x"}
    assert "Corrupted labels" not in page.error[0].value
    page.number_input(widget_key(page, "epochs")).set_value(7)
    page.run()
    assert address_settings(page) == {"label_noise": "0.2", "epochs": "7"}
    assert not page.error


def test_the_default_can_be_accepted(open_page):
    page = open_page(label_noise="0.7", seed="3")
    press(page, "Use the default")
    assert not page.error
    assert address_settings(page) == {"seed": "3"}


def test_starting_a_run_accepts_the_defaults(open_page):
    page = open_page(label_noise="0.7", seed="3")
    assert press(page, "Start").initial_config == RunConfig.demo(seed=3)
    assert not page.error
    assert address_settings(page) == {"seed": "3"}


def test_a_repeated_parameter_is_refused(open_page):
    page = open_page(seed=["1", "2"])
    assert "must be in a link only once" in page.error[0].value
    assert widget_value(page, "seed") == 1


def test_markdown_in_a_refused_text_is_escaped(open_page):
    page = open_page(cost="![x](http://evil/x.png) **bold**")
    assert r"\!" in page.error[0].value or r"\[x\]" in page.error[0].value
    assert r"\*\*bold" in page.error[0].value


# fields without a widget


def test_fields_without_a_widget_are_kept_and_listed_and_can_be_removed(open_page):
    page = open_page(stop_on="accuracy", patience="20", evaluate_on="validation")
    (line,) = (caption.value for caption in page.sidebar.caption if "Also set" in caption.value)
    assert line == "Also set by the link: early stopping on accuracy, patience 20 epochs"
    page.number_input(widget_key(page, "seed")).set_value(5)
    page.run()
    assert press(page, "Start").initial_config == RunConfig.demo(stop_on="accuracy", patience=20, seed=5)
    press(page, "Drop")
    assert address_settings(page) == {"seed": "5"}
    assert "Restart" in transport_buttons(page), "the run still has the removed values"
    assert not [caption for caption in page.sidebar.caption if "Also set" in caption.value]


def test_every_field_without_a_widget_has_a_text():
    values = {
        "initializer": "large",
        "dtype": "float64",
        "expand": True,
        "stop_on": "cost",
        "patience": 3,
        "halve_after": 4,
        "max_halvings": 2,
        "measure_all": True,
        "evaluate_on": "test",
    }
    assert tuple(values) == FIELDS_WITHOUT_WIDGET
    assert len(set(differences(values))) == len(FIELDS_WITHOUT_WIDGET)
    assert differences({name: getattr(RunConfig.demo(), name) for name in FIELDS_WITHOUT_WIDGET}) == []


def test_another_data_set_keeps_the_fields_without_a_widget(open_page):
    page = open_page(stop_on="cost")
    choose(page, "spirals")
    assert config_and_pace(address_settings(page))[0].stop_on == "cost"


# runs


def test_a_run_in_the_address_overrides_its_settings(open_page):
    run = get_hub().manager.start(RunConfig.demo(seed=4, patience=20), 25.0, "step")
    page = open_page(run=run.id, seed="9", label_noise="0.7")
    assert widget_value(page, "seed") == 4
    assert address_settings(page) == {"seed": "4", "patience": "20", "pace": "25"}
    assert not page.error
    assert "Restart" not in transport_buttons(page), "fields without a widget are also those of the run"


def test_for_a_missing_run_the_settings_of_the_address_are_used(open_page):
    page = open_page(run="0123456789abcdef", seed="9", l2="5.0")
    assert "Its settings are in the address" in page.warning[0].value
    assert press(page, "Start").initial_config == RunConfig.demo(seed=9, l2=5.0)


def test_a_live_change_is_in_the_address(open_page):
    page = open_page()
    run = press(page, "Start")
    page.select_slider(widget_key(page, "l2")).set_value(5.0)
    page.run()
    assert address_settings(page) == {"l2": "5.0"}
    get_hub().manager.stop(run)
    wait_until(lambda: run.state in states.FINAL)


def test_a_missing_data_set_is_reported_and_stays_in_the_address(open_page):
    page = open_page(dataset="own:0123456789abcdef", seed="9")
    assert "is not on this machine" in page.error[0].value
    assert address_settings(page) == {"dataset": "own:0123456789abcdef", "seed": "9"}
    assert not transport_buttons(page)["Start"]


def test_the_back_button_applies_the_settings_of_the_address(open_page, monkeypatch):
    page = open_page(seed="3")
    page.number_input(widget_key(page, "seed")).set_value(4)
    page.run()
    page.query_params["seed"] = "3"  # a request of the browser from before the change
    page.run()
    assert widget_value(page, "seed") == 4, "the sidebar has priority"
    page.query_params["seed"] = "3"
    monkeypatch.setattr(_compat, "went_back_or_forward", lambda: True)
    page.run()
    assert widget_value(page, "seed") == 3
    assert address_settings(page) == {"seed": "3"}


# the link to copy


def link_of(page):
    links = [code.value for code in page.code if "import" not in code.value]  # the page also shows the program of a run
    assert len(links) <= 1
    return links[0] if links else ""


def test_the_link_to_copy_has_the_settings_and_the_layout_but_no_run(open_page):
    page = open_page(l2="5.0", hidden="none", layout="dropout")
    press(page, "Start")
    assert link_of(page).endswith("?hidden=none&l2=5.0&layout=dropout")


def test_the_link_to_copy_opens_with_the_panels_of_a_custom_layout(open_page):
    panels = ["Cost", "Weight magnitudes", "λ in words"]
    page = open_page(first=True, layout="custom", panels=panels)
    query = parse_qs(urlsplit(link_of(page)).query)
    assert query == {"layout": ["custom"], "panels": panels}
    other = open_page(first=True, **query)
    assert other.session_state["panels"] == ["cost", "weights", "lmbda"]
    assert not other.error
    assert link_of(other) == link_of(page)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"layout": "everything"}, "Layout in the link must be one of overview, L1 and L2, dropout, answers, custom, "),
        ({"layout": "custom", "panels": ["Cost", "costs"]}, "Panel of the custom layout in the link must be one of "),
        (
            {"view": "race"},
            "Page in the link must be one of train, compare, runs, got 'race'. The page train is shown.",
        ),
        ({"view": "compare", "compared": "seeds"}, "must be one of Curves, Results, Seeds, Damage, got 'seeds'."),
        ({"view": "runs", "label_noise": "0.7"}, "Corrupted labels in the link "),
        ({"view": "compare", "label_noise": "0.7"}, "Corrupted labels in the link "),
    ],
)
def test_unknown_pages_parts_layouts_and_panels_are_refused(open_page, query, message):
    page = open_page(**query)
    (error,) = page.error
    assert message in error.value.replace("**", "").replace("\\", "")
    press(page, "Use the default")
    assert not page.error


def test_a_layout_without_panels_explains_how_to_choose_one(open_page):
    page = open_page(layout="custom")
    assert page.info[0].value.startswith("No panel is chosen.")
    page = open_page(layout="custom", panels=["Decision boundary"])
    assert page.info[0].value.startswith("None of the chosen panels applies to this run.")
    assert not open_page(layout="custom", panels=["Cost"]).info


def test_page_layout_and_part_are_documented_with_their_choices():
    document = (ROOT / "docs" / "links.md").read_text(encoding="utf-8")
    for name, choices in (("view", ("train", "compare", "runs")), ("layout", [*LAYOUTS, CUSTOM]), (PART, PARTS)):
        assert re.search(rf"^\| `{name}` \| .+ \| {', '.join(f'`{choice}`' for choice in choices)} \|$", document, re.M)


def test_there_is_no_link_to_copy_while_a_field_is_invalid(open_page):
    page = open_page()
    page.text_input(widget_key(page, "hidden")).set_value("thirty")
    page.run()
    assert not link_of(page)


def test_every_pace_can_be_in_a_link():
    for pace in PACES.values():
        assert config_and_pace(link_parameters(RunConfig.demo(), pace)) == (RunConfig.demo(), pace)

"""Every setting in all code that uses the table. A new setting needs a line in the lists here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import marks
from dashboard.commands import train
from dashboard.commands.cli import main
from dashboard.pages.train import restart_differences
from dashboard.state.settings.links import config_and_pace, link_parameters
from dashboard.state.settings.page_settings import PAGE_SETTINGS, label_of, with_label
from dashboard.state.settings.regularizer_choice import LAMBDA_FIELDS, PART_FIELDS, START_VALUES
from dashboard.state.settings.widgets import FIELDS_WITH_WIDGET, FIELDS_WITHOUT_WIDGET
from docs.tables import DOCS, text_with_tables
from engine import FieldError, RunConfig
from engine.analysis import suggested as suggestions
from engine.analysis.twins import vary_setting
from engine.config import DEMO, SETTINGS
from engine.errors import join_names
from engine.families.penalties import PENALTIES
from engine.learning.checkpoint import CHANGEABLE_FIELDS
from engine.settings.kinds import Flag, Number, Share, Whole
from engine.settings.setting import GROUPS, WIDGETS, closest_settings
from tests.dashboard.app_pages import choose_regularizers, widget_key, widget_value
from tests.dashboard.state.settings.test_links import FIELDS
from tests.engine.test_config import BAD

every_setting = pytest.mark.parametrize("name", SETTINGS)
ROOT = Path(__file__).parents[2]

# A value of each field that differs from the default and from the demonstration, as an option and as JSON.
OTHER_VALUES: dict[str, tuple[str, Any]] = {
    "dataset": ("moons", "moons"),
    "train_size": ("77", 77),
    "validation_share": ("0.25", 0.25),
    "label_noise": ("0.125", 0.125),
    "pixel_noise": ("0.05", 0.05),
    "data_noise": ("0.1", 0.1),
    "blob_classes": ("4", 4),
    "hidden": ("20,10", [20, 10]),
    "activation": ("tanh", "tanh"),
    "cost": ("quadratic", "quadratic"),
    "initializer": ("large", "large"),
    "l2": ("0.5", 0.5),
    "l1": ("1e-05", 1e-05),
    "l1_rule": ("clip", "clip"),
    "max_norm": ("3", 3.0),
    "drop_probability": ("0.25", 0.25),
    "input_drop_probability": ("0.1", 0.1),
    "dropout_count": ("bernoulli", "bernoulli"),
    "dropout_mask": ("example", "example"),
    "dropout_scaling": ("inverted", "inverted"),
    "learning_rate": ("0.3", 0.3),
    "mini_batch_size": ("20", 20),
    "epochs": ("2", 2),
    "seed": ("7", 7),
    "dtype": ("float64", "float64"),
    "expand": ("true", True),
    "stop_on": ("cost", "cost"),
    "patience": ("3", 3),
    "halve_after": ("4", 4),
    "max_halvings": ("2", 2),
    "measure_all": ("true", True),
    "evaluate_on": ("test", "test"),
}
OTHER_VALUES = {
    name: OTHER_VALUES.get(name, ("0.5", 0.5)) for name in (*OTHER_VALUES, *PENALTIES)
}  # a penalty that is not listed has a λ
# The options of version 0.1.0.
OPTIONS = {
    "drop_probability": "--drop",
    "input_drop_probability": "--input-drop",
    "learning_rate": "--eta",
    "mini_batch_size": "--batch-size",
}


def config_of_command(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    """Return the config that `regscope train` would train with these arguments."""
    configs: list[RunConfig] = []

    def record_config(config: RunConfig, *arguments: Any, **options: Any) -> None:
        configs.append(config)
        raise FieldError("run", "is not trained in this test")

    monkeypatch.setattr(train, "HeadlessRun", record_config)
    result = CliRunner().invoke(main, ["train", *arguments])
    assert configs, result.output
    return configs[0]


def test_every_field_is_in_every_list_of_this_file():
    assert set(SETTINGS) == set(OTHER_VALUES) == set(FIELDS) == set(BAD)
    assert set(FIELDS_WITH_WIDGET) | set(FIELDS_WITHOUT_WIDGET) == set(SETTINGS)
    assert set(CHANGEABLE_FIELDS) == {
        *PENALTIES,
        "l1_rule",
        "learning_rate",
        "drop_probability",
        "input_drop_probability",
    }


# one setting


@every_setting
def test_the_defaults_are_valid_values(name):
    for config in (RunConfig(), RunConfig.demo()):
        value = getattr(config, name)
        assert SETTINGS[name].check(value) == value
        assert SETTINGS[name].parse(SETTINGS[name].format(value)) == value


@every_setting
def test_the_error_for_an_invalid_value_has_name_value_and_advice(name):
    for value in BAD[name]:
        with pytest.raises(FieldError) as refused:
            SETTINGS[name].check(value)
        assert refused.value.field == name
        assert re.search(r"must be one of \w|got .*: [\w\[]", refused.value.problem, re.DOTALL)
        with pytest.raises(FieldError, match=f"^{name} must "):
            RunConfig(**{name: value})


@every_setting
def test_the_bounds_are_valid_and_values_beyond_them_are_not(name):
    kind = SETTINGS[name].kind
    if not isinstance(kind, Number | Whole):
        return
    assert SETTINGS[name].check(kind.low) == kind.low
    assert SETTINGS[name].check(kind.high) == kind.high
    for beyond in (kind.low - 1, kind.high + 1):
        with pytest.raises(FieldError, match="got"):
            SETTINGS[name].check(beyond)


@every_setting
@given(data=st.data())
def test_a_formatted_value_is_parsed_to_the_last_bit(name, data):
    value = SETTINGS[name].check(data.draw(FIELDS[name]))
    text = SETTINGS[name].format(value)
    assert repr(SETTINGS[name].parse(text)) == repr(value)


@every_setting
@given(text=st.text(max_size=20))
def test_any_text_is_a_valid_value_or_refused(name, text):
    try:
        value = SETTINGS[name].parse(text)
    except FieldError:
        return
    assert SETTINGS[name].check(value) == value


@every_setting
def test_every_setting_has_label_help_symbol_and_mark(name):
    setting = SETTINGS[name]
    assert setting.name == name
    assert setting.label[0].isupper() or setting.label[0] == "λ"
    assert len(setting.help) > 20
    assert setting.help.endswith(".")
    assert setting.group in GROUPS
    assert setting.symbol
    assert setting.mark
    assert "\n" not in setting.help + setting.kind.allowed_values


def test_label_help_symbol_and_option_of_every_setting_are_unique():
    for attribute in ("label", "help", "symbol", "option"):
        texts = [getattr(setting, attribute) for setting in PAGE_SETTINGS.values()]
        assert len(set(texts)) == len(texts)


# the same value everywhere


@every_setting
def test_option_link_config_file_and_python_give_the_same_config(name, monkeypatch, tmp_path):
    text, value = OTHER_VALUES[name]
    expected = RunConfig(**{name: value})
    option = SETTINGS[name].option
    arguments = [option] if isinstance(SETTINGS[name].kind, Flag) else [option, text]
    assert config_of_command(*arguments, monkeypatch=monkeypatch) == expected
    path = tmp_path / "run.json"
    path.write_text(json.dumps({name: value}))
    assert config_of_command("--config", str(path), monkeypatch=monkeypatch) == expected
    assert RunConfig.from_dict({name: value}) == expected
    link_config, _ = config_and_pace({name: text})
    assert link_config == RunConfig.demo(**{name: value})
    assert config_and_pace(link_parameters(expected, None))[0] == expected


@every_setting
def test_the_options_of_version_0_1_0_exist(name):
    assert SETTINGS[name].option == OPTIONS.get(name, f"--{name.replace('_', '-')}")


@every_setting
def test_an_option_overrides_the_config_file(name, monkeypatch, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(json.dumps({name: OTHER_VALUES[name][1]}))
    setting, default = SETTINGS[name], getattr(RunConfig(), name)
    arguments = [setting.option, setting.format(default)]
    if isinstance(setting.kind, Flag):
        arguments = [f"--no-{setting.option[2:]}"]
    assert config_of_command("--config", str(path), *arguments, monkeypatch=monkeypatch) == RunConfig()


@every_setting
def test_marks_twins_changes_and_messages_use_the_table(name):
    setting, value = SETTINGS[name], SETTINGS[name].parse(OTHER_VALUES[name][0])
    text = setting.display_text(value)
    assert marks.describe_values({name: value}) == f"{setting.mark} {text}"
    (twin,) = vary_setting(RunConfig(), name, [value])
    assert twin.name == setting.assignment(value) == f"{setting.symbol} {text}"
    before, after = RunConfig(), RunConfig(**{name: value})
    assert restart_differences(before, after, ()) == [
        f"{setting.label} {setting.display_text(getattr(before, name))} → {text}"
    ]
    assert with_label(f"{name} must be different") == f"{setting.label} must be different"


def test_a_name_that_is_not_a_setting_is_unchanged():
    assert label_of("files") == "files"
    assert with_label("twins must differ") == "twins must differ"


# The widget of Streamlit for each widget of the table.
STREAMLIT = {
    "dropdown": "selectbox",
    "buttons": "segmented_control",
    "text": "text_input",
    "number": "number_input",
    "slider": "slider",
    "steps": "select_slider",
}


def test_the_sidebar_draws_the_widget_of_every_field_with_its_label(open_page):
    assert set(STREAMLIT) == set(WIDGETS)
    page = open_page(dataset="blobs", **dict.fromkeys(PART_FIELDS, "0.5"))
    drawn = {each.key: (kind, each.label) for kind in STREAMLIT for each in getattr(page.sidebar, STREAMLIT[kind])}
    for name, setting in SETTINGS.items():
        if setting.widget is None:
            assert widget_key(page, name) not in drawn
            continue
        widget, label = drawn[widget_key(page, name)]
        assert widget == setting.widget
        if name == "drop_probability":  # the label also shows the keep probability
            assert label.startswith(setting.label)
        else:
            assert label == setting.label


@pytest.mark.parametrize("name", [name for name in SETTINGS if SETTINGS[name].widget == "slider"])
def test_a_slider_covers_the_bounds_of_its_setting(open_page, name):
    page = open_page(dataset="blobs")
    if name in PART_FIELDS:
        choose_regularizers(page, name)
    slider = page.slider(widget_key(page, name))
    unit = 100 if isinstance(SETTINGS[name].kind, Share) else 1
    assert SETTINGS[name].check(slider.min / unit) == SETTINGS[name].kind.low
    assert SETTINGS[name].check(slider.max / unit) == slider.max / unit
    with pytest.raises(FieldError):
        SETTINGS[name].check((slider.max + slider.step) / unit)


@pytest.mark.parametrize("name", PART_FIELDS)
def test_a_regularizer_that_was_off_starts_with_a_value_for_the_chosen_data(open_page, name):
    off = "l1" if name == "l2" else "l2"
    page = open_page(**{**dict.fromkeys(LAMBDA_FIELDS, "0"), "drop_probability": "0", off: "2"})
    choose_regularizers(page, name)
    suggested = suggestions.suggestion(RunConfig.demo(), name, 500) if name in suggestions.FIELDS else None
    assert widget_value(page, name) == (suggested.strength if suggested else START_VALUES[name])


# documentation


def test_the_tables_of_settings_in_the_documentation_are_up_to_date():
    page = (DOCS / "links.md").read_text(encoding="utf-8")
    assert page == text_with_tables("links.md"), "run python -m docs.tables"
    for setting in PAGE_SETTINGS.values():
        assert page.count(f"| `{setting.name}` | **{setting.label}**: ") == 1


def test_the_example_config_file_can_be_trained(monkeypatch, tmp_path):
    out = tmp_path / "run.json"
    example = ["--config", str(ROOT / "docs" / "example.toml")]
    config = config_of_command(*example, monkeypatch=monkeypatch)
    assert config == RunConfig.demo(epochs=30, stop_on="accuracy")
    monkeypatch.undo()
    result = CliRunner().invoke(main, ["train", *example, "--epochs", "2", "--no-store", "--json", str(out)])
    assert result.exit_code == 0, result.output
    assert RunConfig.from_dict(json.loads(out.read_text())["config"]) == RunConfig.demo(epochs=2, stop_on="accuracy")


# suggestions


@pytest.mark.parametrize(
    ("name", "suggestions"),
    [
        ("lambda", ["l2", "l1", "group_lasso"]),
        ("L2", ["l2"]),
        ("eta", ["learning_rate"]),
        ("lerning_rate", ["learning_rate"]),
        ("batch-size", ["mini_batch_size"]),
        ("drop", ["drop_probability"]),
        ("hiden", ["hidden"]),
        ("epoch", ["epochs"]),
    ],
)
def test_the_error_for_an_unknown_name_suggests_fields_and_options(name, suggestions):
    assert closest_settings(name, SETTINGS) == tuple(suggestions)
    if name not in ("eta", "batch-size", "drop"):
        result = CliRunner().invoke(main, ["train", f"--{name}", "1"])
        assert result.exit_code == 2
        options = join_names([repr(SETTINGS[each].option) for each in suggestions])
        assert f"Did you mean {options}?" in result.output
    with pytest.raises(
        FieldError, match=rf"is not a field of a run: did you mean {join_names(suggestions)}\? Use one of dataset, "
    ):
        RunConfig.from_dict({name: 1})


def test_names_are_joined_as_in_a_sentence():
    assert join_names(["l2"]) == "l2"
    assert join_names(["l2", "l1", "group_lasso"]) == "l2, l1 or group_lasso"


def test_without_a_similar_name_nothing_is_suggested():
    assert closest_settings("xyzzy", SETTINGS) == ()
    with pytest.raises(FieldError, match="is not a field of a run: use one of dataset, "):
        RunConfig.from_dict({"xyzzy": 1})


# the two presets


def test_the_demonstration_differs_from_the_default_in_four_fields():
    default, demo = RunConfig(), RunConfig.demo()
    assert (default.train_size, default.label_noise, default.l2, default.l1, default.max_norm) == (
        None,
        0.0,
        0.0,
        0.0,
        None,
    )
    assert (default.drop_probability, default.input_drop_probability, default.pixel_noise) == (0.0, 0.0, 0.0)
    assert {name for name in SETTINGS if getattr(default, name) != getattr(demo, name)} == set(DEMO)
    assert (demo.train_size, demo.label_noise, demo.l2, demo.drop_probability) == (500, 0.3, 1.0, 0.5)
    assert RunConfig.demo(l2=3.0) == RunConfig(train_size=500, label_noise=0.3, l2=3.0, drop_probability=0.5)
    with pytest.raises(FieldError):
        RunConfig.demo(l2=-1)

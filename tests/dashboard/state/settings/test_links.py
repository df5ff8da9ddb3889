"""Settings are written to a link and read back exactly; invalid links are refused."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.state.settings.links import (
    MAX_LENGTH,
    NAMES,
    config_and_pace,
    link_parameters,
    page_address,
    parameter_texts,
    parse_link,
)
from dashboard.state.settings.page_settings import DEFAULT_PACE, PACES
from engine import FieldError, RunConfig
from engine.analysis.suggested import suited_config
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.families.initializers import INITIALIZERS
from engine.families.penalties.l1 import L1_RULES

FIELDS = {
    "dataset": st.sampled_from(["digits", "mnist", "spirals", "own:0123456789abcdef"])
    | st.text(min_size=1, max_size=MAX_LENGTH),
    "train_size": st.none() | st.integers(1, 10_000_000),
    "validation_share": st.none() | st.floats(0.01, 0.9),
    "label_noise": st.floats(0, 0.5),
    "pixel_noise": st.floats(0, 1),
    "data_noise": st.floats(0, 0.5),
    "blob_classes": st.integers(2, 6),
    "hidden": st.lists(st.integers(1, 10_000), max_size=10).map(tuple),
    "activation": st.sampled_from(sorted(ACTIVATIONS)),
    "cost": st.sampled_from(sorted(COSTS)),
    "initializer": st.sampled_from(sorted(INITIALIZERS)),
    "l2": st.floats(0, 1e6),
    "l1": st.floats(0, 1e6),
    "l1_rule": st.sampled_from(sorted(L1_RULES)),
    "max_norm": st.none() | st.floats(1e-6, 1e6),
    "drop_probability": st.floats(0, 1, exclude_max=True),
    "input_drop_probability": st.floats(0, 1, exclude_max=True),
    "dropout_count": st.sampled_from(["exact", "bernoulli"]),
    "dropout_mask": st.sampled_from(["mini-batch", "example"]),
    "dropout_scaling": st.sampled_from(["classic", "inverted"]),
    "learning_rate": st.floats(1e-9, 1e6),
    "mini_batch_size": st.integers(1, 100_000),
    "epochs": st.integers(1, 1_000_000),
    "seed": st.integers(0, 2**63 - 1),
    "dtype": st.sampled_from(["float32", "float64"]),
    "expand": st.booleans(),
    "stop_on": st.sampled_from(["never", "accuracy", "cost"]),
    "patience": st.integers(1, 1_000_000),
    "halve_after": st.none() | st.integers(1, 1_000_000),
    "max_halvings": st.integers(0, 50),
    "measure_all": st.booleans(),
    "evaluate_on": st.sampled_from(["validation", "test"]),
}
# every other field is the λ of a penalty
FIELDS = {name: FIELDS.get(name, st.floats(0, 1e6)) for name in (field.name for field in fields(RunConfig))}
CONFIGS = st.fixed_dictionaries({}, optional=FIELDS).map(lambda values: RunConfig.demo(**values))
PACE_VALUES = st.sampled_from(list(PACES.values()))


def parsed_address(query: dict[str, str]) -> dict[str, list[str]]:
    """Return the parameters that a server reads from the address with these parameters."""
    return parse_qs(urlsplit(page_address("http://localhost:8501", query)).query, keep_blank_values=True)


def test_every_field_of_a_run_is_in_a_link():
    assert set(FIELDS) == {field.name for field in fields(RunConfig)}
    assert (*FIELDS, "pace") == NAMES


def test_the_address_without_parameters_has_the_settings_that_a_page_starts_with():
    first = suited_config("digits")
    assert link_parameters(first, 250.0) == {}
    assert config_and_pace({}) == (first, 250.0)
    assert link_parameters(first, None) == {"l2": "0.0", "pace": "full"}
    assert config_and_pace({"l2": "0.0", "pace": "full"}) == (first, None)
    assert page_address("http://localhost:8501/", {}) == "http://localhost:8501/"


def test_a_link_to_the_demonstration_has_a_parameter():
    assert link_parameters(RunConfig.demo(), 125.0) == {"l2": "1.0"}
    assert config_and_pace({"l2": "1.0"}) == (RunConfig.demo(), 125.0)
    assert config_and_pace({"pace": "125"}) == (RunConfig.demo(), 125.0), "links of earlier versions keep their meaning"


def test_a_link_contains_only_differences_as_readable_texts():
    config = RunConfig.demo(hidden=(30, 30), l2=0.1, max_norm=3.0, train_size=None, expand=True)
    assert link_parameters(config, None) == {
        "train_size": "all",
        "hidden": "30,30",
        "l2": "0.1",
        "max_norm": "3.0",
        "expand": "true",
        "pace": "full",
    }
    assert link_parameters(RunConfig.demo(hidden=()), 1.0) == {"hidden": "none", "pace": "1"}


@given(CONFIGS, PACE_VALUES)
def test_a_config_is_read_back_unchanged_from_an_address(config, pace):
    query = link_parameters(config, pace)
    found = parsed_address(query)
    assert config_and_pace(found) == (config, pace)
    assert link_parameters(*config_and_pace(found)) == query, "the address is the same, too"


@given(CONFIGS)
def test_floats_are_read_back_to_the_last_bit(config):
    found, _ = config_and_pace(parsed_address(link_parameters(config, 125.0)))
    for name in ("l2", "learning_rate", "drop_probability", "label_noise"):
        assert getattr(found, name).hex() == getattr(config, name).hex()


VALUES = st.text(max_size=12) | st.sampled_from(
    ["nan", "inf", "-1", "1e999", "none", "true", "0x1", "1_0", "", "9" * 5_000]
)


@given(
    st.dictionaries(st.sampled_from(NAMES) | st.text(), VALUES | st.lists(VALUES, max_size=3)),
)
def test_any_query_gives_a_config_or_a_refusal(query):
    parsed = parse_link(query)
    assert isinstance(parsed.config, RunConfig)
    assert parsed.refused.keys() <= query.keys() & set(NAMES)
    if parsed.refused:
        with pytest.raises(FieldError) as refused:
            config_and_pace(query)
        assert refused.value.field in parsed.refused
        assert len(str(refused.value)) < 500, "a long value is shortened"
    else:
        assert config_and_pace(query) == (parsed.config, parsed.pace)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("label_noise", "0.7"),
        ("label_noise", "-0.1"),
        ("l2", "nan"),
        ("l2", "inf"),
        ("l2", "1,5"),
        ("l2", "1_0"),
        ("seed", "-1"),
        ("seed", "1.5"),
        ("seed", "1_000"),
        ("seed", str(2**63)),
        ("epochs", "0"),
        ("epochs", ""),
        ("hidden", ""),
        ("hidden", "30,"),
        ("hidden", "30;30"),
        ("hidden", "0"),
        ("hidden", ",".join(["5"] * 11)),
        ("cost", "foo"),
        ("expand", "yes"),
        ("dataset", ""),
        ("pace", "126"),
        ("pace", "125.0"),
    ],
)
def test_an_invalid_value_is_refused_with_its_parameter_and_not_adjusted(name, text):
    with pytest.raises(FieldError, match="must") as refused:
        config_and_pace({name: text, "patience": "3"})
    assert refused.value.field == name
    assert text[:10] in str(refused.value).replace(", ", ",")
    parsed = parse_link({name: text, "patience": "3"})
    assert parsed.config == RunConfig.demo(patience=3), "the other parameters are used"


def test_a_repeated_parameter_is_refused():
    with pytest.raises(FieldError, match=r"^seed must be in a link only once, got 2 values, '1' first: keep one"):
        config_and_pace({"seed": ["1", "2"]})
    assert config_and_pace({"seed": ["2"]})[0].seed == 2


def test_a_huge_text_is_refused_before_it_is_parsed():
    with pytest.raises(FieldError, match=r"^seed must have at most 200 characters in a link, got 1000000"):
        config_and_pace({"seed": "9" * 1_000_000})
    with pytest.raises(FieldError, match=r"^dataset must have at most 200 characters"):
        link_parameters(RunConfig.demo(dataset="d" * 201), None)


def test_digits_of_any_script_are_digits():
    assert config_and_pace({"seed": "٤٢", "l2": "٠.٥"})[0] == RunConfig.demo(seed=42, l2=0.5)


def test_other_parameters_are_ignored():
    other_parameters = {
        "run": "x",
        "view": "compare",
        "runs": "a,b",
        "layout": "dropout",
        "embed": "true",
        "utm_source": "mail",
    }
    assert config_and_pace(other_parameters) == config_and_pace({})
    assert not set(other_parameters) & set(NAMES)


def test_a_pace_that_the_page_does_not_have_is_refused():
    with pytest.raises(FieldError, match=r"^pace must be one of 1, 5, 25, 125, 250, 1000, full"):
        link_parameters(RunConfig.demo(), 7.0)


# the table in docs/links.md

ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| `(.+?)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = ROW.findall((Path(__file__).parents[4] / "docs" / "links.md").read_text(encoding="utf-8"))


def test_all_parameters_are_documented_with_their_defaults():
    assert sorted(name for name, *_ in ROWS) == sorted(NAMES)
    assert {name: default for name, _, _, default, *_ in ROWS} == parameter_texts(RunConfig.demo(), DEFAULT_PACE)
    without_demo = {**parameter_texts(RunConfig(), DEFAULT_PACE), "pace": "–"}
    assert {name: default.strip("`") for name, *_, default, _ in ROWS} == without_demo


@pytest.mark.parametrize(("name", "values"), [(name, values) for name, _, values, *_ in ROWS])
def test_the_documented_values_are_the_accepted_ones(name, values):
    words = re.findall(r"`([^`]+)`", values)
    for word in words:
        assert config_and_pace({name: word})
    if ends := re.search(r"(whole )?([\d.]+) to (below )?([\d.]+)", values):
        whole, low, below, high = ends.groups()
        number, step = (int, 1) if whole else (float, 1e-9)
        low, high = number(low), number(high)
        for value in (low, high - step if below else high):
            assert config_and_pace({name: repr(value)})
        for value in (low - step, high if below else high + step):
            with pytest.raises(FieldError):
                config_and_pace({name: repr(value)})
    elif name not in ("dataset", "hidden"):  # the value is one of a list of words
        with pytest.raises(FieldError) as refused:
            config_and_pace({name: "something"})
        listed = re.search(r"must be one of (.+?)(?: mini-batches a second)?, got", refused.value.problem)
        assert words == (listed.group(1).split(", ") if listed else ["true", "false"])

"""Links to races: each form gives exactly the configs that it was made from, and bad parameters are refused."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.state.settings.links import config_and_pace, link_parameters, page_address
from dashboard.state.settings.race_links import PARAMETERS, race_link, twins_of_link
from engine import FieldError, RunConfig
from engine.analysis.twins import PRESETS, race_twins, vary_setting
from engine.config import SETTINGS

BASES = {
    "demonstration": RunConfig.demo(),
    "no λ": RunConfig.demo(l2=0.0, drop_probability=0.0, seed=9),
    "plain spirals": RunConfig(dataset="spirals", hidden=(30, 7), learning_rate=0.1 + 0.2, epochs=50),
    "all on": RunConfig.demo(l2=0.3, l1=1e-3, group_lasso=0.7, max_norm=3.0, drop_probability=0.1),
}


def opened(configs: list[RunConfig]) -> list[RunConfig]:
    """Return the configs that a browser on another machine gets from the link to these configs."""
    link = race_link(tuple(configs))
    address = page_address("http://localhost:8501", {**link_parameters(link.base, None), **link.query})
    query = parse_qs(urlsplit(address).query, keep_blank_values=True)
    base, _ = config_and_pace({name: texts for name, texts in query.items() if name in SETTINGS or name == "pace"})
    twins = twins_of_link(base, {name: query[name] for name in PARAMETERS if name in query}, 77)
    return [twin.config for twin in twins]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("preset", PRESETS)
def test_the_link_to_a_preset_gives_the_same_runs(preset, base):
    configs = [twin.config for twin in race_twins(BASES[base], preset, 500)]
    assert opened(configs) == configs


def test_a_race_keeps_its_names():
    for preset in PRESETS:
        twins = race_twins(RunConfig.demo(), preset, 500)
        link = race_link(tuple(twin.config for twin in twins))
        assert twins_of_link(link.base, link.query) == twins


@pytest.mark.parametrize(
    ("field", "values", "text"),
    [
        ("hidden", [(30,), (), (30, 30)], "30;none;30,30"),
        ("max_norm", [None, 2.0], "none,2.0"),
        ("seed", [2**63 - 1, 1], "9223372036854775807,1"),
        ("activation", ["tanh", "relu"], "tanh,relu"),
        ("learning_rate", [0.1 + 0.2, 1e-9], "0.30000000000000004,1e-09"),
        ("expand", [True, False], "true,false"),
    ],
)
def test_the_link_to_values_of_one_field_names_the_field_and_the_values(field, values, text):
    configs = [replace(RunConfig.demo(), **{field: value}) for value in values]
    assert race_link(tuple(configs)).query == {"race": [field], "values": [text]}
    assert opened(configs) == configs
    assert [twin.config for twin in vary_setting(configs[0], field, values)] == configs


def test_runs_that_are_not_twins_are_a_list_of_their_differences():
    configs = [RunConfig.demo(), RunConfig.demo(l2=0.5, hidden=(30, 20)), RunConfig(dataset="moons", seed=3)]
    query = race_link(tuple(configs)).query
    assert query["race"] == ["list"]
    assert query["twin"][:2] == ["none", "hidden=30,20;l2=0.5"]
    assert opened(configs) == configs


@pytest.mark.parametrize(
    ("configs", "words"),
    [
        ([RunConfig.demo()], "at least 2 for a race, got 1"),
        ([RunConfig.demo(), RunConfig.demo()], "must differ, got the same settings twice"),
        ([RunConfig.demo(), RunConfig.demo(dataset="d" * 200)], "compare fewer runs"),
        ([RunConfig.demo(), RunConfig.demo(dataset="a;b")], "compare fewer runs"),
    ],
)
def test_runs_without_a_link_are_refused(configs, words):
    with pytest.raises(FieldError, match=words):
        race_link(tuple(configs))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "race must be in the link once, got none: copy the link again"),
        ({"race": ["l2", "l1"]}, "race must be in the link once, got 2 values, 'l2' first: keep one"),
        ({"race": ["no such race"]}, "race must be one of none, L2, L1, dropout; .* got 'no such race': copy"),
        ({"race": ["dataset"], "values": ["digits"]}, "race must be one of"),
        ({"race": ["l2"]}, "values must be in the link once, got none"),
        ({"race": ["l2"], "values": ["0,much"]}, r"values cannot be used for l2, got '0,much': l2 must be a number"),
        ({"race": ["l2"], "values": ["1,1"]}, "values cannot be used for l2, got '1,1': twins must differ"),
        ({"race": ["l2"], "values": ["1," * 150]}, "values must have at most 200 characters in a link, got 300"),
        ({"race": ["every regularizer"], "values": ["1"]}, "values has no meaning for the race 'every regularizer'"),
        ({"race": ["l2"], "values": ["0,1"], "twin": ["none"]}, "twin has no meaning for the race 'l2', got 'none'"),
        ({"race": ["list"]}, "twin must be in the link 2 to 8 times, got 0"),
        ({"race": ["list"], "twin": ["none"] * 9}, "twin must be in the link 2 to 8 times, got 9"),
        ({"race": ["list"], "twin": ["none", "none"]}, "twin must be a different run each time"),
        ({"race": ["list"], "twin": ["none", "l2"]}, "twin must be settings such as seed=2 .* got 'l2'"),
        ({"race": ["list"], "twin": ["none", "__class__=1"]}, "twin must be settings such as seed=2"),
        ({"race": ["list"], "twin": ["none", "l2=much"]}, "twin cannot be used, got 'l2=much': l2 must be a number"),
    ],
)
def test_a_refused_parameter_is_named_with_its_value_and_a_way_out(query, message):
    with pytest.raises(FieldError, match=rf"^{message}"):
        twins_of_link(RunConfig.demo(), query)

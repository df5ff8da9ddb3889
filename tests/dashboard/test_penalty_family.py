"""Every penalty in all code of the page that uses penalties. A new penalty needs no edit here."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from dashboard.charts import metrics_line
from dashboard.charts.overlays import table
from dashboard.charts.overlays.catalogue import OVERLAYS
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.line_styles import line_style_of, line_styles_of
from dashboard.charts.palette import THEMES
from dashboard.charts.panels import cost
from dashboard.charts.panels.catalogue import PANELS
from dashboard.commands.train import train
from dashboard.state.settings.links import config_and_pace as config_of_link
from dashboard.state.settings.links import link_parameters
from dashboard.state.settings.regularizer_choice import (
    BOUND_FIELDS,
    CHOICES,
    COMBINE,
    LAMBDA_FIELDS,
    NONE,
    PART_FIELDS,
    PENALTY_BY_VARIANT,
    active_fields,
    choice_of,
    chosen_fields,
    off_value,
    part_names,
)
from engine import RunConfig
from engine.config import SETTINGS
from engine.families.penalties import PENALTIES
from tests.dashboard.app_pages import choose_regularizers, press
from tests.dashboard.watching import telemetry_of

STRENGTH = 0.6
LINKS = (Path(__file__).parents[2] / "docs" / "links.md").read_text(encoding="utf-8")
telemetry_of_run = lru_cache(telemetry_of)  # drawing does not change the telemetry
every_penalty = pytest.mark.parametrize("field", PENALTIES)


def config_of(field: str) -> RunConfig:
    return RunConfig(train_size=40, hidden=(12,), epochs=5, **{field: STRENGTH})


@every_penalty
@pytest.mark.parametrize("name", PANELS)
def test_every_panel_of_one_run_draws_the_penalty(field, name):
    panel, config = PANELS[name], config_of(field)
    if not panel.applies_to(config):
        return
    telemetry = telemetry_of_run(config)
    assert 0 < len(panel.caption(config)) <= 80
    if panel.figure:
        figures = [panel.figure(config, palette) for palette in THEMES.values()]
        update = panel.update(config, telemetry)
        ghost = panel.ghost(config, telemetry).traces if panel.ghost else {}
        assert {len(update.traces) + len(ghost)} == {len(figure.data) for figure in figures}


@every_penalty
def test_every_panel_of_several_runs_draws_the_penalty(field):
    runs = [config_of(field), RunConfig(train_size=40, hidden=(12,), epochs=5)]
    entrants = tuple(Entrant(str(i), config, telemetry_of_run(config)) for i, config in enumerate(runs))
    for overlay in OVERLAYS.values():
        assert overlay.caption(entrants)
        assert overlay.update(entrants).traces
    assert len(table.line_swatches(entrants)) == 2


@every_penalty
def test_the_line_of_a_penalty_has_its_own_colour(field):
    member = PENALTIES[field]
    style = line_style_of(config_of(field))
    assert (style.light, style.dark, style.dash) == (member.light_colour, member.dark_colour, member.dash)
    styles = line_styles_of([config_of(each) for each in PENALTIES])
    assert len(set(styles)) == len(PENALTIES)


@every_penalty
def test_the_ledger_has_a_penalty_that_is_added_to_the_cost(field):
    shown = cost.series_of_ledger(config_of(field), "data cost")
    assert ("penalty" in shown) == PENALTIES[field].adds_cost


@every_penalty
def test_neurons_at_zero_are_counted_if_the_penalty_causes_them(field):
    config = config_of(field)
    labels = [label for label, *_ in metrics_line.metric_rows(config, telemetry_of_run(config))]
    assert ("Neurons at zero" in labels) == PENALTIES[field].zero_neurons


@every_penalty
def test_a_link_keeps_the_penalty_and_the_document_of_links_lists_it(field):
    config = RunConfig.demo(**{field: STRENGTH})
    query = link_parameters(config, None)
    assert query[field] == repr(STRENGTH)
    assert config_of_link(query) == (config, None)
    assert f"`{field}`" in LINKS


@every_penalty
def test_the_command_line_has_an_option_for_the_penalty(field):
    (option,) = [each for each in train.params if each.name == field]
    assert SETTINGS[field].option in option.opts


@every_penalty
def test_the_sidebar_starts_a_run_with_the_penalty(open_page, field):
    page = open_page()
    choose_regularizers(page, field)
    run = press(page, "Start")
    assert run is not None
    assert [other for other in PENALTIES if getattr(run.initial_config, other)] == [field]


def test_every_choice_of_regularizers_switches_on_its_fields():
    for fields in ([], *([field] for field in PART_FIELDS), LAMBDA_FIELDS, PART_FIELDS):
        choice = choice_of(fields)
        assert choice in CHOICES
        assert set(chosen_fields(choice, part_names(fields))) == set(fields)
    assert (choice_of([]), choice_of(["l2"]), choice_of(["max_norm"])) == (NONE, "L2", COMBINE)
    assert set(LAMBDA_FIELDS) | set(BOUND_FIELDS) == set(PENALTIES)
    assert all(field in PENALTIES for field in PENALTY_BY_VARIANT.values())
    values = {field: off_value(field) for field in PART_FIELDS}
    assert active_fields(values) == ()
    assert active_fields({**values, "l1": 0.5, "max_norm": 2.0}) == ("l1", "max_norm")

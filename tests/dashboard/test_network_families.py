"""Every activation and cost in all code of the page. A new one needs no edit here."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.charts.panels.catalogue import PANELS
from dashboard.commands.train import train
from dashboard.live.frames.parts import dumps
from dashboard.live.single_run import SingleRun
from dashboard.state.settings.links import config_and_pace as config_of_link
from dashboard.state.settings.links import link_parameters
from engine import RunConfig
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.runs.extracts import EXTRACTS
from tests.dashboard.app_pages import widget_key
from tests.dashboard.watching import run_of

LINKS = (Path(__file__).parents[2] / "docs" / "links.md").read_text(encoding="utf-8")
MEMBERS = [*(("activation", name) for name in ACTIVATIONS), *(("cost", name) for name in COSTS)]
every_member = pytest.mark.parametrize(("field", "name"), MEMBERS)


@every_member
@pytest.mark.parametrize("dataset", ["digits", "moons"])
def test_every_panel_draws_a_run_with_the_member(field, name, dataset):
    config = RunConfig.demo(dataset=dataset, train_size=40, hidden=(12,), epochs=5, **{field: name})
    run = run_of(config)
    assert set(run.telemetry.extracts) == set(EXTRACTS)
    for panel in PANELS.values():
        if panel.applies_to(config):
            body = SingleRun(run).part_body(panel.name)
            dumps(body)
            assert body["traces"] or body.get("rows") or "trouble" not in body


@every_member
def test_a_link_keeps_the_member_and_the_document_of_links_lists_it(field, name):
    config = RunConfig.demo(**{field: name})
    query = link_parameters(config, None)
    assert query.get(field, getattr(RunConfig.demo(), field)) == name
    assert config_of_link(query) == (config, None)
    (row,) = [line for line in LINKS.splitlines() if line.startswith(f"| `{field}` |")]
    assert f"`{name}`" in row


@every_member
def test_the_command_line_offers_the_member(field, name):
    (option,) = [each for each in train.params if each.name == field]
    assert name in option.metavar


def test_the_sidebar_offers_every_member(open_page):
    page = open_page()
    for field, members in (("activation", ACTIVATIONS), ("cost", COSTS)):
        box = page.selectbox(widget_key(page, field))
        assert box.options == list(members)
        box.set_value(list(members)[-1])
    page.run()
    assert not page.error
    for field, members in (("activation", ACTIVATIONS), ("cost", COSTS)):
        assert page.query_params[field] == list(members)[-1]

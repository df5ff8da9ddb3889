"""Every data set in all code of the page. A new data set needs no edit here."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import panels_of
from dashboard.commands.cli import main
from dashboard.live.frames.parts import dumps
from dashboard.live.single_run import SingleRun
from dashboard.state.settings.links import config_and_pace as config_of_link
from dashboard.state.settings.links import link_parameters
from engine import RunConfig, dataset_names, dataset_of
from engine.data import PLANAR, dataset_titles, demo_config, downloadable_datasets
from tests.dashboard.app_pages import choose, data_summary, transport_buttons, widget_key
from tests.dashboard.watching import run_of

TO_FETCH = {each.name for each in downloadable_datasets()}
every_set_without_files = pytest.mark.parametrize(
    "name", [*PLANAR, *(name for name in dataset_names() if name not in TO_FETCH)]
)


@every_set_without_files
def test_every_panel_draws_a_run_on_the_data_set(name):
    config = RunConfig.demo(dataset=name, train_size=40, hidden=(12,), epochs=5)
    run = run_of(config)
    assert PANELS["boundary"].applies_to(config) == (dataset_of(config).features == 2)
    for panel in panels_of(config):
        body = SingleRun(run).part_body(panel.name)
        dumps(body)
        assert body["traces"]


@every_set_without_files
def test_a_link_keeps_the_data_set(name):
    config = RunConfig.demo(dataset=name)
    assert config_of_link(link_parameters(config, None)) == (config, None)


@every_set_without_files
def test_the_sidebar_offers_the_data_set_with_its_demonstration(open_page, name):
    page = open_page()
    titles = list(dataset_titles().values())
    assert page.selectbox(widget_key(page, "dataset")).options[: len(titles)] == titles, "own data sets are at the end"
    choose(page, name)
    assert not page.error
    assert transport_buttons(page)["Start"]
    assert data_summary(page).startswith(f"{demo_config(name).train_size} train, ")
    has_variable_classes = name in PLANAR and PLANAR[name].classes is None
    assert (widget_key(page, "blob_classes") in [each.key for each in page.number_input]) == has_variable_classes


def test_the_command_line_lists_every_set():
    data_list = CliRunner().invoke(main, ["data", "list"]).output
    help_text = " ".join(CliRunner().invoke(main, ["train", "--help"]).output.split()).replace(
        "- ", "-"
    )  # a name may be split between lines
    for name, title in dataset_titles().items():
        assert f"{name:20} {title}" in data_list
        assert name in help_text

"""A race as a link: its menu on Compare, and the page that the link opens."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.live.hub import get_hub
from dashboard.state.pages import shared_race
from dashboard.state.settings.links import parameter_texts
from engine import FieldError, RunConfig
from engine.data import keep, read_csv
from engine.runs import states
from engine.runs.server.run import Run
from tests.dashboard.app_pages import compared_runs, press, transport_buttons
from tests.engine.data.own_files import flowers
from tests.processes import wait_until

SMALL = {"epochs": "1", "hidden": "5", "train_size": "100", "pace": "full"}


def link_on(page: AppTest) -> dict[str, list[str]]:
    """Return the query parameters of the link in the menu."""
    (link,) = (each.value for each in page.main.code if each.value.startswith(("http", "?")))
    return parse_qs(urlsplit(link).query)


def finished(page: AppTest) -> list[Run]:
    runs = compared_runs(page)
    wait_until(lambda: {run.state for run in runs} == {states.FINISHED}, 60)
    return runs


def shown(page: AppTest) -> str:
    return "\n".join(each.value for each in page.main.markdown)


def test_an_opened_link_trains_the_same_race_digit_for_digit_after_a_click(open_page):
    page = open_page(view="compare", **SMALL)
    press(page, "Race: none, L2, L1, dropout")
    originals = finished(page)
    query = link_on(page.run())
    assert "runs" not in query
    other = open_page(**query)
    assert compared_runs(other) == []
    assert [each.value for each in other.subheader] == ["A race to train"]
    for words in ("no regularization", "dropout ½", "hidden layers 5", "epochs 1", "seed 1"):
        assert words in shown(other)
    press(other, "Train this race")
    again = finished(other)
    assert [run.name for run in again] == [run.name for run in originals]
    assert [run.initial_config for run in again] == [run.initial_config for run in originals]
    assert [run.telemetry.snapshots for run in again] == [run.telemetry.snapshots for run in originals]
    assert not set(again) & set(originals)
    assert "race" not in other.query_params


def test_a_race_of_given_values_is_described_with_its_setting(open_page):
    page = open_page(view="compare", race="seed", values="3,1,2", **SMALL)
    assert "one setting, Seed" in shown(page)
    press(page, "Train this race")
    assert [run.initial_config.seed for run in compared_runs(page)] == [3, 1, 2]


def test_runs_that_differ_in_several_settings_are_described(open_page):
    page = open_page(view="compare", race="list", twin=["none", "dataset=moons;hidden=6"], **SMALL)
    assert "2 runs, which differ in several settings" in shown(page)
    press(page, "Train this race")
    assert [run.initial_config.dataset for run in compared_runs(page)] == ["digits", "moons"]
    assert link_on(page.run())["twin"] == ["none", "dataset=moons;hidden=6"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"race": "nothing"}, "race in the link must be one of none, L2, L1, dropout;"),
        ({"race": "l2", "values": "0,much"}, "values in the link cannot be used for l2, got '0,much'"),
        ({"race": "seed", "values": "1,2", "epochs": "0"}, "settings that cannot be used: epochs"),
        ({"race": "train_size", "values": "10,2000"}, "at most 1297, all of digits, got 2000"),
    ],
)
def test_a_link_that_cannot_be_used_trains_nothing(open_page, query, words):
    page = open_page(view="compare", **query)
    assert any(words in each.value.replace("\\", "") for each in page.error)
    assert transport_buttons(page)["Train this race"] is False
    press(page, "Discard")
    assert [each.value for each in page.subheader] == ["Nothing is compared yet"]
    assert "race" not in page.query_params


def test_a_race_whose_data_are_missing_is_described_and_offers_to_fetch_them(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    page = open_page(view="compare", dataset="mnist", race="l2", values="0,1", **SMALL)
    assert "Nothing is trained until you press the button" in shown(page)
    assert "is not on this machine" in shown(page)
    assert transport_buttons(page)["Train this race"] is False
    assert any(label.startswith("Fetch") for label in transport_buttons(page))


def test_the_settings_of_the_link_are_in_the_sidebar_and_in_the_address(open_page):
    page = open_page(view="compare", race="every regularizer", seed="5", epochs="2")
    press(page, "Train this race")
    assert {run.initial_config.seed for run in compared_runs(page)} == {5}
    assert page.query_params["seed"] in ("5", ["5"])


def test_forks_and_single_runs_have_no_link(open_page):
    page = open_page(view="compare", race="seed", values="1,2", **SMALL)
    press(page, "Train this race")
    runs = finished(page)
    single = open_page(view="compare", runs=runs[0].id)
    assert any("must be at least 2 for a race, got 1" in each.value for each in single.caption)
    (fork,) = get_hub().manager.fork(runs[0], runs[0].telemetry.step, [{}], 2, ["longer"])
    with pytest.raises(FieldError, match="must all have started at step 0, got a fork"):
        shared_race.link_to([runs[1], fork], None)
    get_hub().manager.stop(fork)


def test_a_link_that_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(shared_race, "MAX_LINK", 20)
    runs = [Run(RunConfig.demo(seed=seed), None) for seed in (1, 2)]
    with pytest.raises(FieldError, match=r"runs need a link of \d+ characters, at most 20: compare fewer runs"):
        shared_race.link_to(runs, None)


def test_the_names_of_the_parameters_are_those_of_no_setting():
    assert not set(shared_race.race_links.PARAMETERS) & set(parameter_texts(RunConfig.demo(), None))


def test_the_race_is_described_with_the_title_of_its_own_data_set(open_page, tmp_path, monkeypatch):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    name = keep(read_csv(flowers(120), title="Flowers, dried"))
    page = open_page(view="compare", race="seed", values="1,2", **SMALL | {"dataset": name, "train_size": "all"})
    assert "data set Flowers, dried" in shown(page)
    assert name not in shown(page)

"""Every page, opened by the switch and by the address. A new page needs no edit here."""

from __future__ import annotations

import pytest

from dashboard.live.hub import get_hub
from dashboard.pages.catalogue import PAGES
from dashboard.state import navigation
from engine import RunConfig
from engine.runs import states
from tests.dashboard.app_pages import page_switch, shown_run
from tests.processes import wait_until

every_page = pytest.mark.parametrize("name", PAGES)


@every_page
def test_a_page_has_a_purpose_as_text(name):
    page = PAGES[name]
    assert page.name == name
    assert name.islower()
    assert page.purpose[0].islower()
    assert not page.purpose.endswith(".")


@every_page
def test_the_address_opens_a_page_without_a_run(open_page, name):
    page = open_page(view=name)
    assert page_switch(page).value == name
    assert not page.error


@every_page
def test_the_switch_opens_a_page_and_returns_to_the_same_run(open_page, name):
    run = get_hub().manager.start(RunConfig.demo(epochs=3), None, "step")
    page = open_page(run.id)
    wait_until(lambda: run.state == states.PAUSED)
    for view in (name, navigation.TRAIN_PAGE):
        page_switch(page).set_value(view).run()
        assert page_switch(page).value == view
        assert not page.error
        assert shown_run(page) is run


def test_the_switch_has_every_page_and_its_help_every_purpose(open_page):
    switch = page_switch(open_page())
    assert switch.options == list(PAGES)
    for page in PAGES.values():
        assert page.purpose.lower() in switch.help.lower()


def test_the_error_for_an_unknown_page_lists_the_pages(open_page):
    page = open_page(view="no such page")
    (error,) = page.error
    assert all(name in error.value for name in PAGES)
    assert page_switch(page).value == navigation.TRAIN_PAGE

"""Accessibility of the pages, checked by axe."""

from __future__ import annotations

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.board import number, open_board, press, titles, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def nothing_serious(page):
    """Wait until axe finds no serious violation: elements that fade in have a low contrast at first."""
    found = []

    def none():
        found[:] = serious_violations(page)
        return not found

    try:
        until(none, "axe finds nothing serious", 10)
    except AssertionError:
        raise AssertionError(f"axe finds {found}") from None


def serious_violations(page):
    found = Axe().run(page).response["violations"]
    return [
        (each["impact"], each["id"], each["nodes"][0]["html"][:200])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_board_in_the_view_menu_and_in_a_talk(page, server, theme):
    page.emulate_media(color_scheme=theme)
    open_board(page, server.url)
    nothing_serious(page)
    press(page, "Start")
    until(lambda: number(page, "step") > 200, "the run trains")
    nothing_serious(page)
    page.keyboard.press("p")
    until(lambda: len(titles(page)) == 1, "talk mode is on")
    nothing_serious(page)
    page.keyboard.press("p")
    until(lambda: len(titles(page)) > 1, "talk mode is off")
    page.get_by_role("button", name="View").click()
    page.get_by_role("radio", name="overview", exact=True).wait_for()
    nothing_serious(page)


@pytest.mark.slow
def test_the_sentence_for_screen_readers_changes_at_most_every_five_seconds(page, server):
    open_board(page, server.url)
    page.evaluate(
        "() => { window.spoken = []; const line = document.querySelector('.rs-board > [aria-live]');"
        " new MutationObserver(() => window.spoken.push([Date.now(), line.textContent]))"
        ".observe(line, {childList: true, characterData: true, subtree: true}); }"
    )
    press(page, "Start")

    def epoch_sentences():
        return [each for each in page.evaluate("window.spoken") if "Epoch" in each[1]]

    until(lambda: len(epoch_sentences()) >= 3, "three sentences are spoken", 60)
    spoken = epoch_sentences()
    assert "training" in spoken[-1][1]
    assert "gap" in spoken[-1][1]
    intervals = [later[0] - before[0] for before, later in pairwise(spoken)]
    assert min(intervals) >= 4_900

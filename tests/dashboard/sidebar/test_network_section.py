"""The line about memory below a large network, and its refusal on the page and in links."""

from __future__ import annotations

import pytest

from dashboard.live.hub import get_hub
from engine import RunConfig
from engine.runs.resources import machine
from engine.runs.resources.estimate import estimate
from tests.dashboard.app_pages import press, transport_buttons, widget_key

LARGE = RunConfig.demo(hidden=(2_000, 2_000))
NEEDED = estimate(LARGE).memory


@pytest.fixture
def free(monkeypatch):
    def set_free(nbytes: float) -> None:
        monkeypatch.setattr(machine, "free_memory", lambda: round(nbytes))

    return set_free


def memory_lines(page) -> list[str]:
    return [each.value for each in page.sidebar.caption if "memory, " in each.value]


def test_a_large_network_shows_what_it_needs_and_a_small_one_nothing(open_page, free):
    free(1e12)
    page = open_page()
    assert memory_lines(page) == []
    page.text_input(widget_key(page, "hidden")).set_value("2000, 2000").run()
    (line,) = memory_lines(page)
    assert line == "About 500 MB of memory, 170 MB of disk"
    assert transport_buttons(page)["Start"]


def test_above_a_quarter_of_the_free_memory_the_line_is_a_warning(open_page, free):
    free(3 * NEEDED)
    page = open_page(hidden="2000,2000")
    (line,) = memory_lines(page)
    assert line.startswith(":material/warning: About 500 MB of the 1.5 GB of free memory, 170 MB of disk")
    assert transport_buttons(page)["Start"]


def test_above_half_a_link_is_refused_with_the_way_out(open_page, free):
    free(1.5 * NEEDED)
    page = open_page(hidden="2000,2000")
    (error,) = page.sidebar.error
    assert error.value.startswith("Hidden layers must need at most half of the free memory")
    assert "got 2000, 2000, which needs about 500 MB: use fewer or narrower hidden layers" in error.value
    assert not transport_buttons(page)["Start"]
    page.text_input(widget_key(page, "hidden")).set_value("30").run()
    assert not page.sidebar.error
    assert transport_buttons(page)["Start"]


def test_a_start_is_refused_if_the_memory_was_taken_meanwhile(open_page, free):
    free(1e12)
    page = open_page(hidden="2000,2000")
    free(1.5 * NEEDED)
    before = len(get_hub().manager.runs())
    assert press(page, "Start") is None
    assert len(get_hub().manager.runs()) == before
    assert "must need at most half" in page.sidebar.error[0].value


def test_the_twins_of_a_race_count_together(open_page, free):
    free(3 * NEEDED)
    page = open_page(view="compare", hidden="2000,2000")
    assert any("in 4 runs, which need" in each.value for each in page.main.error)
    start = next(each for each in page.button if each.label == "Start race")
    assert start.disabled
    free(100 * NEEDED)
    page.run()
    assert not page.main.error

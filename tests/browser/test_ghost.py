"""The grey run behind the curves, in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.board import number, open_board, press, remove_focus, train_to_the_end, until
from tests.browser.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def ghost_server(tmp_path_factory) -> Iterator[Server]:
    """A server whose pages start with a grey run, as they do by default."""
    home = str(tmp_path_factory.mktemp("home"))
    server = Server(environment={"REGSCOPE_HOME": home, "REGSCOPE_GHOST": "without"})
    yield server
    server.close()


def grey(page, panel: str = "accuracy") -> list[str]:
    """Return the names of the lines of the ghost in a panel that have points."""
    return page.evaluate(
        "panel => (document.querySelector(`[data-panel=${panel}] .js-plotly-plot`)?._fullData ?? [])"
        ".filter(({ zorder, visible, y }) => zorder === -1 && visible === true && y?.length).map(({ name }) => name)",
        panel,
    )


def address(page) -> str:
    """Return the address as it is now: Playwright updates its copy only with other calls."""
    return str(page.evaluate("location.href"))


def metric(page, label: str) -> str:
    (item,) = [each for each in page.locator(".rs-metric").all() if each.locator("dt").inner_text() == label]
    return item.locator("dd").inner_text()


def start(page) -> None:
    press(page, "Start")
    until(lambda: number(page, "step") > 100, "two epochs are complete")


def choose_grey(page, title: str) -> None:
    page.get_by_role("button", name="Grey run").click()
    page.get_by_role("radio", name=title).locator("xpath=ancestor::label").click()
    page.keyboard.press("Escape")
    remove_focus(page)


def test_the_same_run_without_a_regularizer_is_grey_behind_the_curves(page, ghost_server):
    open_board(page, ghost_server.url)
    start(page)
    until(lambda: len(grey(page)) == 3, "the lines of the ghost are drawn")
    assert "without a regularizer" in grey(page)
    names = {"without a regularizer", "training, without"}
    until(lambda: set(grey(page, "cost")) == names, "its costs are drawn")
    until(lambda: len(grey(page, "norms")) == 2, "the sums of its weights are drawn")
    until(lambda: len(grey(page, "weights")) == 1, "the histogram of its chosen layer is drawn")
    assert "without " in metric(page, "Validation")
    assert "without " in metric(page, "Wrong labels memorized")
    legend = page.locator("[data-panel=accuracy] .rs-line-labels").inner_text()
    assert "without a regularizer" in legend


def test_the_key_g_hides_the_grey_run_and_shows_it_again(page, ghost_server):
    open_board(page, ghost_server.url)
    start(page)
    until(lambda: len(grey(page)) == 3, "the lines of the ghost are drawn")
    remove_focus(page)
    page.keyboard.press("g")
    until(lambda: "ghost=none" in address(page) and grey(page) == [], "the ghost is hidden")
    until(lambda: number(page, "frames") > 3, "frames arrive without the ghost")
    assert "without" not in metric(page, "Validation")
    page.keyboard.press("g")
    until(lambda: "ghost=" not in address(page) and len(grey(page)) == 3, "the ghost is back")


def test_the_previous_run_and_a_pinned_run_can_be_grey(page, ghost_server):
    open_board(page, ghost_server.url + "?ghost=none&epochs=3&pace=full")
    for _ in range(2):
        train_to_the_end(page)
    choose_grey(page, "previous")
    until(lambda: "the previous run: " in " ".join(grey(page)), "the previous run is grey")
    page.get_by_role("button", name="Grey run").click()
    press(page, "Pin this run")
    page.keyboard.press("Escape")
    until(lambda: "pin=" in address(page), "the run is pinned")
    press(page, "Start")
    until(lambda: "the pinned run: " in " ".join(grey(page)), "the pinned run is grey")
    page.reload()
    until(lambda: "the pinned run: " in " ".join(grey(page)), "the pinned run is grey after a reload")


def test_a_run_that_started_without_a_ghost_gets_one_later(page, ghost_server):
    open_board(page, ghost_server.url + "?ghost=none&pace=full")
    train_to_the_end(page)
    choose_grey(page, "without")
    page.get_by_role("button", name="Grey run").click()
    press(page, "Train it now")
    page.keyboard.press("Escape")
    until(lambda: "without a regularizer" in grey(page), "the ghost is drawn")
    until(lambda: "without " in metric(page, "Validation"), "its accuracy is shown")


def test_looking_back_shows_the_grey_run_at_the_same_epoch(page, ghost_server):
    open_board(page, ghost_server.url + "?pace=1000")
    press(page, "Start")
    until(lambda: number(page, "step") > 1000, "twenty epochs are complete")
    press(page, "Pause")
    remove_focus(page)
    page.evaluate(
        "() => { const slider = document.querySelector('.rs-timeline input'); slider.value = 500;"
        " slider.dispatchEvent(new Event('input')); }"
    )
    until(lambda: number(page, "step") == 500, "step 500 is shown")
    last = page.evaluate(
        "() => { const lines = document.querySelector('[data-panel=accuracy] .js-plotly-plot')._fullData;"
        " return lines.at(-1).x.at(-1); }"
    )
    assert last == 10

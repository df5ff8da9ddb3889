"""Helpers that read and operate the board in browser tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.slowing import PATIENCE

PANELS = ("cost", "accuracy", "weights", "dropout")


def open_board(page: Any, url: str) -> Any:
    """Open the page and wait until its four charts are mounted.

    An address without a query is opened with the demonstration, which has L2 and dropout and takes 40 seconds; the page
    itself starts with another regularizer and pace.
    """
    page.goto(url if "?" in url else f"{url}/?l2=1.0")
    for panel in PANELS:
        page.wait_for_selector(f'[data-regscope-board] [data-panel="{panel}"] .main-svg', timeout=30_000 * PATIENCE)
    return board(page)


def board(page: Any) -> Any:
    return page.locator("[data-regscope-board]")


def number(page: Any, name: str) -> int:
    """Return the attribute `data-<name>` of the board, for example `data-step`, as a number."""
    return int(board(page).get_attribute(f"data-{name}"))


def state(page: Any) -> str:
    return str(board(page).get_attribute("data-state"))


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose(page: Any, title: str) -> None:
    """Choose a data set in the sidebar."""
    page.locator('[data-testid="stSidebar"] [data-testid="stSelectbox"]').first.click()
    page.get_by_role("option", name=title, exact=True).click()


def until(condition: Callable[[], bool], what: str | Callable[[], str], seconds: float = 20) -> None:
    """Wait until `condition()` is true; raise an `AssertionError` with the text `what` if it stays false."""
    seconds *= PATIENCE
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"not true after {seconds} s: {what if isinstance(what, str) else what()}")


def at_rest(page: Any) -> None:
    """Wait until no frame has arrived for half a second."""
    frames, since = -1, time.monotonic()
    end = since + 20 * PATIENCE
    while time.monotonic() < end:
        if (now := number(page, "frames")) != frames:
            frames, since = now, time.monotonic()
        elif time.monotonic() - since >= 0.5:
            return
        time.sleep(0.05)
    raise AssertionError("new frames kept arriving")


def train_to_the_end(page: Any, seconds: float = 60) -> str:
    """Press Start, wait until the last frame of the run is drawn, and return the id of the run."""
    before = board(page).get_attribute("data-run-id")
    press(page, "Start")
    until(lambda: board(page).get_attribute("data-run-id") not in (None, "", before), "the run is on the board")
    until(lambda: state(page) == "finished" and number(page, "frames") > 0, "the run is finished", seconds)
    at_rest(page)
    return str(board(page).get_attribute("data-run-id"))


def titles(page: Any) -> list[str]:
    """Return the names of the visible panels in page order."""
    return list(
        page.evaluate(
            "() => [...document.querySelectorAll('.rs-panel')].filter((panel) => panel.checkVisibility("
            "{visibilityProperty: true}) && panel.getClientRects().length).map((panel) => panel.dataset.panel)"
        )
    )


def run_table(page: Any) -> list[list[str]]:
    """Return the cells of the table of several runs, row by row, at one moment."""
    return page.evaluate(
        "() => [...document.querySelectorAll('.rs-table tbody tr')].map("
        "(row) => [...row.children].map((cell) => cell.innerText.trim()))"
    )


def pixels(page: Any, panel: str) -> bytes:
    """Return a screenshot of a panel's chart."""
    return bytes(page.locator(f'[data-panel="{panel}"] .rs-chart').screenshot())


def points(page: Any, panel: str = "cost", trace: int = 1) -> int:
    """Return the number of points of a line in a panel, 0 if the line does not exist yet."""
    chart = "document.querySelector(`[data-panel=${panel}] .js-plotly-plot`)"
    found = page.evaluate(f"([panel, trace]) => {chart}._fullData[trace]?.y?.length", [panel, trace])
    return int(found or 0)


def look_back(page: Any, step: int) -> None:
    """Move the slider of the timeline to a step."""
    page.evaluate(
        "step => { const slider = document.querySelector('.rs-timeline input'); slider.value = step;"
        " slider.dispatchEvent(new Event('input')); }",
        step,
    )


def matrix(page: Any, panel: str, trace: int = 0) -> list[list[int]]:
    """Return the values of a heatmap in a panel."""
    chart = f"document.querySelector('[data-panel={panel}] .js-plotly-plot')"
    return page.evaluate(f"trace => Array.from({chart}._fullData[trace].z, row => Array.from(row))", trace)


def remove_focus(page: Any) -> None:
    """Remove the focus, so that the board receives the keys."""
    page.evaluate("document.activeElement?.blur()")


def mounted_anew(page: Any, button: str, times: int) -> int:
    """Return how often the board is removed from the page when script runs interrupt each other.

    Args:
        button: CSS selector of a button that can be pressed repeatedly. times: number of clicks; 0 to 150 ms after
            each click the board requests a script run.
    """
    page.evaluate(
        "() => { window.gone = 0; new MutationObserver((changes) => {"
        " for (const { removedNodes } of changes) for (const node of removedNodes)"
        " if (node.querySelector?.('.rs-board') || node.matches?.('.rs-board')) window.gone += 1;"
        " }).observe(document.body, { childList: true, subtree: true }); }"
    )
    for i in range(times):
        late = 150 * i / times
        until(lambda i=i, late=late: clicked_with_request(page, button, i, late), "the button is on the page")
        page.wait_for_timeout(400)
    return int(page.evaluate("window.gone"))


def clicked_with_request(page: Any, button: str, request: int, late: float) -> bool:
    """Click a button, and let the board request a script run `late` ms later; False if there is no such button yet.

    A button that changes its name, such as Pause to Resume, is absent for a moment while scripts interrupt each other.
    """
    return page.evaluate(
        "([button, request, late]) => { const found = document.querySelector(button); if (!found) return false;"
        " found.click(); const { regscope } = document.querySelector('.rs-board').parentElement;"
        " setTimeout(() => regscope.setTriggerValue('page', `request ${request}`), late); return true; }",
        [button, request, late],
    )

"""Talk mode: one key, large text, and nothing else on the screen."""

from __future__ import annotations

import pytest

from tests.browser.board import number, open_board, state, titles, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# All visible texts with the size of their type.
TYPE = """() => {
  const found = [];
  for (const node of document.querySelectorAll('.rs-board *')) {
    const text = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    const visible = node.checkVisibility({visibilityProperty: true});
    if (!text || !visible || node.closest('.rs-hidden, title, style, option')) continue;
    const { width, height } = node.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(node).fontSize);
    if (width && height) found.push([size, node.textContent.trim().slice(0, 40)]);
  }
  return found;
}"""


def test_talk_mode_works_by_keyboard(page, server):
    open_board(page, server.url)
    before = titles(page)
    page.keyboard.press("p")
    until(lambda: len(titles(page)) == 1, "one panel fills the screen")
    assert not page.locator('[data-testid="stSidebar"]').is_visible()
    page.keyboard.press("Space")
    until(lambda: state(page) == "running" and number(page, "frames") > 5, "a space has started a run")
    turned = [titles(page)[0]]
    for _ in before[1:]:
        page.keyboard.press("PageDown")
        turned += titles(page)
    assert turned == before
    page.keyboard.press("PageUp")
    assert titles(page) == [before[-2]]
    page.keyboard.press("2")
    assert len(titles(page)) == 2
    page.keyboard.press("b")
    until(lambda: state(page) == "paused", "a clicker has paused it")
    page.keyboard.press("Escape")
    until(lambda: titles(page) == before, "the whole page is back")
    assert page.locator('[data-testid="stSidebar"]').is_visible()


def test_no_text_in_talk_mode_is_smaller_than_20_pixels_or_cut_off(page, server):
    open_board(page, server.url)
    page.keyboard.press("p")
    page.keyboard.press("Space")
    until(lambda: number(page, "frames") > 10, "frames are drawn")
    for _ in range(6):
        until(lambda: all(size >= 20 for size, _ in page.evaluate(TYPE)), f"all type of {titles(page)} is large enough")
        box = page.locator(".rs-panel:not([data-away])").first.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 720
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        page.keyboard.press("PageDown")


def test_talk_mode_works_without_a_network(page, server):
    asked = []
    page.context.route(
        lambda url: "127.0.0.1" not in url and not url.startswith(("data:", "blob:")),
        lambda route: (asked.append(route.request.url), route.abort()),
    )
    open_board(page, server.url)
    page.keyboard.press("p")
    page.keyboard.press("Space")
    until(lambda: number(page, "step") > 50, "it trains")
    assert asked == []


def test_a_notice_leaves_the_height_of_the_page_to_the_panel(page, server):
    open_board(page, server.url)
    page.keyboard.press("p")
    until(lambda: len(titles(page)) == 1, "one panel fills the screen")
    page.evaluate(
        "const n = document.querySelector('.rs-notice'); n.textContent = 'Text'; n.toggleAttribute('data-shown')"
    )
    box = page.locator(".rs-panel:not([data-away])").first.bounding_box()
    assert box["y"] + box["height"] > 600

"""Talk mode: one panel with large text fills the screen."""

from __future__ import annotations

import pytest

from tests.browser.board import number, open_board, remove_focus, state, titles, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# JavaScript that returns the font size and the start of every visible text.
FONT_SIZES = """() => {
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
    until(lambda: state(page) == "running" and number(page, "frames") > 5, "the space bar starts a run")
    visited = [titles(page)[0]]
    for _ in before[1:]:
        page.keyboard.press("PageDown")
        visited += titles(page)
    assert visited == before
    page.keyboard.press("PageUp")
    assert titles(page) == [before[-2]]
    page.keyboard.press("v")
    assert len(titles(page)) == 2
    page.keyboard.press("b")
    until(lambda: state(page) == "paused", "the key of a presenter remote pauses the run")
    page.keyboard.press("Escape")
    until(lambda: titles(page) == before, "the whole page is shown again")
    assert page.locator('[data-testid="stSidebar"]').is_visible()


@pytest.mark.parametrize(("width", "height", "smallest"), [(1280, 720, 20), (1920, 1080, 30)])
def test_no_text_in_talk_mode_is_small_or_cut_off(page, server, width, height, smallest):
    page.set_viewport_size({"width": width, "height": height})
    open_board(page, server.url)
    page.keyboard.press("p")
    page.keyboard.press("Space")
    until(lambda: number(page, "frames") > 10, "frames are drawn")
    for _ in range(6):
        until(
            lambda: all(size >= smallest for size, _ in page.evaluate(FONT_SIZES)),
            f"all text of {titles(page)} is large enough",
        )
        box = page.locator(".rs-panel:not([data-away])").first.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("PageDown")


# JavaScript that returns the pairs of lines of text in the open menu that overlap, and the texts that are
# outside of it.
OVERLAPS = """() => {
  const menu = document.querySelector(".rs-menu:popover-open"), lines = [], found = [];
  const walker = document.createTreeWalker(menu, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const range = document.createRange(), text = walker.currentNode.textContent;
    range.selectNodeContents(walker.currentNode);
    for (const { left, right, top, bottom } of range.getClientRects()) lines.push({ left, right, top, bottom, text });
  }
  const box = menu.getBoundingClientRect();
  lines.forEach((line, i) => {
    if (line.left < box.left || line.right > box.right) found.push([line.text]);
    for (const other of lines.slice(0, i)) {
      const width = Math.min(line.right, other.right) - Math.max(line.left, other.left);
      if (width > 1 && Math.min(line.bottom, other.bottom) - Math.max(line.top, other.top) > 1) {
        found.push([line.text, other.text]);
      }
    }
  });
  return [lines.length, found];
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (2560, 1440), (390, 844)])
def test_no_text_of_a_menu_in_talk_mode_overlaps(page, server, width, height):
    page.set_viewport_size({"width": width, "height": height})
    open_board(page, server.url)
    page.keyboard.press("p")
    page.keyboard.press("Shift+Digit2")
    until(lambda: titles(page) == ["accuracy"], "the accuracy fills the screen")
    page.locator('[data-panel="accuracy"] .rs-icon').click()
    menu = page.locator('[data-panel="accuracy"] .rs-menu')
    assert menu.locator(".rs-menu-check:visible").count() >= 2
    lines, overlaps = page.evaluate(OVERLAPS)
    assert lines > 5
    assert overlaps == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


def test_talk_mode_works_without_a_network(page, server):
    requests = []
    page.context.route(
        lambda url: "127.0.0.1" not in url and not url.startswith(("data:", "blob:")),
        lambda route: (requests.append(route.request.url), route.abort()),
    )
    open_board(page, server.url)
    page.keyboard.press("p")
    page.keyboard.press("Space")
    until(lambda: number(page, "step") > 50, "the run trains")
    assert requests == []


def test_a_notice_leaves_the_height_of_the_page_to_the_panel(page, server):
    open_board(page, server.url)
    page.keyboard.press("p")
    until(lambda: len(titles(page)) == 1, "one panel fills the screen")
    page.evaluate(
        "const n = document.querySelector('.rs-notice'); n.textContent = 'Text'; n.toggleAttribute('data-shown')"
    )
    box = page.locator(".rs-panel:not([data-away])").first.bounding_box()
    assert box["y"] + box["height"] > 600


def test_a_talk_is_held_by_keyboard_alone(page, server):
    """None, then λ and dropout live, fork, race and damage, without the sidebar and the pointer."""
    open_board(page, f"{server.url}/?l2=0.0&drop_probability=0.0&pace=1000&epochs=400")
    press = page.keyboard.press
    press("p")
    until(lambda: len(titles(page)) == 1, "one panel fills the screen")
    press("Shift+Digit2")
    until(lambda: titles(page) == ["accuracy"], "the accuracy fills the screen")
    press("Space")
    until(lambda: state(page) == "running" and number(page, "step") > 500, "it trains without a regularizer")

    pressed = page.locator('.rs-steering-choices [aria-pressed="true"]')
    strength = page.locator(".rs-steering-value").first
    press("1")
    until(lambda: pressed.inner_text() == "L2", "L2 is on")
    until(lambda: strength.inner_text() != "–", "its strength is shown")
    before = float(strength.inner_text().split()[-1])
    for _ in range(3):
        press("]")
    until(lambda: float(strength.inner_text().split()[-1]) >= 4 * before, "every press counts")
    press("4")
    until(lambda: pressed.inner_text() == "Dropout", "dropout is on")
    flags = page.locator('[data-panel="accuracy"] .annotation')
    until(lambda: flags.count() >= 1, "the changes are marked")
    press("Space")
    until(lambda: state(page) == "paused", "the run is paused")
    press("f")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Start the forks", exact=True).wait_for()
    for _ in range(30):
        if page.evaluate("document.activeElement.innerText") == "Start the forks":
            break
        press("Tab")
    press("Enter")
    until(lambda: page.locator(".rs-board[data-many]").count() == 1, "the forks are compared")
    until(lambda: page.evaluate("document.documentElement.className") == "rs-talk", "the talk goes on")
    first = page.locator(".rs-board[data-many]").get_attribute("data-run-id")
    press("r")
    problem = page.locator(".rs-board[data-many] .rs-problem")
    until(
        lambda: (
            page.locator(".rs-board[data-many]").count() == 1
            and page.locator(".rs-board[data-many]").get_attribute("data-run-id") != first
        ),
        lambda: f"the race is on the board, which says {problem.all_inner_texts()} at {page.url}",
    )
    press("d")
    page.get_by_text("hidden neurons destroyed").first.wait_for()


def test_talk_mode_says_why_no_run_can_start(page, server):
    open_board(page, server.url)
    problem = page.locator(".rs-problem")
    assert not problem.is_visible()
    page.get_by_role("textbox", name="Hidden layers").fill("thirty")
    page.keyboard.press("Enter")
    page.get_by_text("thirty").first.wait_for()
    remove_focus(page)
    page.keyboard.press("p")
    until(lambda: "thirty" in problem.inner_text(), "the reason is shown")
    assert problem.is_visible()

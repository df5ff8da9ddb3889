"""The sidebar in a real browser: widgets that load late or are hidden keep the values of the page."""

from __future__ import annotations

import re

import pytest

from tests.browser.board import open_board, press, state, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDGETS = re.compile(r"/static/js/(Slider|NumberInput|TextInput|Selectbox|ButtonGroup|Checkbox)\.")
DEFAULTS = {"Hidden layers": "100", "Mini-batch": "10", "Epochs": "100", "Seed": "1", "Activation": "sigmoid"}


def fields(where):
    """Return the values of the fields in a part of the page, by name."""
    found = where.locator("input").evaluate_all("inputs => inputs.map(input => [input.ariaLabel ?? '', input.value])")
    return {name.split(" :")[0]: value for name, value in found}


def thumbs(where):
    """Return the values of the sliders in a part of the page."""
    return where.locator('[data-testid="stSliderThumbValue"]').all_inner_texts()


def chosen(where):
    """Return the selected options in a part of the page."""
    found = where.locator('[role="radio"][aria-checked="true"], [role="radio"]:checked')
    return set(found.evaluate_all("nodes => nodes.map(node => (node.closest('label') ?? node).innerText.trim())"))


def address(page):
    return page.evaluate("location.search")


@pytest.mark.parametrize(
    ("view", "first", "then"),
    [("train", "Start", "Pause"), ("compare", "Race: none, L2, L1, dropout", "Pause all")],
)
def test_a_click_before_the_sidebar_is_complete_does_not_change_it(new_tab, server, view, first, then):
    delayed, sidebar = [], new_tab.locator('[data-testid="stSidebar"]')
    new_tab.route(WIDGETS, lambda route: delayed.append(route))
    new_tab.goto(f"{server.url}/?view={view}")
    press(new_tab, first)
    new_tab.get_by_role("button", name=then, exact=True).wait_for()
    until(lambda: len(delayed) >= 4, "the code of the widgets is requested")
    new_tab.unroute(WIDGETS)  # the browser now loads the widgets
    until(lambda: len(thumbs(sidebar)) == 4, "the sliders are shown")
    until(lambda: fields(sidebar).items() >= DEFAULTS.items(), "the fields have the default values")
    assert thumbs(sidebar) == ["500", "30 %", "0.50", "0.5"]
    press(new_tab, then)
    until(lambda: state(new_tab) == "paused", "the run is paused")
    new_tab.wait_for_timeout(500)
    assert fields(sidebar).items() >= DEFAULTS.items()
    assert not re.search("epochs|seed|rate|l2", address(new_tab))


def test_settings_of_a_link_are_shown_behind_their_buttons(page, server):
    settings = "cost=quadratic&l1_rule=proximal&max_norm=3.0&input_drop_probability=0.2&dropout_count=bernoulli"
    page.goto(f"{server.url}/?{settings}&pixel_noise=0.3")
    press(page, "Start")
    until(lambda: state(page) == "running", "the run trains")
    popover = page.locator('[data-testid="stPopoverBody"]')
    sidebar = page.locator('[data-testid="stSidebar"]')
    parts = {"Max-norm": "3", "Dropout of the inputs": "0.2"}
    until(lambda: fields(sidebar).items() >= parts.items(), "the parts of the combination are shown")
    for button, values in (
        (sidebar.get_by_role("button", name="More").nth(0), {"Noise on the inputs": "0.3"}),
        (sidebar.get_by_role("button", name="Cost"), {"Cost": "quadratic"}),
        (sidebar.get_by_role("button", name="More").nth(1), {}),
    ):
        button.click()
        until(lambda values=values: fields(popover).items() >= values.items(), f"{values} are shown")
        if not values:
            until(lambda: {"Proximal", "Bernoulli"} <= chosen(popover), "the chosen options are shown")
        page.keyboard.press("Escape")
        popover.wait_for(state="hidden")
    press(page, "Pause")
    until(lambda: state(page) == "paused", "the run is paused")
    page.wait_for_timeout(500)
    for each in (*settings.split("&"), "pixel_noise=0.3"):
        assert each in address(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_error_is_red_and_directly_under_its_field(page, server, theme):
    page.emulate_media(color_scheme=theme)
    open_board(page, server.url)
    field = page.get_by_role("textbox", name="Hidden layers")
    field.fill("thirty")
    field.press("Enter")
    error = page.get_by_test_id("stSidebar").get_by_role("alert").get_by_text("must be whole numbers")
    error.wait_for()
    above, below = field.bounding_box(), error.bounding_box()
    assert 0 <= below["y"] - above["y"] - above["height"] < 24
    red, green, blue = error.evaluate("node => getComputedStyle(node).color.match(/\\d+/g).slice(0, 3).map(Number)")
    assert red > green + 50
    assert red > blue + 50
    pointer = page.get_by_text("Correct Hidden layers in the sidebar.")
    assert pointer.is_visible()
    field.fill("30")
    field.press("Enter")
    until(lambda: not pointer.is_visible() and not error.is_visible(), "the messages are removed")

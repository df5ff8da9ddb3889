"""Errors of fields in the sidebar: under their field, and a pointer on the empty board."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.dashboard.app_pages import press, transport_buttons, widget_key


def flat(block: Any) -> Iterator[Any]:
    """Yield the elements in a block in their order on the page."""
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from flat(child)
        else:
            yield child


def before_error(page: Any, words: str) -> list[str]:
    """Return the labels of the fields above the error with these words, the nearest last."""
    labels = []
    for element in flat(page.sidebar):
        if element.type == "error" and words in element.value:
            return labels
        if label := getattr(element, "label", ""):
            labels.append(label)
    raise AssertionError(f"no error in the sidebar has the words {words!r}")


def pointers(page: Any) -> list[str]:
    return [text.value for text in page.main.markdown if text.value.startswith("Correct")]


@pytest.mark.parametrize(
    ("query", "words", "line"),
    [
        ({"mini_batch_size": "5000", "dataset": "spirals"}, "must be at most the number", ["Mini-batch", "Epochs"]),
        ({"train_size": "20", "l2": "100"}, "must keep ηλ/n below 2", ["λ, strength of the penalty"]),
        ({"dataset": "spirals", "expand": "true"}, "only images can be shifted", []),
    ],
)
def test_an_error_stands_under_its_field_or_under_the_line_of_the_link(open_page, query, words, line):
    page = open_page(**query)
    above = before_error(page, words)
    if not line:  # the button of the line about settings without a field
        line = ["Drop"]
    assert above[-len(line) :] == line
    assert len(page.error) == 1


def test_the_board_points_to_the_field_until_it_is_corrected(open_page):
    page = open_page()
    page.text_input(widget_key(page, "hidden")).set_value("thirty")
    page.run()
    assert before_error(page, "must be whole numbers")[-2:] == ["Hidden layers", "Activation"]
    assert pointers(page) == ["Correct **Hidden layers** in the sidebar."]
    page.text_input(widget_key(page, "hidden")).set_value("30")
    page.run()
    assert not page.error
    assert not pointers(page)
    assert transport_buttons(page)["Start"]


def test_a_board_with_a_run_has_no_pointer(open_page):
    page = open_page()
    press(page, "Start")
    page.text_input(widget_key(page, "hidden")).set_value("thirty")
    page.run()
    assert before_error(page, "must be whole numbers")
    assert not pointers(page)


def test_the_page_compare_points_to_the_field_too(open_page):
    page = open_page(view="compare")
    page.text_input(widget_key(page, "hidden")).set_value("thirty")
    page.run()
    assert pointers(page) == ["Correct **Hidden layers** in the sidebar."]

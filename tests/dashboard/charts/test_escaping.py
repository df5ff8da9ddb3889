from __future__ import annotations

import re

import pytest

from dashboard.charts.escaping import escape_markdown, escape_plotly


@pytest.mark.parametrize(
    "text",
    [
        "a_b_c",
        "**loud**",
        "![see](http://127.0.0.1/x.png)",
        "[go](javascript:alert(1))",
        "`code`",
        "$x^2$ and $y$",
        "<b>bold</b>",
        ":red[careful] :smile:",
        "~~gone~~",
        "a | b",
        "# heading",
        "- item",
        "1. first",
        "back\\slash",
    ],
)
def test_every_character_with_a_meaning_in_markdown_is_escaped(text):
    escaped = escape_markdown(text)
    assert re.sub(r"\\(.)", r"\1", escaped) == text, "read as Markdown it says what was written"
    bare = re.sub(r"\\.", "", escaped)  # without the escaped characters
    assert not re.search(r"[`*_\[\]<>$~|\\]|:\w|^\s*([#>+-]|\d+\.)", bare)


@pytest.mark.parametrize("text", ["train-images-idx3-ubyte (or .gz): fetch it", "0.5 · 3 + 4 = 7", "ηλ/n", ""])
def test_what_markdown_leaves_alone_is_left_alone(text):
    assert escape_markdown(text) == text


def test_a_line_break_cannot_begin_a_heading():
    assert "\n" not in escape_markdown("a\n# b")


def test_plotly_gets_neither_tags_nor_placeholders():
    assert escape_plotly("<extra>%{x}</extra> & co") == "&lt;extra&gt;% {x}&lt;/extra&gt; &amp; co"

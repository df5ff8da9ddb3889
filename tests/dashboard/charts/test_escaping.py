"""Texts of other people are escaped in Markdown, charts and tables."""

from __future__ import annotations

import itertools
import re

import pytest

from dashboard.charts.escaping import WORD_JOINER, escape_markdown, escape_plotly, escape_table, shorten


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
def test_every_special_character_of_markdown_is_escaped(text):
    escaped = escape_markdown(text).replace(WORD_JOINER, "")
    assert re.sub(r"\\(.)", r"\1", escaped) == text, "Markdown shows the original text"
    unescaped = re.sub(r"\\.", "", escaped)  # without the escaped characters
    assert not re.search(r"[`*_\[\]<>$~|\\]|:\w|^\s*([#>+-]|\d+\.)", unescaped)


@pytest.mark.parametrize("text", ["train-images-idx3-ubyte (or .gz): fetch it", "0.5 · 3 + 4 = 7", "ηλ/n", ""])
def test_a_text_without_special_characters_is_unchanged(text):
    assert escape_markdown(text) == text


def test_a_line_break_cannot_begin_a_heading():
    assert "\n" not in escape_markdown("a\n# b")


def test_tags_and_placeholders_are_escaped_for_plotly():
    assert escape_plotly("<extra>%{x}</extra> & co") == "&lt;extra&gt;% {x}&lt;/extra&gt; &amp; co"


# how Streamlit finds links in text, after it has resolved backslashes (mdast-util-gfm-autolink-literal)
LINKS = (r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", r"(?<!\w)([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)")


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/x",
        "HTTP://evil.example",
        "www.evil.example",
        "see (WWW.evil.example)",
        "me@evil.example",
        "mailto:me@evil.example",
        "xmpp:me@evil.example",
        "a@b@evil.example",
        "https://www.evil.example/@me@evil.example",
    ],
)
def test_an_address_looks_the_same_but_is_not_a_link(text):
    assert any(re.search(link, text, re.IGNORECASE) for link in LINKS), (
        "without escaping, Streamlit would make it a link"
    )
    resolved = re.sub(r"\\(.)", r"\1", escape_markdown(text))
    assert not any(re.search(link, resolved, re.IGNORECASE) for link in LINKS)
    assert resolved.replace(WORD_JOINER, "") == text


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(1)", "\t=1", "\r=1", "＝1", "-1+cmd|' /C calc'!A0"])
def test_a_formula_in_a_table_is_preceded_by_an_invisible_character(text):
    assert escape_table(text) == WORD_JOINER + text


@pytest.mark.parametrize("text", ["", "-1", "+1.5e-3", "-.5", "L2 λ = 1", "a=b"])
def test_numbers_and_other_texts_of_a_table_are_unchanged(text):
    assert escape_table(text) == text


def test_a_shortened_text_fits():
    for text, length in itertools.product(("", "abc", "a b c d e f", "x" * 50), (4, 5, 14)):
        short = shorten(text, length)
        assert len(short) <= length
        assert short == text or (short.endswith("…") and text.startswith(short[:-1]))

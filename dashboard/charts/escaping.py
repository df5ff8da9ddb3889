"""Escape text from users and files for Markdown, for tables and for Plotly, and shorten it."""

from __future__ import annotations

import html
import re

from engine.runs.export.tables import FORMULA_BEGINNINGS

# Characters that have a meaning in Markdown anywhere, and those that have one at the beginning of a line.
SPECIAL_ANYWHERE = re.compile(r"([\\`*_\[\]<>$~|]|:(?=\w))")
# The beginnings that Streamlit turns into links: https://, www. and the @ of an e-mail address. It looks for them after
# resolving backslashes, so a backslash would not help; a word joiner, which is invisible, separates them.
LINK_BEGINNING = re.compile(r"(https?:)(?=//)|(www)(?=\.)|(@)(?=[-\w])", re.IGNORECASE)
WORD_JOINER = "\u2060"
NUMBER = re.compile(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?", re.ASCII)
SPECIAL_AT_LINE_START = re.compile(r"^(\s*)([#>+-]|\d+[.)](?=\s))")


def escape_markdown(text: str) -> str:
    """Return text escaped for Streamlit's Markdown, with no link; newlines become spaces."""
    text = LINK_BEGINNING.sub(lambda match: match[0] + WORD_JOINER, text)
    return SPECIAL_AT_LINE_START.sub(r"\1\\\2", SPECIAL_ANYWHERE.sub(r"\\\1", text.replace("\n", " ")))


def escape_table(text: str) -> str:
    """Return text for `st.dataframe`, whose download as CSV would contain formulas; the addition is invisible."""
    is_formula = text.startswith(FORMULA_BEGINNINGS) and not NUMBER.fullmatch(text)
    return WORD_JOINER + text if is_formula else text


def escape_plotly(text: str) -> str:
    """Return text escaped for Plotly's labels and hover templates, with no tag and no placeholder."""
    return html.escape(text, quote=False).replace("%{", "% {")


def shorten(text: str, max_length: int) -> str:
    """Return the beginning of a long text, with an ellipsis; shorten before escaping."""
    return text if len(text) <= max_length else f"{text[: max_length - 1].rstrip()}…"

"""Escape text from users and files for Markdown and for Plotly."""

from __future__ import annotations

import html
import re

# Characters that have a meaning in Markdown anywhere, and those that have one at the beginning of a line.
SPECIAL_ANYWHERE = re.compile(r"([\\`*_\[\]<>$~|]|:(?=\w))")
SPECIAL_AT_LINE_START = re.compile(r"^(\s*)([#>+-]|\d+[.)](?=\s))")


def escape_markdown(text: str) -> str:
    """Return text escaped for Streamlit's Markdown; newlines become spaces."""
    return SPECIAL_AT_LINE_START.sub(r"\1\\\2", SPECIAL_ANYWHERE.sub(r"\\\1", text.replace("\n", " ")))


def escape_plotly(text: str) -> str:
    """Return text escaped for Plotly's labels and hover templates, with no tag and no placeholder."""
    return html.escape(text, quote=False).replace("%{", "% {")

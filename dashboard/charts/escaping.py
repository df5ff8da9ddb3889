"""Escapes text from users and files for Markdown and for Plotly."""

from __future__ import annotations

import html
import re

# Characters with a meaning in Markdown anywhere, and those with one at the beginning of a line.
ANYWHERE = re.compile(r"([\\`*_\[\]<>$~|]|:(?=\w))")
AT_THE_START = re.compile(r"^(\s*)([#>+-]|\d+[.)](?=\s))")


def plain(text: str) -> str:
    """Return text escaped for Streamlit's Markdown, so that it is shown as it was written."""
    return AT_THE_START.sub(r"\1\\\2", ANYWHERE.sub(r"\\\1", text.replace("\n", " ")))


def for_plotly(text: str) -> str:
    """Return text escaped for Plotly's labels and hover templates, without tags and placeholders."""
    return html.escape(text, quote=False).replace("%{", "% {")

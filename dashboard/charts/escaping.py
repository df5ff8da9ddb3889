"""Words that came from a person or a file, on their way into text that has a syntax of its own."""

from __future__ import annotations

import html
import re

# What makes something of the text around it wherever it stands, and what does so at the beginning of it.
ANYWHERE = re.compile(r"([\\`*_\[\]<>$~|]|:(?=\w))")
AT_THE_START = re.compile(r"^(\s*)([#>+-]|\d+[.)](?=\s))")


def plain(text: str) -> str:
    """For Streamlit's Markdown: shown as it is written, no link, picture, formula or emoji made of it."""
    return AT_THE_START.sub(r"\1\\\2", ANYWHERE.sub(r"\\\1", text.replace("\n", " ")))


def for_plotly(text: str) -> str:
    """For Plotly's labels and hover templates: no tag and no placeholder."""
    return html.escape(text, quote=False).replace("%{", "% {")

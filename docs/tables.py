"""Writes the generated tables of the documents: `python -m docs.tables`.

Each table stands between two marker comments of its document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from dashboard.live.keys import shortcuts_table
from docs import penalty_table, settings_table, suggested_table

DOCS = Path(__file__).parent
# Functions that return a table, by document and name in the marker comments.
TABLES: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "board.md": {"colours": penalty_table.colour_table, "keys": lambda: f"{shortcuts_table()}\n"},
    "links.md": {"settings": settings_table.tables},
    "suggested.md": {"suggested": suggested_table.table},
}


def text_with_tables(document: str) -> str:
    """Return the text of a document with its current tables."""
    text = (DOCS / document).read_text(encoding="utf-8")
    for name, table in TABLES[document].items():
        begin, end = f"<!-- {name}: written by python -m docs.tables -->\n", f"<!-- end of {name} -->\n"
        before, begin_marker, rest = text.partition(begin)
        _, end_marker, after = rest.partition(end)
        if not begin_marker or not end_marker:
            raise ValueError(f"docs/{document} must contain the lines {begin!r} and {end!r}")
        text = f"{before}{begin}\n{table()}\n{end}{after}"
    return text


if __name__ == "__main__":
    for each in TABLES:
        (DOCS / each).write_text(text_with_tables(each), encoding="utf-8")

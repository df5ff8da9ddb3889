"""Tables without a selection. A narrow screen shows each row as a card, so that nothing has to be moved sideways."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.charts.escaping import escape_markdown


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: plain text. is_bold: whether it is emphasized.
    """

    text: str
    is_bold: bool = False


def show_table(rows: Sequence[Mapping[str, Cell]], key: str) -> None:
    """Show a table, and the same as cards; the style sheet shows one of them.

    Args:
        rows: the cells of each row by column. The first cell is the title of its card. key: different for each table.
    """
    with st.container(key=f"wide_{key}"):
        st.table(
            [{escape_markdown(column): _in_markdown(cell) for column, cell in row.items()} for row in rows],
            border="horizontal",
        )
    with st.container(key=f"narrow_{key}"):
        st.html(f'<div class="rs-cards">{"".join(map(card_html, rows))}</div>')


def _in_markdown(cell: Cell) -> str:
    text = escape_markdown(cell.text)
    return f"**{text}**" if cell.is_bold else text


def card_html(row: Mapping[str, Cell]) -> str:
    """Return a row as an HTML section: the first cell is its title."""
    (_, title), *others = row.items()
    items = "".join(f"<dt>{html.escape(column)}</dt><dd>{_in_html(cell)}</dd>" for column, cell in others)
    return f"<section><h4>{html.escape(title.text)}</h4><dl>{items}</dl></section>"


def _in_html(cell: Cell) -> str:
    text = html.escape(cell.text)
    return f"<strong>{text}</strong>" if cell.is_bold else text

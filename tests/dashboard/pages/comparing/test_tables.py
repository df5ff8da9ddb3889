"""A table is shown as cards, too, with the texts of other people escaped."""

from __future__ import annotations

import html
import re

from dashboard.pages.comparing.tables import Cell, card_html

HOSTILE = "<img src=x onerror=alert(1)> & 'co'"


def test_a_card_has_every_cell_with_its_column():
    card = card_html({"Run": Cell("mine"), "Best": Cell("90 %"), "Gap": Cell("+3 points", is_bold=True)})
    assert re.findall("<h4>(.*?)</h4>", card) == ["mine"]
    assert re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", card) == [
        ("Best", "90 %"),
        ("Gap", "<strong>+3 points</strong>"),
    ]


def test_texts_in_a_card_are_escaped():
    card = card_html({"Run": Cell(HOSTILE), HOSTILE: Cell(HOSTILE, is_bold=True)})
    assert "<img" not in card
    assert [html.unescape(text) for text in re.findall("<(?:h4|dt|strong)>(.*?)</", card)] == [HOSTILE] * 3

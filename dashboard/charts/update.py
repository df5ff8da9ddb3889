"""New data for a panel that the browser shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One row of text in a panel without a chart.

    Attributes:
        label: the name of the row.
        value: the current value.
        copy: the text that the copy button copies; "" for a row without a button.
    """

    label: str
    value: str
    copy: str = ""


@dataclass(frozen=True)
class Update:
    """New data for a panel that the browser shows.

    Attributes:
        traces: for each trace, the attributes to replace, such as x and y. Arrays have the format of
            `style.encode_array` or `style.encode_bits`. {} leaves a trace unchanged.
        layout: layout attributes by dotted name, such as "xaxis.range", "shapes" or
            "annotations". An axis that the user has zoomed keeps its range.
        text: a sentence for screen readers with the current content of the panel.
        note: a few words in the title row, for numbers that no axis shows. A narrow panel shows them in its menu only.
        caption: a sentence about what the chart shows now, instead of the caption of the panel; "" to keep that.
        missing: why the line of a check box in the menu is empty, by the name of the `Switch`; {} if none is.
        rows: the rows of a panel without a chart; None for a panel with a chart.
    """

    traces: list[dict[str, Any]]
    layout: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    note: str = ""
    caption: str = ""
    missing: dict[str, str] = field(default_factory=dict)
    rows: list[Row] | None = None

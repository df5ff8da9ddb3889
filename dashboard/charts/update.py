"""The data that renew a mounted panel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """A line of a panel without a chart.

    Attributes:
        label: its name.
        value: its current value.
        copy: what its copy button copies; "" for no button.
    """

    label: str
    value: str
    copy: str = ""


@dataclass(frozen=True)
class Update:
    """New data for a mounted panel.

    Attributes:
        traces: for each trace, the attributes to replace, as x and y; arrays as `style.typed` and
            `style.bits` return them. {} leaves a trace as it is.
        layout: attributes of the layout by their dotted name, as "xaxis.range", "shapes" or
            "annotations". An axis that a person has zoomed keeps its range.
        text: what the panel shows now, in a sentence for screen readers.
        note: a visible line beside the caption, for numbers that no axis shows.
        rows: the lines of a panel without a chart; None if it has one.
    """

    traces: list[dict[str, Any]]
    layout: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    note: str = ""
    rows: list[Row] | None = None

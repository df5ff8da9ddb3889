"""What renews a panel: new data for its traces, and nothing that could be said once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """A line of a panel of words.

    Attributes:
        label: what it is. value: what it is now. copy: what the button beside it copies; none where empty.
    """

    label: str
    value: str
    copy: str = ""


@dataclass(frozen=True)
class Update:
    """New data for a mounted panel.

    Attributes:
        traces: for each trace, the attributes to replace, as x and y; arrays as `style.typed` and
            `style.bits` give them. {} leaves a trace as it is.
        layout: attributes of the layout by their dotted name, as "xaxis.range", "shapes" or
            "annotations". A range that a person has zoomed into stays as it is.
        text: what the panel shows now, in a sentence, for those who listen.
        note: a line that everybody sees, beside what to look for: figures that no axis shows.
        rows: the lines of a panel of words; None where it has a figure.
    """

    traces: list[dict[str, Any]]
    layout: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    note: str = ""
    rows: list[Row] | None = None

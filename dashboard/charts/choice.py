"""Lists of options in the head of a panel: other views of the same data.

The browser applies an option without the server. All traces are already there; an option sets which of them are
visible and how the axes are drawn. The board keeps the option that a person has chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Option:
    """One option of a list.

    Attributes:
        label: its text in the list.
        traces: attributes by the index of the trace, as {0: {"visible": False}}.
        layout: attributes of the layout by their dotted name. They override those of an `Update`;
            "yaxis.range": None lets Plotly choose the range.
    """

    label: str
    traces: dict[int, dict[str, Any]] = field(default_factory=dict)
    layout: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A list of options; the first one applies until a person chooses another.

    Attributes:
        name: its key within the panel.
        label: for screen readers and the tooltip.
        options: at least two. Every option must set the same keys; a missing key keeps its previous value.
            Keys that are None or that every `Update` sets may be left out.
    """

    name: str
    label: str
    options: tuple[Option, ...]

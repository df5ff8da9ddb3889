"""Drop-down lists in the header of a panel that change how its data are shown.

The browser applies an option without the server. The browser already has all traces; an option sets which of
them are visible and how the axes are drawn. The board remembers the selected option.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Option:
    """One option of a list.

    Attributes:
        label: its text in the list.
        traces: attributes by trace index, such as {0: {"visible": False}}.
        layout: attributes of the layout by their dotted name. They override those of an `Update`;
            "yaxis.range": None lets Plotly choose the range.
    """

    label: str
    traces: dict[int, dict[str, Any]] = field(default_factory=dict)
    layout: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A list of options. The first option is the default.

    Attributes:
        name: its key within the panel.
        label: for screen readers and the tooltip.
        options: at least two. Every option must set the same keys; a missing key keeps its previous value.
            A key may be omitted if its value is None or if every `Update` sets it.
    """

    name: str
    label: str
    options: tuple[Option, ...]

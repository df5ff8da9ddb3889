"""What a person may choose in a panel: another way to look at the same data, chosen in the browser.

The board makes a small list of it in the panel's head and keeps what was chosen. Nothing is asked of
the server: every trace is there, an option says which are seen and how the axes are read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Option:
    """One way to look.

    Attributes:
        label: what the list says.
        traces: attributes by the number of the trace, as {0: {"visible": False}}.
        layout: attributes of the layout by their dotted name. They win over what an `Update` says of
            the same name; "yaxis.range": None leaves the axis to find its own range.
    """

    label: str
    traces: dict[int, dict[str, Any]] = field(default_factory=dict)
    layout: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A list of options; the first one is taken until a person takes another.

    Attributes:
        name: within its panel. label: for those who listen, and as the tooltip.
        options: at least two. Each must set all that any of them sets, so that one undoes another; but
            for what is None, or comes with every update: that is there again once nothing wins over it.
    """

    name: str
    label: str
    options: tuple[Option, ...]

"""Drop-down lists in the header of a panel, and check boxes in its menu, that change how its data are shown.

The browser has all traces and applies an option without the server. An option sets which traces are visible and how
the axes are drawn. The board stores the selected option.
A check box shows a further line, which is off at first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Option:
    """One option of a list.

    Attributes:
        label: the text in the list.
        traces: trace attributes by trace index, such as {0: {"visible": False}}.
        layout: layout attributes by dotted name. They override those of an `Update`. With "yaxis.range": None, Plotly
            chooses the range.
        is_stored: whether the browser stores that this option is selected, and selects it again on the next visit.
    """

    label: str
    traces: dict[int, dict[str, Any]] = field(default_factory=dict)
    layout: dict[str, Any] = field(default_factory=dict)
    is_stored: bool = True


@dataclass(frozen=True)
class Choice:
    """A drop-down list of options. The first option is the default.

    Attributes:
        name: the key of the list within the panel.
        label: the text for screen readers and the tooltip.
        options: at least two. Every option must set the same keys; a missing key keeps its previous value.
            A key may be omitted if its value is None or if every `Update` sets it.
    """

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Switch:
    """A check box in the menu of a panel that shows a further line. It is off at first.

    Attributes:
        name: the key of the check box within the panel.
        label: the text beside the box.
        trace: the index of the line, which must be invisible in the figure.
    """

    name: str
    label: str
    trace: int

"""What renews a figure: new data for its traces, and nothing that could be said once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Update:
    """New data for a mounted figure.

    Attributes:
        traces: for each trace, the attributes to replace, as x and y.
        layout: attributes of the layout by their dotted name, as "xaxis.range". A range that a
            person has zoomed into stays as it is.
        text: what the panel shows now, in a sentence, for those who listen.
    """

    traces: list[dict[str, Any]]
    layout: dict[str, Any] = field(default_factory=dict)
    text: str = ""
